import { PCR_MODULUS } from "../packet.ts";

/** Nanoseconds of a tick of 27 MHz. */
export const NS_PER_TICK = 1000 / 27;
/** Ticks of 27 MHz in a tick of 90 kHz, the unit of PTS and DTS (ISO/IEC 13818-1 2.4.3.7). */
export const TICKS_PER_PTS = 300;
/** PTS and DTS start again at zero after this many ticks of 90 kHz: 33 bits. */
export const PTS_MODULUS = 2 ** 33;

/** The shortest way from one value of a counter to another, -modulus/2 to modulus/2. */
export function step(from: number, to: number, modulus: number): number {
  const forward = to - from;
  if (forward > modulus / 2) return forward - modulus;
  return forward < -modulus / 2 ? forward + modulus : forward;
}

/** `step` for PCRs in ticks of 27 MHz. */
export function pcrStep(from: number, to: number): number {
  return step(from, to, PCR_MODULUS);
}

/** `step` for PTS and DTS in ticks of 90 kHz. */
export function ptsStep(from: number, to: number): number {
  return step(from, to, PTS_MODULUS);
}
