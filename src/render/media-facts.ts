import type { JpegXsReport } from "../report/st2110-jpegxs-schema.ts";
import type { St2110Report } from "../report/st2110-schema.ts";
import type { ListTimingReport, Timing21Report, VideoFormatReport } from "../report/st2110-video-schema.ts";
import { shortDecoded } from "./ancillary-facts.ts";
import { nsRangeText, nsText } from "./range.ts";
import { formatCount, formatFigure, formatNumber, UNKNOWN } from "./units.ts";

/** Sender types of ST 2110-21 7.1. */
export const TYPE_NAMES = { N: "narrow (N)", NL: "narrow linear (NL)", W: "wide (W)" } as const;

/** `60000/1001` as a number; null for none. */
export function rateNumber(rate: string | null): number | null {
  if (rate === null) return null;
  const [numerator, denominator = "1"] = rate.split("/");
  const value = Number(numerator) / Number(denominator);
  return Number.isFinite(value) ? value : null;
}

/** `1080i59`, `2160p50`, `1080psf23`: lines, scan, and whole fields or frames a second, as far as known. */
function rasterText(
  height: number | null,
  scan: VideoFormatReport["scan"],
  framesPerSecond: number | null,
): string {
  if (height === null) return "";
  const letter = scan === null ? "" : { progressive: "p", interlaced: "i", psf: "psf" }[scan];
  const pictures =
    framesPerSecond === null || scan === null ? null : framesPerSecond * (scan === "interlaced" ? 2 : 1);
  return `${height}${letter}${pictures === null ? "" : Math.floor(pictures + 1e-6)}`;
}

function jpegXsRaster({ picture, scan, pictureRate }: JpegXsReport): string {
  const fields = scan === "interlaced" ? 2 : 1;
  const rate = rateNumber(pictureRate);
  return rasterText(
    picture === null ? null : picture.height * fields,
    scan,
    rate === null ? null : rate / fields,
  );
}

/** What the flow carries in at most twelve columns: `-20 1080i59`, `-30 L24 8ch`, `-40 ANC`, `-22 1080i59`. */
export function mediaKind(media: St2110Report): string {
  const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join(" ");
  switch (media.kind) {
    case "video20": {
      const format = media.video?.format;
      if (format === undefined) return "-20";
      return joined("-20", rasterText(format.height, format.scan, rateNumber(format.rate)));
    }
    case "audio": {
      const format = media.audio?.format;
      if (format === undefined || format === null) return "-30";
      const part = format.standard === "ST 2110-31" ? "-31" : "-30";
      return joined(part, format.encoding ?? "", `${format.channels}ch`);
    }
    case "jpegxs":
      return joined("-22", media.jpegxs === undefined ? "" : jpegXsRaster(media.jpegxs));
    case "anc":
      return "-40 ANC";
    case "ttml":
      return "-43 TTML";
    case "metadata":
      return "-41 data";
    case "st2022-6":
      return "ST 2022-6";
    case "unknown":
      return "RTP";
  }
}

const PART_NAMES = {
  video20: "ST 2110-20 video",
  audio: "ST 2110-30 audio",
  anc: "ST 2110-40 ancillary data",
  jpegxs: "ST 2110-22 JPEG XS",
  ttml: "ST 2110-43 timed text",
  metadata: "ST 2110-41 fast metadata",
  "st2022-6": "ST 2022-6, SDI over IP",
  unknown: "RTP, neither TS nor a known part of ST 2110",
} as const;

/** The standard and what it carries, in words. */
export function mediaName(media: St2110Report): string {
  const { kind } = media;
  return kind === "audio" && media.audio?.format?.standard === "ST 2110-31"
    ? "ST 2110-31 AES3 audio"
    : PART_NAMES[kind];
}

/** `1920x1080 interlaced, 30000/1001 frames/s, 4:2:2, 10 bits, GPM`; what is not known is said to be so. */
export function videoFormatText(format: VideoFormatReport): string {
  const { width, height, scan, rate, sampling, depth, candidates, packing } = format;
  const samples =
    sampling !== "unknown" && depth !== null
      ? `${sampling} ${depth} bits`
      : candidates.length > 0
        ? `one of ${candidates.map((one) => `${one.sampling} ${one.depth} bits`).join(", ")}`
        : "sampling unknown";
  return [
    width === null || height === null ? "raster unknown" : `${width}x${height}`,
    scan === null ? "scan unknown" : scan === "psf" ? "PsF" : scan,
    rate === null ? "rate unknown" : `${rate} frames/s`,
    samples,
    packing === "unknown" ? "packing unknown" : packing,
  ].join(", ");
}

/** The clock of the sender against that of the capture, by the RTP timestamps of video. */
export function taiText(offsetSeconds: number | null): string {
  if (offsetSeconds === null)
    return "sender not locked to TAI by the capture's clock: FPT and VRX not measured";
  return offsetSeconds === 0
    ? "capture in TAI, as the sender"
    : `capture ${offsetSeconds} s behind TAI, as UTC is; taken into account`;
}

/** Which of the sender types the stream is of, the surest first: `N yes (not conclusive)`. */
function typeText(timing: Timing21Report): string {
  const met = timing.verdicts.find(({ result }) => result === "yes");
  if (met !== undefined) return `type ${met.type}${met.conclusive ? "" : "?"}`;
  return timing.verdicts.every(({ result }) => result === "no") ? "no sender type" : "type not measured";
}

