import { Histogram } from "../../report/histogram.ts";
import type { AudioTimingReport } from "../../report/st2110-audio-schema.ts";
import type { Epoch } from "../../report/time.ts";
import type { TimestampQuality } from "../analyser.ts";
import { alignRtp } from "./alignment.ts";
import { judgeProfiles } from "./profiles.ts";

/** EBU Tech 3337: the timestamped delay factor is taken over 200 ms. */
export const TS_DF_WINDOW_NS = 200e6;
/** More packet times than this are beyond a wide sender. */
export const WIDE_PACKET_TIMES = 17;
/** Windows whose figures a final report lists: two minutes. */
const SERIES = 600;
/** A timestamp this much ahead of or behind what was to come belongs to another clock, not to jitter. */
const CLOCK_JUMP_NS = 100e6;

/** What the timing of a stream is measured against. */
export interface TimingBasis {
  readonly sampleRateHz: number;
  readonly packetTimeNs: number;
  readonly timestamps: TimestampQuality;
}

/**
 * Arrival of audio packets against their RTP timestamps: packet interval time (PIT), timestamped delay factor (TS-DF)
 * and the delta between arrival and RTP time. Packets without a time (NaN) measure nothing.
 */
export class AudioTiming {
  /** Windows whose TS-DF was over 17 packet times. */
  beyondWide = 0;
  readonly #basis: TimingBasis;
  readonly #nsPerTick: number;
  readonly #intervals = new Histogram("ns");
  readonly #delayFactors = new Histogram("ns");
  readonly #series = new Float64Array(SERIES);
  #lastNs = Number.NaN;
  #lastTimestamp = 0;
  #clockJumps = 0;
  /** The packet that deviations count from; NaN before it. */
  #anchorNs = Number.NaN;
  #anchorTimestamp = 0;
  /** Ticks since the anchor, wraps of the timestamp undone. */
  #ticks = 0;
  #packets = 0;
  #deviationMin = 0;
  #deviationMax = 0;
  #deviationSum = 0;
  #windowStartNs = Number.NaN;
  #windowMin = 0;
  #windowMax = 0;
  #windows = 0;
  #withinOne = 0;

  constructor(basis: TimingBasis) {
    this.#basis = basis;
    this.#nsPerTick = 1e9 / basis.sampleRateHz;
  }

