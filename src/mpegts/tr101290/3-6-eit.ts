import { isPast, limitNs } from "./gap.ts";
import { type Check, Indicator, type Late, notPresent, type Standing, timerStanding } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";
import { OtherInterval } from "./other-interval.ts";
import type { SectionTimes, SubTableTimes } from "./section-times.ts";
import { TableWatch } from "./table-watch.ts";

/** PID of the event information table (EN 300 468 Table 1). */
export const EIT_PID = 0x0012;
const PF_ACTUAL = 0x4e;
const PF_OTHER = 0x4f;
const LAST_SCHEDULE = 0x6f;
const STUFFING = 0x72;

/**
 * TR 101 290 3.6 EIT_error, 3.6.a EIT_actual_error, 3.6.b EIT_other_error and 3.6.c EIT_PF_error.
 *
 * "Any two sections with table_id 0x4E" within 25 ms (3.6.a) is taken as two of the same service, as in
 * EN 300 468 5.1.4: sections of different services may follow each other at once. Absence (3.6, 3.6.a) is that
 * from the PID, whichever service the sections are of; 3.2 looks at each service.
 */
export class EitCheck implements Check {
  readonly indicators: readonly Indicator[];
  readonly #error: Indicator;
  readonly #actualError: Indicator;
  readonly #other: OtherInterval;
  readonly #pairError: Indicator;
  readonly #actual: TableWatch;
  /** Sections 0 and 1 of present/following actual. */
  readonly #sections: readonly [TableWatch, TableWatch];
  readonly #pairLimitNs: number;
  readonly #otherPairLimitNs: number;
  readonly #moment: Moment;
  #hasPairs = false;

  constructor(limits: Limits, moment: Moment, times: SectionTimes) {
    this.#error = new Indicator("3.6", moment);
    this.#actualError = new Indicator("3.6.a", moment);
    const other = { id: PF_OTHER, pid: EIT_PID, limitMs: limits.eitOtherMs, lastSection: 1 };
    this.#other = new OtherInterval("3.6.b", other, moment, times);
    this.#pairError = new Indicator("3.6.c", moment);
    this.indicators = [this.#error, this.#actualError, this.#other.indicator, this.#pairError];
    this.#pairLimitNs = limitNs(limits.eitMs);
    this.#otherPairLimitNs = limitNs(limits.eitOtherMs);
    this.#actual = new TableWatch(this.#pairLimitNs);
    this.#sections = [new TableWatch(this.#pairLimitNs), new TableWatch(this.#pairLimitNs)];
    this.#moment = moment;
  }

  /** What 3.6.a goes by for a section of present/following actual; null for those that it does not look at. */
  actual(sectionNumber: number): TableWatch | null {
    return this.#sections[sectionNumber] ?? null;
  }

  /** The EIT has to come: its PID is there. */
  expectFrom(timeNs: number): void {
    this.#actual.expectFrom(timeNs);
    for (const section of this.#sections) section.expectFrom(timeNs);
  }

  /** The EIT need not come: its PID is another's. */
  withdraw(): void {
    this.#actual.withdraw();
    for (const section of this.#sections) section.withdraw();
  }

  /** True for the table_ids that PID 0x12 may carry. */
  allows(tableId: number): boolean {
    return (tableId >= PF_ACTUAL && tableId <= LAST_SCHEDULE) || tableId === STUFFING;
  }

  /** Another table on PID 0x12. */
  foreign(timeNs: number): void {
    this.#error.hit(timeNs, EIT_PID);
    this.#actualError.hit(timeNs, EIT_PID);
  }

  /** An EIT section; `times` is its sub-table before it, null where that is not watched; see `SectionPace`. */
  section(
    tableId: number,
    times: SubTableTimes | null,
    sectionNumber: number,
    timeNs: number,
    tooSoon: boolean,
  ): void {
    if (tableId > PF_OTHER) return;
    if (tableId === PF_ACTUAL) this.#actualSection(sectionNumber, timeNs, tooSoon);
    else if (times !== null) this.#other.section(times, sectionNumber, timeNs);
    if (times !== null && sectionNumber <= 1) this.#pair(tableId, times, sectionNumber, timeNs);
  }

  restart(timeNs: number): void {
    this.#actual.restart(timeNs);
    for (const section of this.#sections) section.restart(timeNs);
  }

  open(nowNs: number, late: Late): void {
    const actualNs = this.#actual.expired(nowNs);
    if (!Number.isNaN(actualNs)) late(this.#error, actualNs, EIT_PID);
    for (const section of this.#sections) {
      const expiredNs = section.expired(nowNs);
      if (!Number.isNaN(expiredNs)) late(this.#actualError, expiredNs, EIT_PID);
    }
    this.#other.open(nowNs, late);
  }

  standing(indicator: Indicator, nowNs: number): Standing {
    if (indicator === this.#other.indicator) return this.#other.standing(nowNs);
    const isPair = indicator === this.#pairError;
    if (isPair && !this.#hasPairs) return notPresent("no EIT present/following came");
    if (!this.#actual.expected) return notPresent("no EIT comes on PID 0x12");
    return timerStanding(this.#moment, nowNs, this.#pairLimitNs);
  }

  #actualSection(sectionNumber: number, timeNs: number, tooSoon: boolean): void {
    const actualNs = this.#actual.seen(timeNs);
    if (!Number.isNaN(actualNs)) this.#error.hit(actualNs, EIT_PID);
    const expiredNs = sectionNumber <= 1 ? this.#sections[sectionNumber as 0 | 1].seen(timeNs) : Number.NaN;
    if (!Number.isNaN(expiredNs)) this.#actualError.hit(expiredNs, EIT_PID);
    if (tooSoon) this.#actualError.hit(timeNs, EIT_PID);
  }

  /** TR 101 290 3.6.c: where one of the two sections comes, so must the other; counted once until it does. */
  #pair(tableId: number, times: SubTableTimes, sectionNumber: number, timeNs: number): void {
    this.#hasPairs = true;
    const limit = tableId === PF_ACTUAL ? this.#pairLimitNs : this.#otherPairLimitNs;
    if (times.alone !== sectionNumber) {
      times.alone = sectionNumber;
      times.aloneCounted = false;
      times.aloneSinceNs = timeNs;
    } else if (!(timeNs - times.timeOf(sectionNumber) <= limit)) {
      // Both were away: that is no matter of this rule.
      times.aloneSinceNs = timeNs;
    } else if (!times.aloneCounted && isPast(timeNs, times.aloneSinceNs + limit)) {
      times.aloneCounted = true;
      this.#pairError.hit(timeNs, EIT_PID);
    }
  }
}
