import { Histogram } from "../../report/histogram.ts";
import type { Timing21Report, VrxReport } from "../../report/st2110-video-schema.ts";
import type { Epoch } from "../../report/time.ts";
import type { TimestampQuality } from "../analyser.ts";
import { Cinst } from "./cinst.ts";
import { LevelCounts } from "./counts.ts";
import { epochNs } from "./epoch-time.ts";
import { floor, plus, type Rational, rational, times, toNumber } from "./rational.ts";
import { rtpOffsetTicks, sinceRtpNs } from "./rtp-time.ts";
import type { Schedule } from "./schedule.ts";
import { SecondSeries } from "./second-series.ts";
import type { TimingCounters, TimingRuleCounters } from "./timing-counters.ts";
import { conclusive, qualityText, type SenderType, verdict } from "./verdict.ts";
import { Vrx } from "./vrx.ts";

/** What timing is measured by. */
export interface TimingOptions {
  readonly epoch: Epoch;
  readonly quality: TimestampQuality;
  /** Where faults are counted. */
  readonly counters: TimingCounters;
  /** What makes the capture's times TAI, see `taiOffsetSeconds`; null when the sender is not locked to it. */
  readonly offsetSeconds: number | null;
  /** TP of the SDP; without it a stream is at fault only when no type fits. */
  readonly senderType?: SenderType;
  /** Times that this began anew because the relation of the clocks had changed. */
  readonly changes?: number;
}

/** RTP clock of all video (ST 2110-20, RFC 4175). */
export const VIDEO_CLOCK_HZ = 90_000;
const UNLOCKED =
  "the RTP timestamps are not of this capture's clock, so the sender is not known to be locked to it";

/**
 * ST 2110-21 and RP 2110-25 of one stream whose format is known. The caller knows frames, fields and which packet is
 * which. All exact for times of whole nanoseconds; BigInt once a field, plain numbers for each packet.
 */
export class Timing21 {
  readonly schedule: Schedule;
  readonly cinst: Cinst;
  readonly gapped: Vrx;
  readonly linear: Vrx;
  /** First packet after N * T, once a frame. */
  readonly fptNs = new Histogram("ns");
  /** TROFFSET less FPT. */
  readonly marginNs = new Histogram("ns");
  /** First packet after its RTP timestamp, once a frame or field. */
  readonly latencyNs = new Histogram("ns");
  readonly rtpOffset = new LevelCounts();
  /** Between packets of a frame or field. */
  readonly interPacketNs = new Histogram("ns");
  /** Between frames or fields. */
  readonly gapNs = new Histogram("ns");
  frames = 0;
  readonly #options: TimingOptions;
  readonly #locked: boolean;
  readonly #seconds = new SecondSeries();
  readonly #cinstLimit: number;
  readonly #hits: TimingRuleCounters;
  #lastNs = Number.NaN;
  /** N of the current frame. */
  #n = 0n;
  readonly #earliest: Rational;

  constructor(schedule: Schedule, options: TimingOptions) {
    this.schedule = schedule;
    this.#options = options;
    this.#locked = options.offsetSeconds !== null;
    this.cinst = new Cinst(schedule.drain, options.epoch, options.offsetSeconds ?? 0);
    this.gapped = new Vrx(schedule, true);
    this.linear = new Vrx(schedule, false);
    const { narrow, narrowLinear, wide, wideAllowed } = schedule;
    const any = Math.max(narrow.cinstMax, narrowLinear.cinstMax, wideAllowed ? wide.cinstMax : 0);
    const declared = { N: narrow.cinstMax, NL: narrowLinear.cinstMax, W: wide.cinstMax };
    const { senderType, quality } = options;
    this.#cinstLimit = senderType === undefined ? any : declared[senderType];
    // No narrow sender may begin further before TVD than the receive buffer holds; that is before N * T for small rasters
    // and small TROFFSETs only.
    const lead = plus(times(schedule.gappedStep, narrow.vrxFull), times(schedule.offset, -1));
    this.#earliest = lead.num > 0n ? lead : rational(0);
    this.#hits = options.counters.of(conclusive(senderType ?? "W", schedule, quality));
  }

