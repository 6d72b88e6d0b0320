/**
 * What the sequence headers and parameter sets of video say of the T-STD's buffers. Read rarely, from a copy
 * of the first octets of an access unit: not for the hot path.
 */
import { BitReader } from "../../bits/bit-reader.ts";
import {
  type AvcParameters,
  avcBuffers,
  type BufferSizes,
  hevcBuffers,
  mpegVideoBuffers,
  type SequenceHeader,
} from "./buffer-sizes.ts";
import { readHevcSps } from "./hevc-sps.ts";
import { rbsp, se, ue } from "./nal-unit.ts";

/** Kinds of video whose access units and headers are known. */
export type VideoSyntax = "mpeg2" | "avc" | "hevc";

const SEQUENCE_HEADER = 0xb3;
const EXTENSION = 0xb5;
const AVC_SPS = 7;
const HEVC_SPS = 33;

/** Offset of the octet after the next 00 00 01 in `buf[from, end)`, or -1. */
export function nextStartCode(buf: Uint8Array, from: number, end: number): number {
  for (let at = from; at + 3 < end; at += 1) {
    if (buf[at + 2] === 1 && buf[at + 1] === 0 && buf[at] === 0) return at + 3;
  }
  return -1;
}

function isHeader(syntax: VideoSyntax, code: number): boolean {
  if (syntax === "mpeg2") return code === SEQUENCE_HEADER;
  return syntax === "avc" ? (code & 0x1f) === AVC_SPS : ((code >> 1) & 0x3f) === HEVC_SPS;
}

/** Offset of the first sequence header or parameter set's start code value in `buf[from, end)`, or -1. */
export function findVideoHeader(syntax: VideoSyntax, buf: Uint8Array, from: number, end: number): number {
  for (let at = nextStartCode(buf, from, end); at >= 0; at = nextStartCode(buf, at, end)) {
    if (isHeader(syntax, buf[at] as number)) return at;
  }
  return -1;
}

/** What `readVideoBuffers` found: sizes, `unknown` for a header that no rule fits, or `none`. */
export type VideoBuffers = BufferSizes | "unknown" | "none";

/** The buffers of the stream whose access unit starts with `buf[0, end)`. */
export function readVideoBuffers(syntax: VideoSyntax, buf: Uint8Array, end: number): VideoBuffers {
  const at = findVideoHeader(syntax, buf, 0, end);
  if (at < 0) return "none";
  if (syntax === "mpeg2") {
    const header = readSequenceHeader(buf, at, end);
    return header === null ? "none" : (mpegVideoBuffers(header) ?? "unknown");
  }
  const next = nextStartCode(buf, at, end);
  const reader = rbsp(buf, at, next < 0 ? end : next - 3);
  if (syntax === "avc") {
    const sps = readAvcSps(reader);
    return sps === null ? "none" : (avcBuffers(sps) ?? "unknown");
  }
  const sps = readHevcSps(reader);
  return sps === null ? "none" : (hevcBuffers(sps) ?? "unknown");
}

/** Octets of a sequence_header and of a sequence_extension that are read, after the start code's value. */
const SEQUENCE_HEADER_OCTETS = 8;
const EXTENSION_OCTETS = 6;

/**
 * So many of the first octets of `buf[0, end)` alone decide what `readVideoBuffers` finds, whatever comes after
 * them; 0 where more than is there may.
 */
export function decidingOctets(syntax: VideoSyntax, buf: Uint8Array, end: number): number {
  const at = findVideoHeader(syntax, buf, 0, end);
  const next = at < 0 ? -1 : nextStartCode(buf, at, end);
  if (next < 0) return 0;
  if (syntax !== "mpeg2") return next + 1;
  const octets = Math.max(at + 1 + SEQUENCE_HEADER_OCTETS, next + 1 + EXTENSION_OCTETS);
  return octets <= end ? octets : 0;
}

/** sequence_header and sequence_extension, ISO/IEC 13818-2 6.2.2.1 and 6.2.2.3; `at` is the start code's value. */
export function readSequenceHeader(buf: Uint8Array, at: number, end: number): SequenceHeader | null {
  const reader = new BitReader(buf, at + 1, end - at - 1);
  reader.skip(12 + 12 + 4 + 4);
  const bitRate = reader.bits(18);
  reader.skip(1);
  const vbv = reader.bits(10);
  const constrained = reader.bits(1) === 1;
  if (reader.overrun) return null;
  const next = nextStartCode(buf, at, end);
  // Cut off here: whether an extension follows is not known.
  if (next < 0) return null;
  let profileLevel: number | null = null;
  let bitRateExtension = 0;
  let vbvExtension = 0;
  let lowDelay = false;
  if (buf[next] === EXTENSION) {
    reader.reset(buf, next + 1, end - next - 1);
    reader.skip(4);
    profileLevel = reader.bits(8);
    reader.skip(1 + 2 + 2 + 2);
    bitRateExtension = reader.bits(12);
    reader.skip(1);
    vbvExtension = reader.bits(8);
    lowDelay = reader.bits(1) === 1;
    if (reader.overrun) return null;
  }
  return {
    profileLevel,
    bitRateBps: (bitRateExtension * 2 ** 18 + bitRate) * 400,
    vbvBits: (vbvExtension * 1024 + vbv) * 16 * 1024,
    lowDelay,
    constrained,
  };
}

