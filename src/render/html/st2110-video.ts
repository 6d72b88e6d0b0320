import type { HistogramReport } from "../../report/histogram-schema.ts";
import type { JpegXsReport } from "../../report/st2110-jpegxs-schema.ts";
import type { Timing21Report, VideoReport } from "../../report/st2110-video-schema.ts";
import { listFacts, TYPE_NAMES, taiText, videoFormatText } from "../media-facts.ts";
import { nsRangeText, nsText } from "../range.ts";
import { formatBitrate, formatCount, formatFigure, formatOctets } from "../units.ts";
import { histogramChart } from "./histogram-chart.ts";
import { type Limit, levelsChart } from "./levels-chart.ts";
import { dataTable, facts, html, type Markup, NOTHING, type Part } from "./template.ts";
import { timeChart } from "./time-chart.ts";

/** A count that is bad news unless it is 0. */
function badCount(count: number): Part {
  return count > 0 ? html`<span class="bad">${formatCount(count)}</span>` : "0";
}

function limitsOf(name: string, limits: Readonly<Record<"N" | "NL" | "W", number | null>>): Limit[] {
  const merged = new Map<number, string[]>();
  for (const type of ["N", "NL", "W"] as const) {
    const level = limits[type];
    if (level !== null) merged.set(level, [...(merged.get(level) ?? []), type]);
  }
  return [...merged].map(([level, types]) => ({ name: `${name} ${types.join(", ")}`, level }));
}

/** A sender is of one type: that it is not of another is only bad where it is of none. */
function resultClass(result: "yes" | "no" | "not measured", all: readonly string[]): string {
  if (result === "yes") return "ok";
  return result === "no" && all.every((one) => one === "no") ? "error" : "";
}

function verdictsTable(timing: Timing21Report): Markup {
  const { cinstMax, vrxFull } = timing.schedule;
  const all = timing.verdicts.map(({ result }) => result);
  const rows = timing.verdicts.map(({ type, result, conclusive, reason }): Part[] => [
    TYPE_NAMES[type],
    html`<span class="badge ${resultClass(result, all)}">${result}${result !== "not measured" && !conclusive ? ", not conclusive" : ""}</span>`,
    cinstMax[type] === null ? "-" : formatCount(cinstMax[type]),
    vrxFull[type] === null ? "-" : formatCount(vrxFull[type]),
    reason,
  ]);
  return dataTable(
    [
      { title: "sender type" },
      { title: "met" },
      { title: "CMAX", figures: true },
      { title: "VRXFULL", figures: true },
      { title: "why" },
    ],
    rows,
  );
}

/** The margin in each second, from the first packet times. */
function marginChart(timing: Timing21Report): Markup {
  const seconds = timing.seconds ?? [];
  const [first] = seconds;
  if (first === undefined) return NOTHING;
  const { troffsetNs } = timing.schedule;
  return timeChart({
    title: "Margin over time",
    startSeconds: first.offsetSeconds,
    stepSeconds: 1,
    spans: seconds.map(({ fptMinNs, fptMaxNs }) =>
      fptMinNs === null || fptMaxNs === null
        ? null
        : { minNs: troffsetNs - fptMaxNs, maxNs: troffsetNs - fptMinNs },
    ),
    limit: { name: "no margin: TROFFSET is reached", ns: 0 },
  });
}

/** So few levels are told in words. */
const FEW_LEVELS = 2;

/** False where all values are much the same: a single bar would say nothing. */
function spread(histogram: HistogramReport): boolean {
  return histogram.bins.length > 1;
}

/** What was measured of the times between packets, frames and the clock. */
function durationsOf(timing: Timing21Report): (readonly [string, HistogramReport])[] {
  const all: readonly (readonly [string, HistogramReport | null])[] = [
    ["First packet time (FPT)", timing.fptNs],
    ["Margin: TROFFSET less FPT", timing.marginNs],
    ["Latency: RTP time to arrival", timing.latencyNs],
    ["Between packets", timing.interPacketNs],
    ["Gap between frames or fields", timing.gapNs],
  ];
  return all.flatMap(([title, histogram]) => (histogram === null ? [] : [[title, histogram] as const]));
}

