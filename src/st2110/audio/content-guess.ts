import { u8, u16 } from "../../bits/read.ts";

/** One reading must be this much smoother than the other to be believed. */
const MARGIN = 0.9;

/**
 * Sums over the samples of one reading, by channel. Audio goes from sample to sample in steps that are small against
 * its size, and around zero; octets that are put together wrongly do neither.
 */
class Reading {
  readonly #octets: 2 | 3;
  readonly #sums: Float64Array;
  #sizes = 0;
  #steps = 0;

  constructor(octets: 2 | 3, channels: number) {
    this.#octets = octets;
    this.#sums = new Float64Array(channels);
  }

  add(buf: Uint8Array, off: number, samples: number): void {
    const octets = this.#octets;
    const sums = this.#sums;
    for (let channel = 0; channel < sums.length; channel += 1) {
      let before = Number.NaN;
      for (let sample = 0; sample < samples; sample += 1) {
        const at = off + (sample * sums.length + channel) * octets;
        const high = u16(buf, at);
        const value = octets === 2 ? (high << 16) >> 16 : ((high << 16) | (u8(buf, at + 2) << 8)) >> 8;
        sums[channel] = (sums[channel] as number) + value;
        this.#sizes += Math.abs(value);
        if (sample > 0) this.#steps += Math.abs(value - before);
        before = value;
      }
    }
  }

  /** Steps and offsets against size: near 0 for audio, over 1 for noise; 0 for silence. */
  get roughness(): number {
    let offsets = 0;
    for (const sum of this.#sums) offsets += Math.abs(sum);
    return this.#sizes === 0 ? 0 : (this.#steps + offsets) / this.#sizes;
  }
}

/** Guesses whether samples of `sampleOctets`, a multiple of 6, are L16 or L24, by which reading looks like audio. */
export class ContentGuess {
  readonly sampleOctets: number;
  readonly #l16: Reading;
  readonly #l24: Reading;

  constructor(sampleOctets: number) {
    this.sampleOctets = sampleOctets;
    this.#l16 = new Reading(2, sampleOctets / 2);
    this.#l24 = new Reading(3, sampleOctets / 3);
  }

  /** Takes `samples` samples of all channels from `off` on; the caller has checked that they are there. */
  add(buf: Uint8Array, off: number, samples: number): void {
    this.#l16.add(buf, off, samples);
    this.#l24.add(buf, off, samples);
  }

  /** Null when neither reading is clearly the smoother one. */
  guess(): "L16" | "L24" | null {
    const l16 = this.#l16.roughness;
    const l24 = this.#l24.roughness;
    if (l24 < l16 * MARGIN) return "L24";
    return l16 < l24 * MARGIN ? "L16" : null;
  }
}
