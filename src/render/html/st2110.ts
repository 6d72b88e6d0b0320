import type { St2110AncillaryReport } from "../../report/st2110-ancillary-schema.ts";
import type { AudioReport, AudioTimingReport, ChannelLevels } from "../../report/st2110-audio-schema.ts";
import type { St2110Report } from "../../report/st2110-schema.ts";
import type { St2110TtmlReport } from "../../report/st2110-ttml-schema.ts";
import { ANC_CLOCK, decodedTexts, didText, locationsText } from "../ancillary-facts.ts";
import { AUDIO_CLOCK, audioFormatText, decibelText } from "../media-facts.ts";
import { nsRangeText, nsText } from "../range.ts";
import { formatCount, formatFigure, formatReportTime } from "../units.ts";
import { ancillaryMap } from "./ancillary-map.ts";
import { histogramChart } from "./histogram-chart.ts";
import { jpegXsSection, videoSection } from "./st2110-video.ts";
import { dataTable, facts, html, type Markup, NOTHING, type Part } from "./template.ts";
import { timeChart } from "./time-chart.ts";

/** A window of TS-DF. */
const WINDOW_SECONDS = 0.2;

/** Where the meters begin. */
const LEAST_DBFS = -60;

function audioTiming(timing: AudioTimingReport, packetTimeUs: number | null): Markup {
  const { tsDf, clock } = timing;
  const doubt = tsDf.sender !== "not measured" && !tsDf.conclusive ? ", not conclusive" : "";
  const pairs: (readonly [string, Part])[] = [
    ["sender", `${tsDf.sender}${doubt}`],
    ["times by", `${timing.timestampSource}, ${formatFigure(timing.timestampResolutionNs)} ns`],
    ["TS-DF at most, mean", `${nsText(tsDf.maxNs)}, ${nsText(tsDf.meanNs)}`],
    [
      "windows of 200 ms",
      `${formatCount(tsDf.windows)}, ${formatCount(tsDf.windowsWithinOnePacketTime)} within one packet time, ${formatCount(tsDf.windowsBeyondWide)} beyond 17`,
    ],
    ["clock", AUDIO_CLOCK[clock.alignment]],
  ];
  if (clock.delta !== null) {
    const { minNs, meanNs, maxNs } = clock.delta;
    pairs.push(["latency", nsRangeText({ min: minNs, mean: meanNs, max: maxNs })]);
  }
  for (const { profile, verdict, reasons } of timing.profiles) {
    pairs.push([profile, reasons.length === 0 ? verdict : `${verdict}: ${reasons.join("; ")}`]);
  }
  const series = tsDf.seriesNs ?? [];
  const chart = timeChart({
    title: "TS-DF over time",
    // The series keeps the latest windows.
    startSeconds: Math.max(0, tsDf.windows - series.length) * WINDOW_SECONDS,
    stepSeconds: WINDOW_SECONDS,
    spans: series.map((ns) => ({ minNs: 0, maxNs: ns })),
    ...(packetTimeUs === null ? {} : { limit: { name: "one packet time", ns: packetTimeUs * 1000 } }),
  });
  return html`<section><h3>Timing <small>ST 2110-30</small></h3>${facts(pairs)}${chart}<div class="charts">${histogramChart("Packet interval (PIT)", timing.packetIntervalNs)}</div></section>`;
}

/** A meter from -60 dBFS to full scale: RMS as a bar, the peak as a mark. */
function meter({ peakDbfs, rmsDbfs }: ChannelLevels): Markup {
  const share = (level: number | null): number =>
    level === null ? 0 : Math.min(100, Math.max(0, (1 - level / LEAST_DBFS) * 100));
  return html`<svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="8"/><rect class="bar" width="${share(rmsDbfs).toFixed(1)}" height="8"/><rect class="s1" x="${Math.max(0, share(peakDbfs) - 1.5).toFixed(1)}" width="1.5" height="8"/></svg>`;
}

function levelsSection(levels: readonly ChannelLevels[]): Markup {
  if (levels.length === 0) return NOTHING;
  const rows = levels.map((level): Part[] => [
    String(level.channel),
    meter(level),
    decibelText(level.peakDbfs),
    decibelText(level.rmsDbfs),
    String(level.significantBits),
    level.silent ? "all" : `${formatFigure(level.longestSilenceMs)} ms`,
    level.clips > 0 ? html`<span class="bad">${formatCount(level.clips)}</span>` : "0",
  ]);
  return html`<section><h3>Levels <small>dBFS; bar RMS, mark peak, from -60</small></h3>${dataTable(
    [
      { title: "channel" },
      { title: "" },
      { title: "peak", figures: true },
      { title: "RMS", figures: true },
      { title: "bits in use", figures: true },
      { title: "longest silence", figures: true },
      { title: "clips", figures: true },
    ],
    rows,
  )}</section>`;
}

