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
  /** All by channel, up to the end of the last window. Peaks are magnitudes in steps. */
  readonly #peak: Int32Array;
  readonly #squares: Float64Array;
  readonly #windowPeak: Int32Array;
  readonly #windowSquares: Float64Array;
  readonly #recentPeak: Int32Array;
  readonly #recentSquares: Float64Array;
  /** All samples put together by or: its lowest one tells how many bits are in use. */
  readonly #used: Int32Array;
  /** Samples of 0 in a row up to now, and the most of those that are over. */
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
    const { channels, stride, skip, windowSamples } = this.#layout;
    let at = off + skip;
    let left = count;
    while (left > 0) {
      const some = Math.min(left, windowSamples - this.#windowed);
      for (let channel = 0; channel < channels; channel += 1) {
        this.#channel(buf, at + channel * stride, some, channel);
      }
      at += some * channels * stride;
      left -= some;
      this.samples += some;
      this.#windowed += some;
      if (this.#windowed === windowSamples) this.#endWindow();
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
        peakDbfs: this.#dbfs(this.#peakOf(channel)),
        rmsDbfs: this.#rms(this.#squaresOf(channel), this.samples),
        recentPeakDbfs: recent ? this.#dbfs(this.#recentPeak[channel] as number) : null,
        recentRmsDbfs: recent ? this.#rms(this.#recentSquares[channel] as number, windowSamples) : null,
        significantBits: used === 0 ? 0 : this.#bits - trailingZeros(used),
        silent: this.samples > 0 && used === 0,
        silentMs: ((this.#zeroRun[channel] as number) * 1000) / perSecond,
        longestSilenceMs: (this.#longestRunOf(channel) * 1000) / perSecond,
        clips: this.#clips[channel] as number,
      };
    });
  }

  /** `count` samples of one channel, the first at `off`; what they add up to stands in locals meanwhile. */
  #channel(buf: Uint8Array, off: number, count: number, channel: number): void {
    const { channels, stride, octets } = this.#layout;
    const step = channels * stride;
    const clipped = this.#fullScale - 1;
    let peak = this.#windowPeak[channel] as number;
    let squares = this.#windowSquares[channel] as number;
    let used = this.#used[channel] as number;
    let zeroRun = this.#zeroRun[channel] as number;
    let clipRun = this.#clipRun[channel] as number;
    for (let at = off, end = off + count * step; at < end; at += step) {
      const high = u16(buf, at);
      const value = octets === 2 ? (high << 16) >> 16 : ((high << 16) | (u8(buf, at + 2) << 8)) >> 8;
      if (value === 0) {
        zeroRun += 1;
        clipRun = 0;
        continue;
      }
      if (zeroRun > 0) {
        if (zeroRun > (this.#longestZeroRun[channel] as number)) this.#longestZeroRun[channel] = zeroRun;
        zeroRun = 0;
      }
      const magnitude = value < 0 ? -value : value;
      if (magnitude > peak) peak = magnitude;
      used |= value;
      squares += value * value;
      if (magnitude < clipped) {
        clipRun = 0;
      } else {
        clipRun += 1;
        if (clipRun === CLIP_RUN) this.#clips[channel] = (this.#clips[channel] as number) + 1;
      }
    }
    this.#windowPeak[channel] = peak;
    this.#windowSquares[channel] = squares;
    this.#used[channel] = used;
    this.#zeroRun[channel] = zeroRun;
    this.#clipRun[channel] = clipRun;
  }

  #endWindow(): void {
    for (let channel = 0; channel < this.#layout.channels; channel += 1) {
      this.#peak[channel] = this.#peakOf(channel);
      this.#squares[channel] = this.#squaresOf(channel);
    }
    this.#recentPeak.set(this.#windowPeak);
    this.#recentSquares.set(this.#windowSquares);
    this.#windowPeak.fill(0);
    this.#windowSquares.fill(0);
    this.#windowed = 0;
    this.#recent += 1;
  }

  /** Of all windows and the running one. */
  #peakOf(channel: number): number {
    return Math.max(this.#peak[channel] as number, this.#windowPeak[channel] as number);
  }

  #squaresOf(channel: number): number {
    return (this.#squares[channel] as number) + (this.#windowSquares[channel] as number);
  }

  #longestRunOf(channel: number): number {
    return Math.max(this.#longestZeroRun[channel] as number, this.#zeroRun[channel] as number);
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
