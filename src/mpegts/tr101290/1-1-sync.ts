import { type Check, Indicator, OK, type Standing } from "./indicator.ts";
import type { Moment } from "./moment.ts";

/** TR 101 290 1.1 TS_sync_loss and 1.2 Sync_byte_error, as the framer finds them. */
export class SyncCheck implements Check {
  readonly loss: Indicator;
  readonly byte: Indicator;
  readonly indicators: readonly Indicator[];

  constructor(moment: Moment) {
    this.loss = new Indicator("1.1", moment);
    this.byte = new Indicator("1.2", moment);
    this.indicators = [this.loss, this.byte];
  }

  restart(): void {}

  open(): void {}

  standing(): Standing {
    return OK;
  }
}
