import { RateFit } from "./rate-fit.ts";

/** Clock rates of RTP media in hertz: video, ancillary and text; audio; ST 2022-6. */
export const CLOCK_RATES_HZ = [90_000, 48_000, 96_000, 44_100, 27_000_000] as const;

/** One of CLOCK_RATES_HZ. */
export type ClockRateHz = (typeof CLOCK_RATES_HZ)[number];

/** Time over which timestamps must have been seen: shorter, jitter of packets passes for rate. */
const LEAST_SPAN_NS = 120e6;
const LEAST_CHANGES = 3;
/** After this time a rate counts that the delays show, though a pause at its end hides it from the mean. */
const LIKELY_SPAN_NS = 400e6;
/** A timestamp that moves further than this, either way, has jumped: a tenth of its range. */
const MOST_STEP_TICKS = 2 ** 32 / 10;

/** Estimates the rate of a stream's RTP clock: timestamps against arrival times. No allocation. */
export class RtpClock {
  /** Times the timestamp went to another value since the estimate began. */
  changes = 0;
  /** Ticks of the last change. */
  stepTicks = 0;
  readonly #fit = new RateFit(CLOCK_RATES_HZ);
  #ticks = 0;
  #lastNs = 0;
  #timestamp = -1;

  /** A packet with this timestamp came at `timeNs`; NaN is passed over. */
  packet(timestamp: number, timeNs: number): void {
    const before = this.#timestamp;
    if (timestamp === before || Number.isNaN(timeNs)) return;
    this.#timestamp = timestamp;
    if (before < 0) return;
    const step = (timestamp - before) | 0;
    if (step < 0 || step > MOST_STEP_TICKS || (this.changes > 0 && timeNs < this.#lastNs)) {
      this.changes = 0;
      return;
    }
    this.changes += 1;
    this.stepTicks = step;
    this.#lastNs = timeNs;
    // Ticks count from the first change: before it nobody knows how long the value had stood.
    if (this.changes === 1) {
      this.#fit.start(timeNs);
      this.#ticks = 0;
      return;
    }
    this.#ticks += step;
    this.#fit.add(this.#ticks, timeNs);
  }

  /** Time from the first change to the last, nanoseconds. */
  get spanNs(): number {
    return this.changes === 0 ? 0 : this.#fit.spanNs;
  }

  /** The nominal rate that is measured, within 2 %; null before enough was seen, or when none fits. */
  get rateHz(): ClockRateHz | null {
    if (this.changes < LEAST_CHANGES || this.spanNs < LEAST_SPAN_NS) return null;
    const fit = this.#fit;
    return known(this.spanNs < LIKELY_SPAN_NS ? fit.rateHz : fit.likelyHz);
  }

  /** The same by however little there is, for inputs that have ended. */
  get likelyRateHz(): ClockRateHz | null {
    return this.changes < 2 ? null : known(this.#fit.likelyHz);
  }
}

function known(rateHz: number | null): ClockRateHz | null {
  return CLOCK_RATES_HZ.find((rate) => rate === rateHz) ?? null;
}
