/**
 * Channel status blocks of AES3 (clause 5): 192 bits of a subframe sequence as 24 octets, the first bit of eight in
 * bit 0. `block` is such a block at `off`; the caller has checked that 24 octets are there.
 */
import { u8 } from "../../bits/read.ts";

/** Octets of a block. */
export const STATUS_OCTETS = 24;

/** True for professional use, false for consumer use (octet 0 bit 0). */
export function isProfessional(block: Uint8Array, off: number): boolean {
  return (u8(block, off) & 1) === 1;
}

/** True when the samples are linear PCM (octet 0 bit 1 is 0). */
export function isLinearPcm(block: Uint8Array, off: number): boolean {
  return (u8(block, off) & 2) === 0;
}

/** Octet 4 bits 3 to 6, by number. */
const FURTHER_RATES: Record<number, number> = {
  1: 24_000,
  2: 96_000,
  3: 192_000,
  9: 22_050,
  10: 88_200,
  11: 176_400,
};

/** Octet 0 bits 6 and 7, by number. */
const BASIC_RATES = [null, 44_100, 48_000, 32_000] as const;

/** Sampling rate in Hz of a professional block: octet 4 bits 3 to 6, else octet 0 bits 6 and 7; null if not indicated. */
export function statusRateHz(block: Uint8Array, off: number): number | null {
  return furtherRateHz(block, off) ?? BASIC_RATES[u8(block, off) >>> 6] ?? null;
}

/**
 * Rate in Hz of the frames by a professional block; null if not indicated. Where both subframes carry samples of one
 * signal, its rate is double that of the frames; octet 4 names the rate of the signal, octet 0 half of it.
 */
export function statusFrameRateHz(block: Uint8Array, off: number): number | null {
  const further = furtherRateHz(block, off);
  if (further === null || !DOUBLE_MODES.includes(u8(block, off + 1) & 15)) return statusRateHz(block, off);
  return further / 2;
}

function furtherRateHz(block: Uint8Array, off: number): number | null {
  return FURTHER_RATES[(u8(block, off + 4) >>> 3) & 15] ?? null;
}

/** Sample word length in bits of a professional block (octet 2 bits 0 to 5); null if not indicated. */
export function statusWordLength(block: Uint8Array, off: number): number | null {
  const octet = u8(block, off + 2);
  const longest = (octet & 7) === 4 ? 24 : 20;
  const shorter = [null, 4, 2, null, 1, 0, 3, null][(octet >>> 3) & 7] ?? null;
  return shorter === null ? null : longest - shorter;
}

/** Octet 1 bits 0 to 3, bit 0 the least significant. */
const MODES: Record<number, string> = {
  0: "not indicated",
  8: "two-channel",
  4: "single-channel",
  12: "primary/secondary",
  2: "stereophonic",
  14: "single channel double sampling frequency",
  1: "single channel double sampling frequency, left",
  9: "single channel double sampling frequency, right",
  15: "multichannel",
};

/** Those of double sampling frequency. */
const DOUBLE_MODES: readonly number[] = [14, 1, 9];

/** Channel mode of a professional block, in words. */
export function statusMode(block: Uint8Array, off: number): string {
  return MODES[u8(block, off + 1) & 15] ?? "reserved";
}

/** Four characters of ISO 646 at octet `at` of a professional block (6: origin, 10: destination); null for none. */
export function statusText(block: Uint8Array, off: number, at: 6 | 10): string | null {
  let text = "";
  for (let octet = off + at; octet < off + at + 4; octet += 1) {
    const code = u8(block, octet) & 0x7f;
    if (code >= 0x20 && code < 0x7f) text += String.fromCharCode(code);
  }
  return text.trim() === "" ? null : text;
}

/** CRCC over octets 0 to 22: x^8 + x^4 + x^3 + x^2 + 1, from all ones, low bits first. */
export function statusCrc(block: Uint8Array, off: number): number {
  let crc = 0xff;
  for (let at = off; at < off + STATUS_OCTETS - 1; at += 1) {
    crc ^= u8(block, at);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0xb8 : 0);
  }
  return crc;
}

/** True when a professional block has a CRCC (octet 23) and it is wrong; senders of the minimum leave it 0. */
export function statusCrcError(block: Uint8Array, off: number): boolean {
  const sent = u8(block, off + STATUS_OCTETS - 1);
  return isProfessional(block, off) && sent !== 0 && sent !== statusCrc(block, off);
}
