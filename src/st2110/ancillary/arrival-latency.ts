import { type Epoch, NS_PER_SECOND } from "../../report/time.ts";
import { TAI_UTC_SECONDS } from "../analyser.ts";

/** An arrival this near after its RTP time says that the two count from the same clock. */
const SAME_CLOCK_NS = NS_PER_SECOND;

/** How the RTP timestamps of a flow stand to the clock of the capture. */
export interface ArrivalLatencyReport {
  /**
   * `tai`: the capture counts in UTC and RTP in TAI, 37 s apart, as it should be. `same`: both in the same scale
   * (the capture in TAI, or the sender in UTC). `free-running`: neither. `unknown`: the input has no wall clock.
   */
  readonly relation: "tai" | "same" | "free-running" | "unknown";
  /** First packet of a frame or field after its RTP time; null unless `relation` is `tai` or `same`. */
  readonly latencyNs: { readonly min: number; readonly mean: number; readonly max: number } | null;
}

/**
 * Arrival of the first packet of each frame or field against its RTP timestamp. Within the flow it counts from the
 * first one in float64 nanoseconds; the epoch comes in once, in exact integers, when a report is made.
 */
export class ArrivalLatency {
  readonly #clockHz: number;
  #count = 0;
  #firstNs = 0;
  #firstTimestamp = 0;
  #lastTimestamp = 0;
  /** Ticks since the first timestamp, wraps undone. */
  #ticks = 0;
  #sumNs = 0;
  #minNs = 0;
  #maxNs = 0;

  constructor(clockHz: number) {
    this.#clockHz = clockHz;
  }

  /** Starts over. */
  restart(): void {
    this.#count = 0;
  }

  /** A frame or field with this RTP timestamp began to arrive at `timeNs`; NaN is left out. */
  add(timestamp: number, timeNs: number): void {
    if (Number.isNaN(timeNs)) return;
    if (this.#count === 0) {
      this.#firstNs = timeNs;
      this.#firstTimestamp = timestamp;
      this.#ticks = 0;
      this.#sumNs = 0;
      this.#minNs = 0;
      this.#maxNs = 0;
    } else {
      this.#ticks += (timestamp - this.#lastTimestamp) | 0;
    }
    this.#lastTimestamp = timestamp;
    this.#count += 1;
    const offNs = timeNs - this.#firstNs - (this.#ticks * NS_PER_SECOND) / this.#clockHz;
    this.#sumNs += offNs;
    if (offNs < this.#minNs) this.#minNs = offNs;
    if (offNs > this.#maxNs) this.#maxNs = offNs;
  }

  /** What is known at `epoch`, from which all times count. */
  report(epoch: Epoch): ArrivalLatencyReport {
    if (!epoch.wallClock || this.#count === 0) return { relation: "unknown", latencyNs: null };
    for (const [relation, seconds] of [
      ["tai", TAI_UTC_SECONDS],
      ["same", 0],
    ] as const) {
      const first = this.#firstLatencyNs(epoch, seconds);
      const min = first + this.#minNs;
      // RTP times a little in the future are a fault of the sender's, not another clock.
      if (min > -SAME_CLOCK_NS && min < SAME_CLOCK_NS) {
        return {
          relation,
          latencyNs: { min, mean: first + this.#sumNs / this.#count, max: first + this.#maxNs },
        };
      }
    }
    return { relation: "free-running", latencyNs: null };
  }

  /** Latency of the first one in nanoseconds, if RTP time is capture time plus `offsetSeconds`. */
  #firstLatencyNs(epoch: Epoch, offsetSeconds: number): number {
    const clock = BigInt(this.#clockHz);
    const second = BigInt(NS_PER_SECOND);
    const arrivalNs =
      BigInt(epoch.seconds + offsetSeconds) * second +
      BigInt(epoch.nanoseconds) +
      BigInt(Math.round(this.#firstNs));
    // In units of 1/clock ns, which holds both sides exactly.
    const wrap = (1n << 32n) * second;
    let apart = (arrivalNs * clock - BigInt(this.#firstTimestamp) * second) % wrap;
    if (apart < 0n) apart += wrap;
    if (apart > wrap / 2n) apart -= wrap;
    return Number(apart) / this.#clockHz;
  }
}
