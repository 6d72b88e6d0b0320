/** RTP timestamps that are remembered: frames or fields enough for the delay between two streams. */
const KEPT = 8;

/** A step of the timestamp beyond this is no step of a clock that runs: an hour at 48 kHz. */
const MOST_STEP = 3600 * 48_000;
/** Bursts of packets hide the rate of the clock for less time than this. */
const LEAST_RATE_NS = 1e9;

/** The last different RTP timestamps of a flow, and when the first packet with each came. No allocation. */
export class RecentTimestamps {
  /** How many are there, at most KEPT. */
  count = 0;
  readonly #timestamps = new Uint32Array(KEPT);
  readonly #times = new Float64Array(KEPT);
  #next = 0;
  #last = -1;
  /** Since the first timestamp, or the last jump. */
  #ticks = 0;
  #firstNs = Number.NaN;
  #lastNs = Number.NaN;

  /** A packet with this timestamp came at `timeNs`. */
  packet(timestamp: number, timeNs: number): void {
    if (timestamp === this.#last) return;
    const step = (timestamp - this.#last) | 0;
    if (this.#last < 0 || Math.abs(step) > MOST_STEP) {
      this.#ticks = 0;
      this.#firstNs = timeNs;
    } else this.#ticks += step;
    this.#lastNs = timeNs;
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

  /** Ticks a second over all packets; null before a second, or where the input has no times. */
  get measuredHz(): number | null {
    const spanNs = this.#lastNs - this.#firstNs;
    return spanNs >= LEAST_RATE_NS ? (this.#ticks * 1e9) / spanNs : null;
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
