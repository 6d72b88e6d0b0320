import type { Finding } from "../report/finding.ts";
import type {
  BufferReport,
  IndicatorReport,
  MonitorCounts,
  PcrReport,
  PtsReport,
  RatesReport,
  ServiceReport,
  TableReport,
} from "../report/mpegts-schema.ts";
import type { PidReport } from "../report/schema.ts";
import type { Epoch } from "../report/time.ts";
import { Clocks } from "./clocks.ts";
import { CONTINUITY, type Continuity } from "./continuity.ts";
import { DecoderModel } from "./decoder-model.ts";
import type { PacketObserver } from "./observer.ts";
import { NULL_PID, pcr27MHz } from "./packet.ts";
import type { PidTable } from "./pid-table.ts";
import { currentNextIndicator, lastSectionNumber, longForm, sectionNumber, tableId } from "./psi/fields.ts";
import { PidMap } from "./psi/pid-map.ts";
import { PID_ROLE, PSI_ROLES, SECTION_ROLES } from "./psi/pid-roles.ts";
import type { SectionFault, SectionHandler } from "./psi/section.ts";
import { SectionDemux } from "./psi/section-demux.ts";
import { TableStore } from "./psi/store.ts";
import { subTableKey } from "./psi/sub-table.ts";
import { type RateFacts, Rates, type RateType } from "./rates/rates.ts";
import { SyntaxCheck } from "./syntax-check.ts";
import { tableReport } from "./table-report.ts";
import type { Limits } from "./tr101290/limits.ts";
import { TablesContext } from "./tr101290/tables-context.ts";
import { Tr101290 } from "./tr101290/tr101290.ts";

/** Mean bit rate of the PID in a slot of the PID table, null where it is not known. */
export type MeanBitrate = (slot: number) => number | null;

/** What of the monitor's results is large, and only reported where somebody wants it. */
export interface MonitorShown {
  /** The tables themselves. */
  readonly tables: boolean;
  /** Bit rates second by second. */
  readonly series: boolean;
  /** The bins of the histograms. */
  readonly bins: boolean;
}

/** How the monitor judges. */
export interface MonitorJudging {
  readonly limits: Limits;
  /** Run the T-STD, which costs as much as all the rest. */
  readonly decoderModel: boolean;
}

/** What the monitor adds to a stream's report. */
export interface MonitorReport {
  readonly tr101290: IndicatorReport[];
  readonly services: ServiceReport[];
  readonly rates: RatesReport;
  readonly pcr: PcrReport[];
  readonly pts: PtsReport[];
  readonly buffers: BufferReport[];
  readonly tables: TableReport[] | null;
  readonly monitor: MonitorCounts;
}

/**
 * The conformance monitor of one transport stream: sees every packet that the judge has counted, puts the
 * sections together, knows what each PID is, and drives the measurements. Reads no clock.
 */
export class TsMonitor implements PacketObserver, SectionHandler, RateFacts {
  readonly pidMap = new PidMap();
  readonly tables = new TableStore();
  readonly #syntax = new SyntaxCheck();
  readonly #sections = new SectionDemux(this, this.tables);
  readonly #pids: PidTable;
  readonly #rates: Rates;
  readonly #indicators: Tr101290;
  readonly #clocks: Clocks;
  /** Null where the T-STD is not to run. */
  readonly #decoder: DecoderModel | null;
  readonly #roles: Uint16Array;
  /** Number of the packet that is looked at. */
  #index = 0;

