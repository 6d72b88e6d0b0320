import type { PtpDomainReport } from "../report/ptp-schema.ts";
import type { Epoch } from "../report/time.ts";
import { PtpElection } from "./election.ts";
import { PtpMaster } from "./master.ts";
import {
  FLAG_PTP_TIMESCALE,
  identityHigh,
  identityLow,
  NO_LOG_INTERVAL,
  PTP_MESSAGE,
  ptpCorrectionNs,
  ptpLogInterval,
  ptpMessageType,
  ptpSequence,
  timestampNanoseconds,
  timestampSeconds,
} from "./message.ts";
import { SynchronizationMetadata } from "./metadata.ts";
import { PtpRequester } from "./requester.ts";
import type { PtpCounters } from "./rules.ts";

/** Ports with Announce or Sync that one domain keeps apart. */
export const MAX_MASTERS = 16;
/** Clocks asking for their path delay that one domain keeps apart. */
export const MAX_REQUESTERS = 256;

/** Room for clocks that all domains share. */
export interface PtpRoom {
  masters: number;
  requesters: number;
}
/** TAI - UTC since 2017-01-01 (IERS bulletin C 52), where no Announce says another. */
const TAI_UTC_SECONDS = 37;
/** Ranges of ST 2059-2. */
const ANNOUNCE_LOG_MIN = -3;
const ANNOUNCE_LOG_MAX = 1;
const SYNC_LOG_MIN = -7;
const SYNC_LOG_MAX = -1;
/** clockClass of a clock locked to a primary reference (IEEE 1588-2008 table 5). */
const CLASS_LOCKED = 6;
/** Longest wait for a first Announce: three of the longest interval, ns. */
const ANNOUNCE_WAIT_NS = 6e9;
/** The same by unicast, where annex J.3.2 bounds the interval, ns. */
const UNICAST_ANNOUNCE_WAIT_NS = 48e9;
/** Longest wait for the synchronization metadata, sent once a second, ns. */
const METADATA_WAIT_NS = 5e9;
/** What is nearer than this to a whole number of seconds between the time scales is taken for it, ns. */
const SCALE_TOLERANCE_NS = 0.5e9;

const NAMES = Object.entries(PTP_MESSAGE);

/** One PTP domain of one network, as seen by a listener. Memory: 16 masters and 256 requesters, if there is room. */
export class PtpDomain {
  readonly number: number;
  /** The network that it is of: clocks of another one with the same number don't hear these. */
  readonly network: number;
  readonly metadata = new SynchronizationMetadata();
  readonly #counters: PtpCounters;
  readonly #room: PtpRoom;
  readonly #counts = new Float64Array(16);
  readonly #masters: PtpMaster[] = [];
  readonly #requesters: PtpRequester[] = [];
  readonly #election: PtpElection;
  #firstAnnounceNs = Number.NaN;
  #lastNs = Number.NaN;
  #offsetNs = Number.NaN;
  /** True while the offset is that of a whole exchange, which beats that of Sync alone. */
  #exchanged = false;

  constructor(number: number, network: number, counters: PtpCounters, room: PtpRoom) {
    this.number = number;
    this.network = network;
    this.#room = room;
    this.#counters = counters;
    this.#election = new PtpElection(counters);
  }

  /**
   * Takes a message to the address of the number `address` whose octets for its type are in `buf[off, off + len)`,
   * captured at `timeNs` after `epoch`.
   */
  message(buf: Uint8Array, off: number, len: number, address: number, timeNs: number, epoch: Epoch): void {
    const type = ptpMessageType(buf, off);
    this.#counts[type] = (this.#counts[type] as number) + 1;
    this.#lastNs = timeNs;
    switch (type) {
      case PTP_MESSAGE.announce:
        this.#announce(buf, off, address, timeNs);
        break;
      case PTP_MESSAGE.sync:
        this.#sync(buf, off, address, timeNs, epoch);
        break;
      case PTP_MESSAGE.followUp:
        this.#followUp(buf, off, address, timeNs, epoch);
        break;
      case PTP_MESSAGE.delayReq:
        this.#delayReq(buf, off, address, timeNs);
        break;
      case PTP_MESSAGE.delayResp:
        this.#delayResp(buf, off, epoch);
        break;
      case PTP_MESSAGE.management:
        this.metadata.take(buf, off, len);
        break;
      default:
        break;
    }
    this.expire(timeNs);
  }

  /** It is `nowNs`: masters that have fallen silent are counted, and the next best is chosen. */
  expire(nowNs: number): void {
    let silent = false;
    for (const master of this.#masters) {
      const needed = this.#election.isNeeded(master);
      if (master.announce.silence(nowNs)) {
        silent = true;
        master.overlap = 0;
        master.beside = 0;
        if (needed && master.announce.saysInterval) {
          master.announce.timeouts++;
          this.#counters.announceTimeout.hit(nowNs);
        }
      }
      if (needed && master.sync.saysInterval && master.syncSilence(nowNs)) {
        master.sync.timeouts++;
        this.#counters.syncTimeout.hit(nowNs);
      }
    }
    if (silent) this.#elect(nowNs);
  }

