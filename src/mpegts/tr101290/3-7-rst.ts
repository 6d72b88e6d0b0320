import { type Check, Indicator, notPresent, type Standing, timerStanding } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";

/** PID of the running status table (EN 300 468 Table 1). */
export const RST_PID = 0x0013;
const RST = 0x71;
const STUFFING = 0x72;

/** TR 101 290 3.7 RST_error. The RST comes only when something changes: nothing says that it has to. */
export class RstCheck implements Check {
  readonly indicators: readonly Indicator[];
  readonly #error: Indicator;
  readonly #leastNs: number;
  readonly #moment: Moment;
  #present = false;

  constructor(limits: Limits, moment: Moment) {
    this.#error = new Indicator("3.7", moment);
    this.indicators = [this.#error];
    this.#leastNs = limits.sectionGapMs * 1e6;
    this.#moment = moment;
  }

  /** True for the table_ids that PID 0x13 may carry. */
  allows(tableId: number): boolean {
    return tableId === RST || tableId === STUFFING;
  }

  /** Another table on PID 0x13. */
  foreign(timeNs: number): void {
    this.#error.hit(timeNs, RST_PID);
  }

  /** An RST section; see `SectionPace`. */
  section(timeNs: number, tooSoon: boolean): void {
    this.#present = true;
    if (tooSoon) this.#error.hit(timeNs, RST_PID);
  }

  restart(): void {}

  open(): void {}

  standing(_: Indicator, nowNs: number): Standing {
    if (!this.#present) return notPresent("nothing comes on PID 0x13, and nothing has to");
    return timerStanding(this.#moment, nowNs, this.#leastNs);
  }
}