/** The figures that matter most, for a line of the live view; empty where nothing is measured yet. */
export function mediaFigures(media: St2110Report): string {
  const { video, audio, ancillary, jpegxs, ttml } = media;
  if (video?.timing !== undefined && video.timing !== null) {
    const { timing } = video;
    const { cinstMax, vrxFull } = timing.schedule;
    const parts = [typeText(timing), `Cinst ${timing.cinst.peak ?? UNKNOWN} of ${cinstMax.N}`];
    if (timing.vrx !== null) parts.push(`VRX ${timing.vrx.gapped.peak ?? UNKNOWN} of ${vrxFull.N}`);
    if (timing.fptNs !== null) parts.push(`FPT ${nsText(timing.fptNs.max)}`);
    if (timing.marginNs !== null) parts.push(`margin ${nsText(timing.marginNs.min)}`);
    return parts.join(", ");
  }
  if (audio !== undefined) {
    const { timing, levels } = audio;
    if (timing === null) return "";
    const peak = levels.reduce<number | null>((most, { recentPeakDbfs }) => {
      return recentPeakDbfs === null ? most : Math.max(most ?? recentPeakDbfs, recentPeakDbfs);
    }, null);
    const sender = timing.tsDf.sender;
    const parts = [
      sender === "not measured" ? "type not measured" : `${sender}${timing.tsDf.conclusive ? "" : "?"}`,
      `TS-DF ${nsText(timing.tsDf.maxNs)}`,
      `PIT up to ${nsText(timing.packetIntervalNs.max)}`,
    ];
    if (peak !== null) parts.push(`peak ${peak.toFixed(1)} dBFS`);
    return parts.join(", ");
  }
  if (ancillary !== undefined) {
    return ancillary.subStreams.map((sub) => shortDecoded(sub)).join(", ");
  }
  if (jpegxs !== undefined) {
    const { traffic, pictures, partial } = jpegxs;
    const parts = [formatNumber(pictures, "picture"), `${partial} partial`];
    if (traffic !== null) parts.push(`Cinst ${traffic.peak ?? UNKNOWN}`);
    return parts.join(", ");
  }
  return ttml === undefined ? "" : formatNumber(ttml.documents, "document");
}

/** `-5.13`, or `silent` for nothing but zeros. */
export function decibelText(level: number | null): string {
  return level === null ? "silent" : level.toFixed(2);
}

/** What audio is, with how its encoding is known. */
export function audioFormatText(format: NonNullable<NonNullable<St2110Report["audio"]>["format"]>): string {
  const {
    encoding,
    encodingBasis,
    sampleRateHz,
    channels,
    significantBits,
    samplesPerPacket,
    packetTimeUs,
    level,
  } = format;
  const guessed =
    encodingBasis === "content" || encodingBasis === "default" ? ` (guessed by ${encodingBasis})` : "";
  return [
    `${encoding ?? "unknown encoding"}${guessed}`,
    formatNumber(channels, "channel"),
    sampleRateHz === null ? "rate unknown" : `${sampleRateHz / 1000} kHz`,
    ...(significantBits === null ? [] : [`${significantBits} bits in use`]),
    `${formatNumber(samplesPerPacket, "sample")}${packetTimeUs === null ? "" : ` or ${formatFigure(packetTimeUs)} us`} a packet`,
    level === null ? "no level of ST 2110-30" : `level ${level}`,
  ].join(", ");
}

/** RTP clock of audio against the capture's. */
export const AUDIO_CLOCK = {
  tai: "RTP and capture in the same time",
  utc: "RTP in TAI, the capture in UTC, 37 s behind",
  "free-running": "RTP clock not aligned to TAI or UTC: no latency can be told",
  unknown: "alignment of the RTP clock unknown",
} as const;

/** Levels of a buffer that are written out. */
const MOST_LEVELS = 8;

/** The figures of EBU LIST by its own names. */
export function listFacts(list: ListTimingReport): (readonly [string, string])[] {
  const shares = (rows: readonly (readonly [number, number])[]): string => {
    const more = rows.length > MOST_LEVELS ? ", …" : "";
    return `${rows
      .slice(0, MOST_LEVELS)
      .map(([level, share]) => `${level}: ${formatFigure(share)} %`)
      .join(", ")}${more}`;
  };
  const range = ({ min, avg, max }: { min: number; avg: number; max: number }): string =>
    nsRangeText({ min, mean: avg, max });
  const { troNs, packetTsVsRtpTsNs, rtpTsVsNtTicks, afterMarkerNs } = list;
  return [
    ["frames or fields", formatCount(list.fields)],
    ["Cinst", shares(list.cinst)],
    ["VRX", shares(list.vrx)],
    ["TRS", nsText(list.trsNs)],
    ["TRO default", nsText(list.troDefaultNs)],
    ...(troNs === null ? [] : [["TRO", range(troNs)] as const]),
    ...(packetTsVsRtpTsNs === null
      ? []
      : [["first packet less RTP time", range(packetTsVsRtpTsNs)] as const]),
    ...(rtpTsVsNtTicks === null
      ? []
      : [["RTP time less N x T", `${rtpTsVsNtTicks.min} to ${rtpTsVsNtTicks.max} ticks`] as const]),
    ...(afterMarkerNs === null ? [] : [["after the marker", range(afterMarkerNs)] as const]),
  ];
}
