import type { IndicatorReport } from "../../report/mpegts-schema.ts";
import { type Epoch, formatTime, NS_PER_SECOND } from "../../report/time.ts";
import { INDICATORS, type IndicatorDefinition, type IndicatorNumber } from "./definitions.ts";
import type { Moment } from "./moment.ts";

/** Errors of one indicator: how many, when, and on which PID last. */
export class Tally {
  count = 0;
  firstNs = Number.NaN;
  lastNs = Number.NaN;
  /** -1 where the error belongs to no PID. */
  lastPid = -1;

  /** Counts `n` errors at `timeNs` (NaN for no time); errors may be found late, so times need not ascend. */
  add(timeNs: number, pid: number, n = 1): void {
    this.count += n;
    if (Number.isNaN(this.firstNs) || timeNs < this.firstNs) this.firstNs = timeNs;
    if (timeNs < this.lastNs) return;
    this.lastPid = pid;
    if (!Number.isNaN(timeNs)) this.lastNs = timeNs;
  }

  /** The same numbers apart from this. */
  copy(): Tally {
    const copy = new Tally();
    copy.count = this.count;
    copy.firstNs = this.firstNs;
    copy.lastNs = this.lastNs;
    copy.lastPid = this.lastPid;
    return copy;
  }
}

/** One row of the table with its errors. */
export class Indicator extends Tally {
  readonly definition: IndicatorDefinition;
  readonly #moment: Moment;
  #packet = -1;

  constructor(number: IndicatorNumber, moment: Moment) {
    super();
    this.definition = INDICATORS.find((row) => row.number === number) as IndicatorDefinition;
    this.#moment = moment;
  }

  /** True where the packet being looked at has counted. */
  get counted(): boolean {
    return this.#packet === this.#moment.packet;
  }

  /** An error of the packet being looked at; a second one of the same packet is not counted. */
  hit(timeNs: number, pid: number): void {
    if (this.counted) return;
    this.#packet = this.#moment.packet;
    this.add(timeNs, pid);
  }
}

/** What an indicator without errors says. */
export interface Standing {
  readonly state: Exclude<IndicatorReport["state"], "error">;
  readonly reason?: string;
}

/** Looked at, and in order. */
export const OK: Standing = { state: "ok" };

/** Nothing there to be wrong. */
export function notPresent(reason: string): Standing {
  return { state: "not present", reason };
}

/** The input does not show it. */
export function notMeasurable(reason: string): Standing {
  return { state: "not measurable", reason };
}

/** Standing of a timer of `limitNs` that never ran out: it says something only once it could have. */
export function timerStanding(moment: Moment, nowNs: number, limitNs: number): Standing {
  if (!moment.timed) return notMeasurable("there are no times to measure by");
  if (limitNs === Number.POSITIVE_INFINITY) return OK;
  const observedNs = moment.observedNs(nowNs);
  if (observedNs >= limitNs) return OK;
  const seconds = (ns: number): string => `${Number((ns / NS_PER_SECOND).toPrecision(4))} s`;
  return notMeasurable(`watched for ${seconds(observedNs)} only; the limit is ${seconds(limitNs)}`);
}

/** The row as report data. */
export function toRow(
  definition: IndicatorDefinition,
  tally: Tally,
  standing: Standing,
  epoch: Epoch,
): IndicatorReport {
  const time = (ns: number): string | null => (Number.isNaN(ns) ? null : formatTime(epoch, ns));
  const { number, name, priority, scope, text } = definition;
  const row: IndicatorReport = {
    number,
    name,
    priority,
    scope,
    clause: `TR 101 290 ${number}`,
    state: tally.count > 0 ? "error" : standing.state,
    count: tally.count,
    first: time(tally.firstNs),
    last: time(tally.lastNs),
    lastPid: tally.lastPid < 0 ? null : tally.lastPid,
    text,
  };
  if (tally.count === 0 && standing.reason !== undefined) row.reason = standing.reason;
  return row;
}

/** Takes an error that was found by looking at a timer, not at a packet. */
export type Late = (indicator: Indicator, timeNs: number, pid: number) => void;

/** The rules behind one or more rows. */
export interface Check {
  readonly indicators: readonly Indicator[];
  /** Timers start afresh at `timeNs`; with NaN they stand until the next call. */
  restart(timeNs: number): void;
  /** Tells `late` of every timer that has run out at `nowNs` and is not counted yet. Changes nothing. */
  open(nowNs: number, late: Late): void;
  /** What to say of one of `indicators` while it has no error. */
  standing(indicator: Indicator, nowNs: number): Standing;
}
