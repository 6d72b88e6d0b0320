import { type Check, Indicator, OK, type Standing } from "./indicator.ts";
import type { Moment } from "./moment.ts";

/**
 * TR 101 290 1.4 Continuity_count_error, as judged by the rules of ISO/IEC 13818-1 2.4.3.3. One error a packet
 * at which the counter breaks, however many packets are missing before it.
 */
export class ContinuityCheck implements Check {
  readonly error: Indicator;
  readonly indicators: readonly Indicator[];

  constructor(moment: Moment) {
    this.error = new Indicator("1.4", moment);
    this.indicators = [this.error];
  }

  restart(): void {}

  open(): void {}

  standing(): Standing {
    return OK;
  }
}
