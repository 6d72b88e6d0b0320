/**
 * Where a stream stands: number of the packet being looked at, and since when it is watched without a break.
 * Times are nanoseconds, NaN where there are none.
 */
export class Moment {
  /** Packets so far: an indicator counts at most once for each (see `Indicator.hit`). */
  packet = 0;
  /** Latest time of a packet. */
  nowNs = Number.NaN;
  /** Time of the first packet since the start or the last `stop`. */
  startNs = Number.NaN;
  #longestNs = 0;

  /** The stream is watched from here on. */
  start(timeNs: number): void {
    this.startNs = timeNs;
    this.nowNs = timeNs;
  }

  /** What follows is not the continuation of what came before. */
  stop(): void {
    this.#longestNs = this.observedNs(this.nowNs);
    this.startNs = Number.NaN;
    this.nowNs = Number.NaN;
  }

  /** True once a packet had a time. */
  get timed(): boolean {
    return this.#longestNs > 0 || !Number.isNaN(this.startNs);
  }

  /** Longest time watched without a break, up to `nowNs`. */
  observedNs(nowNs: number): number {
    const running = nowNs - this.startNs;
    // Not by Math.max: running is NaN before the start.
    if (running > this.#longestNs) return running;
    return this.#longestNs;
  }
}
