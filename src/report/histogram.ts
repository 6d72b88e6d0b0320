import type { HistogramReport } from "./histogram-schema.ts";

/** Bins of an octave (a doubling): 8, so a bin is 1/16 to 1/8 of its values wide. */
const BINS_PER_OCTAVE = 8;
/** A float64 without its lowest 49 bits: exponent and the first 3 bits of the fraction number the bin. */
const KEY_SHIFT = 17;
/** Magnitudes below this are one bin around zero. */
const SMALLEST = 2 ** -10;
/** Magnitudes from here on share the last bin: 13 days in ns. */
const LARGEST = 2 ** 50;

const scratch = new Float64Array(1);
/** The same octets; the machines that Bun runs on are little endian, so the exponent stands in [1]. */
const scratchBits = new Uint32Array(scratch.buffer);

/** Number of the bin that `magnitude`, SMALLEST or more, falls in. */
function keyOf(magnitude: number): number {
  scratch[0] = Math.min(magnitude, LARGEST);
  return (scratchBits[1] as number) >>> KEY_SHIFT;
}

/** The lowest magnitude of bin `key`. */
function edgeOf(key: number): number {
  scratchBits[0] = 0;
  scratchBits[1] = key << KEY_SHIFT;
  return scratch[0] as number;
}

/** Counts of the magnitudes of one sign; memory for the octaves seen and those between, no more. */
class Bank {
  counts = new Float64Array(0);
  /** Key of `counts[0]`, the first of an octave. */
  first = 0;

  add(key: number): void {
    if (key < this.first || key >= this.first + this.counts.length) this.#cover(key);
    const at = key - this.first;
    this.counts[at] = (this.counts[at] as number) + 1;
  }

  /** Lowest magnitude of bin `at` of `counts`; `at` may be their number. */
  edge(at: number): number {
    return edgeOf(this.first + at);
  }

  #cover(key: number): void {
    const octave = key - (key % BINS_PER_OCTAVE);
    const empty = this.counts.length === 0;
    const first = empty ? octave : Math.min(octave, this.first);
    const end = Math.max(octave + BINS_PER_OCTAVE, empty ? 0 : this.first + this.counts.length);
    const counts = new Float64Array(end - first);
    counts.set(this.counts, empty ? 0 : this.first - first);
    this.counts = counts;
    this.first = first;
  }
}

/** Places in `#state`: numbers in a typed array are updated at half the cost of numbers in fields. */
const COUNT = 0;
const SUM = 1;
const MIN = 2;
const MAX = 3;

/**
 * Distribution of a measured value of either sign, e.g. an interval or a jitter.
 *
 * The edges of the bins are the same for all: 8 bins in every doubling, from 2^-10 to 2^50 of the unit, and as
 * many below zero; what is nearer to zero is one bin, what is further away is in the last. Minimum, mean and
 * maximum are exact, quantiles within half a bin. `add` allocates only when a doubling not seen yet comes up; a
 * histogram takes 64 octets for each doubling it spans and can never take more than 8 kB.
 */
export class Histogram {
  /** Unit of the values, e.g. us. */
  readonly unit: string;
  readonly #state = Float64Array.of(0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  /** Values nearer to zero than SMALLEST. */
  #zero = 0;
  readonly #above = new Bank();
  readonly #below = new Bank();

  constructor(unit: string) {
    this.unit = unit;
  }