  /** One packet; `adjacent` when the one before it in the sequence came just before. */
  packet(timestamp: number, adjacent: boolean, timeNs: number): void {
    if (Number.isNaN(timeNs)) return;
    const intervalNs = timeNs - this.#lastNs;
    if (adjacent && intervalNs >= 0) this.#intervals.add(intervalNs);
    const step = (timestamp - this.#lastTimestamp) | 0;
    this.#lastNs = timeNs;
    this.#lastTimestamp = timestamp;
    if (Number.isNaN(this.#anchorNs)) {
      this.#anchor(timestamp, timeNs);
    } else if (Math.abs(intervalNs - step * this.#nsPerTick) > CLOCK_JUMP_NS) {
      // Either clock jumped: what follows is compared with itself.
      this.#clockJumps += 1;
      this.#anchor(timestamp, timeNs);
    } else {
      this.#ticks += step;
    }
    this.#deviation(timeNs - this.#anchorNs - this.#mediaNs(), timeNs);
  }

  /** What follows is not compared with what was before. */
  gap(): void {
    this.#anchorNs = Number.NaN;
    this.#lastNs = Number.NaN;
  }

  /** Largest TS-DF of any window in ns, the running one included; null before the first packet. */
  get tsDfMaxNs(): number | null {
    if (this.#packets === 0 && this.#windows === 0) return null;
    return Math.max(this.#delayFactors.max ?? 0, this.#windowMax - this.#windowMin);
  }

  /** All of it as report data; the series of windows only when `final`. */
  report(epoch: Epoch, final: boolean): AudioTimingReport {
    const { packetTimeNs, sampleRateHz, timestamps } = this.#basis;
    const aligned = alignRtp(epoch, this.#anchorNs, this.#anchorTimestamp, sampleRateHz);
    const { deltaNs } = aligned;
    const measured = deltaNs !== null && this.#packets > 0;
    const delta = measured
      ? {
          minNs: deltaNs + this.#deviationMin,
          meanNs: deltaNs + this.#deviationSum / this.#packets,
          maxNs: deltaNs + this.#deviationMax,
        }
      : null;
    const tsDfMaxNs = this.tsDfMaxNs;
    const report: AudioTimingReport = {
      timestampSource: timestamps.kind,
      timestampResolutionNs: timestamps.resolutionNs,
      packetIntervalNs: this.#intervals.toReport(),
      tsDf: {
        windows: this.#windows,
        maxNs: tsDfMaxNs,
        meanNs: this.#delayFactors.mean,
        runningNs: this.#packets === 0 ? null : this.#windowMax - this.#windowMin,
        windowsWithinOnePacketTime: this.#withinOne,
        windowsBeyondWide: this.beyondWide,
        ...senderVerdict(tsDfMaxNs, packetTimeNs, timestamps),
      },
      clock: {
        alignment: aligned.alignment,
        offsetSeconds: aligned.offsetNs === null ? null : aligned.offsetNs / 1e9,
        jumps: this.#clockJumps,
        delta,
      },
      profiles: judgeProfiles(
        { delta, packetTimeNs, intervalMeanNs: this.#intervals.mean, intervalMaxNs: this.#intervals.max },
        aligned.alignment,
      ),
    };
    if (final) report.tsDf.seriesNs = this.#seriesNs();
    return report;
  }

  #anchor(timestamp: number, timeNs: number): void {
    this.#anchorNs = timeNs;
    this.#anchorTimestamp = timestamp;
    this.#ticks = 0;
    this.#packets = 0;
    this.#deviationMin = Number.POSITIVE_INFINITY;
    this.#deviationMax = Number.NEGATIVE_INFINITY;
    this.#deviationSum = 0;
    this.#startWindow(timeNs);
  }

  /** Media time since the anchor: whole seconds apart, so that it is exact for days and not only for minutes. */
  #mediaNs(): number {
    const rate = this.#basis.sampleRateHz;
    const seconds = Math.floor(this.#ticks / rate);
    return seconds * 1e9 + ((this.#ticks - seconds * rate) * 1e9) / rate;
  }

  #startWindow(timeNs: number): void {
    this.#windowStartNs = timeNs;
    this.#windowMin = Number.POSITIVE_INFINITY;
    this.#windowMax = Number.NEGATIVE_INFINITY;
  }

  #deviation(deviationNs: number, timeNs: number): void {
    const sinceNs = timeNs - this.#windowStartNs;
    if (sinceNs >= TS_DF_WINDOW_NS) {
      this.#endWindow();
      // Windows lie end to end from the anchor on; those without a packet are passed over.
      const windows = Math.floor(sinceNs / TS_DF_WINDOW_NS);
      this.#startWindow(this.#windowStartNs + windows * TS_DF_WINDOW_NS);
    }
    if (deviationNs < this.#windowMin) this.#windowMin = deviationNs;
    if (deviationNs > this.#windowMax) this.#windowMax = deviationNs;
    if (deviationNs < this.#deviationMin) this.#deviationMin = deviationNs;
    if (deviationNs > this.#deviationMax) this.#deviationMax = deviationNs;
    this.#deviationSum += deviationNs;
    this.#packets += 1;
  }

  #endWindow(): void {
    const delayFactorNs = this.#windowMax - this.#windowMin;
    this.#delayFactors.add(delayFactorNs);
    this.#series[this.#windows % SERIES] = delayFactorNs;
    this.#windows += 1;
    if (delayFactorNs <= this.#basis.packetTimeNs) this.#withinOne += 1;
    if (delayFactorNs > WIDE_PACKET_TIMES * this.#basis.packetTimeNs) this.beyondWide += 1;
  }

  /** The last windows, oldest first. */
  #seriesNs(): number[] {
    const count = Math.min(this.#windows, SERIES);
    return Array.from({ length: count }, (_, at) => {
      return this.#series[(this.#windows - count + at) % SERIES] as number;
    });
  }
}

/**
 * Narrow: TS-DF of at most one packet time; wide: at most 17. The capture's own jitter only adds to it, so `narrow`
 * holds whatever took the times, if its steps are fine enough; anything else holds only if hardware took them.
 */
function senderVerdict(
  tsDfNs: number | null,
  packetTimeNs: number,
  timestamps: TimestampQuality,
): Pick<AudioTimingReport["tsDf"], "sender" | "conclusive"> {
  if (tsDfNs === null || timestamps.kind === "none") return { sender: "not measured", conclusive: false };
  const coarse = timestamps.resolutionNs > packetTimeNs / 10;
  if (tsDfNs <= packetTimeNs) return { sender: "narrow", conclusive: !coarse };
  const sender = tsDfNs <= WIDE_PACKET_TIMES * packetTimeNs ? "wide" : "beyond wide";
  return { sender, conclusive: !coarse && timestamps.kind === "hardware" };
}
