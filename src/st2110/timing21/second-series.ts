import type { TimingSecond } from "../../report/st2110-video-schema.ts";

/** Seconds that are kept. */
const MOST_SECONDS = 300;

/** The measurements of RP 2110-25 in windows of a second, the last MOST_SECONDS of them. */
export class SecondSeries {
  readonly #done: TimingSecond[] = [];
  #second = Number.NaN;
  cinstPeak = 0;
  #vrxPeak = Number.NEGATIVE_INFINITY;
  #vrxMin = Number.POSITIVE_INFINITY;
  #fptMin = Number.POSITIVE_INFINITY;
  #fptMax = Number.NEGATIVE_INFINITY;
  #frames = 0;

  /** A frame begins at `timeNs`; windows that are over are closed. */
  frame(timeNs: number): void {
    const second = Math.floor(timeNs / 1e9);
    if (second === this.#second) return;
    this.#close();
    this.#second = second;
  }

  /** FPT of the frame that has begun. */
  fpt(ns: number): void {
    if (ns < this.#fptMin) this.#fptMin = ns;
    if (ns > this.#fptMax) this.#fptMax = ns;
  }

  /** A frame has ended with these levels of VRX. */
  frameEnd(vrxMin: number, vrxMax: number): void {
    this.#frames += 1;
    if (vrxMin < this.#vrxMin) this.#vrxMin = vrxMin;
    if (vrxMax > this.#vrxPeak) this.#vrxPeak = vrxMax;
  }

  /** The windows, oldest first; the one that still runs is left out. */
  list(): TimingSecond[] {
    return [...this.#done];
  }

  #close(): void {
    if (this.#frames > 0) {
      this.#done.push({
        offsetSeconds: this.#second,
        frames: this.#frames,
        cinstPeak: this.cinstPeak,
        vrxPeak: finite(this.#vrxPeak),
        vrxMin: finite(this.#vrxMin),
        fptMinNs: finite(this.#fptMin),
        fptMaxNs: finite(this.#fptMax),
      });
      if (this.#done.length > MOST_SECONDS) this.#done.shift();
    }
    this.#frames = 0;
    this.cinstPeak = 0;
    this.#vrxPeak = Number.NEGATIVE_INFINITY;
    this.#vrxMin = Number.POSITIVE_INFINITY;
    this.#fptMin = Number.POSITIVE_INFINITY;
    this.#fptMax = Number.NEGATIVE_INFINITY;
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
