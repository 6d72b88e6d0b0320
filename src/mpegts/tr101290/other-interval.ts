import type { IndicatorNumber } from "./definitions.ts";
import { limitNs } from "./gap.ts";
import { Indicator, type Late, notPresent, type Standing, timerStanding } from "./indicator.ts";
import type { Moment } from "./moment.ts";
import type { SectionTimes, SubTableTimes } from "./section-times.ts";

/**
 * The rule of 3.1.b, 3.5.b and 3.6.b: each section of a table about other streams comes again within a limit. Where no
 * table in force announces it, its absence counts only when it comes again: such tables may end.
 */
export class OtherInterval {
  readonly indicator: Indicator;
  readonly #tableId: number;
  readonly #pid: number;
  readonly #limitNs: number;
  readonly #lastSection: number;
  readonly #moment: Moment;
  readonly #times: SectionTimes;
  #present = false;

  /** `lastSection` is the last section_number that the rule looks at. */
  constructor(
    number: IndicatorNumber,
    table: {
      readonly id: number;
      readonly pid: number;
      readonly limitMs: number;
      readonly lastSection: number;
    },
    moment: Moment,
    times: SectionTimes,
  ) {
    this.indicator = new Indicator(number, moment);
    this.#tableId = table.id;
    this.#pid = table.pid;
    this.#limitNs = limitNs(table.limitMs);
    this.#lastSection = table.lastSection;
    this.#moment = moment;
    this.#times = times;
  }

  /** A section of the table; `times` is its sub-table before this section. */
  section(times: SubTableTimes, sectionNumber: number, timeNs: number): void {
    this.#present = true;
    if (sectionNumber > this.#lastSection) return;
    const expiredNs = times.expiredWhenSeen(sectionNumber, this.#limitNs, timeNs);
    if (!Number.isNaN(expiredNs)) this.indicator.hit(expiredNs, this.#pid);
  }

  /** See `Check.open`. */
  open(nowNs: number, late: Late): void {
    for (const times of this.#times.all(this.#tableId, this.#tableId)) {
      if (!times.isBound) continue;
      const last = Math.min(times.lastSectionNumber, this.#lastSection);
      for (let number = 0; number <= last; number += 1) {
        const expiredNs = times.expired(number, this.#limitNs, nowNs);
        if (!Number.isNaN(expiredNs)) late(this.indicator, expiredNs, this.#pid);
      }
    }
  }

  /** See `Check.standing`. */
  standing(nowNs: number): Standing {
    if (!this.#present) return notPresent("no such table came, and none has to");
    return timerStanding(this.#moment, nowNs, this.#limitNs);
  }
}
