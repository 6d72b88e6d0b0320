/** RTP timestamps that are remembered: frames or fields enough for the delay between two streams. */
const KEPT = 8;

/** The last different RTP timestamps of a flow, and when the first packet with each came. No allocation. */
export class RecentTimestamps {
  /** How many are there, at most KEPT. */
  count = 0;
  readonly #timestamps = new Uint32Array(KEPT);
  readonly #times = new Float64Array(KEPT);
  #next = 0;
  #last = -1;

  /** A packet with this timestamp came at `timeNs`. */
  packet(timestamp: number, timeNs: number): void {
    if (timestamp === this.#last) return;
    this.#last = timestamp;
    this.#timestamps[this.#next] = timestamp;
    this.#times[this.#next] = timeNs;
    this.#next = (this.#next + 1) % KEPT;
    if (this.count < KEPT) this.count++;
  }

  /** The input starts again. */
  gap(): void {
    this.count = 0;
    this.#last = -1;
  }

  /** The timestamp `back` before the newest, 0 to `count` - 1. */
  timestamp(back: number): number {
    return this.#timestamps[this.#at(back)] as number;
  }

  /** When its first packet came, nanoseconds after the capture's epoch. */
  timeNs(back: number): number {
    return this.#times[this.#at(back)] as number;
  }

  #at(back: number): number {
    return (this.#next - 1 - back + 2 * KEPT) % KEPT;
  }
}
