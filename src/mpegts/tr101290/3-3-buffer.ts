import { limitNs } from "./gap.ts";
import { type Check, Indicator, notMeasurable, OK, type Standing } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";

/**
 * TR 101 290 3.3 Buffer_error, 3.9 Empty_buffer_error and 3.10 Data_delay_error, as the model of the T-STD
 * (ISO/IEC 13818-1 2.4.2) finds them.
 */
export class BufferCheck implements Check {
  readonly error: Indicator;
  readonly empty: Indicator;
  readonly indicators: readonly Indicator[];
  readonly #delay: Indicator;
  readonly #delayLimitNs: number;
  readonly #stillDelayLimitNs: number;
  #standing: Standing = notMeasurable("no stream has been modelled: the T-STD needs PCRs and a PMT");

  constructor(limits: Limits, moment: Moment) {
    this.error = new Indicator("3.3", moment);
    this.empty = new Indicator("3.9", moment);
    this.#delay = new Indicator("3.10", moment);
    this.indicators = [this.error, this.empty, this.#delay];
    this.#delayLimitNs = limitNs(limits.dataDelayMs);
    this.#stillDelayLimitNs = limitNs(limits.dataDelayStillMs);
  }

  /** Data of `pid` were in the buffers for `delayNs`; `stillPictures` may stay longer. */
  delayed(pid: number, delayNs: number, stillPictures: boolean, timeNs: number): void {
    if (delayNs > (stillPictures ? this.#stillDelayLimitNs : this.#delayLimitNs))
      this.#delay.hit(timeNs, pid);
  }

  /** At least one stream is modelled. */
  measurable(): void {
    this.#standing = OK;
  }

  /** Why no stream is modelled; once one was, that stands. */
  notMeasurable(reason: string): void {
    if (this.#standing !== OK) this.#standing = notMeasurable(reason);
  }

  restart(): void {}

  open(): void {}

  standing(): Standing {
    return this.#standing;
  }
}
