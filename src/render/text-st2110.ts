import type { St2110AncillaryReport } from "../report/st2110-ancillary-schema.ts";
import type { AudioReport } from "../report/st2110-audio-schema.ts";
import type { St2110Report } from "../report/st2110-schema.ts";
import type { St2110TtmlReport } from "../report/st2110-ttml-schema.ts";
import { ANC_CLOCK, decodedTexts, didText, locationsText } from "./ancillary-facts.ts";
import { clip, printable, type TextStyle } from "./layout.ts";
import { AUDIO_CLOCK, audioFormatText, decibelText } from "./media-facts.ts";
import { nsRangeText, nsText, rangeText } from "./range.ts";
import { type Column, table } from "./table.ts";
import { labelled } from "./text-input.ts";
import { jpegXsRows, type Row, videoRows } from "./text-video.ts";
import { formatCount, formatFigure, formatNumber, formatReportTime } from "./units.ts";

/** Characters of the last timed-text document that are shown. */
const TEXT_CHARACTERS = 120;

function laidOut(rows: readonly Row[], columns: number, style: TextStyle): string[] {
  return rows.flatMap(([label, text, bad]) => {
    const lines = labelled(label, printable(text), columns, 2).map((line) => clip(line, columns));
    return bad === true ? lines.map(style.red) : lines;
  });
}

const LEVEL_COLUMNS: readonly Column[] = [
  { title: "channel", align: "right" },
  { title: "peak dBFS", align: "right" },
  { title: "RMS dBFS", align: "right" },
  { title: "bits", align: "right" },
  { title: "silence", align: "right" },
  { title: "clips", align: "right" },
];

function audioLines(audio: AudioReport, columns: number, style: TextStyle): string[] {
  const { format, timing } = audio;
  const rows: Row[] = [["Audio", format === null ? "format not known yet" : audioFormatText(format)]];
  if (timing !== null) {
    const { tsDf, clock, packetIntervalNs } = timing;
    const by = `${timing.timestampSource} timestamps of ${formatFigure(timing.timestampResolutionNs)} ns`;
    rows.push(
      [
        "Sender",
        tsDf.sender === "not measured"
          ? "not measured"
          : `${tsDf.sender}, by ${by}${tsDf.conclusive ? "" : ": not conclusive"}`,
        tsDf.sender === "beyond wide",
      ],
      [
        "TS-DF",
        `at most ${nsText(tsDf.maxNs)}, mean ${nsText(tsDf.meanNs)}; ${formatCount(tsDf.windowsWithinOnePacketTime)} of ${formatNumber(tsDf.windows, "window")} of 200 ms within one packet time, ${formatCount(tsDf.windowsBeyondWide)} beyond 17`,
      ],
      ["PIT", rangeText(packetIntervalNs)],
      ["Clock", AUDIO_CLOCK[clock.alignment]],
    );
    if (clock.delta !== null) {
      const { minNs, meanNs, maxNs } = clock.delta;
      rows.push(["Latency", nsRangeText({ min: minNs, mean: meanNs, max: maxNs })]);
    }
    const verdicts = Map.groupBy(
      timing.profiles,
      ({ verdict, reasons }) => `${verdict}\n${reasons.join("; ")}`,
    );
    for (const same of verdicts.values()) {
      const [{ verdict, reasons } = { verdict: "not measured", reasons: [] }] = same;
      const years = same.map(({ profile }) => profile.replace("JT-NM ", "")).join(" and ");
      rows.push([
        "JT-NM",
        `${years}: ${verdict}${reasons.length === 0 ? "" : `, ${reasons.join("; ")}`}`,
        verdict === "fail",
      ]);
    }
  }
  if (audio.unmetered > 0)
    rows.push(["Not metered", `${formatNumber(audio.unmetered, "packet")} cut by the snap length`]);
  for (const status of audio.channelStatus) {
    const what = [
      status.professional ? "professional" : "consumer",
      status.linearPcm ? "PCM" : "data",
      ...(status.sampleRateHz === null ? [] : [`${status.sampleRateHz / 1000} kHz`]),
      ...(status.wordLengthBits === null ? [] : [`${status.wordLengthBits} bits`]),
      ...(status.mode === null ? [] : [status.mode]),
      formatNumber(status.crcErrors, "CRC error"),
      formatNumber(status.invalidSamples, "invalid sample"),
    ];
    rows.push([`AES3 ch ${status.channel}`, what.join(", "), status.crcErrors > 0]);
  }
  const levels = audio.levels.map((level) => [
    String(level.channel),
    decibelText(level.peakDbfs),
    decibelText(level.rmsDbfs),
    String(level.significantBits),
    level.silent ? "all" : `${formatFigure(level.longestSilenceMs)} ms`,
    formatCount(level.clips),
  ]);
  const drawn =
    levels.length === 0 ? [] : ["", ...table(LEVEL_COLUMNS, levels, columns - 2).map((line) => `  ${line}`)];
  return [...laidOut(rows, columns, style), ...drawn.map((line, i) => (i === 1 ? style.dim(line) : line))];
}

