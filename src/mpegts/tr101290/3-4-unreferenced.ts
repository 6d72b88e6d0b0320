import { NULL_PID, PID_COUNT } from "../packet.ts";
import { PSIP_PID } from "./3-2-si-repetition.ts";
import { isPast, limitNs } from "./gap.ts";
import { type Check, Indicator, type Late, type Standing, timerStanding } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";
import { LOOK, type PidTimes } from "./pid-times.ts";

/** PIDs up to here belong to PSI and SI, or are reserved (ISO/IEC 13818-1 Table 2-3, EN 300 468 Table 1). */
const LAST_RESERVED_PID = 0x1f;

/**
 * TR 101 290 3.4 and 3.4.a Unreferenced_PID: a PID that no table names within 0.5 s of its first packet (or of
 * the table that names it no longer). Counted once for each such PID. 3.4 excepts PIDs of the CAT by name, 3.4.a
 * as those that the CAT refers to: the same, so both rows count the same. 82 kB.
 */
export class UnreferencedCheck implements Check {
  readonly indicators: readonly Indicator[];
  readonly #error: Indicator;
  readonly #errorA: Indicator;
  readonly #limitNs: number;
  readonly #moment: Moment;
  readonly #times: PidTimes;
  /** 1 for PIDs that need no reference. */
  readonly #exempt = new Uint8Array(PID_COUNT);
  /** 1 for PIDs that are counted. */
  readonly #counted = new Uint8Array(PID_COUNT);
  /** Since when a PID has come without a reference; NaN for not. */
  readonly #sinceNs = new Float64Array(PID_COUNT).fill(Number.NaN);

  constructor(limits: Limits, moment: Moment, times: PidTimes) {
    this.#error = new Indicator("3.4", moment);
    this.#errorA = new Indicator("3.4.a", moment);
    this.indicators = [this.#error, this.#errorA];
    this.#limitNs = limitNs(limits.unreferencedMs);
    this.#moment = moment;
    this.#times = times;
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
    if (!isPast(timeNs, sinceNs + this.#limitNs)) return;
    this.#counted[pid] = 1;
    this.#sinceNs[pid] = Number.NaN;
    this.#times.limitNs[pid] = Number.POSITIVE_INFINITY;
    this.#error.hit(sinceNs + this.#limitNs, pid);
    this.#errorA.hit(sinceNs + this.#limitNs, pid);
  }

  /** A table names `pid` since `timeNs`. */
  named(pid: number, timeNs: number): void {
    const expiredNs = (this.#sinceNs[pid] as number) + this.#limitNs;
    if (isPast(timeNs, expiredNs)) {
      this.#error.add(expiredNs, pid);
      this.#errorA.add(expiredNs, pid);
    }
    this.#sinceNs[pid] = Number.NaN;
    this.#counted[pid] = 0;
  }

  restart(): void {
    for (let pid = 0; pid < PID_COUNT; pid += 1) {
      // What has run out was counted by `open`.
      if (isPast(this.#moment.nowNs, (this.#sinceNs[pid] as number) + this.#limitNs)) {
        this.#counted[pid] = 1;
        if (this.#times.limitNs[pid] === LOOK) this.#times.limitNs[pid] = Number.POSITIVE_INFINITY;
      }
      this.#sinceNs[pid] = Number.NaN;
    }
  }

  open(nowNs: number, late: Late): void {
    for (let pid = LAST_RESERVED_PID + 1; pid < PID_COUNT; pid += 1) {
      const expiredNs = (this.#sinceNs[pid] as number) + this.#limitNs;
      if (!isPast(nowNs, expiredNs)) continue;
      late(this.#error, expiredNs, pid);
      late(this.#errorA, expiredNs, pid);
    }
  }

  standing(_: Indicator, nowNs: number): Standing {
    return timerStanding(this.#moment, nowNs, this.#limitNs);
  }
}
