/** A level and how often it was seen. */
export interface LevelCount {
  readonly level: number;
  readonly count: number;
}

/** Most levels on either side of 0 that are told apart; 8K at type W holds some 14,000. */
const MOST_LEVELS = 16_384;

/** Counts small integers of either sign, each by itself: buffer levels. At most 256 kB, usually 1 kB. */
export class LevelCounts {
  #counts = new Float64Array(128);
  /** Level that `#counts[0]` is for. */
  #first = -16;
  count = 0;
  #sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;

  /** Counts `level`, an integer. Beyond MOST_LEVELS it is counted at the end, but `min` and `max` are true. */
  add(level: number): void {
    let at = level - this.#first;
    if (!(at >= 0 && at < this.#counts.length)) at = this.#cover(level);
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.count += 1;
    this.#sum += level;
    if (level < this.min) this.min = level;
    if (level > this.max) this.max = level;
  }

  /** Arithmetic mean; null before the first. */
  get mean(): number | null {
    return this.count === 0 ? null : this.#sum / this.count;
  }

  /** Levels that were seen, ascending. */
  list(): LevelCount[] {
    const list: LevelCount[] = [];
    for (let i = 0; i < this.#counts.length; i += 1) {
      const count = this.#counts[i] as number;
      if (count > 0) list.push({ level: i + this.#first, count });
    }
    return list;
  }

  #cover(level: number): number {
    const kept = Math.max(-MOST_LEVELS, Math.min(MOST_LEVELS, level));
    const end = this.#first + this.#counts.length;
    if (kept >= this.#first && kept < end) return kept - this.#first;
    const first = kept < this.#first ? Math.max(-MOST_LEVELS, kept * 2) : this.#first;
    const last = kept >= end ? Math.min(MOST_LEVELS, kept * 2) : end - 1;
    const counts = new Float64Array(last - first + 1);
    counts.set(this.#counts, this.#first - first);
    this.#counts = counts;
    this.#first = first;
    return kept - first;
  }
}
