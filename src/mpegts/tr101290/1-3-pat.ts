import { GapTimer, limitNs } from "./gap.ts";
import { type Check, Indicator, type Late, type Standing, timerStanding } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";

const PAT_PID = 0x0000;
const PAT_TABLE_ID = 0x00;

/**
 * TR 101 290 1.3 PAT_error and 1.3.a PAT_error_2. The old form watches packets of PID 0, the new one sections
 * of the PAT: where PID 0 goes on without a PAT, only the new form sees it.
 */
export class PatCheck implements Check {
  readonly indicators: readonly Indicator[];
  readonly #error: Indicator;
  readonly #error2: Indicator;
  readonly #packets: GapTimer;
  readonly #sections: GapTimer;
  readonly #moment: Moment;

  constructor(limits: Limits, moment: Moment) {
    this.#error = new Indicator("1.3", moment);
    this.#error2 = new Indicator("1.3.a", moment);
    this.indicators = [this.#error, this.#error2];
    this.#packets = new GapTimer(limitNs(limits.patMs));
    this.#sections = new GapTimer(limitNs(limits.patMs));
    this.#moment = moment;
  }

  /** A packet of PID 0. */
  packet(timeNs: number): void {
    const expired = this.#packets.seen(timeNs);
    if (!Number.isNaN(expired)) this.#error.hit(expired, PAT_PID);
  }

  /** A scrambled packet of PID 0. */
  scrambled(timeNs: number): void {
    this.#error.hit(timeNs, PAT_PID);
    this.#error2.hit(timeNs, PAT_PID);
  }

  /** A section on PID 0. */
  section(tableId: number, timeNs: number): void {
    if (tableId !== PAT_TABLE_ID) {
      this.#error.hit(timeNs, PAT_PID);
      this.#error2.hit(timeNs, PAT_PID);
      return;
    }
    const expired = this.#sections.seen(timeNs);
    if (!Number.isNaN(expired)) this.#error2.hit(expired, PAT_PID);
  }

  restart(timeNs: number): void {
    this.#packets.fromNs = timeNs;
    this.#sections.fromNs = timeNs;
  }

  open(nowNs: number, late: Late): void {
    const packets = this.#packets.expired(nowNs);
    if (!Number.isNaN(packets)) late(this.#error, packets, PAT_PID);
    const sections = this.#sections.expired(nowNs);
    if (!Number.isNaN(sections)) late(this.#error2, sections, PAT_PID);
  }

  standing(_: Indicator, nowNs: number): Standing {
    return timerStanding(this.#moment, nowNs, this.#sections.limitNs);
  }
}