function audioSection(audio: AudioReport): Markup {
  const { format, timing } = audio;
  const pairs: (readonly [string, Part])[] = [
    ["format", format === null ? "not known yet" : audioFormatText(format)],
    ["packets", formatCount(audio.packets)],
  ];
  if (audio.unmetered > 0) pairs.push(["packets not metered", formatCount(audio.unmetered)]);
  return html`<section><h3>Audio <small>${format?.standard ?? "ST 2110-30"}</small></h3>${facts(pairs)}</section>${timing === null ? NOTHING : audioTiming(timing, format?.packetTimeUs ?? null)}${levelsSection(audio.levels)}`;
}

function ancillarySection(anc: St2110AncillaryReport): Markup {
  const pairs: (readonly [string, Part])[] = [
    ["scan", anc.scan],
    ["frames or fields", `${formatCount(anc.units)}${anc.unitRate === null ? "" : `, ${anc.unitRate}/s`}`],
    ["ANC packets", formatCount(anc.ancPackets)],
    ["RTP packets", `${formatCount(anc.packets)}, ${formatCount(anc.keepAlives)} keep-alives`],
    ["clock", ANC_CLOCK[anc.clock]],
    ["times by", `${anc.timestamps.source}, ${formatFigure(anc.timestamps.resolutionNs)} ns`],
  ];
  if (anc.latencyNs !== null) pairs.push(["latency", nsRangeText(anc.latencyNs)]);
  if (anc.cutPackets > 0) pairs.push(["ANC packets not measured", formatCount(anc.cutPackets)]);
  const rows = anc.subStreams.map((sub): Part[] => {
    const texts = sub.decoded === null ? [sub.lastWords] : decodedTexts(sub.decoded);
    return [
      sub.streamNumber === null ? didText(sub) : `${didText(sub)} stream ${sub.streamNumber}`,
      `${sub.name}${sub.standard === null ? "" : ` (${sub.standard})`}`,
      locationsText(sub),
      formatCount(sub.packets),
      sub.errors > 0 ? html`<span class="bad">${formatCount(sub.errors)}</span>` : "0",
      html`<ul class="plain">${texts.map((text) => html`<li>${text}</li>`)}</ul>`,
    ];
  });
  return html`<section><h3>Ancillary data <small>ST 2110-40</small></h3>${facts(pairs)}${ancillaryMap(anc.subStreams)}${dataTable(
    [
      { title: "DID/SDID" },
      { title: "carries" },
      { title: "lines" },
      { title: "packets", figures: true },
      { title: "errors", figures: true },
      { title: "says" },
    ],
    rows,
  )}</section>`;
}

function ttmlSection(ttml: St2110TtmlReport): Markup {
  const time = (text: string | null): string => (text === null ? "-" : formatReportTime(text));
  const octets =
    ttml.octets === null ? "-" : `${formatCount(ttml.octets.min)} to ${formatCount(ttml.octets.max)}`;
  return html`<section><h3>Timed text <small>ST 2110-43</small></h3>${facts([
    ["documents", formatCount(ttml.documents)],
    ["not whole", formatCount(ttml.skipped)],
    ["octets", octets],
    ["language", ttml.language ?? "not said"],
    ["first", time(ttml.firstDocument)],
    ["last", time(ttml.lastDocument)],
  ])}<p class="rule">${ttml.lastText}</p></section>`;
}

/** What was found out about a flow of ST 2110. */
export function st2110Sections(media: St2110Report | undefined): Markup {
  if (media === undefined) return NOTHING;
  const { video, audio, ancillary, jpegxs, ttml, timingNotMeasured } = media;
  return html`${video === undefined ? NOTHING : videoSection(video)}${audio === undefined ? NOTHING : audioSection(audio)}${ancillary === undefined ? NOTHING : ancillarySection(ancillary)}${jpegxs === undefined ? NOTHING : jpegXsSection(jpegxs)}${ttml === undefined ? NOTHING : ttmlSection(ttml)}${timingNotMeasured === undefined ? NOTHING : html`<p class="rule">timing not measured: ${timingNotMeasured}</p>`}`;
}
