import { type Check, Indicator, notMeasurable, OK, type Standing } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";

const NOT_MEASURED = "PCR accuracy needs good arrival times or a constant bit rate";

/** TR 101 290 2.4 PCR_accuracy_error: PCR_AC as measured by annex I, within 500 ns either way. */
export class PcrAccuracyCheck implements Check {
  readonly indicators: readonly Indicator[];
  readonly #error: Indicator;
  readonly #limitNs: number;
  #standing: Standing = notMeasurable(NOT_MEASURED);

  constructor(limits: Limits, moment: Moment) {
    this.#error = new Indicator("2.4", moment);
    this.indicators = [this.#error];
    this.#limitNs = limits.pcrAccuracyNs === 0 ? Number.POSITIVE_INFINITY : limits.pcrAccuracyNs;
  }

  /** The error of a PCR in nanoseconds; NaN says nothing. */
  measured(pid: number, errorNs: number, timeNs: number): void {
    if (Number.isNaN(errorNs)) return;
    this.#standing = OK;
    if (Math.abs(errorNs) > this.#limitNs) this.#error.hit(timeNs, pid);
  }

  /** Why nothing is measured; what was measured before stands. */
  notMeasurable(reason: string): void {
    if (this.#standing !== OK) this.#standing = notMeasurable(reason);
  }

  restart(): void {}

  open(): void {}

  standing(): Standing {
    return this.#standing;
  }
}