const ANC_COLUMNS: readonly Column[] = [
  { title: "DID/SDID", align: "left" },
  { title: "packets", align: "right" },
  { title: "errors", align: "right" },
  { title: "carries", align: "left" },
  { title: "lines", align: "left" },
];

function ancillaryLines(anc: St2110AncillaryReport, columns: number, style: TextStyle): string[] {
  const unit = anc.scan === "interlaced or PsF" ? "field" : "frame";
  const rate = anc.unitRate === null ? "" : `, ${anc.unitRate} ${unit}s/s`;
  const rows: Row[] = [
    ["Ancillary", `${anc.scan}${rate}, ${formatNumber(anc.units, unit)}`],
    [
      "ANC packets",
      `${formatCount(anc.ancPackets)} in ${formatNumber(anc.packets, "RTP packet")}, ${formatNumber(anc.keepAlives, "keep-alive")}`,
    ],
    ["Clock", ANC_CLOCK[anc.clock]],
  ];
  if (anc.latencyNs !== null) {
    const by = `${anc.timestamps.source} timestamps of ${formatFigure(anc.timestamps.resolutionNs)} ns`;
    rows.push(["Latency", `${nsRangeText(anc.latencyNs)}, by ${by}`]);
  }
  if (anc.cutPackets > 0)
    rows.push(["Unmeasured", `${formatNumber(anc.cutPackets, "ANC packet")} cut by the snap length`]);
  if (anc.unlistedPackets > 0)
    rows.push(["Not listed", formatNumber(anc.unlistedPackets, "ANC packet"), true]);
  for (const sub of anc.subStreams) {
    if (sub.decoded === null) continue;
    rows.push(...decodedTexts(sub.decoded).map((text, i): Row => [i === 0 ? didText(sub) : "", text]));
  }
  const cells = anc.subStreams.map((sub) => [
    sub.streamNumber === null ? didText(sub) : `${didText(sub)} stream ${sub.streamNumber}`,
    formatCount(sub.packets),
    formatCount(sub.errors),
    printable(sub.name),
    locationsText(sub),
  ]);
  const drawn =
    cells.length === 0 ? [] : ["", ...table(ANC_COLUMNS, cells, columns - 2).map((line) => `  ${line}`)];
  const painted = drawn.map((line, i) => {
    if (i === 1) return style.dim(line);
    return (anc.subStreams[i - 2]?.errors ?? 0) > 0 ? style.red(line) : line;
  });
  return [...laidOut(rows, columns, style), ...painted];
}

function ttmlRows(ttml: St2110TtmlReport): Row[] {
  const octets =
    ttml.octets === null
      ? ""
      : ttml.octets.min === ttml.octets.max
        ? `, ${formatNumber(ttml.octets.max, "octet")} each`
        : `, ${formatCount(ttml.octets.min)} to ${formatNumber(ttml.octets.max, "octet")}`;
  const rows: Row[] = [
    [
      "Timed text",
      `${formatNumber(ttml.documents, "document")}${octets}, ${formatCount(ttml.skipped)} not whole, language ${ttml.language ?? "not said"}`,
    ],
  ];
  if (ttml.lastDocument !== null) rows.push(["Last", `${formatReportTime(ttml.lastDocument)}`]);
  if (ttml.lastText !== "") {
    const text = ttml.lastText.replace(/\s+/g, " ");
    rows.push(["Begins", text.length > TEXT_CHARACTERS ? `${text.slice(0, TEXT_CHARACTERS)}…` : text]);
  }
  return rows;
}

/** What was found out about a flow of ST 2110. */
export function st2110Lines(media: St2110Report, columns: number, style: TextStyle): string[] {
  const { video, audio, ancillary, jpegxs, ttml } = media;
  const lines: string[] = [];
  if (video !== undefined)
    lines.push(...laidOut(videoRows(video, media.timingNotMeasured === undefined), columns, style));
  if (audio !== undefined) lines.push(...audioLines(audio, columns, style));
  if (ancillary !== undefined) lines.push(...ancillaryLines(ancillary, columns, style));
  if (jpegxs !== undefined) lines.push(...laidOut(jpegXsRows(jpegxs), columns, style));
  if (ttml !== undefined) lines.push(...laidOut(ttmlRows(ttml), columns, style));
  if (media.timingNotMeasured !== undefined) {
    lines.push(...laidOut([["Timing", `not measured: ${media.timingNotMeasured}`]], columns, style));
  }
  if (media.notJudged > 0) {
    const text = `${formatNumber(media.notJudged, "packet")} before it was known what they carry`;
    lines.push(...laidOut([["Not judged", text, true]], columns, style));
  }
  return lines;
}
