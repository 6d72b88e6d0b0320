/** What a session description says, ready to be compared with what is seen. */
import type { Finding, Rule } from "../../report/finding.ts";
import { sendersOf } from "./addresses.ts";
import { checkAncillary, parseDid } from "./check-ancillary.ts";
import { checkAudio } from "./check-audio.ts";
import { checkSession, type Tell } from "./check-session.ts";
import { checkCompressedVideo, checkRawVideo, type FrameRate, parseFrameRate } from "./check-video.ts";
import { formatOf, type SdpFormat } from "./format.ts";
import {
  attribute,
  hasParameter,
  parameter,
  parseSdp,
  printable,
  type SdpFault,
  type SdpMedia,
  type SdpSession,
  wholeNumber,
} from "./parse.ts";
import { SDP_MISMATCH, SDP_RULES, type SdpRuleName } from "./rules.ts";

/** A PTP clock and its domain. */
export interface PtpClock {
  /** Identity, `39-A7-94-FF-FE-07-CB-D0`. */
  readonly clock: string;
  readonly domain: number;
}

/** One stream as described; null is what the description does not say. */
export interface SdpStream {
  /** Number of the media, from 0. */
  readonly index: number;
  readonly format: SdpFormat;
  readonly mid: string | null;
  readonly destinationAddress: string | null;
  readonly destinationPort: number | null;
  /** Who may send; empty for anybody. */
  readonly sourceAddresses: readonly string[];
  readonly payloadType: number | null;
  /** `raw`, `jxsv`, `L24`, … */
  readonly encoding: string | null;
  readonly clockRate: number | null;
  /** The PTP clocks that it may follow; empty where it may follow one that is not named. */
  readonly ptpClocks: readonly PtpClock[];
  readonly sampling: string | null;
  readonly depth: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly frameRate: FrameRate | null;
  readonly interlaced: boolean;
  readonly segmented: boolean;
  readonly colorimetry: string | null;
  readonly transfer: string | null;
  readonly range: string | null;
  readonly packing: "GPM" | "BPM" | null;
  readonly senderType: "N" | "NL" | "W" | null;
  readonly troffUs: number | null;
  readonly cmax: number | null;
  readonly maxUdp: number | null;
  readonly bandwidthKbps: number | null;
  readonly channels: number | null;
  readonly channelOrder: string | null;
  readonly packetTimeMs: number | null;
  /** DID * 256 + SDID of the ancillary data announced; empty for any. */
  readonly dids: readonly number[];
}

/** A session description that was read and checked. */
export interface SdpDescription {
  readonly name: string;
  readonly streams: readonly SdpStream[];
  /** Pairs of stream numbers that a=group:DUP makes legs of ST 2022-7. */
  readonly pairs: readonly (readonly [number, number])[];
  readonly faults: readonly SdpFault[];
}

/** Reads and checks a description; any text gives one, with its faults. */
export function readSdp(text: string): SdpDescription {
  const { session, faults } = parseSdp(text);
  checkSession(session, faults);
  const tell: Tell = (rule, line, found) => faults.push({ rule, line, found });
  const streams = session.media.map((media, index) => {
    const format = formatOf(media);
    checkFormat(media, format, tell);
    return stream(media, session, index, format);
  });
  faults.sort((a, b) => a.line - b.line);
  return { name: session.name, streams, pairs: pairsOf(session, streams), faults };
}

/** The faults as findings, one a rule, with the first places where it was broken. */
export function sdpFindings(description: SdpDescription, streamId: string): Finding[] {
  const byRule = Map.groupBy(description.faults, ({ rule }) => rule);
  return [...byRule].map(([rule, faults]: [SdpRuleName, SdpFault[]]) => {
    const places = faults.map(({ line, found }) => {
      const place = line > 0 ? `line ${line}` : "";
      return [place, found].filter((part) => part !== "").join(": ");
    });
    return finding(SDP_RULES[rule], streamId, places);
  });
}