/** profile_idc with chroma_format_idc and the scaling matrix in the set, ITU-T H.264 7.3.2.1.1. */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const EXTENDED_SAR = 255;

/** seq_parameter_set_rbsp, ITU-T H.264 7.3.2.1.1, as far as low_delay_hrd_flag; null where it is cut off. */
function readAvcSps(reader: BitReader): AvcParameters | null {
  reader.skip(8);
  const profile = reader.bits(8);
  const constraints = reader.bits(8);
  const levelIdc = reader.bits(8);
  ue(reader);
  // Level 1b is 11 with constraint_set3_flag in the first profiles (A.3.1), 9 in the others.
  const level = levelIdc === 11 && (constraints & 0x10) !== 0 && !HIGH_PROFILES.has(profile) ? 9 : levelIdc;
  if (HIGH_PROFILES.has(profile)) skipHighProfile(reader);
  ue(reader);
  const orderType = ue(reader);
  if (orderType === 0) ue(reader);
  else if (orderType === 1) {
    reader.skip(1);
    se(reader);
    se(reader);
    const cycle = ue(reader);
    for (let i = 0; i < cycle && !reader.overrun; i += 1) se(reader);
  }
  ue(reader);
  reader.skip(1);
  ue(reader);
  ue(reader);
  if (reader.bits(1) === 0) reader.skip(1);
  reader.skip(1);
  if (reader.bits(1) === 1) for (let i = 0; i < 4; i += 1) ue(reader);
  const hrd = reader.bits(1) === 1 ? readVuiHrd(reader) : NO_HRD;
  return reader.overrun ? null : { level, ...hrd };
}

function skipHighProfile(reader: BitReader): void {
  const chroma = ue(reader);
  if (chroma === 3) reader.skip(1);
  ue(reader);
  ue(reader);
  reader.skip(1);
  if (reader.bits(1) === 0) return;
  const lists = chroma === 3 ? 12 : 8;
  for (let i = 0; i < lists && !reader.overrun; i += 1) {
    if (reader.bits(1) === 1) skipScalingList(reader, i < 6 ? 16 : 64);
  }
}

function skipScalingList(reader: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < size && !reader.overrun; i += 1) {
    if (next !== 0) next = (((last + se(reader)) % 256) + 256) % 256;
    if (next !== 0) last = next;
  }
}

interface Hrd {
  readonly cpbBits: number;
  readonly bitRateBps: number;
}
const NO_HRD = { cpbBits: 0, bitRateBps: 0, lowDelay: false };

/** vui_parameters as far as low_delay_hrd_flag, ITU-T H.264 E.1.1. */
function readVuiHrd(reader: BitReader): Hrd & { readonly lowDelay: boolean } {
  if (reader.bits(1) === 1 && reader.bits(8) === EXTENDED_SAR) reader.skip(32);
  if (reader.bits(1) === 1) reader.skip(1);
  if (reader.bits(1) === 1) {
    reader.skip(4);
    if (reader.bits(1) === 1) reader.skip(24);
  }
  if (reader.bits(1) === 1) {
    ue(reader);
    ue(reader);
  }
  if (reader.bits(1) === 1) reader.skip(65);
  const nal = reader.bits(1) === 1 ? readHrd(reader) : null;
  const vcl = reader.bits(1) === 1 ? readHrd(reader) : null;
  // 13818-1 goes by a flag that is set, not by what H.264 E.2.1 infers where there is none.
  const lowDelay = (nal !== null || vcl !== null) && reader.bits(1) === 1;
  return { ...(nal ?? NO_HRD), lowDelay };
}

/** hrd_parameters, ITU-T H.264 E.1.2: the last of its CPBs. */
function readHrd(reader: BitReader): Hrd {
  const count = ue(reader) + 1;
  const rateScale = reader.bits(4);
  const sizeScale = reader.bits(4);
  let hrd: Hrd = NO_HRD;
  for (let i = 0; i < count && i < 32 && !reader.overrun; i += 1) {
    const bitRateBps = (ue(reader) + 1) * 2 ** (6 + rateScale);
    const cpbBits = (ue(reader) + 1) * 2 ** (4 + sizeScale);
    reader.skip(1);
    hrd = { cpbBits, bitRateBps };
  }
  reader.skip(5 + 5 + 5 + 5);
  return hrd;
}
