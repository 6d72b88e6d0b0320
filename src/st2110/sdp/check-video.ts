/** Format parameters of uncompressed (ST 2110-20) and compressed (ST 2110-22, RFC 9134) video, and their timing. */
import type { Tell } from "./check-session.ts";
import { hasParameter, parameter, quoted, type SdpMedia, wholeNumber } from "./parse.ts";

const SAMPLINGS = [
  ...["YCbCr", "CLYCbCr", "ICtCp"].flatMap((name) =>
    ["4:4:4", "4:2:2", "4:2:0"].map((ratio) => `${name}-${ratio}`),
  ),
  "RGB",
  "XYZ",
  "KEY",
];
const TCS =
  "SDR PQ HLG LINEAR BT2100LINPQ BT2100LINHLG ST2065-1 ST428-1 DENSITY ST2115LOGS3 UNSPECIFIED".split(" ");
const COLORIMETRY = "BT601 BT709 BT2020 BT2100 ST2065-1 ST2065-3 XYZ ALPHA UNSPECIFIED".split(" ");

/** What each parameter may be, where that is a list (ST 2110-20 7.2 to 7.6). */
const VALUES: Record<string, readonly string[]> = {
  sampling: SAMPLINGS,
  depth: ["8", "10", "12", "16", "16f"],
  colorimetry: COLORIMETRY,
  TCS,
  RANGE: ["NARROW", "FULLPROTECT", "FULL"],
  PM: ["2110GPM", "2110BPM"],
  packetmode: ["0", "1"],
  transmode: ["0", "1"],
};

const REQUIRED_20 = ["sampling", "depth", "width", "height", "exactframerate", "colorimetry", "PM", "SSN"];
const REQUIRED_22 = ["width", "height", "SSN", "TP"];
const KNOWN_20 = [
  ...REQUIRED_20,
  ..."interlace segmented TCS RANGE MAXUDP PAR TP TROFF CMAX TSMODE TSDELAY".split(" "),
];
const KNOWN_22 = [
  ...KNOWN_20,
  ..."packetmode transmode profile level sublevel fbblevel INFOFRAME".split(" "),
];
/** Octets of an extended UDP datagram (ST 2110-10 6). */
const MAX_UDP = 8960;

/** Rules of ST 2110-20: `raw`. */
export function checkRawVideo(media: SdpMedia, tell: Tell): void {
  checkVideo(media, { required: REQUIRED_20, known: KNOWN_20, standard: "ST2110-20" }, tell);
  if (!hasParameter(media, "TP")) tell("trafficProfileMissing", media.parametersLine || media.line, "");
  if (parameter(media, "PM") === "2110BPM" && hasParameter(media, "MAXUDP")) {
    tell("maxUdp", media.parametersLine, "block packing with MAXUDP");
  }
}

/** Rules of ST 2110-22: `jxsv` and other compressed video. */
export function checkCompressedVideo(media: SdpMedia, tell: Tell): void {
  const required = media.encoding === "jxsv" ? [...REQUIRED_22, "packetmode"] : REQUIRED_22;
  checkVideo(media, { required, known: KNOWN_22, standard: "ST2110-22" }, tell);
  if (media.bandwidthKbps === null) tell("bandwidth", media.line, "");
}

interface Profile {
  readonly required: readonly string[];
  readonly known: readonly string[];
  readonly standard: string;
}

function checkVideo(media: SdpMedia, { required, known, standard }: Profile, tell: Tell): void {
  const line = media.parametersLine || media.line;
  if (media.clockRate !== null && media.clockRate !== 90000)
    tell("clockRate", media.line, String(media.clockRate));
  for (const name of required) if (!hasParameter(media, name)) tell("required", line, name);
  for (const { name, value } of media.parameters) {
    if (!known.includes(name)) tell("unknownParameter", line, quoted(name));
    const allowed = VALUES[name];
    if (allowed && !allowed.includes(value ?? "")) tell("value", line, quoted(`${name}=${value ?? ""}`));
    if ((name === "interlace" || name === "segmented") && value !== null) tell("flagValue", line, name);
  }
  checkRaster(media, line, tell);
  const ssn = parameter(media, "SSN");
  if (ssn !== null && !new RegExp(`^${standard}:20\\d\\d$`).test(ssn))
    tell("value", line, quoted(`SSN=${ssn}`));
  if (hasParameter(media, "segmented") && !hasParameter(media, "interlace")) tell("segmented", line, "");
  checkTiming(media, line, tell);
}

function checkRaster(media: SdpMedia, line: number, tell: Tell): void {
  for (const name of ["width", "height"]) {
    const value = parameter(media, name);
    const pixels = wholeNumber(value);
    if (hasParameter(media, name) && (pixels === null || pixels < 1 || pixels > 32767)) {
      tell("value", line, quoted(`${name}=${value}`));
    }
  }
  const rate = parameter(media, "exactframerate");
  if (hasParameter(media, "exactframerate") && parseFrameRate(rate ?? "") === null) {
    tell("frameRate", line, quoted(rate ?? ""));
  }
  const aspect = parameter(media, "PAR");
  if (hasParameter(media, "PAR") && !/^[1-9]\d{0,5}:[1-9]\d{0,5}$/.test(aspect ?? "")) {
    tell("value", line, quoted(`PAR=${aspect}`));
  }
}

/** TP, TROFF, CMAX (ST 2110-21 8) and MAXUDP (ST 2110-10 6), wherever they stand. */
export function checkTiming(media: SdpMedia, line: number, tell: Tell): void {
  const profile = parameter(media, "TP");
  if (hasParameter(media, "TP") && !/^2110TP(N|NL|W)$/.test(profile ?? "")) {
    tell("trafficProfile", line, quoted(profile ?? ""));
  }
  for (const name of ["TROFF", "CMAX"]) {
    if (hasParameter(media, name) && wholeNumber(parameter(media, name)) === null) {
      tell("timing", line, quoted(`${name}=${parameter(media, name)}`));
    }
  }
  const maxUdp = wholeNumber(parameter(media, "MAXUDP"));
  if (hasParameter(media, "MAXUDP") && (maxUdp === null || maxUdp < 1 || maxUdp > MAX_UDP)) {
    tell("maxUdp", line, quoted(parameter(media, "MAXUDP") ?? ""));
  }
}

/** A frame rate in exact terms, frames a second. */
export interface FrameRate {
  readonly numerator: number;
  readonly denominator: number;
}

/** exactframerate (ST 2110-20 7.2): an integer, or a fraction that is reduced and no integer; else null. */
export function parseFrameRate(text: string): FrameRate | null {
  const match = /^([1-9]\d{0,9})(?:\/([1-9]\d{0,9}))?$/.exec(text);
  if (match === null) return null;
  const numerator = Number(match[1]);
  const denominator = Number(match[2] ?? 1);
  if (match[2] !== undefined && (denominator === 1 || gcd(numerator, denominator) !== 1)) return null;
  return { numerator, denominator };
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
