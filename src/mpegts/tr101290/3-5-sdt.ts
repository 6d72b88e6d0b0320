import { limitNs } from "./gap.ts";
import { type Check, Indicator, type Late, notPresent, type Standing, timerStanding } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";
import { OtherInterval } from "./other-interval.ts";
import type { SectionTimes, SubTableTimes } from "./section-times.ts";
import { TableWatch } from "./table-watch.ts";

/** PID of the service description and bouquet association tables (EN 300 468 Table 1). */
export const SDT_PID = 0x0011;
const SDT_ACTUAL = 0x42;
const SDT_OTHER = 0x46;
const BAT = 0x4a;
const STUFFING = 0x72;

/** TR 101 290 3.5 SDT_error, 3.5.a SDT_actual_error and 3.5.b SDT_other_error. */
export class SdtCheck implements Check {
  readonly indicators: readonly Indicator[];
  readonly #error: Indicator;
  readonly #actualError: Indicator;
  readonly #other: OtherInterval;
  readonly #actual: TableWatch;
  readonly #moment: Moment;

  constructor(limits: Limits, moment: Moment, times: SectionTimes) {
    this.#error = new Indicator("3.5", moment);
    this.#actualError = new Indicator("3.5.a", moment);
    const other = { id: SDT_OTHER, pid: SDT_PID, limitMs: limits.sdtOtherMs, lastSection: 255 };
    this.#other = new OtherInterval("3.5.b", other, moment, times);
    this.indicators = [this.#error, this.#actualError, this.#other.indicator];
    this.#actual = new TableWatch(limitNs(limits.sdtMs));
    this.#moment = moment;
  }

  /** What 3.5.a goes by. */
  get actual(): TableWatch {
    return this.#actual;
  }

  /** The SDT has to come: its PID is there. */
  expectFrom(timeNs: number): void {
    this.#actual.expectFrom(timeNs);
  }

  /** The SDT need not come: its PID is another's. */
  withdraw(): void {
    this.#actual.withdraw();
  }

  /** True for the table_ids that PID 0x11 may carry. */
  allows(tableId: number): boolean {
    return tableId === SDT_ACTUAL || tableId === SDT_OTHER || tableId === BAT || tableId === STUFFING;
  }

  /** Another table on PID 0x11. */
  foreign(timeNs: number): void {
    this.#error.hit(timeNs, SDT_PID);
    this.#actualError.hit(timeNs, SDT_PID);
  }

  /** A section of an SDT or BAT; `times` is its sub-table before it, null where that is not watched; see `SectionPace`. */
  section(
    tableId: number,
    times: SubTableTimes | null,
    sectionNumber: number,
    timeNs: number,
    tooSoon: boolean,
  ): void {
    if (tableId === SDT_OTHER && times !== null) this.#other.section(times, sectionNumber, timeNs);
    if (tableId !== SDT_ACTUAL) return;
    const expiredNs = this.#actual.seen(timeNs);
    if (!Number.isNaN(expiredNs)) {
      this.#error.hit(expiredNs, SDT_PID);
      this.#actualError.hit(expiredNs, SDT_PID);
    }
    if (tooSoon) this.#actualError.hit(timeNs, SDT_PID);
  }

  restart(timeNs: number): void {
    this.#actual.restart(timeNs);
  }

  open(nowNs: number, late: Late): void {
    const expiredNs = this.#actual.expired(nowNs);
    if (!Number.isNaN(expiredNs)) {
      late(this.#error, expiredNs, SDT_PID);
      late(this.#actualError, expiredNs, SDT_PID);
    }
    this.#other.open(nowNs, late);
  }

  standing(indicator: Indicator, nowNs: number): Standing {
    if (indicator === this.#other.indicator) return this.#other.standing(nowNs);
    if (!this.#actual.expected) return notPresent("no SDT comes on PID 0x11");
    return timerStanding(this.#moment, nowNs, this.#actual.limitNs);
  }
}
