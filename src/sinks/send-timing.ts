/** Errors up to this many microseconds are told apart; beyond it only their number and the largest are known. */
const BUCKETS = 20_000;

/**
 * Spread of the difference between when datagrams left and when they were due, in nanoseconds; one array,
 * no allocation per datagram.
 */
export class TimingError {
  readonly #buckets = new Uint32Array(BUCKETS + 1);
  #count = 0;
  #sum = 0;
  #max = 0;

  /** Counts one error; early and late weigh the same. */
  add(errorNs: number): void {
    const size = Math.abs(errorNs);
    const bucket = Math.min(Math.floor(size / 1000), BUCKETS);
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1;
    this.#count++;
    this.#sum += size;
    if (size > this.#max) this.#max = size;
  }

  /** Mean size of the error, 0 when nothing was counted. */
  get meanNs(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** Largest error. */
  get maxNs(): number {
    return this.#max;
  }

  /** The error that `share` (0 to 1) of the datagrams do not exceed, to the microsecond above. */
  quantileNs(share: number): number {
    let left = Math.ceil(this.#count * share);
    if (left === 0) return 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#buckets[bucket] as number;
      if (left <= 0) return Math.min((bucket + 1) * 1000, this.#max);
    }
    return this.#max;
  }
}
