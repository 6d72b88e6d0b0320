import type { NetworkReport } from "../report/mpegts-schema.ts";
import { NS_PER_SECOND } from "../report/time.ts";

/** Lengths of the windows in which the most octets are looked for, ascending. */
export const BURST_WINDOWS_NS = [1e6, 1e7, 1e8] as const;
const LONGEST_NS = BURST_WINDOWS_NS[2];

/** Arrivals kept at first, and at most. */
const FIRST_ARRIVALS = 256;
export const MOST_ARRIVALS = 16_384;

/** Arrivals closer together than this are kept as one, once there are too many: 12.2 us fill half the ring. */
const COARSE_NS = LONGEST_NS / (MOST_ARRIVALS / 2);

const WINDOWS = BURST_WINDOWS_NS.length;
const LONGEST = WINDOWS - 1;

/**
 * Microbursts: the most octets that arrived within any 1, 10 and 100 ms, wherever the window is laid. A window is
 * open at its start: two arrivals exactly 1 ms apart are not within 1 ms.
 *
 * Keeps the arrivals of the last 100 ms in a ring that grows as needed, up to 16384 arrivals (256 kB). Beyond that
 * (164,000 datagrams a second) arrivals within 12.2 us count as one, of the first one's time: a window may then be
 * shorter by as much than it says, 1.2 % of 1 ms, and the figure lower by what arrives in that time.
 *
 * Most arrivals cost one comparison a window: nothing is looked up unless the octets since the start of a window
 * looked at earlier, which is longer, are more than the most so far.
 */
export class BurstMeter {
  #lastNs = Number.NEGATIVE_INFINITY;
  /** All octets so far. */
  #octets = 0;
  /** Arrivals in the ring: time, and octets before it. */
  #timeNs = new Float64Array(FIRST_ARRIVALS);
  #before = new Float64Array(FIRST_ARRIVALS);
  /** Number of the next arrival, from 0; it is kept in the ring at this number's low bits. */
  #next = 0;
  /** Arrivals closer than this to the last one kept are added to it; 0 while the ring is large enough. */
  #mergeNs = 0;
  /** By window: the first arrival within it when it was last looked at. */
  readonly #first = new Float64Array(WINDOWS);
  readonly #most = new Float64Array(WINDOWS);
  /** By window: when `#octets` pass this there may be more in it than `#most`. */
  readonly #limit = new Float64Array(WINDOWS);

  /** `octets` have arrived at `timeNs`, which is not NaN. A time that goes backwards starts again. */
  arrival(octets: number, timeNs: number): void {
    if (timeNs < this.#lastNs) this.reset();
    this.#lastNs = timeNs;
    if (octets <= 0) return;
    this.#keep(timeNs);
    const all = this.#octets + octets;
    this.#octets = all;
    const limit = this.#limit;
    if (all > (limit[0] as number)) this.#look(0, timeNs);
    if (all > (limit[1] as number)) this.#look(1, timeNs);
    if (all > (limit[2] as number)) this.#look(2, timeNs);
  }

  /** What comes next is not of one window with what came before; the most octets so far stay. */
  reset(): void {
    this.#lastNs = Number.NEGATIVE_INFINITY;
    this.#first.fill(this.#next);
    for (let window = 0; window < WINDOWS; window += 1) {
      this.#limit[window] = this.#octets + (this.#most[window] as number);
    }
  }

  /** All of it as report data. */
  report(): NetworkReport["bursts"] {
    return BURST_WINDOWS_NS.map((lengthNs, window) => {
      const maxOctets = this.#most[window] as number;
      return {
        windowMs: lengthNs / 1e6,
        maxOctets,
        maxBitrate: (maxOctets * 8 * NS_PER_SECOND) / lengthNs,
      };
    });
  }

  /** Moves the start of a window on to the first arrival in it, and takes its octets. */
  #look(window: number, timeNs: number): void {
    const first = this.#advance(window, timeNs);
    const before = this.#before[first & (this.#before.length - 1)] as number;
    const most = Math.max(this.#most[window] as number, this.#octets - before);
    this.#most[window] = most;
    this.#limit[window] = before + most;
  }

  /** First arrival after the start of a window that ends at `timeNs`; the last arrival at the latest. */
  #advance(window: number, timeNs: number): number {
    const times = this.#timeNs;
    const mask = times.length - 1;
    const start = timeNs - (BURST_WINDOWS_NS[window] as number);
    const last = this.#next - 1;
    // What the longest window has left behind is in no other, and may be overwritten.
    let first = Math.max(this.#first[window] as number, this.#first[LONGEST] as number);
    while (first < last && (times[first & mask] as number) <= start) first += 1;
    this.#first[window] = first;
    return first;
  }

  #keep(timeNs: number): void {
    const times = this.#timeNs;
    const mask = times.length - 1;
    const kept = this.#next - (this.#first[LONGEST] as number);
    if (kept > 0 && timeNs - (times[(this.#next - 1) & mask] as number) < this.#mergeNs) return;
    if (kept >= mask) {
      this.#makeRoom(timeNs);
      this.#keep(timeNs);
      return;
    }
    times[this.#next & mask] = timeNs;
    this.#before[this.#next & mask] = this.#octets;
    this.#next += 1;
  }

  /** Lets go of arrivals that are in no window any more; where that is not enough, takes more memory. */
  #makeRoom(timeNs: number): void {
    const length = this.#timeNs.length;
    for (let window = 0; window < WINDOWS; window += 1) this.#advance(window, timeNs);
    if (this.#next - (this.#first[LONGEST] as number) <= length / 2) return;
    if (length < MOST_ARRIVALS) {
      this.#rearrange(length * 2);
    } else {
      this.#mergeNs = COARSE_NS;
      this.#rearrange(length);
    }
  }

  /** Copies the arrivals of the longest window into a ring of `length`, those closer than `#mergeNs` as one. */
  #rearrange(length: number): void {
    const [times, before] = [this.#timeNs, this.#before];
    const mask = times.length - 1;
    const [newTimes, newBefore] = [new Float64Array(length), new Float64Array(length)];
    const oldFirst = Array.from(this.#first);
    const end = this.#next;
    let next = 0;
    for (let i = oldFirst[LONGEST] as number; i < end; i += 1) {
      const at = times[i & mask] as number;
      const merged = next > 0 && at - (newTimes[next - 1] as number) < this.#mergeNs;
      if (!merged) {
        newTimes[next] = at;
        newBefore[next] = before[i & mask] as number;
        next += 1;
      }
      for (let window = 0; window < WINDOWS; window += 1) {
        if (oldFirst[window] === i) this.#first[window] = next - 1;
      }
    }
    this.#timeNs = newTimes;
    this.#before = newBefore;
    this.#next = next;
  }
}
