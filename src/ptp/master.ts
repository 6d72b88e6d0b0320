import { u8, u16 } from "../bits/read.ts";
import { Histogram } from "../report/histogram.ts";
import type { GrandmasterReport, PtpMasterReport } from "../report/ptp-schema.ts";
import { PtpDestinations } from "./destination.ts";
import {
  FLAG_PTP_TIMESCALE,
  FLAG_TIME_TRACEABLE,
  FLAG_UTC_OFFSET_VALID,
  identityHigh,
  identityLow,
  identityText,
  ptpAlternateMaster,
  ptpLogInterval,
  ptpSequence,
  ptpTimeFlags,
  ptpTwoStep,
} from "./message.ts";
import { MessageTrain } from "./train.ts";

/** announceReceiptTimeout of ST 2059-2 (and the default of IEEE 1588-2008 annex J): intervals without an Announce. */
const ANNOUNCE_RECEIPT_TIMEOUT = 3;
/** Intervals without a Sync after which it counts as gone; no standard sets a number. */
const SYNC_TIMEOUT_INTERVALS = 10;
/** One port that sends Announce and Sync, by its sourcePortIdentity. */
export class PtpMaster {
  readonly high: number;
  readonly low: number;
  readonly port: number;
  /** Time of its first message, ns. */
  readonly firstNs: number;
  readonly announce = new MessageTrain(ANNOUNCE_RECEIPT_TIMEOUT);
  readonly sync = new MessageTrain(SYNC_TIMEOUT_INTERVALS);
  /** Its Announces since a better grandmaster came up. */
  overlap = 0;
  /** Its Announces since another port came to be the nearest to the same grandmaster. */
  beside = 0;
  /** Time of the last Announce that was counted as either, ns. */
  comparedNs = Number.NaN;
  /** True when it says of itself that it is none: nobody elects it or misses it (17.4). */
  alternate = false;
  twoStep = false;
  followUpsMissing = 0;
  /** Times of the last whole Sync, ns after the capture's epoch: sent by the master's clock, and arrived. */
  sentNs = Number.NaN;
  arrivedNs = Number.NaN;
  /** Its grandmaster by the last Announce, all numbers as announced. */
  grandmasterHigh = 0;
  grandmasterLow = 0;
  priority1 = 0;
  clockClass = 0;
  clockAccuracy = 0;
  variance = 0;
  priority2 = 0;
  stepsRemoved = 0;
  timeSource = 0;
  timeFlags = 0;
  utcOffset = 0;
  readonly #variation = new Histogram("ns");
  #firstOffsetNs = Number.NaN;
  readonly #destinations = new PtpDestinations();

  constructor(high: number, low: number, port: number, firstNs: number) {
    this.firstNs = firstNs;
    this.high = high;
    this.low = low;
    this.port = port;
  }

  /** Takes an Announce of 64 octets or more at `off` to `address`. False when it is a copy of the one before. */
  takeAnnounce(buf: Uint8Array, off: number, address: number, timeNs: number): boolean {
    const { announce } = this;
    const pool = this.#destinations.find(address, timeNs)?.announces ?? null;
    // One that was passive and comes back begins with an Announce.
    if (!announce.alive) this.sync.expect(timeNs);
    if (!announce.message(pool, ptpSequence(buf, off), ptpLogInterval(buf, off), timeNs)) return false;
    this.alternate = ptpAlternateMaster(buf, off);
    this.timeFlags = ptpTimeFlags(buf, off);
    this.utcOffset = (u16(buf, off + 44) << 16) >> 16;
    this.priority1 = u8(buf, off + 47);
    this.clockClass = u8(buf, off + 48);
    this.clockAccuracy = u8(buf, off + 49);
    this.variance = u16(buf, off + 50);
    this.priority2 = u8(buf, off + 52);
    this.grandmasterHigh = identityHigh(buf, off + 53);
    this.grandmasterLow = identityLow(buf, off + 53);
    this.stepsRemoved = u16(buf, off + 61);
    this.timeSource = u8(buf, off + 63);
    return true;
  }

  /**
   * Takes a Sync of 44 octets or more at `off` to `address`; `originNs` is its originTimestamp after the capture's
   * epoch. True when the two-step Sync before it had no Follow_Up.
   */
  takeSync(
    buf: Uint8Array,
    off: number,
    address: number,
    originNs: number,
    correctionNs: number,
    timeNs: number,
  ): boolean {
    const sequence = ptpSequence(buf, off);
    const to = this.#destinations.find(address, timeNs);
    if (!this.sync.message(to?.syncs ?? null, sequence, ptpLogInterval(buf, off), timeNs)) return false;
    this.alternate = ptpAlternateMaster(buf, off);
    this.twoStep = ptpTwoStep(buf, off);
    const missing = to !== null && to.pending >= 0;
    if (missing) this.followUpsMissing++;
    if (to !== null) to.pending = -1;
    if (!this.twoStep) this.#synchronised(originNs + correctionNs, timeNs);
    else if (to?.early === sequence) this.#synchronised(to.earlySentNs + correctionNs, timeNs);
    else if (to !== null) {
      to.pending = sequence;
      to.pendingArrivedNs = timeNs;
      to.pendingCorrectionNs = correctionNs;
    }
    if (to !== null) to.early = -1;
    return missing;
  }

