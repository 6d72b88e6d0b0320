import { Histogram } from "../../report/histogram.ts";
import type { PcrReport } from "../../report/mpegts-schema.ts";
import { PCR_MODULUS } from "../packet.ts";
import { PCR_MAX_INTERVAL, PcrRate } from "../pcr-rate.ts";
import { ArrivalClock } from "./arrival-clock.ts";
import type { MeasurementFilter } from "./demarcation.ts";
import { type AccuracyListener, PcrAccuracy } from "./pcr-accuracy.ts";
import { NS_PER_TICK, pcrStep } from "./pcr-time.ts";

/** What a clock may be told. */
export interface PcrClockOptions {
  /** Largest step that needs no discontinuity_indicator, ticks of 27 MHz; TR 101 290 2.3.b: 100 ms. */
  readonly mostStepTicks?: number;
  /** Filter between drift and jitter; MGF1 by default. */
  readonly filter?: MeasurementFilter;
  /**
   * False where times are not of arrival, such as those of a file that is played by its PCRs: the listener is told
   * them, but nothing is measured by them. True by default.
   */
  readonly arrival?: boolean;
  /** Told of the error of each PCR (TR 101 290 2.4). */
  readonly listener?: AccuracyListener | null;
}

/** TR 101 290 2.3.b. */
const MOST_STEP_TICKS = 2_700_000;
/** A step past the limit is a late PCR and no jump where its arrival is as late, within this. */
const LATE_PCR_NS = 50e6;

/**
 * The clock of a program by the PCRs of one PID: intervals, discontinuities, bit rate, and by annex I of
 * TR 101 290 its frequency, drift, jitter and accuracy. Interval, jitter and accuracy are of each PCR; nothing
 * is sampled. Some 12 kB, 50 kB with every bin of its histograms; no allocation per PCR.
 */
export class PcrClock {
  readonly pid: number;
  readonly #mostStep: number;
  readonly #intervalMs = new Histogram("ms");
  readonly #rate = new PcrRate();
  readonly #timed: boolean;
  readonly #arrival: ArrivalClock;
  readonly #accuracy: PcrAccuracy;
  #count = 0;
  #signalled = 0;
  #unsignalled = 0;
  #last = Number.NaN;
  #lastPacket = 0;
  #lastNs = Number.NaN;
  /** Ticks since the clock started anew, without wrap; the last PCR stands there. */
  #elapsed = 0;
  /** Ticks of 27 MHz for a packet in the last whole interval; NaN before one. */
  #ticksPerPacket = Number.NaN;

  constructor(pid: number, options: PcrClockOptions = {}) {
    this.pid = pid;
    this.#mostStep = options.mostStepTicks ?? MOST_STEP_TICKS;
    this.#timed = options.arrival ?? true;
    const filter = options.filter ?? "MGF1";
    this.#arrival = new ArrivalClock(filter);
    this.#accuracy = new PcrAccuracy(pid, filter, options.listener ?? null);
  }

  /**
   * A PCR of `pcr27` ticks in packet number `packet` of the stream, which came at `timeNs` (NaN where that is not
   * known). `discontinuity` is whether discontinuity_indicator was set in any packet of the PID since the PCR
   * before, this one's included; `lossy` whether packets of the stream are missing since then.
   */
  pcr(pcr27: number, packet: number, timeNs: number, discontinuity: boolean, lossy = false): void {
    const last = this.#last;
    const lastPacket = this.#lastPacket;
    const lastNs = this.#lastNs;
    const arrivalNs = this.#timed ? timeNs : Number.NaN;
    this.#count += 1;
    this.#last = pcr27;
    this.#lastPacket = packet;
    this.#lastNs = arrivalNs;
    // ISO/IEC 13818-1 2.4.3.5: a signalled change of the time base; the first PCR changes nothing.
    if (discontinuity) {
      if (!Number.isNaN(last)) this.#signalled += 1;
      this.#restart(pcr27);
    } else if (Number.isNaN(last)) {
      this.#restart(pcr27);
    } else {
      const step = pcrStep(last, pcr27);
      if (step < 0 || step > this.#mostStep) this.#unsignalled += 1; // TR 101 290 2.3.b
      if (step < 0 || step > PCR_MAX_INTERVAL || this.#jumped(step, arrivalNs - lastNs)) this.#restart(pcr27);
      else this.#interval(last, step, packet - lastPacket, lossy);
    }
    this.#measure(packet, arrivalNs, lastNs, timeNs);
  }

  /** Packets in between were not seen, by no fault of the stream. */
  gap(): void {
    this.#last = Number.NaN;
    this.#ticksPerPacket = Number.NaN;
  }

  /**
   * Value of the clock at packet `packet`, ticks of 27 MHz from 0 to the wrap: from the last PCR on at the rate of
   * the last interval (ISO/IEC 13818-1 2.4.2.2). NaN where that is not known.
   */
  ticksAt(packet: number): number {
    const ticks = (this.#last + (packet - this.#lastPacket) * this.#ticksPerPacket) % PCR_MODULUS;
    return ticks < 0 ? ticks + PCR_MODULUS : ticks;
  }

  /** Why PCR_AC is not measurable; null where it is. */
  get notMeasurable(): string | null {
    return this.#accuracy.reason;
  }

  /** All of it as report data; the bins of the histograms only where they are asked for. */
  report(bins = true): PcrReport {
    const { jitterNs } = this.#arrival;
    const { method, reason, errorNs } = this.#accuracy;
    return {
      pid: this.pid,
      count: this.#count,
      intervalMs: this.#intervalMs.toReport(bins),
      discontinuities: { signalled: this.#signalled, unsignalled: this.#unsignalled },
      bitrate: this.#rate.bitrateBps,
      jitterNs: jitterNs.count > 0 ? jitterNs.toReport(bins) : null,
      driftPpm: this.#arrival.driftPpm,
      accuracy: {
        method,
        ...(reason === null ? {} : { reason }),
        frequencyOffsetHz: this.#arrival.frequencyOffsetHz,
        driftRateMhzPerS: this.#arrival.driftRateMhzPerS,
        overallJitterNs: this.#arrival.overallJitterNs,
        accuracyNs: errorNs?.toReport(bins) ?? null,
      },
    };
  }

  /** True where a step past the limit is not explained by a PCR that came as late. */
  #jumped(step: number, arrivalNs: number): boolean {
    return step > this.#mostStep && !(Math.abs(step * NS_PER_TICK - arrivalNs) <= LATE_PCR_NS);
  }

  #interval(last: number, step: number, packets: number, lossy: boolean): void {
    this.#intervalMs.add(step / 27_000);
    this.#rate.interval(last, this.#last, packets, lossy);
    this.#elapsed += step;
    if (lossy) this.#accuracy.restartPosition();
    else this.#ticksPerPacket = step / packets;
  }

  #restart(pcr27: number): void {
    this.#elapsed = pcr27;
    this.#ticksPerPacket = Number.NaN;
    this.#arrival.restart();
    this.#accuracy.restart();
  }

  #measure(packet: number, arrivalNs: number, lastNs: number, timeNs: number): void {
    const pcrNs = this.#elapsed * NS_PER_TICK;
    // Time that runs backwards, or was not known, begins anew.
    if (!(arrivalNs >= lastNs)) {
      this.#arrival.restart();
      this.#accuracy.restartArrival();
    }
    if (!Number.isNaN(arrivalNs)) this.#arrival.add(arrivalNs, pcrNs - arrivalNs);
    this.#accuracy.add(pcrNs, packet, arrivalNs, timeNs);
  }
}
