import { isPast, limitNs } from "./gap.ts";
import { type Check, Indicator, type Late, notPresent, type Standing, timerStanding } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";

const CAT_PID = 0x0001;
const CAT_TABLE_ID = 0x01;

/**
 * TR 101 290 2.6 CAT_error: scrambled packets without a CAT, or another table on PID 1. The clause names no
 * time for the CAT, so the limit is ours; it runs only while scrambled packets come.
 */
export class CatCheck implements Check {
  readonly indicators: readonly Indicator[];
  readonly #error: Indicator;
  readonly #limitNs: number;
  readonly #moment: Moment;
  /** The last CAT, or the first scrambled packet without one before. */
  #fromNs = Number.NaN;
  #scrambledNs = Number.NaN;
  /** A CAT came since the wait began. */
  #hadCat = false;
  #scrambled = false;
  #seen = false;

  constructor(limits: Limits, moment: Moment) {
    this.#error = new Indicator("2.6", moment);
    this.indicators = [this.#error];
    this.#limitNs = limitNs(limits.catMs);
    this.#moment = moment;
  }

  /** A scrambled packet of any PID. */
  scrambled(timeNs: number): void {
    // After a pause in which nothing was scrambled, and so no CAT needed, the wait for it starts again.
    if (Number.isNaN(this.#fromNs) || (this.#hadCat && timeNs - this.#scrambledNs > this.#limitNs))
      this.#wait(timeNs);
    if (!Number.isNaN(timeNs)) this.#scrambledNs = timeNs;
    this.#scrambled = true;
  }

  /** A section on PID 1. */
  section(tableId: number, timeNs: number): void {
    this.#seen = true;
    if (tableId !== CAT_TABLE_ID) {
      this.#error.hit(timeNs, CAT_PID);
      return;
    }
    const expiredNs = this.#fromNs + this.#limitNs;
    if (isPast(this.#scrambledNs, expiredNs)) this.#error.hit(expiredNs, CAT_PID);
    this.#hadCat = true;
    if (!Number.isNaN(timeNs)) this.#fromNs = timeNs;
  }

  restart(): void {
    this.#fromNs = Number.NaN;
    this.#scrambledNs = Number.NaN;
    this.#hadCat = false;
  }

  open(_: number, late: Late): void {
    const expiredNs = this.#fromNs + this.#limitNs;
    if (isPast(this.#scrambledNs, expiredNs)) late(this.#error, expiredNs, CAT_PID);
  }

  standing(_: Indicator, nowNs: number): Standing {
    if (!this.#scrambled && !this.#seen) return notPresent("nothing is scrambled, and there is no CAT");
    return timerStanding(this.#moment, nowNs, this.#scrambled ? this.#limitNs : 0);
  }

  #wait(timeNs: number): void {
    const expiredNs = this.#fromNs + this.#limitNs;
    if (isPast(this.#scrambledNs, expiredNs)) this.#error.add(expiredNs, CAT_PID);
    this.#fromNs = timeNs;
    this.#hadCat = false;
  }
}