  /** `arrival` is false where the times come from the stream's own PCRs, or there are none. */
  constructor(pids: PidTable, judging: MonitorJudging, arrival: boolean) {
    const { limits, decoderModel } = judging;
    this.#pids = pids;
    this.#rates = new Rates(pids);
    this.#indicators = new Tr101290(
      limits,
      new TablesContext(this.pidMap, limits.profile === "atsc"),
      arrival,
    );
    this.#clocks = new Clocks(this.pidMap, this.#indicators, arrival, this.#syntax);
    this.#decoder = decoderModel ? new DecoderModel(this.pidMap, this.#indicators) : null;
    if (!decoderModel) this.#indicators.notModelled("the T-STD was switched off");
    this.#roles = this.pidMap.roles;
  }

  /** It is `timeNs`: called before the packets of that time, and when time goes by without any. */
  advance(timeNs: number): void {
    this.#rates.advance(timeNs, this);
  }

  packet(
    buf: Uint8Array,
    at: number,
    pid: number,
    _slot: number,
    index: number,
    timeNs: number,
    verdict: Continuity,
    sound: boolean,
  ): void {
    const indicators = this.#indicators;
    const fourth = buf[at + 3] as number;
    indicators.packet(pid, timeNs, fourth >= 0x40);
    if (verdict >= CONTINUITY.repeated) {
      indicators.continuity(pid, timeNs);
      this.#clocks.lost(pid, index);
      this.#decoder?.reset();
    }
    if (!sound) {
      this.#sections.lost(pid);
      return;
    }
    const repeated = verdict === CONTINUITY.duplicate || verdict === CONTINUITY.repeated;
    let broken = verdict !== CONTINUITY.ok;
    if ((fourth & 0x20) !== 0 && (buf[at + 4] as number) > 0) {
      // A repeat says again what the packet before has announced; only its PCR is its own.
      const flags = (buf[at + 5] as number) & (repeated ? 0x7f : 0xff);
      if (flags >= 0x80) broken = true;
      if ((flags & 0x90) !== 0) this.#clockFlags(buf, at, pid, index, timeNs, flags);
    }
    if (pid === NULL_PID) return;
    // Scrambled packets too: what the model knows of the access units ends there.
    this.#decoder?.packet(buf, at, pid, index, timeNs, repeated);
    // What is scrambled can't be read; a repeated packet brings nothing new (ISO/IEC 13818-1 2.4.3.3).
    if (fourth >= 0x40 || repeated || (fourth & 0x10) === 0) {
      if (fourth >= 0x40 || (broken && !repeated)) this.#sections.lost(pid);
      return;
    }
    const role = this.#roles[pid] as number;
    if (
      (role & SECTION_ROLES) === 0 ||
      ((role & PSI_ROLES) === 0 && this.#sections.carriesPes(buf, at, pid))
    ) {
      this.#clocks.pes(buf, at, pid, index, timeNs);
      return;
    }
    this.#index = index;
    this.#sections.packet(buf, at, pid, timeNs, broken);
  }

  syncByte(count: number, timeNs: number): void {
    this.#indicators.syncByte(timeNs, count);
  }

  syncLoss(timeNs: number): void {
    this.#indicators.syncLoss(timeNs);
  }

  transportError(timeNs: number): void {
    this.#indicators.transportError(-1, timeNs);
  }

  gap(): void {
    this.#sections.reset();
    this.#indicators.reset();
    this.#clocks.gap();
    this.#decoder?.reset();
  }

  section(
    pid: number,
    buf: Uint8Array,
    off: number,
    len: number,
    timeNs: number,
    changed: boolean,
    startNs: number,
  ): void {
    if (changed) this.#syntax.table(pid, buf, off, len, this.#index, timeNs);
    this.tables.section(pid, buf, off, len, timeNs, changed);
    this.pidMap.section(pid, buf, off, len, timeNs);
    // What comes on a PID while it carries no sections does not go on with its last one.
    const ended = this.pidMap.sectionsEnded;
    if (ended.size > 0) {
      for (const gone of ended) this.#sections.release(gone);
      ended.clear();
    }
    const long = longForm(buf, off);
    this.#indicators.section(
      pid,
      tableId(buf, off),
      subTableKey(buf, off, len),
      long ? sectionNumber(buf, off) : 0,
      long ? lastSectionNumber(buf, off) : 0,
      timeNs,
      startNs,
      !long || currentNextIndicator(buf, off) === 1,
    );
  }

  crcError(pid: number, table: number, timeNs: number): void {
    this.#indicators.crcError(pid, table, timeNs);
  }

  malformed(pid: number, _table: number, timeNs: number, reason: SectionFault): void {
    this.#syntax.malformedSection(pid, reason, timeNs);
  }

  typeOf(pid: number): RateType {
    return this.pidMap.typeOf(pid);
  }

  services(): ReturnType<PidMap["services"]> {
    return this.pidMap.services();
  }

  /** What the tables and the rates add to a PID's counts. */
  pidReport(pid: number, mean: MeanBitrate): Partial<PidReport> {
    const component = this.pidMap.componentsOf(pid)[0];
    return {
      kind: this.#kindOf(pid),
      codec: component?.codec.name ?? null,
      services: this.pidMap.programsOf(pid),
      rate: this.#rates.pid(pid, mean),
      stopped: this.#rates.stopped(pid),
    };
  }

  /**
   * Everything else as of `nowNs`; `tables` and `series` only where they are asked for, as they are large.
   */
  report(mean: MeanBitrate, nowNs: number, epoch: Epoch, shown: MonitorShown): MonitorReport {
    return {
      tr101290: this.indicators(nowNs, epoch),
      services: this.pidMap.services().map((service) => ({
        program: service.program,
        name: service.name,
        provider: service.provider,
        type: service.type,
        pmtPid: service.pmtPid,
        pcrPid: service.pcrPid,
        scrambled: this.#scrambled(service.pids),
        components: service.components.map(({ pid, streamType, codec, languages }) => ({
          pid,
          streamType,
          codec: codec.name,
          kind: codec.kind,
          languages: [...languages],
        })),
        rate: this.#rates.service(service.program, service.pids, mean),
      })),
      rates: this.#rates.report(this, mean, shown.series),
      pcr: this.#clocks.pcrReports(shown.bins),
      pts: this.#clocks.ptsReports(shown.bins),
      buffers: this.#decoder?.report() ?? [],
      tables: shown.tables ? this.tables.snapshot().map(tableReport) : null,
      monitor: this.#counts(),
    };
  }

  /** What breaks the syntax of sections, tables and PES headers. */
  syntaxFindings(stream: string, epoch: Epoch): Finding[] {
    return this.#syntax.findings(stream, epoch);
  }

  /** Every row of the table of TR 101 290 as of `nowNs`. */
  indicators(nowNs: number, epoch: Epoch): IndicatorReport[] {
    return this.#indicators.report(nowNs, epoch);
  }

  /** The rows that have errors, each error in one of them only. */
  indicatorFaults(nowNs: number, epoch: Epoch): IndicatorReport[] {
    return this.#indicators.faults(nowNs, epoch);
  }

  #counts(): MonitorCounts {
    const { pointer_field, section_length, cut, section_number } = this.#syntax.sections;
    const { subTables, bytes, evictedSections, ignoredSections } = this.tables.counts;
    return {
      malformedSections: {
        pointerField: pointer_field,
        sectionLength: section_length,
        cut,
        sectionNumber: section_number,
      },
      malformedTables: this.#syntax.tables,
      malformedPes: this.#syntax.pes,
      tablesNotChecked: this.#syntax.tablesNotChecked,
      sectionsIgnored: ignoredSections,
      sectionsEvicted: evictedSections,
      referencesNotKept: this.pidMap.notKept,
      clocksNotMeasured: this.#clocks.unmeasured,
      tables: { subTables, octets: bytes },
    };
  }

  /** discontinuity_indicator (0x80) and PCR_flag (0x10) of an adaptation field. */
  #clockFlags(buf: Uint8Array, at: number, pid: number, index: number, timeNs: number, flags: number): void {
    if (flags >= 0x80) this.#clocks.discontinuity(pid);
    if ((flags & 0x10) !== 0 && (buf[at + 4] as number) >= 7) {
      const pcr27 = pcr27MHz(buf, at);
      this.#indicators.pcr(pid, pcr27, timeNs, flags >= 0x80);
      this.#clocks.pcr(pid, pcr27, index, timeNs);
      this.#decoder?.pcr(pid, pcr27, index, flags >= 0x80);
    } else if (flags >= 0x80) {
      this.#indicators.discontinuity(pid);
    }
  }

  #kindOf(pid: number): NonNullable<PidReport["kind"]> {
    if (pid === NULL_PID) return "null";
    const [component] = this.pidMap.componentsOf(pid);
    if (component) return component.codec.kind;
    const role = this.pidMap.roleOf(pid);
    if ((role & (PID_ROLE.pat | PID_ROLE.cat | PID_ROLE.tsdt | PID_ROLE.pmt)) !== 0) return "psi";
    if ((role & (PID_ROLE.nit | PID_ROLE.si)) !== 0) return "si";
    if ((role & (PID_ROLE.ecm | PID_ROLE.emm)) !== 0) return "ca";
    if ((role & PID_ROLE.pcr) !== 0) return "pcr";
    return role === 0 ? "unreferenced" : "other";
  }

  #scrambled(pids: readonly number[]): boolean {
    return pids.some((pid) => (this.#pids.scrambled[this.#pids.slotOf[pid] as number] as number) > 0);
  }
}
