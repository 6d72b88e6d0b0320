/** Totals that are remembered, 100 octets each: those of 400 streams with 256 PIDs. */
const MOST_TOTALS = 200_000;

/**
 * Makes of totals that only grow what is new since the last time. What `grown` was told counts as seen after `keep`, and
 * is forgotten by `drop`, so that what could not be stored is part of the next growth.
 */
export class Totals {
  readonly #most: number;
  readonly #last = new Map<string, number>();
  readonly #next = new Map<string, number>();
  /** There were too many, and an unknown one may be old. */
  #forgot = false;

  /** Remembers `most` totals, and starts afresh where there are more. */
  constructor(most: number = MOST_TOTALS) {
    this.#most = most;
  }

  /**
   * What `total` of `key` has grown by: the first time all of it, or with `joined`, where it may be old, nothing; all of
   * it too where it is less than before, as the probe has then started again. What is no sane count is 0.
   */
  grown(key: string, total: number, joined: boolean): number {
    if (!Number.isSafeInteger(total)) return 0;
    const unknown = joined || this.#forgot ? total : 0;
    const last = this.#next.get(key) ?? this.#last.get(key) ?? unknown;
    this.#next.set(key, total);
    return total >= last ? total - last : total;
  }

  /** What was told is stored. */
  keep(): void {
    if (this.#last.size + this.#next.size > this.#most) {
      this.#last.clear();
      this.#forgot = true;
    }
    for (const [key, total] of this.#next) this.#last.set(key, total);
    this.#next.clear();
  }

  /** What was told could not be stored. */
  drop(): void {
    this.#next.clear();
  }
}
