import { NS_PER_SECOND } from "../../report/time.ts";

/**
 * Counts whole seconds of a stream's time. Time that goes backwards, or is NaN, passes no time: the next step
 * is taken from there. A second lasts from its start up to, and without, the start of the next.
 */
export class Seconds {
  /** Whole seconds gone by, which is also the number of the one that runs. */
  number = 0;
  #lastNs = Number.NaN;
  /** Where the second that runs ends. */
  #endNs = Number.NaN;

  /** It is `timeNs`: returns how many seconds have come to their end since the last call, 0 as a rule. */
  advance(timeNs: number): number {
    if (timeNs >= this.#lastNs && timeNs < this.#endNs) {
      this.#lastNs = timeNs;
      return 0;
    }
    return Number.isNaN(timeNs) ? 0 : this.#step(timeNs);
  }

  #step(timeNs: number): number {
    const lastNs = this.#lastNs;
    this.#lastNs = timeNs;
    if (!(timeNs >= lastNs)) {
      // The first time; or backwards, and what is left of the second stays as it was.
      this.#endNs = Number.isNaN(lastNs) ? timeNs + NS_PER_SECOND : timeNs + (this.#endNs - lastNs);
      return 0;
    }
    const ended = Math.floor((timeNs - this.#endNs) / NS_PER_SECOND) + 1;
    this.#endNs += ended * NS_PER_SECOND;
    this.number += ended;
    return ended;
  }
}
