import { Histogram } from "../../report/histogram.ts";
import type { PcrReport } from "../../report/mpegts-schema.ts";
import { fadingRate, type MeasurementFilter } from "./demarcation.ts";
import { LINE_POINTS, LineWatch } from "./line-watch.ts";

/**
 * Arrival times are good enough when half of the PCRs agree with them within half of the limit of 2.4: then
 * neither the capture nor the network can be far off, and what is further off is the PCR.
 */
const GOOD_ARRIVAL_NS = 250;
/**
 * The bit rate is constant when half of the PCRs are this near to where it puts them. Measured: in constant
 * multiplexes they are within 0.1 us; in those with a variable rate, or with PIDs taken out, 100 us and more
 * off.
 */
const CONSTANT_RATE_NS = 25_000;

/** Told of the error of PCRs, once for each that is measured, in their order; some PCRs late where that is needed. */
export interface AccuracyListener {
  /** TR 101 290 2.4: PCR `pid` that came at `timeNs` is `errorNs` too high. */
  pcrAccuracy(pid: number, errorNs: number, timeNs: number): void;
}

/** How accuracy is measured just now. */
export type AccuracyMethod = PcrReport["accuracy"]["method"];

/** PCRs whose error by position is at hand: as many as the other line can still tell of, a power of two. */
const KEPT = 32;

/**
 * PCR_AC, TR 101 290 5.3.2 and annex I: how far PCRs are off the value that they should have where they stand.
 *
 * By arrival times where these are good enough, else by position where the bit rate is constant, else not at
 * all. Where both hold, a PCR is off by the less of the two: a datagram that the network held up is late by its
 * arrival, but stands in its place. At least 16 PCRs in a row are needed, and they are told of with the 16th; one
 * that is off is told of when another comes that is not.
 */
export class PcrAccuracy {
  readonly #pid: number;
  readonly #listener: AccuracyListener | null;
  readonly #arrival: LineWatch;
  readonly #position: LineWatch;
  readonly #arrivalNs = new Histogram("ns");
  readonly #positionNs = new Histogram("ns");
  /** Number of the last PCR that the listener was told of. */
  #told = -1;
  readonly #byPosition = new Float64Array(KEPT).fill(Number.NaN);
  #pcrs = 0;
  #arrivals = 0;

  constructor(pid: number, filter: MeasurementFilter, listener: AccuracyListener | null) {
    this.#pid = pid;
    this.#listener = listener;
    this.#arrival = new LineWatch(GOOD_ARRIVAL_NS, fadingRate(filter));
    this.#position = new LineWatch(CONSTANT_RATE_NS, fadingRate(filter));
  }

  /** The clock starts anew. */
  restart(): void {
    this.restartPosition();
    this.restartArrival();
  }

  /** Packets are missing. */
  restartPosition(): void {
    this.#position.restart();
  }

  /** Times started anew or are missing. */
  restartArrival(): void {
    this.#arrival.restart();
  }

  /**
   * A PCR of `pcrNs` (no wrap, any origin) in packet `packet`, which came at `arrivalNs`, or NaN; `timeNs` is what
   * the listener is told.
   */
  add(pcrNs: number, packet: number, arrivalNs: number, timeNs: number): void {
    const number = this.#pcrs;
    const arrival = this.#arrival;
    const position = this.#position;
    this.#pcrs = number + 1;
    this.#byPosition[number & (KEPT - 1)] = Number.NaN;
    position.add(packet, pcrNs, pcrNs / 1e9, timeNs, number);
    for (let i = 0; i < position.fresh; i += 1) {
      const errorNs = position.errorNs[i] as number;
      this.#positionNs.add(errorNs);
      this.#byPosition[(position.number[i] as number) & (KEPT - 1)] = errorNs;
    }
    if (!Number.isNaN(arrivalNs)) {
      const second = arrivalNs / 1e9;
      this.#arrivals += 1;
      arrival.add(second, pcrNs - arrivalNs, second, timeNs, number);
      for (let i = 0; i < arrival.fresh; i += 1) {
        const errorNs = arrival.errorNs[i] as number;
        const other = this.#byPosition[(arrival.number[i] as number) & (KEPT - 1)] as number;
        // False for NaN, where position says nothing.
        const lessNs = Math.abs(other) < Math.abs(errorNs) ? other : errorNs;
        this.#arrivalNs.add(lessNs);
        this.#tell(arrival.number[i] as number, lessNs, arrival.timeNs[i] as number);
      }
    }
    for (let i = 0; i < position.fresh; i += 1) {
      this.#tell(position.number[i] as number, position.errorNs[i] as number, position.timeNs[i] as number);
    }
  }

  /** What is measured with just now; where nothing is, what was. */
  get method(): AccuracyMethod {
    if (this.#arrival.locked) return "arrival times";
    if (this.#position.locked) return "constant bit rate";
    if (this.#arrivalNs.count > this.#positionNs.count) return "arrival times";
    return this.#positionNs.count > 0 ? "constant bit rate" : "not measurable";
  }

  /** Why nothing is measured; null where something is. */
  get reason(): string | null {
    if (this.method !== "not measurable") return null;
    if (this.#pcrs < LINE_POINTS) return `fewer than ${LINE_POINTS} PCRs`;
    const rate = "the bit rate is not constant";
    return this.#arrivals === 0
      ? `${rate}, and there are no arrival times`
      : `${rate}, and arrival times are not good to ${GOOD_ARRIVAL_NS} ns`;
  }

  /** PCR_AC by the method of `method`; null where that is not measurable. */
  get errorNs(): Histogram | null {
    const { method } = this;
    if (method === "not measurable") return null;
    return method === "arrival times" ? this.#arrivalNs : this.#positionNs;
  }

  #tell(number: number, errorNs: number, timeNs: number): void {
    if (number <= this.#told) return;
    this.#told = number;
    this.#listener?.pcrAccuracy(this.#pid, errorNs, timeNs);
  }
}
