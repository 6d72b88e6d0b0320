import { PID_COUNT } from "../packet.ts";
import { REFERENCE } from "./context.ts";
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

const PMT_TABLE_ID = 0x02;

/**
 * TR 101 290 1.5 PMT_error and 1.5.a PMT_error_2: one timer for each program_map_PID of the PAT; the
 * network_PID is not one. The two forms differ in words only: both stand for the same faults.
 */
export class PmtCheck implements Check {
  readonly indicators: readonly Indicator[];
  readonly #error: Indicator;
  readonly #error2: Indicator;
  readonly #limitNs: number;
  readonly #moment: Moment;
  readonly #references: Uint8Array;
  readonly #fromNs = new Float64Array(PID_COUNT).fill(Number.NaN);
  /** program_map_PIDs, as last read from the tables. */
  #pids: readonly number[] = [];

  constructor(limits: Limits, moment: Moment, times: PidTimes) {
    this.#error = new Indicator("1.5", moment);
    this.#error2 = new Indicator("1.5.a", moment);
    this.indicators = [this.#error, this.#error2];
    this.#limitNs = limitNs(limits.pmtMs);
    this.#moment = moment;
    this.#references = times.references;
  }

  /** The PAT names these PIDs at `timeNs`; those it names no longer need not come any more. */
  named(pids: readonly number[], timeNs: number): void {
    for (const pid of this.#pids) {
      if (((this.#references[pid] as number) & REFERENCE.programMap) !== 0) continue;
      this.#late(pid, timeNs, (indicator, expiredNs) => indicator.add(expiredNs, pid));
      this.#fromNs[pid] = Number.NaN;
    }
    for (const pid of pids) if (Number.isNaN(this.#fromNs[pid])) this.#fromNs[pid] = timeNs;
    this.#pids = pids;
  }

  /** A scrambled packet of a program_map_PID. */
  scrambled(pid: number, timeNs: number): void {
    this.#error.hit(timeNs, pid);
    this.#error2.hit(timeNs, pid);
  }

  /** A section on a program_map_PID. */
  section(pid: number, tableId: number, timeNs: number): void {
    if (tableId !== PMT_TABLE_ID) return;
    const expiredNs = (this.#fromNs[pid] as number) + this.#limitNs;
    if (isPast(timeNs, expiredNs)) {
      this.#error.hit(expiredNs, pid);
      this.#error2.hit(expiredNs, pid);
    }
    if (!Number.isNaN(timeNs)) this.#fromNs[pid] = timeNs;
  }

  restart(timeNs: number): void {
    for (const pid of this.#pids) this.#fromNs[pid] = timeNs;
  }

  open(nowNs: number, late: Late): void {
    for (const pid of this.#pids) this.#late(pid, nowNs, late);
  }

  standing(_: Indicator, nowNs: number): Standing {
    if (this.#pids.length === 0) return notMeasurable("no PAT names a PMT");
    return timerStanding(this.#moment, nowNs, this.#limitNs);
  }

  #late(pid: number, nowNs: number, late: Late): void {
    const fromNs = this.#fromNs[pid] as number;
    if (!isPast(nowNs, fromNs + this.#limitNs)) return;
    late(this.#error, fromNs + this.#limitNs, pid);
    late(this.#error2, fromNs + this.#limitNs, pid);
  }
}
