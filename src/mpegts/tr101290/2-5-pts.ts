import { PID_COUNT } from "../packet.ts";
import { REFERENCE } from "./context.ts";
import { isPast, limitNs } from "./gap.ts";
import { type Check, Indicator, type Late, notPresent, type Standing, timerStanding } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";
import type { PidTimes } from "./pid-times.ts";

/**
 * TR 101 290 2.5 PTS_error: the time between two PTS of a video or audio stream (ISO/IEC 13818-1 2.7.4), still
 * pictures excepted; other streams may be silent for as long as they like. 66 kB.
 */
export class PtsCheck implements Check {
  readonly indicators: readonly Indicator[];
  readonly #error: Indicator;
  readonly #limitNs: number;
  readonly #moment: Moment;
  readonly #references: Uint8Array;
  readonly #lastNs = new Float64Array(PID_COUNT).fill(Number.NaN);
  /** PIDs that have shown a PTS. */
  readonly #pids: number[] = [];
  readonly #known = new Uint8Array(PID_COUNT);

  constructor(limits: Limits, moment: Moment, times: PidTimes) {
    this.#error = new Indicator("2.5", moment);
    this.indicators = [this.#error];
    this.#limitNs = limitNs(limits.ptsMs);
    this.#moment = moment;
    this.#references = times.references;
  }

  /** A PES packet with a PTS. */
  pts(pid: number, timeNs: number): void {
    if (this.#known[pid] === 0) {
      this.#known[pid] = 1;
      this.#pids.push(pid);
    }
    const expiredNs = (this.#lastNs[pid] as number) + this.#limitNs;
    this.#lastNs[pid] = timeNs;
    if (isPast(timeNs, expiredNs) && this.#isBound(pid)) this.#error.hit(expiredNs, pid);
  }

  /** A scrambled packet of `pid`: its PTS cannot be seen, so none is missed. */
  scrambled(pid: number): void {
    this.#lastNs[pid] = Number.NaN;
  }

  /** The rule holds for `pid` from now on, or no longer: its next PTS follows none. */
  forget(pid: number): void {
    this.#lastNs[pid] = Number.NaN;
  }

  restart(timeNs: number): void {
    for (const pid of this.#pids) this.#lastNs[pid] = timeNs;
  }

  open(nowNs: number, late: Late): void {
    for (const pid of this.#pids) {
      const expiredNs = (this.#lastNs[pid] as number) + this.#limitNs;
      if (isPast(nowNs, expiredNs) && this.#isBound(pid)) late(this.#error, expiredNs, pid);
    }
  }

  standing(_: Indicator, nowNs: number): Standing {
    if (this.#pids.length === 0) return notPresent("no PTS came");
    return timerStanding(this.#moment, nowNs, this.#limitNs);
  }

  #isBound(pid: number): boolean {
    const bits = REFERENCE.audioVideo | REFERENCE.stillPictures;
    return ((this.#references[pid] as number) & bits) === REFERENCE.audioVideo;
  }
}