  /**
   * Takes a Follow_Up to `address`; `sentNs` is its preciseOriginTimestamp with its correction, after the capture's
   * epoch.
   */
  takeFollowUp(sequence: number, address: number, sentNs: number, timeNs: number): void {
    const to = this.#destinations.find(address, timeNs);
    if (to === null) return;
    if (sequence === to.pending) {
      to.pending = -1;
      this.#synchronised(sentNs + to.pendingCorrectionNs, to.pendingArrivedNs);
    } else {
      // Ports 319 and 320 may be captured out of order.
      to.early = sequence;
      to.earlySentNs = sentNs;
    }
  }

  /** True once when it announces but has stopped to send Sync at `nowNs`. */
  syncSilence(nowNs: number): boolean {
    return this.announce.alive && this.sync.silence(nowNs);
  }

  /** What follows is not compared with what was before. */
  gap(): void {
    this.announce.gap();
    this.sync.gap();
    this.#destinations.gap();
    this.comparedNs = Number.NaN;
    this.sentNs = Number.NaN;
    this.arrivedNs = Number.NaN;
    this.#firstOffsetNs = Number.NaN;
  }

  /** True when it can be elected: it announces, and as a master. */
  get electable(): boolean {
    return this.announce.alive && !this.alternate;
  }

  /** True when `other` announces the same grandmaster. */
  sameGrandmaster(other: PtpMaster): boolean {
    return this.grandmasterHigh === other.grandmasterHigh && this.grandmasterLow === other.grandmasterLow;
  }

  /**
   * Below zero when this one's grandmaster is better than that of `other` by the data set comparison (9.3.4), above
   * zero when it is worse; of one grandmaster the shorter way wins.
   */
  compare(other: PtpMaster): number {
    if (this.sameGrandmaster(other)) return this.stepsRemoved - other.stepsRemoved;
    return (
      this.priority1 - other.priority1 ||
      this.clockClass - other.clockClass ||
      this.clockAccuracy - other.clockAccuracy ||
      this.variance - other.variance ||
      this.priority2 - other.priority2 ||
      this.grandmasterHigh - other.grandmasterHigh ||
      this.grandmasterLow - other.grandmasterLow
    );
  }

  /** TAI - UTC as announced, or null. */
  utcOffsetSeconds(): number | null {
    return (this.timeFlags & FLAG_UTC_OFFSET_VALID) !== 0 ? this.utcOffset : null;
  }

  /** All of it as report data; offsets are null without a wall clock. */
  report(wallClock: boolean): PtpMasterReport {
    const { announce, sync } = this;
    const offsetNs = this.arrivedNs - this.sentNs;
    return {
      identity: identityText(this.high, this.low),
      port: this.port,
      grandmaster: announce.count === 0 ? null : this.#grandmaster(),
      announces: announce.count,
      announcesLost: announce.lost,
      announceLogInterval: announce.count === 0 ? null : announce.logInterval,
      announceIntervalMs: announce.intervalMs.toReport(),
      announceTimeouts: announce.timeouts,
      syncs: sync.count,
      syncsLost: sync.lost,
      syncLogInterval: sync.count === 0 ? null : sync.logInterval,
      syncIntervalMs: sync.intervalMs.toReport(),
      twoStep: this.twoStep,
      followUpsMissing: this.followUpsMissing,
      arrivalOffsetNs: wallClock && Number.isFinite(offsetNs) ? offsetNs : null,
      arrivalVariationNs: this.#variation.toReport(),
    };
  }

  #grandmaster(): GrandmasterReport {
    return {
      identity: identityText(this.grandmasterHigh, this.grandmasterLow),
      priority1: this.priority1,
      clockClass: this.clockClass,
      clockAccuracy: this.clockAccuracy,
      offsetScaledLogVariance: this.variance,
      priority2: this.priority2,
      stepsRemoved: this.stepsRemoved,
      timeSource: this.timeSource,
      ptpTimescale: (this.timeFlags & FLAG_PTP_TIMESCALE) !== 0,
      timeTraceable: (this.timeFlags & FLAG_TIME_TRACEABLE) !== 0,
      utcOffsetSeconds: this.utcOffsetSeconds(),
    };
  }

  #synchronised(sentNs: number, arrivedNs: number): void {
    // A correction that was too big to be told leaves no time.
    if (Number.isNaN(sentNs)) return;
    this.sentNs = sentNs;
    this.arrivedNs = arrivedNs;
    const offsetNs = arrivedNs - sentNs;
    if (Number.isNaN(this.#firstOffsetNs)) this.#firstOffsetNs = offsetNs;
    this.#variation.add(offsetNs - this.#firstOffsetNs);
  }
}
