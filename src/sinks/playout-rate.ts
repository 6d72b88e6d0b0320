/** Waiting this much longer than meant is no drift of clocks: something stood still, and is caught up with. */
const FAR_NS = 150e6;
/** Catching up ends this near to what is meant. */
const NEAR_NS = 10e6;
/** How much faster packets leave meanwhile: a stall of 10 s is over after 100 s, and no receiver is flooded. */
const CATCH_UP = 0.1;
/** Waits are averaged over about this long, so that messages that come unevenly are not followed. */
const AVERAGE_NS = 10e9;
/** A difference is made up for in this time: clocks that are 100 ppm apart then settle 6 ms from what is meant. */
const RESPONSE_NS = 60e9;
/** Fastest correction of drift; within the 40 ms between two PCRs it moves them by 12 us. */
const DRIFT_MAX = 300e-6;
/** Longer than this since the last record nothing can be told of the rate. */
const STEP_MAX_NS = 1e9;

/**
 * Keeps packets that are played in time near a wanted delay, for days: by slowly following the difference of the
 * capture's clock and ours, and by sending a little faster after a standstill. It looks at how long records have
 * waited in their queue.
 */
export class PlayoutRate {
  /** Times that a standstill was caught up with. */
  catchUps = 0;
  readonly #wantedNs: number;
  #fast = false;
  #averageNs = Number.NaN;
  #atNs = Number.NaN;

  /** `wantedNs`: how long packets are to wait. */
  constructor(wantedNs: number) {
    this.#wantedNs = wantedNs;
  }

  /** A standstill is being caught up with. */
  get catchingUp(): boolean {
    return this.#fast;
  }

  /**
   * By how many nanoseconds to move all that is still to leave (negative: to an earlier moment), for a record that is
   * taken out at `nowNs`, has waited for `waitedNs`, and is due in `untilDueNs`.
   */
  move(nowNs: number, waitedNs: number, untilDueNs: number): number {
    const sinceNs = Math.min(Math.max(nowNs - this.#atNs, 0), STEP_MAX_NS) || 0;
    this.#atNs = nowNs;
    const overNs = waitedNs - this.#wantedNs;
    if (!this.#fast && overNs > FAR_NS) {
      this.#fast = true;
      this.catchUps++;
    } else if (this.#fast && overNs < NEAR_NS) {
      this.#fast = false;
      this.#averageNs = waitedNs;
    }
    // What is late already leaves at once: an earlier moment changes nothing now, and would be owed later.
    const late = untilDueNs <= 0;
    if (this.#fast) return late ? 0 : -CATCH_UP * sinceNs;
    if (Number.isNaN(this.#averageNs)) this.#averageNs = waitedNs;
    this.#averageNs += (waitedNs - this.#averageNs) * (1 - Math.exp(-sinceNs / AVERAGE_NS));
    const rate = Math.min(Math.max((this.#averageNs - this.#wantedNs) / RESPONSE_NS, -DRIFT_MAX), DRIFT_MAX);
    return rate > 0 && late ? 0 : -rate * sinceNs;
  }
}
