import { FadingLine } from "./fading-line.ts";

/** Points that a line is learnt from; fewer say nothing. */
export const LINE_POINTS = 16;
/** Points whose slopes are taken are so many apart. */
const HALF = LINE_POINTS / 2;
/** TR 101 290 2.4: what is further off is an error, and is kept from bending the line. */
const LIMIT_NS = 500;
/** A point this many times as far off as is usual does not bend the line either. */
const OUTLIER = 8;
/** So many outliers end to end are not outliers: it is another line. */
const MOST_OUTLIERS = 8;
/** A step of the line by more is no error of points, but another line, e.g. after a burst of packets. */
const MOST_STEP_NS = 25_000;
/** Points that the usual deviation is taken from, and the share of points on the line. */
const USUAL_POINTS = 16;
const SHARE_POINTS = 64;

/** Points of which one `add` may tell at most. */
export const FRESH_POINTS = LINE_POINTS + MOST_OUTLIERS;

/**
 * Tells how far points are off their straight line, if they have one: PCR over packets (a constant bit rate) or
 * PCR over arrival (good arrival times).
 *
 * Sixteen points are collected; the median of the slopes from each to the eighth after it gives a line that
 * three bad ones do not bend. Where at least half of the points are within `straightNs` of it, it is the line,
 * and is from then on carried along by least squares that fade. An outlier is told of only when a point on the
 * line comes after it; eight in a row are the end of the line. If they all are off by the same and by
 * at most 25 us, the line has made a step and they are told of; else it is another line, and they say nothing. The line is given up, too,
 * when less than half of the last 64 points lie within `straightNs`. Then the collecting starts again. 2 kB.
 */
export class LineWatch {
  /** True while there is a line. */
  locked = false;
  /** How many of `errorNs`, `timeNs` and `number` the last `add` filled. */
  fresh = 0;
  /** Distance of points from the line, signed. */
  readonly errorNs = new Float64Array(FRESH_POINTS);
  /** Time of each point as handed in. */
  readonly timeNs = new Float64Array(FRESH_POINTS);
  /** Number of each point as handed in. */
  readonly number = new Float64Array(FRESH_POINTS);

  readonly #straightNs: number;
  readonly #fadingRate: number;
  readonly #line = new FadingLine();
  readonly #u = new Float64Array(LINE_POINTS);
  readonly #x = new Float64Array(LINE_POINTS);
  readonly #second = new Float64Array(LINE_POINTS);
  readonly #timeNs = new Float64Array(LINE_POINTS);
  readonly #number = new Float64Array(LINE_POINTS);
  readonly #errorNs = new Float64Array(LINE_POINTS);
  readonly #sorted = new Float64Array(LINE_POINTS);
  readonly #slopes = new Float64Array(HALF);
  #points = 0;
  #lastU = 0;
  #lastX = 0;
  #lastSecond = 0;
  #usualNs = 0;
  #share = 1;
  /** Outliers in a row that are not told of yet. */
  #outliers = 0;
  readonly #outlierErrorNs = new Float64Array(MOST_OUTLIERS);
  readonly #outlierTimeNs = new Float64Array(MOST_OUTLIERS);
  readonly #outlierNumber = new Float64Array(MOST_OUTLIERS);

  /** `fadingRate` in 1/s, of the high pass (demarcation.ts). */
  constructor(straightNs: number, fadingRate: number) {
    this.#straightNs = straightNs;
    this.#fadingRate = fadingRate;
  }

  /** The next point belongs to another line. */
  restart(): void {
    this.locked = false;
    this.fresh = 0;
    this.#points = 0;
  }

  /** A point at `u` (ascending, any unit) and `x` nanoseconds, at `second` seconds for the fading. */
  add(u: number, x: number, second: number, timeNs: number, number: number): void {
    this.fresh = 0;
    if (this.locked) this.#track(u, x, second, timeNs, number);
    else this.#collect(u, x, second, timeNs, number);
  }

