import { Histogram } from "../report/histogram.ts";
import type { SequencePool } from "./destination.ts";
import { NO_LOG_INTERVAL } from "./message.ts";

/** Messages over which a mean interval is compared with the one said. */
const RATE_MESSAGES = 16;
/** Share by which a mean interval may be off (IEEE 1588-2008 9.5.8: within 30 %). */
const RATE_TOLERANCE = 0.3;
/** A sequenceId that jumps further than this is a restart, not loss. */
const MAX_SEQUENCE_LOSS = 1000;
/** Share of the interval within which the same sequenceId is the same message, captured twice (7.3.7). */
const COPY_SHARE = 0.5;

/** By unicast the interval is negotiated and no message says it: the longest that annex J.3.2 allows, log2 of seconds. */
const UNSAID_LOG_INTERVAL = 4;

/** What the messages of one type, to all destinations, and their sequenceIds say: interval, loss, silence. */
export class MessageTrain {
  count = 0;
  lost = 0;
  /** Silences that were faults. */
  timeouts = 0;
  /** Times that the mean of RATE_MESSAGES intervals was off. */
  offRate = 0;
  logInterval = NO_LOG_INTERVAL;
  lastNs = Number.NaN;
  readonly intervalMs = new Histogram("ms");
  readonly #timeoutIntervals: number;
  #silent = false;
  /** Silence counts from here, ns. */
  #heardNs = Number.NaN;

  /** Messages that stay away for `timeoutIntervals` of their intervals have stopped. */
  constructor(timeoutIntervals: number) {
    this.#timeoutIntervals = timeoutIntervals;
  }

  /**
   * Takes a message to the destination of `pool`, null for one that is not kept apart; what it counts stands in the
   * fields. False when it is a copy of the one before.
   */
  message(pool: SequencePool | null, sequence: number, logInterval: number, timeNs: number): boolean {
    if (pool !== null && this.#isCopy(pool, sequence, timeNs)) return false;
    this.count++;
    this.logInterval = logInterval;
    this.lastNs = timeNs;
    this.expect(timeNs);
    if (pool !== null) this.#follow(pool, sequence, timeNs);
    return true;
  }

  /** Silence counts from `timeNs`: only from here on do the messages have to come. */
  expect(timeNs: number): void {
    this.#heardNs = timeNs;
    this.#silent = false;
  }

  /** True once for each silence that `nowNs` ends. */
  silence(nowNs: number): boolean {
    if (this.#silent || this.count === 0 || !(nowNs - this.#heardNs > this.#timeoutNs())) return false;
    this.#silent = true;
    return true;
  }

  /** True while the messages come. */
  get alive(): boolean {
    return this.count > 0 && !this.#silent;
  }

  /** True when the messages say their interval; by unicast they don't (IEEE 1588-2008 table 24). */
  get saysInterval(): boolean {
    return this.logInterval !== NO_LOG_INTERVAL;
  }

  /** The interval that the messages say, ns; within what a hostile sender may say, 2^-10 to 2^10 s. */
  intervalNs(): number {
    const log = this.saysInterval ? this.logInterval : UNSAID_LOG_INTERVAL;
    return 2 ** Math.min(10, Math.max(-10, log)) * 1e9;
  }

  /** What follows is not compared with what was before. */
  gap(): void {
    this.lastNs = Number.NaN;
    this.#heardNs = Number.NaN;
  }

  #timeoutNs(): number {
    return this.#timeoutIntervals * this.intervalNs();
  }

  #isCopy({ sequence, lastNs }: SequencePool, next: number, timeNs: number): boolean {
    return next === sequence && timeNs - lastNs < this.intervalNs() * COPY_SHARE;
  }

  #follow(pool: SequencePool, sequence: number, timeNs: number): void {
    const steps = pool.sequence < 0 ? 1 : (sequence - pool.sequence) & 0xffff;
    const intervalNs = timeNs - pool.lastNs;
    if (steps > 1 && steps <= MAX_SEQUENCE_LOSS) this.lost += steps - 1;
    // A pause is told of as such: it is no interval, even if the sequenceId goes on behind it.
    const paused = intervalNs > this.#timeoutNs();
    if (steps === 1 && !paused) this.intervalMs.add(intervalNs / 1e6);
    if (paused || this.logInterval !== pool.logInterval) pool.rateCount = 0;
    pool.sequence = sequence;
    pool.logInterval = this.logInterval;
    pool.lastNs = timeNs;
    this.#rate(pool, steps, timeNs);
  }

  #rate(pool: SequencePool, steps: number, timeNs: number): void {
    if (steps !== 1 || pool.rateCount === 0) {
      pool.rateCount = 1;
      pool.rateStartNs = timeNs;
      return;
    }
    if (pool.rateCount++ < RATE_MESSAGES) return;
    const meanNs = (timeNs - pool.rateStartNs) / RATE_MESSAGES;
    if (this.saysInterval && Math.abs(meanNs / this.intervalNs() - 1) > RATE_TOLERANCE) this.offRate++;
    pool.rateCount = 1;
    pool.rateStartNs = timeNs;
  }
}
