import { PMT_REFERENCE, REFERENCE } from "./context.ts";
import { isPast, limitNs } from "./gap.ts";
import {
  type Check,
  Indicator,
  type Late,
  notMeasurable,
  type Standing,
  timerStanding,
} from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";
import type { PidTimes } from "./pid-times.ts";

/**
 * TR 101 290 1.6 PID_error: a component or PCR_PID of a PMT stays away for the user's period. The clause
 * excepts subtitles and data from the 5 s, so these have a limit of their own, off by default.
 */
export class PidCheck implements Check {
  readonly indicators: readonly Indicator[];
  readonly #error: Indicator;
  readonly #limitNs: number;
  readonly #otherLimitNs: number;
  readonly #times: PidTimes;
  readonly #moment: Moment;
  #pids: readonly number[] = [];

  constructor(limits: Limits, moment: Moment, times: PidTimes) {
    this.#error = new Indicator("1.6", moment);
    this.indicators = [this.#error];
    this.#limitNs = limitNs(limits.pidMs);
    this.#otherLimitNs = limitNs(limits.otherPidMs);
    this.#times = times;
    this.#moment = moment;
  }

  /** How long a PID with these references may stay away; Infinity for ever. */
  limitOf(references: number): number {
    if ((references & (REFERENCE.audioVideo | REFERENCE.pcr)) !== 0) return this.#limitNs;
    return (references & PMT_REFERENCE) !== 0 ? this.#otherLimitNs : Number.POSITIVE_INFINITY;
  }

  /** PMTs name these PIDs now; the times hold since when each is expected. */
  named(pids: readonly number[]): void {
    this.#pids = pids;
  }

  /** PMTs name a PID no longer, or as something else; what it had missed until then is counted. */
  dismissed(pid: number, timeNs: number): void {
    this.#late(pid, timeNs, (indicator, expiredNs) => indicator.add(expiredNs, pid));
  }

  /** A packet of `pid`, whose time does not stand in the times yet. */
  packet(pid: number, timeNs: number): void {
    const expiredNs = (this.#times.seenNs[pid] as number) + (this.#times.limitNs[pid] as number);
    if (isPast(timeNs, expiredNs)) this.#error.hit(expiredNs, pid);
  }

  restart(timeNs: number): void {
    for (const pid of this.#pids) this.#times.seenNs[pid] = timeNs;
  }

  open(nowNs: number, late: Late): void {
    for (const pid of this.#pids) this.#late(pid, nowNs, late);
  }

  standing(_: Indicator, nowNs: number): Standing {
    if (this.#pids.length === 0) return notMeasurable("no PMT names a PID");
    return timerStanding(this.#moment, nowNs, this.#limitNs);
  }

  #late(pid: number, nowNs: number, late: Late): void {
    const expiredNs = (this.#times.seenNs[pid] as number) + (this.#times.limitNs[pid] as number);
    if (isPast(nowNs, expiredNs)) late(this.#error, expiredNs, pid);
  }
}