/** What was seen of a stream; left out or null where it can't be told. */
export interface SeenStream {
  readonly format?: SdpFormat | null;
  readonly payloadType?: number | null;
  /** As an SDP names it, for audio. */
  readonly encoding?: string | null;
  readonly clockRate?: number | null;
  readonly sampling?: string | null;
  readonly depth?: string | null;
  readonly width?: number | null;
  readonly height?: number | null;
  /** Frames a second, as measured. */
  readonly framesPerSecond?: number | null;
  readonly interlaced?: boolean | null;
  readonly segmented?: boolean | null;
  readonly packing?: "GPM" | "BPM" | null;
  readonly channels?: number | null;
  readonly packetTimeMs?: number | null;
  /** Largest UDP datagram, its header of 8 octets included. */
  readonly largestUdp?: number | null;
  /** RTP, UDP and IP octets, kbit/s. */
  readonly bandwidthKbps?: number | null;
  /** Grandmasters that are heard on the network. */
  readonly grandmasters?: readonly PtpClock[];
}

/** Largest datagram without MAXUDP (ST 2110-10 6). */
const STANDARD_UDP = 1460;
/** Share by which a measured frame rate may be off. */
const RATE_TOLERANCE = 1e-4;
/** Share by which a packet time may be off: 0.125 ms is written as 0.12 or 0.13. */
const PACKET_TIME_TOLERANCE = 0.05;

/** Names of fields as a person reads them, where they differ. */
const WORDS: Record<string, string> = {
  payloadType: "payload type",
  clockRate: "clock rate",
};

/** The finding that `seen` is not what `said` says, with each difference; null when they agree. */
export function compareWithSdp(said: SdpStream, seen: SeenStream, streamId: string): Finding | null {
  const differences: string[] = [];
  const differ = (name: string, says: unknown, is: unknown) =>
    differences.push(`${name}: described ${String(says)}, seen ${String(is)}`);
  const exact = [
    "format",
    "payloadType",
    "encoding",
    "clockRate",
    "sampling",
    "depth",
    "width",
    "height",
    "interlaced",
    "segmented",
    "packing",
    "channels",
  ] as const;
  for (const name of exact) {
    const says = said[name];
    const is = seen[name];
    if (is === undefined || is === null || says === null || says === "other" || says === is) continue;
    differ(WORDS[name] ?? name, says, is);
  }
  const strange = strangeGrandmaster(said.ptpClocks, seen.grandmasters ?? []);
  if (strange) differ("PTP clock", ...strange);
  const { framesPerSecond, packetTimeMs, largestUdp, bandwidthKbps } = seen;
  if (said.frameRate && framesPerSecond) {
    const { numerator, denominator } = said.frameRate;
    const says = numerator / denominator;
    if (Math.abs(framesPerSecond / says - 1) > RATE_TOLERANCE) differ("frame rate", says, framesPerSecond);
  }
  if (
    said.packetTimeMs &&
    packetTimeMs &&
    Math.abs(packetTimeMs / said.packetTimeMs - 1) > PACKET_TIME_TOLERANCE
  ) {
    differ("packet time in ms", said.packetTimeMs, packetTimeMs);
  }
  const mostUdp = said.maxUdp ?? STANDARD_UDP;
  if (largestUdp && largestUdp > mostUdp) differ("largest datagram", `at most ${mostUdp}`, largestUdp);
  if (said.bandwidthKbps && bandwidthKbps && bandwidthKbps > said.bandwidthKbps) {
    differ("bit rate in kbit/s", `at most ${said.bandwidthKbps}`, bandwidthKbps);
  }
  return differences.length === 0 ? null : finding(SDP_MISMATCH, streamId, differences);
}

/**
 * The clocks that are described, and the grandmasters that are heard in their domains, where none of these is one of
 * those; else null. A clock in a domain that is not heard here may be the one that is followed.
 */
function strangeGrandmaster(
  described: readonly PtpClock[],
  heard: readonly PtpClock[],
): [described: string, heard: string] | null {
  const are = heard.filter(({ domain }) => described.some((said) => said.domain === domain));
  const may = described.some(({ clock, domain }) => {
    const there = are.filter((is) => is.domain === domain);
    return there.length === 0 || there.some((is) => is.clock === clock);
  });
  const texts = (clocks: readonly PtpClock[]) =>
    [...new Set(clocks.map(({ clock, domain }) => `${clock} in domain ${domain}`))].join(" or ");
  return may || described.length === 0 ? null : [texts(described), texts(are)];
}

/** Places told in one finding. */
const MAX_PLACES = 4;

