import { GapTimer, isPast } from "./gap.ts";

/**
 * The timer of a table that a stream has to have only where it has its PID: until then it expects nothing.
 */
export class TableWatch extends GapTimer {
  /** The table has to come. */
  expected = false;
  /** The last absence that was too long; NaN before one. Those within the limit of each other are one. */
  #awayNs = Number.NaN;
  #backNs = Number.NaN;

  /** The table has to come, from `timeNs` on. */
  expectFrom(timeNs: number): void {
    if (this.expected) return;
    this.expected = true;
    this.expect(timeNs);
  }

  /** It came at `timeNs`: what was there once has to come again. */
  override seen(timeNs: number): number {
    const { fromNs, limitNs } = this;
    this.expected = true;
    const expiredNs = super.seen(timeNs);
    if (Number.isNaN(expiredNs)) return expiredNs;
    if (!(fromNs - this.#backNs <= limitNs)) this.#awayNs = fromNs;
    this.#backNs = timeNs;
    return expiredNs;
  }

  /** The table need not come: its PID is another's. */
  withdraw(): void {
    this.expected = false;
    this.fromNs = Number.NaN;
    this.#awayNs = Number.NaN;
    this.#backNs = Number.NaN;
  }

  /**
   * When a section of the table that came last at `lastNs` became late of its own, NaN where it is not at `nowNs`: what
   * became late while the whole table was away only has to come within the limit once that is back.
   */
  lateAlone(lastNs: number, nowNs: number): number {
    const { limitNs } = this;
    const together = lastNs < this.#backNs && lastNs + limitNs > this.#awayNs;
    const expiredNs = (together ? this.#backNs : lastNs) + limitNs;
    return isPast(nowNs, expiredNs) ? expiredNs : Number.NaN;
  }

  /** Starts afresh at `timeNs`. */
  restart(timeNs: number): void {
    this.fromNs = this.expected ? timeNs : Number.NaN;
    this.#awayNs = Number.NaN;
    this.#backNs = Number.NaN;
  }
}
