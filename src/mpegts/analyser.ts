import type { Finding } from "../report/finding.ts";
import type { MpegtsReport, PidReport } from "../report/schema.ts";
import { type Epoch, NO_WALL_CLOCK, NS_PER_SECOND } from "../report/time.ts";
import { Arena } from "./arena.ts";
import { DatagramFramer } from "./datagram-framer.ts";
import { indicatorFindings } from "./indicator-findings.ts";
import { type JudgeOptions, PacketJudge } from "./judge.ts";
import { type MeanBitrate, type MonitorJudging, type MonitorShown, TsMonitor } from "./monitor.ts";
import { OctetFramer } from "./octet-framer.ts";
import { NULL_PID, TS_PACKET_BITS } from "./packet.ts";
import { UntimedObserver } from "./untimed.ts";

/** What an analyser must be told. */
export interface TsAnalyserOptions extends JudgeOptions {
  /**
   * Called before memory that a passed packet stands in is used again in the middle of a buffer: whoever
   * holds on to packets copies them out then (the output's `bufferEnd`).
   */
  readonly release: () => void;
  /**
   * What the times are: those of arrival, the stream's own PCR clock (a plain file), or none that anything can be measured
   * by; what there is of those only tells when something was found.
   */
  readonly clock: "arrival" | "pcr" | "none";
  /** The conformance monitor, and how much of it the reports show; null to count packets only. */
  readonly monitor?: MonitorOptions | null;
}

/** When a report is made. */
export interface ReportMoment {
  /** The capture's time: timers that have run out by then count. NaN without times. */
  readonly nowNs: number;
  readonly epoch: Epoch;
  /** The last report of the input, which holds the large parts too. */
  readonly final: boolean;
}

/** How the monitor judges, and how much of it reports show. */
export interface MonitorOptions extends MonitorJudging, Omit<MonitorShown, "bins"> {}

/**
 * One MPEG transport stream: finds its packets, judges them (see PacketJudge), passes on the legal ones and
 * reports. Does no input or output of its own and reads no clock.
 *
 * A stream comes either as datagrams or as chunks of octets. `bufferEnd` is due whenever a buffer given
 * before is about to be reused; `end` once when the input is over, before the last `report`.
 */
export class TsAnalyser {
  readonly #judge: PacketJudge;
  readonly #datagrams: DatagramFramer;
  readonly #octets: OctetFramer;
  readonly #clock: TsAnalyserOptions["clock"];
  readonly #monitor: TsMonitor | null;
  readonly #shown: MonitorOptions | null;
  #firstNs = Number.NEGATIVE_INFINITY;
  #lastNs = Number.NEGATIVE_INFINITY;

