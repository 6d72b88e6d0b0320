/**
 * The moment that a source's `timeNs` counts from. Whole seconds and nanoseconds stand apart because
 * 1.8e18 ns does not fit a float64 (steps of 256 ns); within one capture `timeNs` stays exact to 104 days.
 */
export interface Epoch {
  /** Whole seconds since 1970-01-01T00:00:00Z; 0 when `wallClock` is false. */
  readonly seconds: number;
  /** 0 to 999999999. */
  readonly nanoseconds: number;
  /** False for inputs without a wall clock (a plain .ts file): times then count from its start. */
  readonly wallClock: boolean;
}

/** Nanoseconds in one second. */
export const NS_PER_SECOND = 1_000_000_000;

/** Epoch of an input that has no wall clock. */
export const NO_WALL_CLOCK: Epoch = { seconds: 0, nanoseconds: 0, wallClock: false };

/** Whole seconds in `timeNs`, towards minus infinity: -1 for -0.25 s. */
export function wholeSeconds(timeNs: number): number {
  // What is less than a nanosecond goes first: -1e-9 ns are of second -1, and have 999,999,999 ns of it.
  return Math.floor(Math.floor(timeNs) / NS_PER_SECOND);
}

/** Whole nanoseconds in `timeNs` beyond its whole seconds, 0 to 999999999. Exact up to 2^53. */
export function nanosecondsBeyond(timeNs: number): number {
  const rest = Math.floor(timeNs) - wholeSeconds(timeNs) * NS_PER_SECOND;
  return Math.min(Math.max(rest, 0), NS_PER_SECOND - 1);
}

/**
 * `timeNs` (nanoseconds after `epoch`) as text: RFC 3339 in UTC with nine decimals, or, without a wall
 * clock, `+S.nnnnnnnnns` seconds from the input's start, `-S.nnnnnnnnns` before it.
 */
export function formatTime(epoch: Epoch, timeNs: number): string {
  let seconds = epoch.seconds + wholeSeconds(timeNs);
  let nanoseconds = epoch.nanoseconds + nanosecondsBeyond(timeNs);
  if (nanoseconds >= NS_PER_SECOND) {
    nanoseconds -= NS_PER_SECOND;
    seconds += 1;
  }
  const sign = !epoch.wallClock && seconds < 0 ? "-" : "+";
  if (sign === "-") {
    // -0.25 s stands as -1 s and 750,000,000 ns.
    seconds = nanoseconds === 0 ? -seconds : -seconds - 1;
    nanoseconds = nanoseconds === 0 ? 0 : NS_PER_SECOND - nanoseconds;
  }
  const fraction = String(nanoseconds).padStart(9, "0");
  if (!epoch.wallClock) return `${sign}${seconds}.${fraction}s`;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `${seconds}.${fraction}`;
  return `${date.toISOString().slice(0, -5)}.${fraction}Z`;
}

/** A moment as `formatTime` writes it: whole seconds (rounded down) and nanoseconds. */
export interface Moment {
  readonly seconds: number;
  /** 0 to 999999999. */
  readonly nanoseconds: number;
  /** Of a wall clock; else since the input's start. */
  readonly wall: boolean;
}

/** The moment in `text`, as `formatTime` writes it; null for none, for something else and for no date. */
export function parseTime(text: string | null): Moment | null {
  const wall = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z$/.exec(text ?? "");
  if (wall !== null) {
    const seconds = Date.parse(`${wall[1]}Z`) / 1000;
    return Number.isNaN(seconds) ? null : { seconds, nanoseconds: Number(wall[2]), wall: true };
  }
  const plain = /^([+-])(\d{1,12})\.(\d{9})s$/.exec(text ?? "");
  if (plain === null) return null;
  const seconds = Number(plain[2]);
  const nanoseconds = Number(plain[3]);
  if (plain[1] === "+") return { seconds, nanoseconds, wall: false };
  // -0.25 s is -1 s and 750,000,000 ns.
  return nanoseconds === 0
    ? { seconds: -seconds, nanoseconds, wall: false }
    : { seconds: -seconds - 1, nanoseconds: NS_PER_SECOND - nanoseconds, wall: false };
}
