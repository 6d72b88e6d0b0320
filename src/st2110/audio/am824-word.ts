/**
 * Fields of one AM824 word, an AES3 subframe on 32 bits: `00 B F P C U V`, then 24 bits of data (ST 2110-31 5.4).
 * `off` is its first octet; the caller has checked that the four octets exist.
 */
import { u8, u32 } from "../../bits/read.ts";

/** Octets of one word. */
export const AM824_OCTETS = 4;

/** The two bits that are 0. */
export function am824Reserved(buf: Uint8Array, off: number): number {
  return u8(buf, off) >>> 6;
}

/** B: 1 in the first subframe of a block of 192 frames (preamble Z). */
export function am824BlockStart(buf: Uint8Array, off: number): number {
  return (u8(buf, off) >>> 5) & 1;
}

/** F: 1 in the first subframe of a frame (preamble X or Z), 0 in the second (preamble Y). */
export function am824FrameStart(buf: Uint8Array, off: number): number {
  return (u8(buf, off) >>> 4) & 1;
}

/** C: one bit of the channel status block. */
export function am824ChannelStatus(buf: Uint8Array, off: number): number {
  return (u8(buf, off) >>> 2) & 1;
}

/** V: 1 when the sample is not fit for conversion to analogue, or no sample (AES3 clause 4.4.4). */
export function am824Validity(buf: Uint8Array, off: number): number {
  return u8(buf, off) & 1;
}

/** 0 when data, V, U, C and P hold an even number of ones, as AES3 asks of its time slots 4 to 31. */
export function am824ParityError(buf: Uint8Array, off: number): number {
  let bits = u32(buf, off) & 0x0fffffff;
  bits ^= bits >>> 16;
  bits ^= bits >>> 8;
  bits ^= bits >>> 4;
  // Bit n of 0x6996 is the parity of the number n.
  return (0x6996 >>> (bits & 15)) & 1;
}