  constructor(options: TsAnalyserOptions) {
    const judge = new PacketJudge(options);
    const arena = new Arena(() => {
      judge.saveLast();
      options.release();
    });
    this.#judge = judge;
    this.#shown = options.monitor ?? null;
    this.#monitor =
      this.#shown === null ? null : new TsMonitor(judge.pids, this.#shown, options.clock === "arrival");
    if (this.#monitor !== null) {
      judge.observe(options.clock === "none" ? new UntimedObserver(this.#monitor) : this.#monitor);
    }
    this.#datagrams = new DatagramFramer(judge, arena);
    this.#octets = new OctetFramer(judge, arena);
    this.#clock = options.clock;
  }

  /** One UDP or RTP payload, `buf[off, off + len)`, of `timeNs` (NaN for none). */
  datagram(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    this.#judge.begin();
    this.#monitor?.advance(timeNs);
    this.#datagrams.datagram(buf, off, len, timeNs);
    if (timeNs > this.#lastNs) this.#timed(timeNs);
  }

  /** The next octets of a file, `buf[off, off + len)`, cut anywhere, of `timeNs` (NaN for none). */
  chunk(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    this.#judge.begin();
    this.#monitor?.advance(timeNs);
    this.#octets.chunk(buf, off, len, timeNs);
    if (timeNs > this.#lastNs) this.#timed(timeNs);
  }

  /** The capture's time has come to `timeNs` without a packet of this stream. */
  idle(timeNs: number): void {
    this.#monitor?.advance(timeNs);
  }

  /** Packets missing by the continuity counters so far. */
  get missing(): number {
    return this.#judge.missing;
  }

  /** Bit rate of the whole stream by its PCRs, null while it is not known. */
  get pcrBitrateBps(): number | null {
    return this.#judge.rate.bitrateBps;
  }

  /** Buffers given so far are about to be reused: what is still needed of them is copied out. */
  bufferEnd(): void {
    this.#octets.bufferEnd();
    this.#judge.saveLast();
  }

  /**
   * Packets are missing here by no fault of the stream (cut by a snap length, the join of a loop): what
   * comes next is not compared with what came before, and completes no packet left unfinished.
   */
  gap(): void {
    this.end();
    this.#judge.forget();
  }

  /** The input is over (or a part of it): the last packets of a file are decided, and what is no packet counts as skipped. */
  end(): void {
    const timeNs = this.#lastNs === Number.NEGATIVE_INFINITY ? Number.NaN : this.#lastNs;
    this.#judge.begin();
    this.#octets.end(timeNs);
    this.#datagrams.end(timeNs);
  }

  /**
   * All counts so far. Bit rates by arrival are those of the packets after the first datagram, which only
   * opens the interval, over the time to the last one; `elapsedNs` may give another length for it. Without
   * times of arrival they come from the PCRs. The monitor's part is as of `moment`; what is large
   * (`MonitorShown`) is only in a final report.
   */
  report(elapsedNs: number | null = null, moment: ReportMoment = this.#lastMoment()): MpegtsReport {
    const judge = this.#judge;
    const elapsed = this.#clock === "arrival" ? (elapsedNs ?? this.#lastNs - this.#firstNs) : 0;
    const source = elapsed > 0 ? "arrival" : judge.rate.bitrateBps === null ? null : "pcr";
    const mean = this.#meanBitrate(source, elapsed);
    const pids = this.#pidReports(mean);
    const sum = (field: "continuityErrors" | "missing" | "duplicates", of: readonly PidReport[]) =>
      of.reduce((total, pid) => total + pid[field], 0);
    const report: MpegtsReport = {
      packets: judge.total,
      packetLength: this.#datagrams.packetLength || this.#octets.packetLength || 188,
      illegal: {
        syncByte: judge.syncByte.count,
        transportError: judge.transportError.count,
        reservedAdaptation: judge.reservedAdaptation.count,
        adaptationLength: judge.adaptationLength.count,
      },
      syncLosses: judge.syncLosses.count,
      skippedBytes: judge.skippedBytes.count,
      nullPackets: judge.pids.packets[judge.pids.slotOf[NULL_PID] as number] as number,
      nullDropped: judge.nullDropped,
      passed: judge.passed,
      bitrateSource: source,
      continuity: {
        errors: sum("continuityErrors", pids),
        missing: sum("missing", pids),
        duplicates: sum("duplicates", pids),
        discontinuities: judge.discontinuities,
      },
      pids,
    };
    if (this.#monitor !== null && this.#shown !== null) {
      const { nowNs, epoch, final } = moment;
      const { tables, ...shown } = this.#monitor.report(mean, this.#measured(nowNs), epoch, {
        tables: final && this.#shown.tables,
        series: final && this.#shown.series,
        bins: final,
      });
      Object.assign(report, shown);
      if (tables !== null) report.tables = tables;
    }
    return report;
  }

  /** One finding for each rule broken (and PID, for continuity) as of `nowNs`. */
  findings(streamId: string, epoch: Epoch, nowNs: number = this.#lastMoment().nowNs): Finding[] {
    const found = this.#judge.findings(streamId, epoch);
    if (this.#monitor !== null) {
      found.push(...this.#monitor.syntaxFindings(streamId, epoch));
      found.push(...indicatorFindings(this.#monitor.indicatorFaults(this.#measured(nowNs), epoch), streamId));
    }
    return found;
  }

  /** The time for measurements. */
  #measured(timeNs: number): number {
    return this.#clock === "none" ? Number.NaN : timeNs;
  }

  /** As of the last packet: for an input that is over. */
  #lastMoment(): ReportMoment {
    const nowNs = this.#lastNs === Number.NEGATIVE_INFINITY ? Number.NaN : this.#lastNs;
    return { nowNs, epoch: NO_WALL_CLOCK, final: true };
  }

  #timed(timeNs: number): void {
    if (this.#firstNs === Number.NEGATIVE_INFINITY) {
      this.#firstNs = timeNs;
      const pids = this.#judge.pids;
      pids.opening.set(pids.packets);
    }
    this.#lastNs = timeNs;
  }

  #meanBitrate(source: "arrival" | "pcr" | null, elapsedNs: number): MeanBitrate {
    const { pids, rate, total } = this.#judge;
    return (slot) => {
      const packets = pids.packets[slot] as number;
      if (source === null) return null;
      if (source === "pcr") return ((rate.bitrateBps ?? 0) * packets) / total;
      return ((packets - (pids.opening[slot] as number)) * TS_PACKET_BITS * NS_PER_SECOND) / elapsedNs;
    };
  }

  #pidReports(mean: MeanBitrate): PidReport[] {
    const { pids } = this.#judge;
    const reports: PidReport[] = [];
    for (let slot = 1; slot < pids.size; slot += 1) {
      const pid = pids.pid[slot] as number;
      reports.push({
        pid,
        packets: pids.packets[slot] as number,
        bitrate: mean(slot),
        continuityErrors: pids.errors[slot] as number,
        missing: pids.missing[slot] as number,
        duplicates: pids.duplicates[slot] as number,
        scrambled: pids.scrambled[slot] as number,
        pcrs: pids.pcrs[slot] as number,
        ...this.#monitor?.pidReport(pid, mean),
      });
    }
    return reports.sort((a, b) => a.pid - b.pid);
  }
}