  /**
   * A frame (or, `second`, its second field) begins with a packet at `timeNs`, which `packet` is given next.
   * `first` is false when packets before it were lost: then it is no first packet.
   */
  start(second: boolean, rtpTimestamp: number, timeNs: number, first: boolean): void {
    const { epoch, offsetSeconds } = this.#options;
    if (first && timeNs >= this.#lastNs) this.gapNs.add(timeNs - this.#lastNs);
    this.#lastNs = Number.NaN;
    if (!second) this.#seconds.frame(timeNs);
    if (offsetSeconds === null) return;
    const { period, offset } = this.schedule;
    const baseNs = Math.floor(timeNs);
    const since = epochNs(epoch, offsetSeconds, baseNs);
    if (!second) {
      const early = plus(rational(since), this.#earliest);
      this.#n = floor(rational(early.num * period.den, early.den * period.num));
      this.gapped.frame(baseNs, since, this.#n);
      this.linear.frame(baseNs, since, this.#n);
      if (first) {
        const fptNs =
          toNumber(rational(since * period.den - this.#n * period.num, period.den)) + (timeNs - baseNs);
        this.fptNs.add(fptNs);
        this.marginNs.add(toNumber(offset) - fptNs);
        this.#seconds.fpt(fptNs);
      }
    }
    if (!first) return;
    this.latencyNs.add(
      sinceRtpNs(epoch, offsetSeconds, baseNs, rtpTimestamp, VIDEO_CLOCK_HZ) + (timeNs - baseNs),
    );
    // In interlaced video the second field's timestamp is of half a frame later; that of a segment is not.
    const half = second && this.schedule.format.scan === "interlaced" ? 1n : 0n;
    const halfPeriod = rational(period.num, period.den * 2n);
    this.rtpOffset.add(rtpOffsetTicks(this.#n * 2n + half, halfPeriod, rtpTimestamp, VIDEO_CLOCK_HZ));
  }

  /** Packet `j` of the frame (lost ones counted) at `timeNs`, a number. */
  packet(j: number, timeNs: number): void {
    // Nothing to compare with, after a start, is NaN and not counted.
    const sinceNs = timeNs - this.#lastNs;
    if (sinceNs >= 0) this.interPacketNs.add(sinceNs);
    this.#lastNs = timeNs;
    const level = this.cinst.packet(timeNs);
    if (level > this.#cinstLimit) this.#hits.cinst.hit(timeNs);
    if (level > this.#seconds.cinstPeak) this.#seconds.cinstPeak = level;
    if (!this.#locked) return;
    this.gapped.packet(j, timeNs);
    this.linear.packet(j, timeNs);
  }

  /** The frame is over; VRX is judged only when it was `complete`. */
  frameEnd(complete: boolean): void {
    this.frames += 1;
    if (!complete || !this.#locked) {
      this.#seconds.frameEnd(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
      return;
    }
    const { gapped, linear, schedule } = this;
    const type = this.#options.senderType;
    const full =
      type === "NL" || !schedule.wideAllowed ? schedule.narrowLinear.vrxFull : schedule.wide.vrxFull;
    const under = { gapped: gapped.frameMin < 1, linear: linear.frameMin < 1 };
    const over = { gapped: gapped.frameMax > schedule.narrow.vrxFull, linear: linear.frameMax > full };
    const wrong = (fault: { gapped: boolean; linear: boolean }): boolean =>
      type === undefined ? fault.gapped && fault.linear : type === "N" ? fault.gapped : fault.linear;
    if (wrong(under)) this.#hits.underflow.hit(this.#lastNs);
    if (wrong(over)) this.#hits.overflow.hit(this.#lastNs);
    const shown = type === undefined || type === "N" ? gapped : linear;
    this.#seconds.frameEnd(shown.frameMin, shown.frameMax);
  }

  /** The times start anew. */
  restart(): void {
    this.cinst.restart();
    this.#lastNs = Number.NaN;
  }

  /** What was measured; the series of seconds only when `final`. */
  report(final: boolean): Timing21Report {
    const { schedule, cinst, gapped, linear } = this;
    const { quality, offsetSeconds, changes } = this.#options;
    const { narrow, narrowLinear, wide, wideAllowed } = schedule;
    const peak = cinst.levels.count === 0 ? null : cinst.levels.max;
    const judged = (type: SenderType): ReturnType<typeof verdict> => {
      const levels = (type === "N" ? gapped : linear).levels;
      const seen = levels.count > 0;
      const peaks = { cinst: peak, vrxMin: seen ? levels.min : null, vrxMax: seen ? levels.max : null };
      return verdict(type, schedule, peaks, quality, this.#locked ? null : UNLOCKED);
    };
    const report: Timing21Report = {
      timestamps: { source: qualityText(quality), taiOffsetSeconds: offsetSeconds, changes: changes ?? 0 },
      schedule: {
        packetsPerFrame: schedule.format.packets,
        framePeriodNs: toNumber(schedule.period),
        trsGappedNs: toNumber(schedule.gappedStep),
        trsLinearNs: toNumber(schedule.linearStep),
        troffsetNs: toNumber(schedule.offset),
        cinstMax: { N: narrow.cinstMax, NL: narrowLinear.cinstMax, W: wideAllowed ? wide.cinstMax : null },
        vrxFull: { N: narrow.vrxFull, NL: narrowLinear.vrxFull, W: wideAllowed ? wide.vrxFull : null },
      },
      frames: this.frames,
      verdicts: [judged("N"), judged("NL"), judged("W")],
      cinst: { peak, mean: cinst.levels.mean, levels: cinst.levels.list() },
      vrx: this.#locked ? { gapped: vrxReport(gapped), linear: vrxReport(linear) } : null,
      fptNs: this.#locked ? this.fptNs.toReport() : null,
      marginNs: this.#locked ? this.marginNs.toReport() : null,
      latencyNs: this.#locked ? this.latencyNs.toReport() : null,
      rtpOffsetTicks: this.#locked ? this.rtpOffset.list() : null,
      interPacketNs: this.interPacketNs.toReport(),
      gapNs: this.gapNs.toReport(),
    };
    if (final) report.seconds = this.#seconds.list();
    return report;
  }
}

function vrxReport({ levels, underflows }: Vrx): VrxReport {
  const seen = levels.count > 0;
  return {
    peak: seen ? levels.max : null,
    min: seen ? levels.min : null,
    mean: levels.mean,
    underflows,
    levels: levels.list(),
  };
}
