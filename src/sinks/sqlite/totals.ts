/** Totals that are remembered; those of streams and PIDs beyond count from anew. 100 octets each. */
const MOST_TOTALS = 200_000;

/** Makes of totals that only grow what is new since the last time. */
export class Totals {
  readonly #last = new Map<string, number>();

  /**
   * What `total` of `key` has grown by: the first time all of it, or with `joined`, where it may be old, nothing; all of
   * it too where it is less than before, as the probe has then started again. NaN, what a report does not have, is 0.
   */
  grown(key: string, total: number, joined: boolean): number {
    if (Number.isNaN(total)) return 0;
    const last = this.#last.get(key) ?? (joined ? total : 0);
    if (this.#last.size >= MOST_TOTALS && !this.#last.has(key)) this.#last.clear();
    this.#last.set(key, total);
    return total >= last ? total - last : total;
  }
}
