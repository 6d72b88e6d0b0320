import { NS_PER_SECOND } from "../../report/time.ts";

/**
 * Counts whole seconds of a stream's time. Time that goes backwards, or is NaN, passes no time: the next step
 * is taken from there. A second lasts from its start up to, and without, the start of the next.
 */
export class Seconds {
  /** Whole seconds gone by, which is also the number of the one that runs. */
  number = 0;
  #elapsedNs = 0;
  #lastNs = Number.NaN;

  /** It is `timeNs`: returns how many seconds have come to their end since the last call, 0 as a rule. */
  advance(timeNs: number): number {
    const step = timeNs - this.#lastNs;
    if (!(step > 0)) {
      if (!Number.isNaN(timeNs)) this.#lastNs = timeNs;
      return 0;
    }
    this.#lastNs = timeNs;
    this.#elapsedNs += step;
    if (this.#elapsedNs < (this.number + 1) * NS_PER_SECOND) return 0;
    const ended = Math.floor(this.#elapsedNs / NS_PER_SECOND) - this.number;
    this.number += ended;
    return ended;
  }
}
