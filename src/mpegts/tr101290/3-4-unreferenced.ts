import { NS_PER_SECOND } from "../../report/time.ts";
import { NULL_PID, PID_COUNT } from "../packet.ts";
import { PSIP_PID } from "./3-2-si-repetition.ts";
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
import { LOOK, type PidTimes } from "./pid-times.ts";
import type { TablesKnown } from "./tables-known.ts";

/** PIDs up to here belong to PSI and SI, or are reserved (ISO/IEC 13818-1 Table 2-3, EN 300 468 Table 1). */
const LAST_RESERVED_PID = 0x1f;

/**
 * TR 101 290 3.4 and 3.4.a Unreferenced_PID: a PID that no table names within 0.5 s of its first packet (or of
 * the table that names it no longer). Counted once for each such PID. 3.4 excepts PIDs of the CAT by name, 3.4.a
 * as those that the CAT refers to: the same, so both rows count the same. 82 kB.
 *
 * Where a stream is joined, the 0.5 s begin once its tables are known: PAT and PMT may take as long each (1.3.a,
 * 1.5.a), and until then any PID may still get its name.
 */
export class UnreferencedCheck implements Check {
  readonly indicators: readonly Indicator[];
  readonly #error: Indicator;
  readonly #errorA: Indicator;
  readonly #limitNs: number;
  readonly #moment: Moment;
  readonly #times: PidTimes;
  readonly #tables: TablesKnown;
  /** 1 for PIDs that need no reference. */
  readonly #exempt = new Uint8Array(PID_COUNT);
  /** 1 for PIDs that are counted. */
  readonly #counted = new Uint8Array(PID_COUNT);
  /** Since when a PID has come without a reference; NaN for not. */
  readonly #sinceNs = new Float64Array(PID_COUNT).fill(Number.NaN);
  /** The tables were known for the limit before the last restart. */
  #measured = false;

  constructor(limits: Limits, moment: Moment, times: PidTimes, tables: TablesKnown) {
    this.#error = new Indicator("3.4", moment);
    this.#errorA = new Indicator("3.4.a", moment);
    this.indicators = [this.#error, this.#errorA];
    this.#limitNs = limitNs(limits.unreferencedMs);
    this.#moment = moment;
    this.#times = times;
    this.#tables = tables;
    this.#exempt.fill(1, 0, LAST_RESERVED_PID + 1);
    for (const pid of [NULL_PID, PSIP_PID, ...limits.privatePids]) this.#exempt[pid] = 1;
  }

  /** Whether a PID that no table names has to be looked at. */
  concerns(pid: number): boolean {
    return this.#exempt[pid] === 0 && this.#counted[pid] === 0;
  }

  /** A packet of a PID that no table names and that `concerns`. */
  packet(pid: number, timeNs: number): void {
    const sinceNs = this.#sinceNs[pid] as number;
    if (Number.isNaN(sinceNs)) {
      this.#sinceNs[pid] = timeNs;
      return;
    }
    const expiredNs = this.#expiresNs(pid);
    if (!isPast(timeNs, expiredNs)) return;
    this.#counted[pid] = 1;
    this.#sinceNs[pid] = Number.NaN;
    this.#times.limitNs[pid] = Number.POSITIVE_INFINITY;
    this.#error.hit(expiredNs, pid);
    this.#errorA.hit(expiredNs, pid);
  }

  /** A table names `pid` since `timeNs`. */
  named(pid: number, timeNs: number): void {
    const expiredNs = this.#expiresNs(pid);
    if (isPast(timeNs, expiredNs)) {
      this.#error.add(expiredNs, pid);
      this.#errorA.add(expiredNs, pid);
    }
    this.#sinceNs[pid] = Number.NaN;
    this.#counted[pid] = 0;
  }

  restart(timeNs: number): void {
    const { nowNs } = this.#moment;
    if (this.#isMeasured(nowNs)) this.#measured = true;
    for (let pid = 0; pid < PID_COUNT; pid += 1) {
      // What has run out was counted by `open`.
      if (isPast(nowNs, this.#expiresNs(pid))) {
        this.#counted[pid] = 1;
        if (this.#times.limitNs[pid] === LOOK) this.#times.limitNs[pid] = Number.POSITIVE_INFINITY;
      }
      this.#sinceNs[pid] = Number.NaN;
    }
    this.#tables.restart(timeNs);
  }

  open(nowNs: number, late: Late): void {
    for (let pid = LAST_RESERVED_PID + 1; pid < PID_COUNT; pid += 1) {
      const expiredNs = this.#expiresNs(pid);
      if (!isPast(nowNs, expiredNs)) continue;
      late(this.#error, expiredNs, pid);
      late(this.#errorA, expiredNs, pid);
    }
  }

  standing(_: Indicator, nowNs: number): Standing {
    const standing = timerStanding(this.#moment, nowNs, this.#limitNs);
    const isOff = this.#limitNs === Number.POSITIVE_INFINITY;
    if (standing.state !== "ok" || isOff || this.#measured || this.#isMeasured(nowNs)) return standing;
    return notMeasurable(`PAT and PMTs are not known for ${this.#limitNs / NS_PER_SECOND} s yet`);
  }

  /** When it is too late for a name; NaN for a PID that does not wait for one. */
  #expiresNs(pid: number): number {
    return Math.max(this.#sinceNs[pid] as number, this.#tables.fromNs) + this.#limitNs;
  }

  #isMeasured(nowNs: number): boolean {
    return nowNs - this.#tables.fromNs >= this.#limitNs;
  }
}
