/**
 * RTP header fields by offset (RFC 3550 5.1). `off` is the first octet of the packet; the caller has checked that
 * the twelve octets of the fixed header exist.
 */
import { u8, u16, u32 } from "../bits/read.ts";

/** Octets of the fixed header, before CSRC list and extension. */
export const RTP_FIXED_HEADER = 12;

/** The version that RFC 3550 defines. */
export const RTP_VERSION = 2;

/** V: 2 in every RTP and RTCP packet of today. */
export function rtpVersion(buf: Uint8Array, off: number): number {
  return u8(buf, off) >>> 6;
}

/** P: 1 when padding octets stand at the end. */
export function rtpPadding(buf: Uint8Array, off: number): number {
  return (u8(buf, off) >>> 5) & 1;
}

/** X: 1 when one header extension follows the CSRC list. */
export function rtpExtension(buf: Uint8Array, off: number): number {
  return (u8(buf, off) >>> 4) & 1;
}

/** CC: CSRC identifiers after the fixed header, 0 to 15. */
export function rtpCsrcCount(buf: Uint8Array, off: number): number {
  return u8(buf, off) & 0x0f;
}

/** M: its meaning is the profile's, e.g. the last packet of a frame in ST 2110-20. */
export function rtpMarker(buf: Uint8Array, off: number): number {
  return u8(buf, off + 1) >>> 7;
}

/** PT, 0 to 127: 33 is MPEG-TS (RFC 3551), 96 to 127 are dynamic. */
export function rtpPayloadType(buf: Uint8Array, off: number): number {
  return u8(buf, off + 1) & 0x7f;
}

/** Sequence number, 0 to 65535; wraps. */
export function rtpSequence(buf: Uint8Array, off: number): number {
  return u16(buf, off + 2);
}

/** Timestamp in units of the payload's clock rate, 0 to 4294967295; wraps. */
export function rtpTimestamp(buf: Uint8Array, off: number): number {
  return u32(buf, off + 4);
}

/** Synchronization source, 0 to 4294967295. */
export function rtpSsrc(buf: Uint8Array, off: number): number {
  return u32(buf, off + 8);
}

/**
 * Octets of the whole header of the packet `buf[off, off + len)`: fixed part, CSRC list and extension (RFC 3550
 * 5.3.1). -1 when it does not fit in `len`, which may be any number of 0 or more.
 */
export function rtpHeaderLength(buf: Uint8Array, off: number, len: number): number {
  if (len < RTP_FIXED_HEADER) return -1;
  let length = RTP_FIXED_HEADER + rtpCsrcCount(buf, off) * 4;
  if (rtpExtension(buf, off) === 1) {
    if (len < length + 4) return -1;
    length += 4 + u16(buf, off + length + 2) * 4;
  }
  return len < length ? -1 : length;
}

/**
 * Padding octets at the end of the packet `buf[off, off + len)`, their count included; 0 without padding. -1 when
 * the count is 0 or more than the header leaves, or the header does not fit. Not to be asked of a packet that the
 * snap length cut: the count is its last octet.
 */
export function rtpPaddingLength(buf: Uint8Array, off: number, len: number): number {
  const header = rtpHeaderLength(buf, off, len);
  if (header < 0) return -1;
  if (rtpPadding(buf, off) === 0) return 0;
  if (header === len) return -1;
  const count = u8(buf, off + len - 1);
  return count === 0 || count > len - header ? -1 : count;
}

/** RTCP packet types stand in this range (RFC 5761 4), SR to APP at 200 to 204. */
const RTCP_FIRST = 192;
const RTCP_LAST = 223;

/**
 * True when `buf[off, off + len)` is RTCP on the port of an RTP stream (RFC 5761 4): a packet type of 192 to 223
 * in the second octet, which as RTP would be a marker with payload type 64 to 95 (72 to 76 for the types of RFC
 * 3550), and a length in words that ends inside the datagram.
 */
export function looksLikeRtcp(buf: Uint8Array, off: number, len: number): boolean {
  if (len < 8) return false;
  const packetType = u8(buf, off + 1);
  if (packetType < RTCP_FIRST || packetType > RTCP_LAST || rtpVersion(buf, off) !== RTP_VERSION) return false;
  return (u16(buf, off + 2) + 1) * 4 <= len;
}

/**
 * True when `buf[off, off + len)` can be an RTP packet: version 2, a header that fits, not RTCP. Padding is not looked
 * at, as the snap length may have cut it.
 */
export function looksLikeRtp(buf: Uint8Array, off: number, len: number): boolean {
  if (len < RTP_FIXED_HEADER) return false;
  // Version 2 without extension and CSRC list needs no more looking at: 6 ns of 20 a packet.
  if ((u8(buf, off) & 0xdf) !== 0x80) {
    if (rtpVersion(buf, off) !== RTP_VERSION || rtpHeaderLength(buf, off, len) < 0) return false;
  }
  return !looksLikeRtcp(buf, off, len);
}
