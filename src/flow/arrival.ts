import { Histogram } from "../report/histogram.ts";
import type { HistogramReport } from "../report/histogram-schema.ts";
import type { NetworkReport } from "../report/mpegts-schema.ts";
import { BurstMeter } from "./burst-meter.ts";

/**
 * When the datagrams of a stream arrive: the time between one and the next in microseconds, and microbursts (see
 * BurstMeter). A time that is NaN measures nothing; one that goes backwards is where measuring starts again.
 */
export class ArrivalMeter {
  readonly #gaps = new Histogram("us");
  readonly #bursts = new BurstMeter();
  #lastNs = Number.NaN;

  /** A datagram of `octets` has arrived at `timeNs`. */
  arrival(octets: number, timeNs: number): void {
    const gapNs = timeNs - this.#lastNs;
    if (gapNs >= 0) this.#gaps.add(gapNs / 1000);
    else if (Number.isNaN(timeNs)) return;
    this.#lastNs = timeNs;
    this.#bursts.arrival(octets, timeNs);
  }

  /** The input starts again: what comes next is not compared with what came before. */
  gap(): void {
    this.#lastNs = Number.NaN;
    this.#bursts.reset();
  }

  /** Time from each datagram to the next. */
  interArrivalUs(): HistogramReport {
    return this.#gaps.toReport();
  }

  /** The most octets in any window of each length. */
  bursts(): NetworkReport["bursts"] {
    return this.#bursts.report();
  }
}
