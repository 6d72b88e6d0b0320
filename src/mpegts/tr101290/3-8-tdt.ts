import { limitNs } from "./gap.ts";
import { type Check, Indicator, type Late, notPresent, type Standing, timerStanding } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";
import { TableWatch } from "./table-watch.ts";

/** PID of the time and date table and the time offset table (EN 300 468 Table 1). */
export const TDT_PID = 0x0014;
const TDT = 0x70;
const STUFFING = 0x72;
const TOT = 0x73;

/** TR 101 290 3.8 TDT_error. */
export class TdtCheck implements Check {
  readonly indicators: readonly Indicator[];
  readonly #error: Indicator;
  readonly #watch: TableWatch;
  readonly #moment: Moment;

  constructor(limits: Limits, moment: Moment) {
    this.#error = new Indicator("3.8", moment);
    this.indicators = [this.#error];
    this.#watch = new TableWatch(limitNs(limits.tdtMs));
    this.#moment = moment;
  }

  /** The TDT has to come: its PID is there. */
  expectFrom(timeNs: number): void {
    this.#watch.expectFrom(timeNs);
  }

  /** The TDT need not come: its PID is another's. */
  withdraw(): void {
    this.#watch.withdraw();
  }

  /** True for the table_ids that PID 0x14 may carry. */
  allows(tableId: number): boolean {
    return tableId === TDT || tableId === TOT || tableId === STUFFING;
  }

  /** Another table on PID 0x14. */
  foreign(timeNs: number): void {
    this.#error.hit(timeNs, TDT_PID);
  }

  /** A TDT or TOT section; see `SectionPace`. */
  section(tableId: number, timeNs: number, tooSoon: boolean): void {
    if (tableId !== TDT) return;
    const expiredNs = this.#watch.seen(timeNs);
    if (!Number.isNaN(expiredNs)) this.#error.hit(expiredNs, TDT_PID);
    if (tooSoon) this.#error.hit(timeNs, TDT_PID);
  }

  restart(timeNs: number): void {
    this.#watch.restart(timeNs);
  }

  open(nowNs: number, late: Late): void {
    const expiredNs = this.#watch.expired(nowNs);
    if (!Number.isNaN(expiredNs)) late(this.#error, expiredNs, TDT_PID);
  }

  standing(_: Indicator, nowNs: number): Standing {
    if (!this.#watch.expected) return notPresent("no TDT comes on PID 0x14");
    return timerStanding(this.#moment, nowNs, this.#watch.limitNs);
  }
}
