import type { NetworkReport } from "../report/mpegts-schema.ts";
import { NS_PER_SECOND } from "../report/time.ts";

/** Lengths of the windows in which the most octets are looked for, ascending. */
export const BURST_WINDOWS_NS = [1e6, 1e7, 1e8] as const;
const LONGEST_NS = BURST_WINDOWS_NS[2];
const LONGEST = BURST_WINDOWS_NS.length - 1;

/** Arrivals kept at first, and at most. */
const FIRST_ARRIVALS = 256;
export const MOST_ARRIVALS = 16_384;

/** Where too many arrivals would have to be kept, those closer together than this are one: 12.2 us. */
const COARSE_NS = LONGEST_NS / (MOST_ARRIVALS / 2);

/** Arrivals that are looked at together: in one loop they cost a quarter of what they cost one by one. */
const TOGETHER = 64;

/**
 * Microbursts: the most octets that arrived within any 1, 10 and 100 ms, wherever the window is laid. A window is
 * open at its start: two arrivals exactly 1 ms apart are not within 1 ms.
 *
 * Keeps the arrivals of the last 100 ms, in memory that grows as needed up to 16384 arrivals (256 kB). Where that is
 * not enough (82,000 datagrams a second and more) earlier arrivals within 12.2 us become one, of the first one's time:
 * a window may then be shorter by as much than it says, 1.2 % of 1 ms, and the figure lower by what came in that time.
 */
export class BurstMeter {
  #lastNs = Number.NEGATIVE_INFINITY;
  /** All octets so far. */
  #octets = 0;
  /** Arrivals in order: time, and octets before it. */
  #timeNs = new Float64Array(FIRST_ARRIVALS);
  #before = new Float64Array(FIRST_ARRIVALS);
  #count = 0;
  /** Arrivals that have been looked at. */
  #done = 0;
  /** By window: the first arrival within it, when it ends with the last one looked at. */
  readonly #first = new Int32Array(BURST_WINDOWS_NS.length);
  readonly #most = new Float64Array(BURST_WINDOWS_NS.length);

  /** `octets` have arrived at `timeNs`, which is not NaN. A time that goes backwards starts again. */
  arrival(octets: number, timeNs: number): void {
    if (timeNs < this.#lastNs) this.reset();
    this.#lastNs = timeNs;
    if (octets <= 0) return;
    const at = this.#count;
    this.#timeNs[at] = timeNs;
    this.#before[at] = this.#octets;
    this.#octets += octets;
    this.#count = at + 1;
    if (at + 1 - this.#done >= TOGETHER) this.#look();
  }

  /** What comes next is not of one window with what came before; the most octets so far stay. */
  reset(): void {
    this.#look();
    this.#lastNs = Number.NEGATIVE_INFINITY;
    this.#first.fill(0);
    this.#count = 0;
    this.#done = 0;
  }

  /** All of it as report data. */
  report(): NetworkReport["bursts"] {
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

  /** Looks at the windows that end with the arrivals not looked at yet. */
  #look(): void {
    for (let window = 0; window <= LONGEST; window += 1) this.#window(window);
    this.#done = this.#count;
    if (this.#count + TOGETHER >= this.#timeNs.length) this.#makeRoom();
  }

  #window(window: number): void {
    const [times, before] = [this.#timeNs, this.#before];
    const lengthNs = BURST_WINDOWS_NS[window] as number;
    const end = this.#count;
    let first = this.#first[window] as number;
    let most = this.#most[window] as number;
    // Up to this many octets in all, no window that ends here can have more than the most: it starts later.
    let limit = (before[first] as number) + most;
    before[end] = this.#octets;
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
    const gone = this.#first[LONGEST] as number;
    const kept = this.#count - gone;
    const length = this.#timeNs.length;
    if (kept <= length / 2) this.#rearrange(length, 0);
    else if (length < MOST_ARRIVALS) this.#rearrange(length * 2, 0);
    else this.#rearrange(length, COARSE_NS);
  }

  /** Moves the arrivals of the longest window to the front of `length` places, those closer than `mergeNs` as one. */
  #rearrange(length: number, mergeNs: number): void {
    const [times, before] = [this.#timeNs, this.#before];
    const same = length === times.length;
    const newTimes = same ? times : new Float64Array(length);
    const newBefore = same ? before : new Float64Array(length);
    const [first0 = 0, first1 = 0, gone = 0] = this.#first;
    let kept = 0;
    for (let i = gone; i < this.#count; i += 1) {
      const at = times[i] as number;
      if (kept === 0 || at - (newTimes[kept - 1] as number) >= mergeNs) {
        newTimes[kept] = at;
        newBefore[kept] = before[i] as number;
        kept += 1;
      }
      if (i === first0) this.#first[0] = kept - 1;
      if (i === first1) this.#first[1] = kept - 1;
    }
    this.#first[LONGEST] = 0;
    this.#timeNs = newTimes;
    this.#before = newBefore;
    this.#count = kept;
    this.#done = kept;
  }
}
