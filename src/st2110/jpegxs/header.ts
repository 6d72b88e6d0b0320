/**
 * Fields of the payload header of JPEG XS over RTP (RFC 9134 4.3): `T1 K1 L1 I2 F5 SEP11 P11`. `off` is the first
 * octet after the RTP header; the caller has checked that the four octets exist.
 */
import { u8, u16 } from "../../bits/read.ts";

/** Octets of the payload header. */
export const JXS_HEADER_OCTETS = 4;

/** T: 1 when packets are sent in order. */
export function jxsTransmission(buf: Uint8Array, off: number): number {
  return u8(buf, off) >>> 7;
}

/** K: 0 for codestream packetization, 1 for slice packetization. */
export function jxsPacketization(buf: Uint8Array, off: number): number {
  return (u8(buf, off) >>> 6) & 1;
}

/** L: 1 in the last packet of a packetization unit. */
export function jxsLast(buf: Uint8Array, off: number): number {
  return (u8(buf, off) >>> 5) & 1;
}

/** I: 0 progressive, 2 first field, 3 second field; 1 is reserved. */
export function jxsInterlace(buf: Uint8Array, off: number): number {
  return (u8(buf, off) >>> 3) & 3;
}

/** F: number of the video frame, modulo 32. */
export function jxsFrame(buf: Uint8Array, off: number): number {
  return (u16(buf, off) >>> 6) & 31;
}

/** SEP: slice, or wraps of the packet counter, modulo 2048. */
export function jxsSep(buf: Uint8Array, off: number): number {
  return ((u16(buf, off) & 0x3f) << 5) | (u8(buf, off + 2) >>> 3);
}

/** P: number of the packet in its packetization unit, modulo 2048. */
export function jxsPacket(buf: Uint8Array, off: number): number {
  return u16(buf, off + 2) & 0x7ff;
}
