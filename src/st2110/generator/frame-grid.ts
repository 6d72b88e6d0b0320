import { floor, plus, type Rational, rational, times } from "../timing21/rational.ts";
import type { Scan } from "../timing21/schedule.ts";
import type { GeneratorStart } from "./stream.ts";

const NS = 1_000_000_000n;
const VIDEO_CLOCK = 90_000n;

/** Where frames and fields stand on the grid N x T of the epoch (ST 2110-10, ST 2059-1), exactly. */
export class FrameGrid {
  /** T, nanoseconds. */
  readonly period: Rational;
  readonly #epochNs: Rational;
  readonly #firstN: bigint;

  constructor(rate: Rational, start: GeneratorStart) {
    this.period = rational(NS * rate.den, rate.num);
    this.#epochNs = rational(BigInt(start.taiSeconds) * NS);
    const from = BigInt(start.taiSeconds) * NS + BigInt(Math.ceil(start.startNs));
    this.#firstN = floor(rational(from * this.period.den, this.period.num)) + 1n;
  }

  /** N x T of frame `frame`, and half of T more for a second field of its own time, in TAI nanoseconds. */
  frameStart(frame: number, secondField = false): Rational {
    const start = times(this.period, this.#firstN + BigInt(frame));
    return secondField ? plus(start, times(this.period, 1, 2)) : start;
  }

  /** `moment` of TAI in nanoseconds after the epoch; an exact number. */
  sinceEpoch(moment: Rational): Rational {
    return plus(moment, times(this.#epochNs, -1));
  }
}

/** The RTP timestamp at a moment of TAI by the 90 kHz clock: floor(t x 90000) mod 2^32. */
export function videoTimestamp(moment: Rational): number {
  return Number(floor(rational(moment.num * VIDEO_CLOCK, moment.den * NS)) % 2n ** 32n);
}

/** True where the second field or segment has a time of its own: interlaced, not segmented. */
export function hasOwnTime(scan: Scan, field: number): boolean {
  return scan === "interlaced" && field === 1;
}
