import { NS_PER_SECOND } from "../../report/time.ts";

/** Nanoseconds of a limit in milliseconds; 0 turns a limit off. */
export function limitNs(milliseconds: number): number {
  return milliseconds === 0 ? Number.POSITIVE_INFINITY : (milliseconds * NS_PER_SECOND) / 1000;
}

/**
 * What times are exact to: captures round them to microseconds, and PCRs at exactly their limit of 100 ms are
 * no error.
 */
const CLOCK_STEP_NS = 1000;

/** Whether it is later than `limitNs` in the time that clocks show. False where one of the times is NaN. */
export function isPast(nowNs: number, limitNs: number): boolean {
  return nowNs - limitNs > CLOCK_STEP_NS;
}

/**
 * Watches that something comes again within a limit. Answers with the time at which the limit ran out, NaN
 * while it has not. Time that goes backwards is no interval: what comes then is the new reference.
 */
export class GapTimer {
  readonly limitNs: number;
  /** What the running interval counts from; NaN while nothing is expected. */
  fromNs = Number.NaN;

  constructor(limitNs: number) {
    this.limitNs = limitNs;
  }

  /** It came at `timeNs` (NaN for no time). */
  seen(timeNs: number): number {
    const expired = this.expired(timeNs);
    if (!Number.isNaN(timeNs)) this.fromNs = timeNs;
    return expired;
  }

  /** It is expected from `timeNs` on, where it was not already. */
  expect(timeNs: number): void {
    if (Number.isNaN(this.fromNs)) this.fromNs = timeNs;
  }

  /** The time at which the running interval exceeded the limit, NaN where it has not at `nowNs`. */
  expired(nowNs: number): number {
    const expiredNs = this.fromNs + this.limitNs;
    return isPast(nowNs, expiredNs) ? expiredNs : Number.NaN;
  }
}