  /** The input starts again. */
  gap(): void {
    for (const master of this.#masters) master.gap();
    for (const requester of this.#requesters) requester.gap();
    this.#firstAnnounceNs = Number.NaN;
  }

  /** True when the domain has had a grandmaster for long enough to have spread its metadata, and has not. */
  get lacksMetadata(): boolean {
    return this.metadata.messages === 0 && this.#lastNs - this.#firstAnnounceNs > METADATA_WAIT_NS;
  }

  /** All of it as report data; `network` is the name of its network, where that has to be told. */
  report(epoch: Epoch, network: string | null): PtpDomainReport {
    const wallClock = epoch.wallClock;
    const offsetNs = wallClock && Number.isFinite(this.#offsetNs) ? this.#offsetNs : null;
    const messages: Record<string, number> = {};
    for (const [name, type] of NAMES) {
      const count = this.#counts[type] as number;
      if (count > 0) messages[name] = count;
    }
    return {
      domain: this.number,
      ...(network === null ? {} : { network }),
      messages,
      ...this.#election.report(epoch),
      masters: this.#masters.map((master) => master.report(wallClock)),
      requesters: this.#requesters.map((requester) => requester.report(wallClock)),
      delayMechanism: this.#delayMechanism(),
      offsetNs,
      ...this.#timescale(offsetNs),
      synchronizationMetadata: this.metadata.report(),
    };
  }

  #announce(buf: Uint8Array, off: number, address: number, timeNs: number): void {
    const master = this.#masterOf(buf, off, timeNs);
    if (master === null) return;
    const counters = this.#counters;
    const { lost, offRate } = master.announce;
    if (!master.takeAnnounce(buf, off, address, timeNs)) return;
    if (master.announce.lost > lost) counters.lost.hit(timeNs, master.announce.lost - lost);
    if (master.announce.offRate > offRate) counters.announceRate.hit(timeNs);
    if (Number.isNaN(this.#firstAnnounceNs)) this.#firstAnnounceNs = timeNs;
    const log = ptpLogInterval(buf, off);
    // By unicast the interval is negotiated and the field says nothing (table 24).
    if (log !== NO_LOG_INTERVAL && (log < ANNOUNCE_LOG_MIN || log > ANNOUNCE_LOG_MAX))
      counters.announceInterval.hit(timeNs);
    if ((master.timeFlags & FLAG_PTP_TIMESCALE) === 0) counters.timescale.hit(timeNs);
    const utcOffset = master.utcOffsetSeconds();
    if (utcOffset !== null && utcOffset !== TAI_UTC_SECONDS) counters.utcOffset.hit(timeNs);
    if (master.clockClass !== CLASS_LOCKED) counters.notTraceable.hit(timeNs);
    this.#elect(timeNs);
    this.#election.overlap(master, timeNs);
  }

  #sync(buf: Uint8Array, off: number, address: number, timeNs: number, epoch: Epoch): void {
    const master = this.#masterOf(buf, off, timeNs);
    if (master === null) return;
    const counters = this.#counters;
    const { lost, offRate } = master.sync;
    const originNs = sinceEpoch(buf, off + 34, epoch);
    if (master.takeSync(buf, off, address, originNs, ptpCorrectionNs(buf, off), timeNs)) {
      counters.followUpMissing.hit(timeNs);
    }
    if (master.sync.lost > lost) counters.lost.hit(timeNs, master.sync.lost - lost);
    if (master.sync.offRate > offRate) counters.syncRate.hit(timeNs);
    const log = ptpLogInterval(buf, off);
    if (log !== NO_LOG_INTERVAL && (log < SYNC_LOG_MIN || log > SYNC_LOG_MAX)) {
      counters.syncInterval.hit(timeNs);
    }
    const waitNs = master.sync.saysInterval ? ANNOUNCE_WAIT_NS : UNICAST_ANNOUNCE_WAIT_NS;
    if (master.announce.count === 0 && !master.alternate && timeNs - master.firstNs > waitNs) {
      counters.announceMissing.hit(timeNs);
    }
    this.#synchronised(master);
  }

  #followUp(buf: Uint8Array, off: number, address: number, timeNs: number, epoch: Epoch): void {
    const master = this.#known(
      identityHigh(buf, off + 20),
      identityLow(buf, off + 20),
      portOf(buf, off + 28),
    );
    if (master === null) return;
    const sentNs = sinceEpoch(buf, off + 34, epoch) + ptpCorrectionNs(buf, off);
    master.takeFollowUp(ptpSequence(buf, off), address, sentNs, timeNs);
    this.#synchronised(master);
  }

  #delayReq(buf: Uint8Array, off: number, address: number, timeNs: number): void {
    const high = identityHigh(buf, off + 20);
    const low = identityLow(buf, off + 20);
    const port = portOf(buf, off + 28);
    let requester = this.#requester(high, low, port);
    if (requester === null) {
      if (this.#requesters.length >= MAX_REQUESTERS || this.#room.requesters === 0) {
        this.#counters.overflow.hit(timeNs);
        return;
      }
      this.#room.requesters--;
      requester = new PtpRequester(high, low, port);
      this.#requesters.push(requester);
    }
    // Answers may go by unicast, past the capture: only who has been answered can miss one.
    const unanswered = requester.request(ptpSequence(buf, off), address, ptpCorrectionNs(buf, off), timeNs);
    if (unanswered && requester.responses > 0) this.#counters.delayRespMissing.hit(timeNs);
  }

