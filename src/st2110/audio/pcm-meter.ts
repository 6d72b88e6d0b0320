import { u8, u16 } from "../../bits/read.ts";
import type { ChannelLevels } from "../../report/st2110-audio-schema.ts";

/** This many full-scale samples in a row are clipping; one alone may be a peak that just fits. */
const CLIP_RUN = 3;

/** Where samples stand in the payload. */
export interface SampleLayout {
  readonly channels: number;
  /** Octets from one channel's sample to the next channel's. */
  readonly stride: number;
  /** Octets before the sample's most significant one: 1 in an AM824 word, else 0. */
  readonly skip: number;
  /** Octets of a sample: 2 or 3. */
  readonly octets: 2 | 3;
  /** Samples of one channel in a second: the window of the recent levels. */
  readonly windowSamples: number;
}

/**
 * Peak, RMS, silence, clipping and significant bits of each channel of linear PCM, over all samples and over the
 * last whole second of samples. Two's complement, most significant octet first (RFC 3551 4.5.11, RFC 3190 4).
 */
export class PcmMeter {
  /** Samples of each channel so far. */
  samples = 0;
  readonly #layout: SampleLayout;
  readonly #fullScale: number;
  readonly #bits: number;
  #windowed = 0;
  /** All by channel. Peaks are magnitudes in steps. */
  readonly #peak: Int32Array;
  readonly #squares: Float64Array;
  readonly #windowPeak: Int32Array;
  readonly #windowSquares: Float64Array;
  readonly #recentPeak: Int32Array;
  readonly #recentSquares: Float64Array;
  /** All samples put together by or: its lowest one tells how many bits are in use. */
  readonly #used: Int32Array;
  /** Samples of 0 in a row up to now, and the most ever. */
  readonly #zeroRun: Float64Array;
  readonly #longestZeroRun: Float64Array;
  readonly #clipRun: Int32Array;
  readonly #clips: Float64Array;
  #recent = 0;

  constructor(layout: SampleLayout) {
    this.#layout = layout;
    this.#bits = layout.octets * 8;
    this.#fullScale = 2 ** (this.#bits - 1);
    const { channels } = layout;
    this.#peak = new Int32Array(channels);
    this.#squares = new Float64Array(channels);
    this.#windowPeak = new Int32Array(channels);
    this.#windowSquares = new Float64Array(channels);
    this.#recentPeak = new Int32Array(channels);
    this.#recentSquares = new Float64Array(channels);
    this.#used = new Int32Array(channels);
    this.#zeroRun = new Float64Array(channels);
    this.#longestZeroRun = new Float64Array(channels);
    this.#clipRun = new Int32Array(channels);
    this.#clips = new Float64Array(channels);
  }

  /** Takes `count` samples of every channel from `off` on; the caller has checked that they are there. */
  add(buf: Uint8Array, off: number, count: number): void {
    const { channels, stride, skip, octets } = this.#layout;
    let at = off + skip;
    for (let sample = 0; sample < count; sample += 1) {
      for (let channel = 0; channel < channels; channel += 1) {
        const high = u16(buf, at);
        const value = octets === 2 ? (high << 16) >> 16 : ((high << 16) | (u8(buf, at + 2) << 8)) >> 8;
        this.#sample(channel, value);
        at += stride;
      }
      this.samples += 1;
      this.#windowed += 1;
      if (this.#windowed === this.#layout.windowSamples) this.#endWindow();
    }
  }

  /** Levels of each channel as report data. */
  report(): ChannelLevels[] {
    const { channels, windowSamples } = this.#layout;
    const perSecond = windowSamples;
    return Array.from({ length: channels }, (_, channel) => {
      const used = this.#used[channel] as number;
      const recent = this.#recent > 0;
      return {
        channel: channel + 1,
        peakDbfs: this.#dbfs(this.#peak[channel] as number),
        rmsDbfs: this.#rms(this.#squares[channel] as number, this.samples),
        recentPeakDbfs: recent ? this.#dbfs(this.#recentPeak[channel] as number) : null,
        recentRmsDbfs: recent ? this.#rms(this.#recentSquares[channel] as number, windowSamples) : null,
        significantBits: used === 0 ? 0 : this.#bits - trailingZeros(used),
        silent: this.samples > 0 && used === 0,
        silentMs: ((this.#zeroRun[channel] as number) * 1000) / perSecond,
        longestSilenceMs: ((this.#longestZeroRun[channel] as number) * 1000) / perSecond,
        clips: this.#clips[channel] as number,
      };
    });
  }

  #sample(channel: number, value: number): void {
    if (value === 0) {
      const run = (this.#zeroRun[channel] as number) + 1;
      this.#zeroRun[channel] = run;
      if (run > (this.#longestZeroRun[channel] as number)) this.#longestZeroRun[channel] = run;
      this.#clipRun[channel] = 0;
      return;
    }
    this.#zeroRun[channel] = 0;
    const magnitude = value < 0 ? -value : value;
    if (magnitude > (this.#windowPeak[channel] as number)) this.#windowPeak[channel] = magnitude;
    if (magnitude > (this.#peak[channel] as number)) this.#peak[channel] = magnitude;
    this.#used[channel] = (this.#used[channel] as number) | value;
    this.#windowSquares[channel] = (this.#windowSquares[channel] as number) + value * value;
    this.#squares[channel] = (this.#squares[channel] as number) + value * value;
    if (magnitude < this.#fullScale - 1) {
      this.#clipRun[channel] = 0;
      return;
    }
    const run = (this.#clipRun[channel] as number) + 1;
    this.#clipRun[channel] = run;
    if (run === CLIP_RUN) this.#clips[channel] = (this.#clips[channel] as number) + 1;
  }

  #endWindow(): void {
    this.#recentPeak.set(this.#windowPeak);
    this.#recentSquares.set(this.#windowSquares);
    this.#windowPeak.fill(0);
    this.#windowSquares.fill(0);
    this.#windowed = 0;
    this.#recent += 1;
  }

  #rms(squares: number, samples: number): number | null {
    return samples === 0 ? null : this.#dbfs(Math.sqrt(squares / samples));
  }

  /** Decibels below the largest magnitude, a full-scale sine having an RMS of -3.01; null for nothing but zeros. */
  #dbfs(value: number): number | null {
    return value === 0 ? null : 20 * Math.log10(value / this.#fullScale);
  }
}

/** Zeros below the lowest one of `bits`, which is not 0. */
function trailingZeros(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
