/** A longer gap is no pause of the stream but a step of the capture's clock, and is not waited for. */
const MAX_GAP_NS = 3600e9;
/** A larger step back is a step of that clock too; a smaller one is disorder. */
const MAX_STEP_BACK_NS = 1e9;

/**
 * Turns times of a capture into moments of our monotonic clock: the first frame is due at once, every other as long
 * after it as in the capture, divided by the speed. Where the capture's clock was stepped, the frame after is due
 * with the frame before.
 */
export class PlayClock {
  readonly #speed: number;
  /** A time of the capture, and the moment it is due. */
  #fromNs = Number.NaN;
  #fromDueNs = 0;
  #lastNs = Number.NaN;
  /** Steps of the capture's clock that were passed over. */
  steps = 0;

  /** `speed` is 1 for real time; it must be above 0. */
  constructor(speed: number) {
    this.#speed = speed;
  }

  /**
   * When a frame of the capture's `timeNs` is due, `nowNs` being the present moment; -Infinity (at once) for one
   * without a time (NaN).
   */
  due(timeNs: number, nowNs: number): number {
    if (Number.isNaN(timeNs)) return Number.NEGATIVE_INFINITY;
    const step = timeNs - this.#lastNs;
    if (Number.isNaN(this.#fromNs)) {
      this.#fromNs = timeNs;
      this.#fromDueNs = nowNs;
    } else if (step > MAX_GAP_NS || step < -MAX_STEP_BACK_NS) {
      this.#fromDueNs = this.#at(this.#lastNs);
      this.#fromNs = timeNs;
      this.steps++;
    }
    this.#lastNs = timeNs;
    return this.#at(timeNs);
  }

  #at(timeNs: number): number {
    return this.#fromDueNs + (timeNs - this.#fromNs) / this.#speed;
  }

  /** Moves everything that follows by `ns`: the time was lost and is not caught up. */
  delay(ns: number): void {
    this.#fromDueNs += ns;
  }
}