  #delayResp(buf: Uint8Array, off: number, epoch: Epoch): void {
    const requester = this.#requester(
      identityHigh(buf, off + 44),
      identityLow(buf, off + 44),
      portOf(buf, off + 52),
    );
    if (requester === null) return;
    const master = this.#known(
      identityHigh(buf, off + 20),
      identityLow(buf, off + 20),
      portOf(buf, off + 28),
    );
    const receivedNs = sinceEpoch(buf, off + 34, epoch) - ptpCorrectionNs(buf, off);
    requester.response(ptpSequence(buf, off), receivedNs, master);
    if (!Number.isFinite(requester.offsetNs)) return;
    this.#offsetNs = requester.offsetNs;
    this.#exchanged = true;
  }

  #synchronised(master: PtpMaster): void {
    const { best } = this.#election;
    if (this.#exchanged || (best !== null && best !== master)) return;
    this.#offsetNs = master.arrivedNs - master.sentNs;
  }

  #known(high: number, low: number, port: number): PtpMaster | null {
    for (const master of this.#masters) {
      if (master.low === low && master.high === high && master.port === port) return master;
    }
    return null;
  }

  #requester(high: number, low: number, port: number): PtpRequester | null {
    for (const requester of this.#requesters) {
      if (requester.low === low && requester.high === high && requester.port === port) return requester;
    }
    return null;
  }

  #masterOf(buf: Uint8Array, off: number, timeNs: number): PtpMaster | null {
    const high = identityHigh(buf, off + 20);
    const low = identityLow(buf, off + 20);
    const port = portOf(buf, off + 28);
    const known = this.#known(high, low, port);
    if (known !== null) return known;
    if (this.#masters.length >= MAX_MASTERS || this.#room.masters === 0) {
      this.#counters.overflow.hit(timeNs);
      return null;
    }
    this.#room.masters--;
    const master = new PtpMaster(high, low, port, timeNs);
    this.#masters.push(master);
    return master;
  }

  #elect(timeNs: number): void {
    if (this.#election.elect(this.#masters, timeNs)) this.#exchanged = false;
  }

  #delayMechanism(): PtpDomainReport["delayMechanism"] {
    const counts = this.#counts;
    const endToEnd = (counts[PTP_MESSAGE.delayReq] as number) + (counts[PTP_MESSAGE.delayResp] as number) > 0;
    const peerToPeer =
      (counts[PTP_MESSAGE.pdelayReq] as number) + (counts[PTP_MESSAGE.pdelayResp] as number) > 0;
    if (endToEnd) return peerToPeer ? "both" : "end to end";
    return peerToPeer ? "peer to peer" : "unknown";
  }

  #timescale(offsetNs: number | null): Pick<PtpDomainReport, "timescale" | "remainderNs"> {
    if (offsetNs === null) return { timescale: "unknown", remainderNs: null };
    const utcNs = offsetNs + (this.#election.best?.utcOffsetSeconds() ?? TAI_UTC_SECONDS) * 1e9;
    if (Math.abs(utcNs) < SCALE_TOLERANCE_NS) {
      return { timescale: "capture in UTC, PTP in TAI", remainderNs: utcNs };
    }
    if (Math.abs(offsetNs) < SCALE_TOLERANCE_NS) {
      return { timescale: "capture in PTP time", remainderNs: offsetNs };
    }
    return { timescale: "unrelated", remainderNs: null };
  }
}

function portOf(buf: Uint8Array, at: number): number {
  return ((buf[at] as number) << 8) | (buf[at + 1] as number);
}

/** The Timestamp at `at` in ns after `epoch`: the seconds apart, as ns since 1970 do not fit a float64. */
function sinceEpoch(buf: Uint8Array, at: number, epoch: Epoch): number {
  return (
    (timestampSeconds(buf, at) - epoch.seconds) * 1e9 + (timestampNanoseconds(buf, at) - epoch.nanoseconds)
  );
}
