import { u8, u16, u32 } from "../../bits/read.ts";

/** What the first octets of a picture segment say (RFC 9134 3.4: boxes, then the codestream). */
export interface JxsPicture {
  /** Octets of the boxes before the codestream. */
  readonly boxOctets: number;
  /** Lcod: octets of the codestream, 0 for a variable rate. */
  readonly codestreamOctets: number;
  /** Ppih and Plev (ISO/IEC 21122-2): of the picture header, or of the boxes where that has 0. */
  readonly profile: number;
  readonly level: number;
  /** Of the field when interlaced. */
  readonly width: number;
  readonly height: number;
  readonly components: number;
}

/** Most boxes that are walked over. */
const MAX_BOXES = 16;
const BOX_HEADER = 8;
/** Video support box, the first of a picture segment (ISO/IEC 21122-3). */
const JPVS = 0x6a707673;
/** Box of profile and level within it. */
const JXPL = 0x6a78706c;
/** Markers of the codestream (ISO/IEC 21122-1 A.3). */
const SOC = 0xff10;
const PIH = 0xff12;
/** Length of the picture header up to the number of components. */
const PIH_NEEDED = 18;
/** Marker segments before PIH, which is after CAP, are few. */
const MAX_MARKERS = 8;

/** True when `buf[off, off + len)` begins as a picture segment must: with the video support box. */
export function startsPicture(buf: Uint8Array, off: number, len: number): boolean {
  return len >= BOX_HEADER && u32(buf, off + 4) === JPVS;
}

/**
 * Reads boxes and picture header out of the first packet of a picture segment; null when they are not there whole, or
 * no such thing. Any octets are fine. Once a format, not on the hot path.
 */
export function readPicture(buf: Uint8Array, off: number, len: number): JxsPicture | null {
  const end = off + len;
  let at = off;
  let boxProfile = 0;
  let boxLevel = 0;
  for (let boxes = 0; at + 2 <= end && u16(buf, at) !== SOC; boxes += 1) {
    if (boxes === MAX_BOXES || at + BOX_HEADER > end) return null;
    const size = u32(buf, at);
    // 0 is a box up to the end and 1 one of 64 bits: neither leaves a codestream here.
    if (size < BOX_HEADER || size > end - at) return null;
    const type = u32(buf, at + 4);
    if (type === JXPL && size >= BOX_HEADER + 4) {
      boxProfile = u16(buf, at + BOX_HEADER);
      boxLevel = u16(buf, at + BOX_HEADER + 2);
    }
    // Its content is boxes too, which come next.
    at += type === JPVS ? BOX_HEADER : size;
  }
  const boxOctets = at - off;
  at += 2;
  for (let markers = 0; markers < MAX_MARKERS && at + 4 <= end; markers += 1) {
    const marker = u16(buf, at);
    const length = u16(buf, at + 2);
    if (marker === PIH) {
      const body = at + 4;
      if (body + PIH_NEEDED > end || length < PIH_NEEDED + 2) return null;
      return {
        boxOctets,
        codestreamOctets: u32(buf, body),
        profile: u16(buf, body + 4) || boxProfile,
        level: u16(buf, body + 6) || boxLevel,
        width: u16(buf, body + 8),
        height: u16(buf, body + 10),
        components: u8(buf, body + 16),
      };
    }
    if (length < 2) return null;
    at += 2 + length;
  }
  return null;
}

/** Names of Ppih (ISO/IEC 21122-2), without the spaces as in RFC 9134 7.1. */
const PROFILES: Record<number, string> = {
  13632: "Main422.10",
  14912: "Main444.12",
  19008: "High444.12",
};

/** Name of a profile, or its number as hex where it has none here. */
export function profileName(profile: number): string {
  return PROFILES[profile] ?? `0x${profile.toString(16).padStart(4, "0")}`;
}
