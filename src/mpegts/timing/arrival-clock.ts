import { Histogram } from "../../report/histogram.ts";
import { fadingRate, type MeasurementFilter } from "./demarcation.ts";
import { FadingLine } from "./fading-line.ts";
import { FadingParabola } from "./fading-parabola.ts";

/** PCRs before drift is told. */
const LEAST_POINTS = 16;
/** Drift is told when its standard error is under a tenth of what 2.4.2.1 allows, 30 ppm. */
const MOST_PPM_ERROR = 3;
/** PCR_DR is told when its standard error is under half of what 2.4.2.1 allows, 75 mHz a second. */
const MOST_DRIFT_RATE_ERROR = 37.5;
/** A frequency that is off by 1e-9 (a nanosecond a second) is 27 mHz off 27 MHz. */
const HZ_PER_NS_PER_S = 0.027;
/** Points over which the usual jitter is taken. */
const JITTER_POINTS = 256;

/**
 * A program clock against the times its PCRs arrived: PCR_FO, PCR_DR and PCR_OJ of TR 101 290 5.3.2 and annex I.
 *
 * PCR_OJ is the difference of the two clocks through a high pass of the measurement filter; network and PCR
 * both are in it. PCR_FO and PCR_DR are slope and curvature of the same difference, by least squares that fade
 * with MGF4, so over about the last 40 minutes. Each is told only where its standard error allows. 1 kB and a histogram.
 */
export class ArrivalClock {
  /** Lateness of each PCR, jitter only; positive is late. PCR_OJ with its sign turned. */
  readonly jitterNs = new Histogram("ns");

  readonly #jitterRate: number;
  readonly #driftRate = fadingRate("MGF4");
  readonly #short = new FadingLine();
  readonly #long = new FadingLine();
  readonly #curve = new FadingParabola();
  #points = 0;
  #lastNs = Number.NaN;
  #lastDifference = 0;
  /** Mean square of the jitter. */
  #variance = 0;

  constructor(filter: MeasurementFilter) {
    this.#jitterRate = fadingRate(filter);
  }

  /** The clock or the times start anew; what was counted stays. */
  restart(): void {
    this.#points = 0;
    this.#lastNs = Number.NaN;
    this.#variance = 0;
    this.#short.reset();
    this.#long.reset();
    this.#curve.reset();
  }

  /** A PCR that arrived at `timeNs` (not NaN, not falling) and is ahead of that by `differenceNs` and a constant. */
  add(timeNs: number, differenceNs: number): void {
    const first = this.#points === 0;
    const du = first ? 0 : (timeNs - this.#lastNs) / 1e9;
    const dx = first ? 0 : differenceNs - this.#lastDifference;
    this.#lastNs = timeNs;
    this.#lastDifference = differenceNs;
    this.#points += 1;
    const ahead = this.#short.add(du, dx, Math.exp(-this.#jitterRate * du));
    const keep = Math.exp(-this.#driftRate * du);
    this.#long.add(du, dx, keep);
    this.#curve.add(du, dx, keep);
    // The first two points make a line by themselves.
    if (this.#points < 3) return;
    this.jitterNs.add(-ahead);
    this.#variance += (ahead * ahead - this.#variance) / Math.min(this.#points - 2, JITTER_POINTS);
  }

  /** How fast the program clock runs, in parts per million of the arrival clock; null while that is not settled. */
  get driftPpm(): number | null {
    if (this.#points < LEAST_POINTS) return null;
    const errorPpm = Math.sqrt(this.#variance / this.#long.spread) / 1000;
    return errorPpm < MOST_PPM_ERROR ? this.#long.slope / 1000 : null;
  }

  /** PCR_FO in hertz of 27 MHz; null while that is not settled. */
  get frequencyOffsetHz(): number | null {
    const ppm = this.driftPpm;
    return ppm === null ? null : ppm * 1000 * HZ_PER_NS_PER_S;
  }

  /** PCR_DR in millihertz a second of 27 MHz; null while that is not settled. */
  get driftRateMhzPerS(): number | null {
    if (this.#points < LEAST_POINTS) return null;
    const error = this.#curve.curvatureError(Math.sqrt(this.#variance)) * HZ_PER_NS_PER_S * 1000;
    return error < MOST_DRIFT_RATE_ERROR ? this.#curve.curvature * HZ_PER_NS_PER_S * 1000 : null;
  }

  /** PCR_OJ in nanoseconds, the largest of either sign; null before the third PCR. */
  get overallJitterNs(): number | null {
    const { min, max } = this.jitterNs;
    return min === null || max === null ? null : Math.max(-min, max);
  }
}