function finding({ code, clause, severity, text }: Rule, stream: string, places: readonly string[]): Finding {
  const told = places.filter((place) => place !== "").slice(0, MAX_PLACES);
  const more = places.length > MAX_PLACES ? `; and ${places.length - MAX_PLACES} more` : "";
  const sentence = `${text[0]?.toUpperCase()}${text.slice(1)}${told.length > 0 ? ` (${printable(told.join("; "))}${more})` : ""}.`;
  return { code, clause, severity, stream, count: places.length, first: null, last: null, text: sentence };
}

function checkFormat(media: SdpMedia, format: SdpFormat, tell: Tell): void {
  if (format === "st2110-20") checkRawVideo(media, tell);
  else if (format === "st2110-22") checkCompressedVideo(media, tell);
  else if (format === "st2110-30" || format === "st2110-31") checkAudio(media, format === "st2110-31", tell);
  else if (format === "st2110-40") checkAncillary(media, tell);
}

function stream(media: SdpMedia, session: SdpSession, index: number, format: SdpFormat): SdpStream {
  const packetTime = Number(attribute(media, "ptime")?.value);
  const audio = format === "st2110-30" || format === "st2110-31";
  const packing = /^2110([GB]PM)$/.exec(parameter(media, "PM") ?? "")?.[1];
  const senderType = /^2110TP(NL|N|W)$/.exec(parameter(media, "TP") ?? "")?.[1];
  return {
    index,
    format,
    mid: attribute(media, "mid")?.value ?? null,
    destinationAddress: media.connection?.address ?? null,
    destinationPort: media.port,
    sourceAddresses: sendersOf(media, session),
    payloadType: media.payloadType,
    encoding: media.encoding,
    clockRate: media.clockRate,
    ptpClocks: ptpClocks(media, session),
    sampling: parameter(media, "sampling"),
    depth: parameter(media, "depth"),
    width: wholeNumber(parameter(media, "width")),
    height: wholeNumber(parameter(media, "height")),
    frameRate: parseFrameRate(parameter(media, "exactframerate") ?? ""),
    interlaced: hasParameter(media, "interlace"),
    segmented: hasParameter(media, "segmented"),
    colorimetry: parameter(media, "colorimetry"),
    transfer: parameter(media, "TCS"),
    range: parameter(media, "RANGE"),
    packing: packing === "GPM" || packing === "BPM" ? packing : null,
    senderType: senderType === "N" || senderType === "NL" || senderType === "W" ? senderType : null,
    troffUs: wholeNumber(parameter(media, "TROFF")),
    cmax: wholeNumber(parameter(media, "CMAX")),
    maxUdp: wholeNumber(parameter(media, "MAXUDP")),
    bandwidthKbps: media.bandwidthKbps,
    channels: audio ? (media.channels ?? 1) : null,
    channelOrder: parameter(media, "channel-order"),
    packetTimeMs: packetTime > 0 ? packetTime : null,
    dids: media.parameters.flatMap(({ name, value }) =>
      name === "DID_SDID" ? (parseDid(value ?? "") ?? []) : [],
    ),
  };
}

/**
 * Each a=ts-refclk may name a clock that the stream follows (RFC 7273 4). Where one names no PTP clock and domain (it
 * is traceable, or not PTP), any may be right.
 */
function ptpClocks(media: SdpMedia, session: SdpSession): PtpClock[] {
  const references = (of: SdpMedia | SdpSession) =>
    of.attributes.filter(({ name }) => name === "ts-refclk").map(({ value }) => value);
  const own = references(media);
  const clocks: PtpClock[] = [];
  for (const value of own.length > 0 ? own : references(session)) {
    const match = /^ptp=[^:]+:([0-9a-f-]{23}):(?:domain-nmbr=)?(\d+)$/i.exec(value);
    const domain = wholeNumber(match?.[2]);
    const clock = match?.[1]?.toUpperCase();
    if (clock === undefined || domain === null) return [];
    clocks.push({ clock, domain });
  }
  return clocks;
}

function pairsOf(session: SdpSession, streams: readonly SdpStream[]): [number, number][] {
  const pairs: [number, number][] = [];
  for (const { name, value } of session.attributes) {
    const [semantics, first, second] = value.split(/ +/);
    if (name !== "group" || semantics !== "DUP") continue;
    const a = streams.find(({ mid }) => mid !== null && mid === first);
    const b = streams.find(({ mid }) => mid !== null && mid === second);
    if (a && b && a !== b) pairs.push([a.index, b.index]);
  }
  return pairs;
}