  /** Counts `value`; one that is not finite is no measurement and is left out. */
  add(value: number): void {
    const bank = this.#above;
    const { counts } = bank;
    let at = -1;
    // The common case first: above zero, and its octave has come up before.
    if (value >= SMALLEST && value < LARGEST) {
      scratch[0] = value;
      at = ((scratchBits[1] as number) >>> KEY_SHIFT) - bank.first;
    }
    if (at >= 0 && at < counts.length) counts[at] = (counts[at] as number) + 1;
    else if (!this.#uncommon(value)) return;
    const state = this.#state;
    state[COUNT] = (state[COUNT] as number) + 1;
    state[SUM] = (state[SUM] as number) + value;
    if (value < (state[MIN] as number)) state[MIN] = value;
    if (value > (state[MAX] as number)) state[MAX] = value;
  }

  /** Number of values. */
  get count(): number {
    return this.#state[COUNT] as number;
  }

  /** Smallest value; null before the first. */
  get min(): number | null {
    return this.count === 0 ? null : (this.#state[MIN] as number);
  }

  /** Largest value; null before the first. */
  get max(): number | null {
    return this.count === 0 ? null : (this.#state[MAX] as number);
  }

  /** Arithmetic mean; null before the first value. */
  get mean(): number | null {
    // Rounding of the sum may not lead out of the values' range.
    return this.count === 0 ? null : this.#inRange((this.#state[SUM] as number) / this.count);
  }

  /** The value that a share `q` (0 to 1) of all values does not exceed, within half a bin; null before the first. */
  quantile(q: number): number | null {
    if (this.count === 0) return null;
    this.#list();
    return this.#quantile(q);
  }

  /** All of it as report data; the bins themselves only where they are asked for, as they are many. */
  toReport(bins = true): HistogramReport {
    this.#list();
    return {
      unit: this.unit,
      count: this.count,
      min: this.min,
      mean: this.mean,
      max: this.max,
      p50: this.#quantile(0.5),
      p90: this.#quantile(0.9),
      p99: this.#quantile(0.99),
      p999: this.#quantile(0.999),
      bins: bins ? this.#bins() : [],
    };
  }

  /** See `quantile`; of the bins that `#list` has listed. */
  #quantile(q: number): number | null {
    if (this.count === 0) return null;
    const rank = Math.max(1, Math.ceil(Math.min(1, q) * this.count));
    if (rank === 1) return this.min;
    let before = 0;
    for (let at = 0; at < listed; at += 1) {
      const count = listCount[at] as number;
      if (before + count >= rank) {
        const from = listFrom[at] as number;
        return this.#inRange(from + (((listTo[at] as number) - from) * (rank - before - 0.5)) / count);
      }
      before += count;
    }
    return this.max;
  }

  /** Finds the bin of any other value; false for what is no measurement. */
  #uncommon(value: number): boolean {
    const magnitude = Math.abs(value);
    if (!(magnitude < Number.POSITIVE_INFINITY)) return false;
    if (magnitude < SMALLEST) this.#zero += 1;
    else (value > 0 ? this.#above : this.#below).add(keyOf(magnitude));
    return true;
  }

  #inRange(value: number): number {
    return Math.min(this.#state[MAX] as number, Math.max(this.#state[MIN] as number, value));
  }

  /** Puts the bins that are not empty, ascending, into the list that all histograms share. */
  #list(): void {
    listed = 0;
    const { counts: below } = this.#below;
    for (let at = below.length - 1; at >= 0; at -= 1) {
      const count = below[at] as number;
      if (count > 0) addToList(-this.#below.edge(at + 1), -this.#below.edge(at), count);
    }
    const lowest = (this.#state[MIN] as number) < 0 ? -SMALLEST : 0;
    if (this.#zero > 0) addToList(lowest, SMALLEST, this.#zero);
    const { counts: above } = this.#above;
    for (let at = 0; at < above.length; at += 1) {
      const count = above[at] as number;
      if (count > 0) addToList(this.#above.edge(at), this.#above.edge(at + 1), count);
    }
  }

  #bins(): { from: number; to: number; count: number }[] {
    return Array.from({ length: listed }, (_, at) => ({
      from: listFrom[at] as number,
      to: listTo[at] as number,
      count: listCount[at] as number,
    }));
  }
}

/** Bins of both signs and the one around zero: 8 in each of 61 octaves. */
const MOST_BINS = 2 * 61 * BINS_PER_OCTAVE + 1;
/** The bins of the histogram looked at last: a report a second of many histograms makes no garbage of them. */
const listFrom = new Float64Array(MOST_BINS);
const listTo = new Float64Array(MOST_BINS);
const listCount = new Float64Array(MOST_BINS);
let listed = 0;

function addToList(from: number, to: number, count: number): void {
  listFrom[listed] = from;
  listTo[listed] = to;
  listCount[listed] = count;
  listed += 1;
}
