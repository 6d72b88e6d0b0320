import { floor, type Rational, rational } from "./rational.ts";

/**
 * A grid of equal steps since the epoch, exact: step k stands at `k * period`. Times are nanoseconds after a
 * base that `anchor` sets, integers or not; everything is done in units of `1 / period.den` ns, so that integers of
 * nanoseconds stay integers of less than 2^53 and the floor of a quotient is the true one.
 */
export class PeriodicGrid {
  readonly period: Rational;
  readonly #num: number;
  readonly #den: number;
  #baseNs = 0;
  /** Units from the last step before the base to the base. */
  #phase = 0;

  constructor(period: Rational) {
    this.period = period;
    this.#num = Number(period.num);
    this.#den = Number(period.den);
  }

  /** Nanoseconds that `index` can be asked for after the base without losing exactness. */
  get rangeNs(): number {
    return Math.min(1e9, 2 ** 52 / this.#den);
  }

  /** Sets the base: `baseNs` on the caller's clock, `sinceEpochNs` on the grid's. Returns the step at or before it. */
  anchor(baseNs: number, sinceEpochNs: bigint): bigint {
    const { num, den } = this.period;
    const step = floor(rational(sinceEpochNs * den, num));
    this.#baseNs = baseNs;
    this.#phase = Number(sinceEpochNs * den - step * num);
    return step;
  }

  /** Steps from the anchor's to the one at or before `timeNs`. */
  index(timeNs: number): number {
    return Math.floor(((timeNs - this.#baseNs) * this.#den + this.#phase) / this.#num);
  }
}