  #collect(u: number, x: number, second: number, timeNs: number, number: number): void {
    const at = this.#points;
    this.#u[at] = u;
    this.#x[at] = x;
    this.#second[at] = second;
    this.#timeNs[at] = timeNs;
    this.#number[at] = number;
    this.#points = at + 1;
    if (this.#points < LINE_POINTS) return;
    this.#points = 0;
    const usualNs = this.#learn();
    if (!(usualNs <= this.#straightNs)) return;
    this.locked = true;
    this.#usualNs = usualNs;
    this.#share = 1;
    this.#outliers = 0;
    this.#line.reset();
    for (let i = 0; i < LINE_POINTS && this.locked; i += 1) {
      if (!this.#judge(this.#errorNs[i] as number, this.#timeNs[i] as number, this.#number[i] as number))
        continue;
      this.#carry(this.#u[i] as number, this.#x[i] as number, this.#second[i] as number);
    }
  }

  /** Fits the collected points and fills `#errorNs`; the median distance, NaN where there is no slope. */
  #learn(): number {
    let slopes = 0;
    for (let i = 0; i < HALF; i += 1) {
      const du = (this.#u[i + HALF] as number) - (this.#u[i] as number);
      if (du <= 0) continue;
      this.#slopes[slopes] = ((this.#x[i + HALF] as number) - (this.#x[i] as number)) / du;
      slopes += 1;
    }
    if (slopes <= HALF / 2) return Number.NaN;
    const slope = median(this.#slopes, slopes);
    const u0 = this.#u[0] as number;
    for (let i = 0; i < LINE_POINTS; i += 1) {
      this.#errorNs[i] = (this.#x[i] as number) - slope * ((this.#u[i] as number) - u0);
    }
    this.#sorted.set(this.#errorNs);
    const offset = median(this.#sorted, LINE_POINTS);
    for (let i = 0; i < LINE_POINTS; i += 1) {
      this.#errorNs[i] = (this.#errorNs[i] as number) - offset;
      this.#sorted[i] = Math.abs(this.#errorNs[i] as number);
    }
    return median(this.#sorted, LINE_POINTS);
  }

  #track(u: number, x: number, second: number, timeNs: number, number: number): void {
    const error = this.#line.deviation(u - this.#lastU, x - this.#lastX);
    const off = Math.abs(error);
    this.#share += ((off <= this.#straightNs ? 1 : 0) - this.#share) / SHARE_POINTS;
    if (this.#judge(error, timeNs, number)) {
      this.#usualNs += (off - this.#usualNs) / USUAL_POINTS;
      this.#carry(u, x, second);
    }
    if (this.#share < 0.5) this.locked = false;
  }

  /** Tells of a point, or keeps it where it is an outlier; false then. */
  #judge(errorNs: number, timeNs: number, number: number): boolean {
    if (Math.abs(errorNs) <= this.#outlierNs()) {
      this.#tellOutliers();
      this.#tell(errorNs, timeNs, number);
      return true;
    }
    const at = this.#outliers;
    this.#outlierErrorNs[at] = errorNs;
    this.#outlierTimeNs[at] = timeNs;
    this.#outlierNumber[at] = number;
    this.#outliers = at + 1;
    if (this.#outliers < MOST_OUTLIERS) return false;
    if (this.#stepped()) this.#tellOutliers();
    this.locked = false;
    return false;
  }

  /** True where all outliers kept are off by the same, as far as the limit can tell, and by little. */
  #stepped(): boolean {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < this.#outliers; i += 1) {
      least = Math.min(least, this.#outlierErrorNs[i] as number);
      most = Math.max(most, this.#outlierErrorNs[i] as number);
    }
    return most - least <= 2 * LIMIT_NS && Math.max(-least, most) <= MOST_STEP_NS;
  }

  #tellOutliers(): void {
    for (let i = 0; i < this.#outliers; i += 1) {
      this.#tell(
        this.#outlierErrorNs[i] as number,
        this.#outlierTimeNs[i] as number,
        this.#outlierNumber[i] as number,
      );
    }
    this.#outliers = 0;
  }

  #tell(errorNs: number, timeNs: number, number: number): void {
    this.errorNs[this.fresh] = errorNs;
    this.timeNs[this.fresh] = timeNs;
    this.number[this.fresh] = number;
    this.fresh += 1;
  }

  #carry(u: number, x: number, second: number): void {
    const keep = Math.exp(-this.#fadingRate * Math.max(0, second - this.#lastSecond));
    this.#line.add(u - this.#lastU, x - this.#lastX, keep);
    this.#lastU = u;
    this.#lastX = x;
    this.#lastSecond = second;
  }

  #outlierNs(): number {
    return Math.max(LIMIT_NS, OUTLIER * this.#usualNs);
  }
}

/** Median of the first `count` of `values`, which are sorted by it; of an even number the mean of the middle two. */
function median(values: Float64Array, count: number): number {
  values.subarray(0, count).sort();
  const middle = count >> 1;
  const upper = values[middle] as number;
  return count % 2 === 1 ? upper : ((values[middle - 1] as number) + upper) / 2;
}
