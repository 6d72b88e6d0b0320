import { Histogram } from "../report/histogram.ts";
import type { HistogramReport } from "../report/histogram-schema.ts";
import type { NetworkReport } from "../report/mpegts-schema.ts";
import { NS_PER_SECOND } from "../report/time.ts";

/** Lengths of the windows in which the most octets are looked for, ascending. */
export const BURST_WINDOWS_NS = [1e6, 1e7, 1e8] as const;
const LONGEST_NS = BURST_WINDOWS_NS[2];
const LONGEST = BURST_WINDOWS_NS.length - 1;

/** Arrivals that there is room for at first. */
const FIRST_ARRIVALS = 256;
/** Arrivals kept at most. */
export const MOST_ARRIVALS = 16_384;

/** Where too many arrivals would have to be kept, those closer together than this are one: 12.2 us. */
const COARSE_NS = LONGEST_NS / (MOST_ARRIVALS / 2);

/** Arrivals that are looked at together: in one loop they cost a third of what they cost one by one. */
const TOGETHER = 64;

/**
 * When the datagrams of a stream arrive: the time from each to the next, and microbursts, which are the most octets
 * that arrived within any 1, 10 and 100 ms, wherever the window is laid. A window is open at its start: two arrivals
 * exactly 1 ms apart are not within 1 ms.
 *
 * A time that is NaN measures nothing; one that goes backwards is where measuring starts again.
 *
 * Keeps the arrivals of the last 100 ms, in memory that grows as needed up to 16384 arrivals (256 kB). Where that is
 * not enough (82,000 datagrams a second and more) earlier arrivals within 12.2 us become one, of the first one's time:
 * a window may then be shorter by as much than it says, 1.2 % of 1 ms, and the figure lower by what came in that time.
 */
export class ArrivalMeter {
  readonly #gaps = new Histogram("us");
  #lastNs = Number.NEGATIVE_INFINITY;
  /** All octets so far. */
  #octets = 0;
  /** Arrivals in order: time, and octets before it; that of the next arrival is there already. */
  #timeNs = new Float64Array(FIRST_ARRIVALS);
  #before = new Float64Array(FIRST_ARRIVALS);
  #count = 0;
  /** Arrivals that have been looked at. */
  #done = 0;
  /** By window: the first arrival within it, or one before. */
  readonly #first = new Int32Array(BURST_WINDOWS_NS.length);
  readonly #most = new Float64Array(BURST_WINDOWS_NS.length);

  /** A datagram of `octets` has arrived at `timeNs`. */
  arrival(octets: number, timeNs: number): void {
    if (!(timeNs >= this.#lastNs)) {
      if (Number.isNaN(timeNs)) return;
      this.gap();
    }
    this.#lastNs = timeNs;
    const at = this.#count;
    const octetsSoFar = this.#octets + octets;
    this.#timeNs[at] = timeNs;
    this.#before[at + 1] = octetsSoFar;
    this.#octets = octetsSoFar;
    this.#count = at + 1;
    if (at + 1 - this.#done >= TOGETHER) this.#look();
  }

  /** The input starts again: what comes next is not compared with what came before. */
  gap(): void {
    this.#look();
    this.#lastNs = Number.NEGATIVE_INFINITY;
    this.#first.fill(0);
    this.#count = 0;
    this.#done = 0;
    this.#before[0] = this.#octets;
  }

  /** Time from each datagram to the next. */
  interArrivalUs(bins = true): HistogramReport {
    this.#look();
    return this.#gaps.toReport(bins);
  }

  /** The most octets in any window of each length. */
  bursts(): NetworkReport["bursts"] {
    this.#look();
    return BURST_WINDOWS_NS.map((lengthNs, window) => {
      const maxOctets = this.#most[window] as number;
      return {
        windowMs: lengthNs / 1e6,
        maxOctets,
        maxBitrate: (maxOctets * 8 * NS_PER_SECOND) / lengthNs,
      };
    });
  }

  /** Looks at the arrivals that were not looked at yet: the gap before each, and the windows that end with it. */
  #look(): void {
    const times = this.#timeNs;
    const end = this.#count;
    for (let i = Math.max(1, this.#done); i < end; i += 1) {
      this.#gaps.add(((times[i] as number) - (times[i - 1] as number)) / 1000);
    }
    for (let window = 0; window <= LONGEST; window += 1) this.#window(window);
    this.#done = end;
    // One place more, for the octets before the next arrival.
    if (end + TOGETHER >= times.length) this.#makeRoom();
  }

  #window(window: number): void {
    const [times, before] = [this.#timeNs, this.#before];
    const lengthNs = BURST_WINDOWS_NS[window] as number;
    const end = this.#count;
    let first = this.#first[window] as number;
    let most = this.#most[window] as number;
    // Up to so many octets in all, no window that ends here has more than the most, as it starts no earlier.
    let limit = (before[first] as number) + most;
    for (let i = this.#done; i < end; i += 1) {
      const after = before[i + 1] as number;
      if (after <= limit) continue;
      const start = (times[i] as number) - lengthNs;
      while ((times[first] as number) <= start) first += 1;
      most = Math.max(most, after - (before[first] as number));
      limit = (before[first] as number) + most;
    }
    this.#first[window] = first;
    this.#most[window] = most;
  }

  /** Lets go of arrivals that are in no window any more; where many stay, takes more memory. */
  #makeRoom(): void {
    this.#letGo();
    const length = this.#timeNs.length;
    if (this.#count <= length / 2) return;
    if (length === MOST_ARRIVALS) {
      this.#merge();
      return;
    }
    const times = new Float64Array(length * 2);
    times.set(this.#timeNs);
    this.#timeNs = times;
    const before = new Float64Array(length * 2);
    before.set(this.#before);
    this.#before = before;
  }

  /** Moves the starts of all windows on, and the arrivals of the longest to the front. */
  #letGo(): void {
    const times = this.#timeNs;
    const starts = this.#first;
    for (let window = 0; window <= LONGEST; window += 1) {
      const start = this.#lastNs - (BURST_WINDOWS_NS[window] as number);
      let first = starts[window] as number;
      while ((times[first] as number) <= start) first += 1;
      starts[window] = first;
    }
    const left = starts[LONGEST] as number;
    times.copyWithin(0, left, this.#count);
    this.#before.copyWithin(0, left, this.#count + 1);
    this.#count -= left;
    this.#done = this.#count;
    for (let window = 0; window <= LONGEST; window += 1) starts[window] = (starts[window] as number) - left;
  }

  /** Makes one of the arrivals within COARSE_NS. */
  #merge(): void {
    const [times, before] = [this.#timeNs, this.#before];
    const [first0, first1] = this.#first;
    const last = this.#count - 1;
    let kept = 0;
    for (let i = 0; i <= last; i += 1) {
      const at = times[i] as number;
      // The last one stays as it is: the next gap is measured from it.
      if (i === 0 || i === last || at - (times[kept - 1] as number) >= COARSE_NS) {
        times[kept] = at;
        before[kept] = before[i] as number;
        kept += 1;
      }
      if (i === first0) this.#first[0] = kept - 1;
      if (i === first1) this.#first[1] = kept - 1;
    }
    before[kept] = this.#octets;
    this.#count = kept;
    this.#done = kept;
  }
}
