import type { NetworkReport } from "../report/mpegts-schema.ts";
import { NS_PER_SECOND } from "../report/time.ts";

/** Nominal length of a measurement interval (RFC 4445 3: "typically 1 second"). */
const MDI_PERIOD_NS = NS_PER_SECOND;
const NS_PER_MS = 1_000_000;

/** Last value, sum and largest of a figure that each interval has. */
class Figure {
  #current = 0;
  #sum = 0;
  #max = 0;
  #count = 0;

  add(value: number): void {
    this.#current = value;
    this.#sum += value;
    this.#count += 1;
    if (value > this.#max) this.#max = value;
  }

  report(): { current: number; mean: number; max: number } {
    return { current: this.#current, mean: this.#sum / this.#count, max: this.#max };
  }
}

/**
 * Media Delivery Index (RFC 4445): delay factor and media loss rate.
 *
 * Delay factor (3.1): a virtual buffer is filled by the media octets S of each packet and drained at the media
 * rate MR. It starts with VB(0) = 0; just before packet i, which arrives Ti after the start, it holds
 * VB(i,pre) = sum of S(1..i-1) - MR * Ti, just after it VB(i,post) = VB(i,pre) + Si. DF is (VB(max) - VB(min)) / MR,
 * the start included: how much a receiver must buffer to play without a break.
 *
 * An interval lasts from just after the last packet of a nominal period of 1 s to the last packet of the next. A
 * period without a packet has no last one: the interval then goes on, so that a silence counts in full.
 *
 * Media loss rate (3.2): media packets lost or out of order in an interval, over its length in seconds.
 */
export class Mdi {
  readonly #delayFactorMs = new Figure();
  readonly #mediaLossRate = new Figure();
  #intervals = 0;
  /** Bits per second; what the interval that runs is measured with, and what the next will be. */
  #rateBps = 0;
  #nextRateBps = 0;
  /** That of the last interval measured. */
  #measuredRateBps = 0;
  /** Drained octets a nanosecond. */
  #drain = 0;
  /** Start of the interval (the last packet before it), end of its nominal period, last packet. */
  #startNs = Number.NaN;
  #periodEndNs = Number.NEGATIVE_INFINITY;
  #lastNs = Number.NaN;
  #octets = 0;
  #min = 0;
  #max = 0;
  #lost = 0;

  /**
   * The nominal rate of the media in bits per second, e.g. by its PCRs; null or 0 for not known. Taken over at
   * the start of the next interval; an interval without a rate is not measured.
   */
  mediaRate(rateBps: number | null): void {
    this.#nextRateBps = rateBps !== null && rateBps > 0 && rateBps < Number.POSITIVE_INFINITY ? rateBps : 0;
  }

  /** A datagram with `octets` of media has arrived at `timeNs`; NaN measures nothing. */
  packet(octets: number, timeNs: number): void {
    if (timeNs >= this.#periodEndNs || !(timeNs >= this.#lastNs)) {
      if (!this.#newPeriod(timeNs)) return;
    }
    this.#lastNs = timeNs;
    const before = this.#octets - this.#drain * (timeNs - this.#startNs);
    const after = before + octets;
    this.#octets += octets;
    if (before < this.#min) this.#min = before;
    if (after > this.#max) this.#max = after;
  }

  /** `packets` of the media (TS packets) were found to be missing, or came out of order. */
  lost(packets: number): void {
    this.#lost += packets;
  }

  /** The input starts again: the interval that runs is given up. */
  gap(): void {
    this.#startNs = Number.NaN;
    this.#lastNs = Number.NaN;
    this.#periodEndNs = Number.NEGATIVE_INFINITY;
  }

  /** The figures of all whole intervals; null while there is none. */
  report(): NetworkReport["mdi"] {
    if (this.#intervals === 0) return null;
    return {
      mediaRate: this.#measuredRateBps,
      delayFactorMs: this.#delayFactorMs.report(),
      mediaLossRate: this.#mediaLossRate.report(),
    };
  }

  /** False where `timeNs` only opens the first interval, or is none. */
  #newPeriod(timeNs: number): boolean {
    if (Number.isNaN(timeNs)) return false;
    if (!(timeNs >= this.#lastNs)) {
      // The first packet, or time went backwards.
      this.#periodEndNs = timeNs + MDI_PERIOD_NS;
      this.#lastNs = timeNs;
      this.#start();
      return false;
    }
    // A period in which only its opening packet came leaves the interval open.
    if (this.#lastNs > this.#startNs) {
      this.#end();
      this.#start();
    }
    const periods = Math.floor((timeNs - this.#periodEndNs) / MDI_PERIOD_NS) + 1;
    this.#periodEndNs += periods * MDI_PERIOD_NS;
    return true;
  }

  /** The interval ends with the last packet. */
  #end(): void {
    if (this.#rateBps === 0) return;
    this.#intervals += 1;
    this.#measuredRateBps = this.#rateBps;
    this.#delayFactorMs.add((this.#max - this.#min) / this.#drain / NS_PER_MS);
    this.#mediaLossRate.add((this.#lost * NS_PER_SECOND) / (this.#lastNs - this.#startNs));
  }

  /** The next interval starts just after the last packet, with VB(0) = 0. */
  #start(): void {
    this.#startNs = this.#lastNs;
    this.#rateBps = this.#nextRateBps;
    this.#drain = this.#rateBps / 8 / NS_PER_SECOND;
    this.#octets = 0;
    this.#min = 0;
    this.#max = 0;
    this.#lost = 0;
  }
}