function timingSection(timing: Timing21Report): Markup {
  const { schedule, cinst, vrx } = timing;
  const durations = durationsOf(timing);
  const ticks = timing.rtpOffsetTicks ?? [];
  const { cinstMax, vrxFull } = schedule;
  const pairs: readonly (readonly [string, Part])[] = [
    ["times by", timing.timestamps.source],
    ["clock", taiText(timing.timestamps.taiOffsetSeconds)],
    ["packets per frame (NP)", formatCount(schedule.packetsPerFrame)],
    ["frame period", nsText(schedule.framePeriodNs)],
    ["TRS gapped, linear", `${nsText(schedule.trsGappedNs)}, ${nsText(schedule.trsLinearNs)}`],
    ["TROFFSET", nsText(schedule.troffsetNs)],
    ...(vrx === null
      ? []
      : ([
          [
            "VRX underflows gapped, linear",
            `${formatCount(vrx.gapped.underflows)}, ${formatCount(vrx.linear.underflows)}`,
          ],
        ] as const)),
    ...durations
      .filter(([, histogram]) => !spread(histogram))
      .map(([title, histogram]) => [title, nsRangeText(histogram)] as const),
    ...(ticks.length === 0 || ticks.length > FEW_LEVELS
      ? []
      : [
          [
            "RTPOFFSET",
            ticks.map(({ level, count }) => `${level} ticks: ${formatCount(count)} times`).join(", "),
          ] as const,
        ]),
  ];
  const charts = [
    levelsChart("Cinst", cinst.levels, limitsOf("CMAX", cinstMax), "packets"),
    ...(vrx === null
      ? []
      : [
          levelsChart(
            "VRX, gapped schedule",
            vrx.gapped.levels,
            limitsOf("VRXFULL", { ...vrxFull, NL: null, W: null }),
            "packets",
          ),
          levelsChart(
            "VRX, linear schedule",
            vrx.linear.levels,
            limitsOf("VRXFULL", { ...vrxFull, N: null }),
            "packets",
          ),
        ]),
    ...durations
      .filter(([, histogram]) => spread(histogram))
      .map(([title, histogram]) => histogramChart(title, histogram)),
    ticks.length > FEW_LEVELS ? levelsChart("RTPOFFSET", ticks, [], "ticks") : NOTHING,
  ];
  return html`<section><h3>Timing <small>ST 2110-21</small></h3>${verdictsTable(timing)}${facts(pairs)}${marginChart(timing)}<div class="charts">${charts}</div></section>`;
}

/** Video of ST 2110-20: format, frames, sender type, Cinst and VRX. */
export function videoSection(video: VideoReport): Markup {
  const { list } = video;
  const pairs: readonly (readonly [string, Part])[] = [
    ["format", videoFormatText(video.format)],
    ["frames", formatCount(video.frames)],
    ["frames with holes", badCount(video.frames - video.completeFrames)],
    ["packets per frame", video.packetsPerFrame === null ? "-" : formatCount(video.packetsPerFrame)],
    ["samples per frame", video.octetsPerFrame === null ? "-" : formatOctets(video.octetsPerFrame)],
    ["packets missing", badCount(video.lost)],
    ["lines missing", badCount(video.missingLines)],
    ["lines too many", badCount(video.extraLines)],
    ...(video.notMeasured > 0 ? ([["packets not measured", formatCount(video.notMeasured)]] as const) : []),
  ];
  return html`<section><h3>Video <small>ST 2110-20</small></h3>${facts(pairs)}</section>${video.timing === null ? NOTHING : timingSection(video.timing)}${list == null ? NOTHING : html`<section><h3>Timing <small>as EBU LIST measures it</small></h3>${facts(listFacts(list))}</section>`}`;
}

/** Compressed video of ST 2110-22. */
export function jpegXsSection(jxs: JpegXsReport): Markup {
  const { picture, traffic } = jxs;
  const unit = jxs.scan === "interlaced" ? "field" : "frame";
  const pairs: readonly (readonly [string, Part])[] = [
    ["picture", picture === null ? "header not seen" : `${picture.width}x${picture.height} a ${unit}`],
    ["profile, level", picture === null ? "-" : `${picture.profile}, ${picture.level}`],
    [`${unit}s a second`, jxs.pictureRate ?? "-"],
    [`whole ${unit}s`, formatCount(jxs.pictures)],
    ["partial", formatCount(jxs.partial)],
    [`packets per ${unit}`, jxs.packetsPerPicture === null ? "-" : formatCount(jxs.packetsPerPicture)],
    [`octets per ${unit}`, jxs.octetsPerPicture === null ? "-" : formatOctets(jxs.octetsPerPicture)],
    ["packetization", `${jxs.packetization ?? "-"}, ${jxs.transmission ?? "-"}`],
    ["bit rate", `${formatBitrate(jxs.bitrateBps)}, with headers ${formatBitrate(jxs.networkBitrateBps)}`],
    ...(traffic === null ? [] : ([["times by", traffic.timestamps]] as const)),
  ];
  if (traffic === null)
    return html`<section><h3>JPEG XS <small>ST 2110-22</small></h3>${facts(pairs)}</section>`;
  const resultOf = (within: boolean | null): "yes" | "no" | "not measured" =>
    within === null ? "not measured" : within ? "yes" : "no";
  const all = traffic.types.map(({ within }) => resultOf(within));
  const rows = traffic.types.map(({ type, cinstMax, within, conclusive }): Part[] => {
    const result = resultOf(within);
    const doubt = within !== null && !conclusive ? ", not conclusive" : "";
    return [
      TYPE_NAMES[type],
      html`<span class="badge ${resultClass(result, all)}">${result}${doubt}</span>`,
      cinstMax === null ? "not allowed" : formatCount(cinstMax),
      formatCount(traffic.peak ?? 0),
      formatFigure(traffic.mean),
    ];
  });
  const limits = { N: null, NL: null, W: null } as Record<"N" | "NL" | "W", number | null>;
  for (const { type, cinstMax } of traffic.types) limits[type] = cinstMax;
  return html`<section><h3>JPEG XS <small>ST 2110-22</small></h3>${facts(pairs)}${dataTable(
    [
      { title: "sender type" },
      { title: "met" },
      { title: "CMAX", figures: true },
      { title: "peak Cinst", figures: true },
      { title: "mean", figures: true },
    ],
    rows,
  )}<div class="charts">${levelsChart("Cinst", traffic.levels, limitsOf("CMAX", limits), "packets")}</div></section>`;
}
