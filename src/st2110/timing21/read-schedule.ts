import { commonDenominator, type Rational, toNumber } from "./rational.ts";
import type { Schedule } from "./schedule.ts";

/** Largest denominator with which a second in its units is exact in a float64. */
const MOST_UNITS_PER_NS = 2 ** 22;
/** Units when the exact ones would be too small. */
const COARSE_UNITS_PER_NS = 1024;

/**
 * When the virtual receiver reads packets (TPRj), gapped or linear, in units in which T, TROFFSET and TRS are all
 * integers, so that every comparison is exact for times of whole nanoseconds.
 */
export class ReadSchedule {
  /** Units in a nanosecond. */
  readonly unitsPerNs: number;
  readonly #offset: number;
  readonly #step: number;
  readonly #period: number;
  /** Start of the second half's packets after TVD; Infinity where all follow in one row. */
  readonly #second: number;
  readonly #half: number;
  readonly #packets: number;

  constructor(schedule: Schedule, gapped: boolean) {
    const step = gapped ? schedule.gappedStep : schedule.linearStep;
    const second = gapped ? schedule.secondField : null;
    const common = Number(
      commonDenominator(schedule.period, schedule.offset, step, ...(second === null ? [] : [second])),
    );
    const exact = common <= MOST_UNITS_PER_NS;
    this.unitsPerNs = exact ? common : COARSE_UNITS_PER_NS;
    const units = (a: Rational): number =>
      exact ? Number((a.num * BigInt(common)) / a.den) : Math.round(toNumber(a) * COARSE_UNITS_PER_NS);
    this.#offset = units(schedule.offset);
    this.#step = units(step);
    this.#period = units(schedule.period);
    this.#second = second === null ? Number.POSITIVE_INFINITY : units(second);
    this.#packets = schedule.format.packets;
    this.#half = second === null ? this.#packets : Math.ceil(this.#packets / 2);
  }

  /** Units from `N * T` to a moment: `sinceEpochNs` and N as whole numbers. */
  phase(sinceEpochNs: bigint, n: bigint, period: Rational): number {
    const { num, den } = period;
    const distance = sinceEpochNs * den - n * num;
    return (Number(distance) * this.unitsPerNs) / Number(den);
  }

  /**
   * Packets that were read before the moment `units` after `N * T`, counted from packet 0 of frame N; negative while those of the
   * frame before are still to be read. A read at that very moment is not yet counted.
   */
  reads(units: number): number {
    let since = units - this.#offset;
    let before = 0;
    if (since < 0 || since > this.#period) {
      const frames = Math.floor(since / this.#period);
      since -= frames * this.#period;
      before = frames * this.#packets;
    }
    const first = Math.ceil(since / this.#step);
    if (first <= this.#half) return before + first;
    if (since <= this.#second) return before + this.#half;
    const second = this.#half + Math.ceil((since - this.#second) / this.#step);
    return before + Math.min(second, this.#packets);
  }
}
