import { limitNs } from "./gap.ts";
import { type Check, Indicator, type Late, notPresent, type Standing, timerStanding } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";
import { OtherInterval } from "./other-interval.ts";
import type { SectionTimes, SubTableTimes } from "./section-times.ts";
import { TableWatch } from "./table-watch.ts";

/** PID of the network information table (EN 300 468 Table 1). */
export const NIT_PID = 0x0010;
const NIT_ACTUAL = 0x40;
const NIT_OTHER = 0x41;
const STUFFING = 0x72;

/** TR 101 290 3.1 NIT_error, 3.1.a NIT_actual_error and 3.1.b NIT_other_error. */
export class NitCheck implements Check {
  readonly indicators: readonly Indicator[];
  readonly #error: Indicator;
  readonly #actualError: Indicator;
  readonly #other: OtherInterval;
  readonly #any: TableWatch;
  readonly #actual: TableWatch;
  readonly #moment: Moment;

  constructor(limits: Limits, moment: Moment, times: SectionTimes) {
    this.#error = new Indicator("3.1", moment);
    this.#actualError = new Indicator("3.1.a", moment);
    const other = { id: NIT_OTHER, pid: NIT_PID, limitMs: limits.nitOtherMs, lastSection: 255 };
    this.#other = new OtherInterval("3.1.b", other, moment, times);
    this.indicators = [this.#error, this.#actualError, this.#other.indicator];
    this.#any = new TableWatch(limitNs(limits.nitMs));
    this.#actual = new TableWatch(limitNs(limits.nitMs));
    this.#moment = moment;
  }

  /** What 3.1.a goes by. */
  get actual(): TableWatch {
    return this.#actual;
  }

  /** The NIT has to come: its PID is there. */
  expectFrom(timeNs: number): void {
    this.#any.expectFrom(timeNs);
    this.#actual.expectFrom(timeNs);
  }

  /** The NIT need not come: its PID is another's. */
  withdraw(): void {
    this.#any.withdraw();
    this.#actual.withdraw();
  }

  /** True for the table_ids that PID 0x10 may carry. */
  allows(tableId: number): boolean {
    return tableId === NIT_ACTUAL || tableId === NIT_OTHER || tableId === STUFFING;
  }

  /** Another table on PID 0x10. */
  foreign(timeNs: number): void {
    this.#error.hit(timeNs, NIT_PID);
    this.#actualError.hit(timeNs, NIT_PID);
  }

  /** A NIT section; `times` is its sub-table before it, null where that is not watched; see `SectionPace`. */
  section(
    tableId: number,
    times: SubTableTimes | null,
    sectionNumber: number,
    timeNs: number,
    tooSoon: boolean,
  ): void {
    const anyNs = this.#any.seen(timeNs);
    if (!Number.isNaN(anyNs)) this.#error.hit(anyNs, NIT_PID);
    if (tableId === NIT_OTHER) {
      if (times !== null) this.#other.section(times, sectionNumber, timeNs);
      return;
    }
    const actualNs = this.#actual.seen(timeNs);
    if (!Number.isNaN(actualNs)) this.#actualError.hit(actualNs, NIT_PID);
    if (tooSoon) this.#actualError.hit(timeNs, NIT_PID);
  }

  restart(timeNs: number): void {
    this.#any.restart(timeNs);
    this.#actual.restart(timeNs);
  }

  open(nowNs: number, late: Late): void {
    const anyNs = this.#any.expired(nowNs);
    if (!Number.isNaN(anyNs)) late(this.#error, anyNs, NIT_PID);
    const actualNs = this.#actual.expired(nowNs);
    if (!Number.isNaN(actualNs)) late(this.#actualError, actualNs, NIT_PID);
    this.#other.open(nowNs, late);
  }

  standing(indicator: Indicator, nowNs: number): Standing {
    if (indicator === this.#other.indicator) return this.#other.standing(nowNs);
    if (!this.#actual.expected) return notPresent("no NIT comes on PID 0x10");
    return timerStanding(this.#moment, nowNs, this.#actual.limitNs);
  }
}
