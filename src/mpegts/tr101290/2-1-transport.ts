import { type Check, Indicator, OK, type Standing } from "./indicator.ts";
import type { Moment } from "./moment.ts";

/** TR 101 290 2.1 Transport_error. The PID of such a packet is in doubt; it is told as it stands there. */
export class TransportCheck implements Check {
  readonly error: Indicator;
  readonly indicators: readonly Indicator[];

  constructor(moment: Moment) {
    this.error = new Indicator("2.1", moment);
    this.indicators = [this.error];
  }

  restart(): void {}

  open(): void {}

  standing(): Standing {
    return OK;
  }
}
