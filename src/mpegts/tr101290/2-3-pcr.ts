import { PCR_MODULUS, PID_COUNT, SYSTEM_CLOCK_HZ } from "../packet.ts";
import { PMT_REFERENCE, REFERENCE } from "./context.ts";
import { isPast, limitNs } from "./gap.ts";
import { type Check, Indicator, type Late, notPresent, type Standing, timerStanding } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";
import type { PidTimes } from "./pid-times.ts";

/**
 * TR 101 290 2.3.a PCR_repetition_error, 2.3.b PCR_discontinuity_indicator_error, and 2.3 PCR_error, which is
 * either. 2.3.b compares values: a step outside 0 to 100 ms that nothing signals. 2.3.a compares times; a step
 * that counts in 2.3.b does not count there again. Until a PCR comes its value is not known, so a report in
 * the middle of a long pause shows 2.3.a where the PCR after it may turn out to be a 2.3.b.
 *
 * A component that a PMT names, but not as a PCR_PID, is not judged: its PCRs are nobody's clock. 200 kB.
 */
export class PcrCheck implements Check {
  readonly indicators: readonly Indicator[];
  readonly #error: Indicator;
  readonly #repetition: Indicator;
  readonly #discontinuity: Indicator;
  readonly #limitNs: number;
  readonly #mostTicks: number;
  readonly #arrival: boolean;
  readonly #moment: Moment;
  readonly #references: Uint8Array;
  readonly #lastPcr = new Float64Array(PID_COUNT).fill(Number.NaN);
  readonly #lastNs = new Float64Array(PID_COUNT).fill(Number.NaN);
  readonly #signalled = new Uint8Array(PID_COUNT);
  /** PIDs that have shown a PCR, or are to. */
  readonly #pids: number[] = [];
  readonly #known = new Uint8Array(PID_COUNT);

  /** `arrival`: times are those of arrival, not made from PCRs; else two PCRs are compared by value only. */
  constructor(limits: Limits, moment: Moment, times: PidTimes, arrival: boolean) {
    this.#arrival = arrival;
    this.#error = new Indicator("2.3", moment);
    this.#repetition = new Indicator("2.3.a", moment);
    this.#discontinuity = new Indicator("2.3.b", moment);
    this.indicators = [this.#error, this.#repetition, this.#discontinuity];
    this.#limitNs = limitNs(limits.pcrRepetitionMs);
    this.#mostTicks = limits.pcrStepMs === 0 ? PCR_MODULUS : (limits.pcrStepMs * SYSTEM_CLOCK_HZ) / 1000;
    this.#moment = moment;
    this.#references = times.references;
  }

  /** A packet of `pid` has discontinuity_indicator set: its next PCR may be anything. */
  signalled(pid: number): void {
    this.#signalled[pid] = 1;
  }

  /** A PMT names `pid` as its PCR_PID: PCRs have to come from `timeNs` on. */
  expectFrom(pid: number, timeNs: number): void {
    if (this.#known[pid] === 0) this.#know(pid);
    this.#lastNs[pid] = timeNs;
  }

  /** `pid` is a PCR_PID from now on, or no longer: its next PCR goes on with none. */
  forget(pid: number): void {
    this.#lastPcr[pid] = Number.NaN;
    this.#lastNs[pid] = Number.NaN;
  }

  /** A PCR in ticks of 27 MHz. */
  pcr(pid: number, pcr27: number, timeNs: number): void {
    if (this.#known[pid] === 0) this.#know(pid);
    const lastPcr = this.#lastPcr[pid] as number;
    const expiredNs = (this.#lastNs[pid] as number) + this.#limitNs;
    const signalled = this.#signalled[pid] === 1;
    this.#lastPcr[pid] = pcr27;
    this.#lastNs[pid] = timeNs;
    this.#signalled[pid] = 0;
    if (!this.#isClock(pid)) return;
    const step = pcr27 - lastPcr;
    // Modulo 2 ** 33 * 300, so a step back is a very large one forward. A first PCR (NaN) makes no step.
    if (!signalled && (step < 0 ? step + PCR_MODULUS : step) > this.#mostTicks) {
      this.#discontinuity.hit(timeNs, pid);
      this.#error.hit(timeNs, pid);
    } else if (this.#arrival && isPast(timeNs, expiredNs)) {
      this.#repetition.hit(expiredNs, pid);
      this.#error.hit(expiredNs, pid);
    }
  }

  restart(timeNs: number): void {
    // What the PCR was before a break says nothing, nor when it came; a PCR that is due counts from now on.
    this.#lastPcr.fill(Number.NaN);
    this.#signalled.fill(0);
    this.#lastNs.fill(Number.NaN);
    for (const pid of this.#pids) this.#lastNs[pid] = timeNs;
  }

  open(nowNs: number, late: Late): void {
    for (const pid of this.#pids) {
      // Only of a PCR_PID more is to come; and it may have been one until a moment ago.
      if (((this.#references[pid] as number) & REFERENCE.pcr) === 0) continue;
      const expiredNs = (this.#lastNs[pid] as number) + this.#limitNs;
      if (!isPast(nowNs, expiredNs)) continue;
      late(this.#repetition, expiredNs, pid);
      late(this.#error, expiredNs, pid);
    }
  }

  standing(indicator: Indicator, nowNs: number): Standing {
    if (this.#pids.length === 0) return notPresent("no PCR came, and no PMT names a PCR_PID");
    // Steps are seen without times.
    if (indicator === this.#discontinuity) return { state: "ok" };
    return timerStanding(this.#moment, nowNs, this.#limitNs);
  }

  #know(pid: number): void {
    this.#known[pid] = 1;
    this.#pids.push(pid);
  }

  #isClock(pid: number): boolean {
    return ((this.#references[pid] as number) & PMT_REFERENCE) !== REFERENCE.component;
  }
}
