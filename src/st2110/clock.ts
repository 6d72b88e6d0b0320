/** Clock rates of RTP media in hertz: video, ancillary and text; audio; ST 2022-6. */
export const CLOCK_RATES_HZ = [90_000, 48_000, 96_000, 44_100, 27_000_000] as const;

/** One of CLOCK_RATES_HZ. */
export type ClockRateHz = (typeof CLOCK_RATES_HZ)[number];

/** How far a measured rate may be off to be taken for a nominal one. */
const TOLERANCE = 0.02;
/** Time over which timestamps must have been seen: shorter, jitter of packets passes for rate. */
const LEAST_SPAN_NS = 120e6;
const LEAST_CHANGES = 3;
/** A timestamp that moves further than this, either way, has jumped: a tenth of its range. */
const MOST_STEP_TICKS = 2 ** 32 / 10;

/** Estimates the rate of a stream's RTP clock: timestamps against arrival times. No allocation. */
export class RtpClock {
  /** Times the timestamp went to another value since the estimate began. */
  changes = 0;
  /** Time from the first change to the last, nanoseconds. */
  spanNs = 0;
  /** Ticks of the last change. */
  stepTicks = 0;
  #ticks = 0;
  #startNs = 0;
  #timestamp = -1;

  /** A packet with this timestamp came at `timeNs`; NaN is passed over. */
  packet(timestamp: number, timeNs: number): void {
    const before = this.#timestamp;
    if (timestamp === before || Number.isNaN(timeNs)) return;
    this.#timestamp = timestamp;
    if (before < 0) return;
    const step = (timestamp - before) | 0;
    if (step < 0 || step > MOST_STEP_TICKS || (this.changes > 0 && timeNs < this.#startNs)) {
      this.changes = 0;
      this.#ticks = 0;
      this.spanNs = 0;
      return;
    }
    this.changes += 1;
    this.stepTicks = step;
    // Ticks count from the first change: before it nobody knows how long the value had stood.
    if (this.changes === 1) {
      this.#startNs = timeNs;
      this.#ticks = 0;
      return;
    }
    this.#ticks += step;
    this.spanNs = timeNs - this.#startNs;
  }

  /** Measured ticks a second; null before enough was seen. */
  get measuredHz(): number | null {
    if (this.changes < LEAST_CHANGES || this.spanNs < LEAST_SPAN_NS) return null;
    return (this.#ticks * 1e9) / this.spanNs;
  }

  /** The nominal rate that is measured, within 2 %; null before enough was seen, or when none fits. */
  get rateHz(): ClockRateHz | null {
    return nominal(this.measuredHz);
  }

  /** The same by however little there is, for inputs that have ended. */
  get likelyRateHz(): ClockRateHz | null {
    return this.changes < 2 ? null : nominal((this.#ticks * 1e9) / this.spanNs);
  }
}

function nominal(measuredHz: number | null): ClockRateHz | null {
  if (measuredHz === null) return null;
  return CLOCK_RATES_HZ.find((rate) => Math.abs(measuredHz - rate) <= rate * TOLERANCE) ?? null;
}
