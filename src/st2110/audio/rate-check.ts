import type { RuleCounters } from "../../report/finding.ts";
import { RateFit } from "../rate-fit.ts";
import { SAMPLE_RATES_HZ } from "./format.ts";
import type { AudioRule } from "./rules.ts";

/** Lengths of the spans that are measured in turn, each by itself: a burst at the start is in the first alone. */
const SPANS_NS = [1e9, 1e9, 2e9, 4e9, 8e9] as const;
/** Less than this shows nothing. */
const LEAST_SPAN_NS = 400e6;
/** A timestamp that moves further than this, either way, has jumped. */
const MOST_STEP_TICKS = 192_000;

/** `open`: nothing is sure; `right`; `none`: the timestamps go on at no rate of audio. */
export type RateVerdict = "open" | "right" | "none";

/**
 * Goes on measuring a sampling rate that was taken from the first tenths of a second, in which a pause of the sender
 * makes 48 kHz look like 44.1. A span that shows another rate is believed, until a later one shows the same or not.
 */
export class RateCheck {
  verdict: RateVerdict = "open";
  /** The rate by the newest span that showed one. */
  rateHz: number;
  readonly #fit = new RateFit(SAMPLE_RATES_HZ);
  /** Since the last jump: what the end of the input is judged by. */
  readonly #whole = new RateFit(SAMPLE_RATES_HZ);
  #span = 0;
  #ticks = 0;
  #wholeTicks = 0;
  #timestamp = -1;
  #ended = false;

  constructor(rateHz: number) {
    this.rateHz = rateHz;
  }

  /** A packet in order; true when verdict or rate have become others. Packets without a time (NaN) are passed over. */
  packet(timestamp: number, timeNs: number): boolean {
    if (this.verdict !== "open" || Number.isNaN(timeNs)) return false;
    const step = (timestamp - this.#timestamp) | 0;
    if (this.#timestamp < 0 || Math.abs(step) > MOST_STEP_TICKS) {
      this.#begin(timeNs);
      this.#wholeTicks = 0;
      this.#whole.start(timeNs);
    } else {
      this.#ticks += step;
      this.#wholeTicks += step;
      this.#fit.add(this.#ticks, timeNs);
      this.#whole.add(this.#wholeTicks, timeNs);
    }
    this.#timestamp = timestamp;
    return this.#fit.spanNs >= (SPANS_NS[this.#span] as number) && this.#endSpan(timeNs);
  }

  /** What follows is not compared with what was before. */
  gap(): void {
    this.#timestamp = -1;
  }

  /**
   * The input is over, perhaps within a span: all there was since the last jump tells the rate. `right` where it
   * shows the one that was taken, or was too short to speak against it.
   */
  end(): void {
    if (this.verdict !== "open" || this.#ended) return;
    this.#ended = true;
    const { likelyHz, spanNs } = this.#whole;
    if (spanNs < LEAST_SPAN_NS) {
      if (this.#span === 0) this.verdict = "right";
    } else if (likelyHz === this.rateHz) this.verdict = "right";
    else if (likelyHz !== null) this.rateHz = likelyHz;
  }

  #begin(timeNs: number): void {
    this.#ticks = 0;
    this.#fit.start(timeNs);
  }

  #endSpan(timeNs: number): boolean {
    const { likelyHz } = this.#fit;
    this.#span += 1;
    if (likelyHz === this.rateHz) this.verdict = "right";
    else if (this.#span === SPANS_NS.length) this.verdict = "none";
    if (this.verdict !== "open") return true;
    this.#begin(timeNs);
    if (likelyHz === null) return false;
    this.rateHz = likelyHz;
    return true;
  }
}

/** Breaches of one rule that count only once the rate that they were judged by is sure. */
export class HeldBreaches {
  readonly #rule: AudioRule;
  #count = 0;
  #firstNs = Number.NaN;
  #lastNs = Number.NaN;

  constructor(rule: AudioRule) {
    this.#rule = rule;
  }

  /** `count` more at `timeNs`. */
  add(timeNs: number, count: number): void {
    if (this.#count === 0) this.#firstNs = timeNs;
    this.#lastNs = timeNs;
    this.#count += count;
  }

  /** They count. */
  release(counters: RuleCounters<AudioRule>): void {
    if (this.#count === 0) return;
    counters[this.#rule].hit(this.#firstNs);
    if (this.#count > 1) counters[this.#rule].hit(this.#lastNs, this.#count - 1);
    this.drop();
  }

  /** They were none. */
  drop(): void {
    this.#count = 0;
  }
}
