import type { JpegXsReport } from "../report/st2110-jpegxs-schema.ts";
import type { Timing21Report, VideoReport, VrxReport } from "../report/st2110-video-schema.ts";
import { listFacts, TYPE_NAMES, taiText, videoFormatText } from "./media-facts.ts";
import { nsRangeText, nsText } from "./range.ts";
import { formatBitrate, formatCount, formatFigure, formatNumber, formatOctets, UNKNOWN } from "./units.ts";

/** Levels of a buffer that are written out. */
const MOST_LEVELS = 8;

/** One labelled text; several under one label stand below one another. */
export type Row = readonly [label: string, text: string, bad?: boolean];

function vrxText(vrx: VrxReport, full: string): string {
  const range =
    vrx.peak === null ? "nothing measured" : `${vrx.min} to ${vrx.peak}, mean ${formatFigure(vrx.mean)}`;
  return `${range}, ${formatNumber(vrx.underflows, "underflow")}; full at ${full}`;
}

function timingRows(timing: Timing21Report, fields: boolean): Row[] {
  const { schedule, cinst, vrx, fptNs, marginNs, latencyNs, rtpOffsetTicks } = timing;
  const { cinstMax, vrxFull } = schedule;
  const wide = (limit: number | null): string => (limit === null ? "" : `, ${limit} (W)`);
  const rows: Row[] = timing.verdicts.map(({ type, result, reason }, i) => [
    i === 0 ? "Sender" : "",
    `${TYPE_NAMES[type]}: ${result}, ${reason}`,
    // A sender is of one type: that it is not of another is no fault of it.
    result === "no" && timing.verdicts.every((one) => one.result === "no"),
  ]);
  rows.push([
    "Cinst",
    `peak ${cinst.peak ?? UNKNOWN}, mean ${formatFigure(cinst.mean)}; at most ${cinstMax.N} (N), ${cinstMax.NL} (NL)${wide(cinstMax.W)}`,
  ]);
  if (vrx !== null) {
    rows.push(
      ["VRX gapped", vrxText(vrx.gapped, `${vrxFull.N} (N)`)],
      ["VRX linear", vrxText(vrx.linear, `${vrxFull.NL} (NL)${wide(vrxFull.W)}`)],
    );
  }
  if (fptNs !== null) rows.push(["FPT", `${nsRangeText(fptNs)}; TROFFSET ${nsText(schedule.troffsetNs)}`]);
  if (marginNs !== null) rows.push(["Margin", nsRangeText(marginNs), (marginNs.min ?? 0) < 0]);
  if (latencyNs !== null) rows.push(["Latency", `${nsRangeText(latencyNs)}, from RTP time to arrival`]);
  if (rtpOffsetTicks !== null && rtpOffsetTicks.length > 0) {
    const shown = rtpOffsetTicks
      .slice(0, MOST_LEVELS)
      .map(({ level, count }) => `${level} (${formatCount(count)} times)`);
    const more = rtpOffsetTicks.length > MOST_LEVELS ? ", …" : "";
    rows.push(["RTPOFFSET", `${shown.join(", ")}${more} ticks`]);
  }
  rows.push(
    [
      "Packets",
      `gaps of ${nsRangeText(timing.interPacketNs)}; TRS ${nsText(schedule.trsGappedNs)} gapped, ${nsText(schedule.trsLinearNs)} linear`,
    ],
    ["Gap", `between ${fields ? "fields" : "frames"} ${nsRangeText(timing.gapNs)}`],
    ["Clock", taiText(timing.timestamps.taiOffsetSeconds)],
  );
  return rows;
}

/** Video of ST 2110-20: format, frames, and where it is `timed` sender type, buffers, times. */
export function videoRows(video: VideoReport, timed = true): Row[] {
  const { packetsPerFrame, octetsPerFrame, frames, completeFrames } = video;
  const each = [
    ...(packetsPerFrame === null ? [] : [formatNumber(packetsPerFrame, "packet")]),
    ...(octetsPerFrame === null ? [] : [`${formatOctets(octetsPerFrame)} of samples`]),
  ].join(" and ");
  const missing = [
    `${formatNumber(video.lost, "packet")} and ${formatNumber(video.missingLines, "line")} missing`,
    `${formatNumber(video.extraLines, "line")} too many`,
    ...(video.skippedPackets > 0
      ? [`${formatNumber(video.skippedPackets, "packet")} of a first, partial frame skipped`]
      : []),
    ...(video.notMeasured > 0
      ? [`${formatNumber(video.notMeasured, "packet")} not measured: headers cut`]
      : []),
  ].join(", ");
  return [
    ["Video", videoFormatText(video.format)],
    [
      "Frames",
      `${formatCount(completeFrames)} of ${formatCount(frames)} whole${each === "" ? "" : `, ${each} each`}`,
      completeFrames < frames,
    ],
    ["", missing, video.lost + video.missingLines + video.extraLines > 0],
    ...(video.timing === null
      ? timed
        ? ([["Sender", "not measured: the format is not known yet, or there are no times"]] as const)
        : []
      : timingRows(video.timing, video.format.scan === "interlaced" || video.format.scan === "psf")),
    ...listRows(video),
  ];
}

/** The figures of EBU LIST, where they were asked for. */
function listRows({ list }: VideoReport): Row[] {
  if (list === undefined || list === null) return [];
  return listFacts(list).map(([label, text], i): Row => [i === 0 ? "As LIST" : "", `${label} ${text}`]);
}

/** Compressed video of ST 2110-22. */
export function jpegXsRows(jxs: JpegXsReport): Row[] {
  const { picture, traffic } = jxs;
  const unit = jxs.scan === "interlaced" ? "field" : "frame";
  const raster =
    picture === null
      ? "picture header not seen"
      : `${picture.width}x${picture.height} a ${unit}, ${formatNumber(picture.components, "component")}, profile ${picture.profile}, level ${picture.level}`;
  const each = [
    ...(jxs.packetsPerPicture === null ? [] : [formatNumber(jxs.packetsPerPicture, "packet")]),
    ...(jxs.octetsPerPicture === null ? [] : [formatOctets(jxs.octetsPerPicture)]),
  ].join(" and ");
  const rows: Row[] = [
    ["JPEG XS", `${raster}, ${jxs.pictureRate === null ? "rate unknown" : `${jxs.pictureRate} ${unit}s/s`}`],
    ["Packets", `${jxs.packetization ?? "unknown"} packetization, ${jxs.transmission ?? "order unknown"}`],
    [
      "Pictures",
      `${formatNumber(jxs.pictures, `whole ${unit}`)}, ${formatCount(jxs.partial)} partial${each === "" ? "" : `, ${each} each`}`,
    ],
    ["Rate", `${formatBitrate(jxs.bitrateBps)}, with headers ${formatBitrate(jxs.networkBitrateBps)}`],
  ];
  if (traffic === null) return rows;
  const verdicts = traffic.types.map(({ type, cinstMax, within, conclusive }): Row => {
    const result = within === null ? "not measured" : within ? "yes" : "no";
    const limit = cinstMax === null ? "not allowed for this sender" : `CMAX ${cinstMax}`;
    return [
      "",
      `${TYPE_NAMES[type]}: ${result}, ${limit}, by ${traffic.timestamps}${conclusive ? "" : ": not conclusive"}`,
    ];
  });
  return [
    ...rows,
    ["Cinst", `peak ${traffic.peak ?? UNKNOWN}, mean ${formatFigure(traffic.mean)}`],
    ...verdicts,
  ];
}
