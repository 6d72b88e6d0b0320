import type { IndicatorReport } from "../../report/mpegts-schema.ts";
import type { Epoch } from "../../report/time.ts";
import { SyncCheck } from "./1-1-sync.ts";
import { PatCheck } from "./1-3-pat.ts";
import { ContinuityCheck } from "./1-4-continuity.ts";
import { PmtCheck } from "./1-5-pmt.ts";
import { PidCheck } from "./1-6-pid.ts";
import { TransportCheck } from "./2-1-transport.ts";
import { CrcCheck } from "./2-2-crc.ts";
import { PcrCheck } from "./2-3-pcr.ts";
import { PcrAccuracyCheck } from "./2-4-pcr-accuracy.ts";
import { PtsCheck } from "./2-5-pts.ts";
import { CatCheck } from "./2-6-cat.ts";
import { BufferCheck } from "./3-3-buffer.ts";
import { UnreferencedCheck } from "./3-4-unreferenced.ts";
import { type PidContext, REFERENCE } from "./context.ts";
import { INDICATORS } from "./definitions.ts";
import { type Check, type Indicator, type Late, OK, type Tally, toRow } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import { Moment } from "./moment.ts";
import { LOOK, PidTimes } from "./pid-times.ts";
import { References } from "./references.ts";
import { SiChecks } from "./si-checks.ts";
import { TablesKnown } from "./tables-known.ts";

const PAT_PID = 0x0000;
const PAT_TABLE_ID = 0x00;
const CAT_PID = 0x0001;
/** Time that goes back by more than this is another time: timers start afresh. NTP steps a clock by 128 ms at least. */
const MOST_BACKWARD_NS = 1e8;

/**
 * Every row of the table of TR 101 290 V1.4.1 for one transport stream. Told of what happens, in the order of
 * the packets; reads no clock. All times are nanoseconds, NaN where the input has none: then only what needs no
 * time is judged.
 *
 * For each packet `packet` is called first, then what was found in it. An indicator counts one error a packet
 * at most. A timer is looked at when what it waits for comes, and at `report`, which counts what has run out
 * without changing anything: so each pause counts once, from the moment at which it was too long.
 *
 * Holds about 0.6 MB, and up to 2 MB more for service information (see SectionTimes).
 */
export class Tr101290 {
  readonly #references: References;
  readonly #requireSi: boolean;
  readonly #moment = new Moment();
  readonly #times = new PidTimes();
  /** Where time stood when it went back: a clock that only goes on stands there until it is passed again. */
  #aheadNs = Number.NEGATIVE_INFINITY;
  readonly #sync: SyncCheck;
  readonly #pat: PatCheck;
  readonly #continuity: ContinuityCheck;
  readonly #pmt: PmtCheck;
  readonly #pid: PidCheck;
  readonly #transport: TransportCheck;
  readonly #crc: CrcCheck;
  readonly #pcr: PcrCheck;
  readonly #accuracy: PcrAccuracyCheck;
  readonly #pts: PtsCheck;
  readonly #cat: CatCheck;
  readonly #si: SiChecks;
  readonly #buffer: BufferCheck;
  readonly #tables: TablesKnown;
  readonly #unreferenced: UnreferencedCheck;
  readonly #checks: readonly Check[];
  /** Indicators in the order of the table, with their rules. */
  readonly #rows: readonly { readonly indicator: Indicator; readonly check: Check }[];

  /** `arrival` is false where times are made from the PCRs themselves (a file without times). */
  constructor(limits: Limits, context: PidContext, arrival = true) {
    const moment = this.#moment;
    const times = this.#times;
    this.#requireSi = limits.requireSi;
    this.#sync = new SyncCheck(moment);
    this.#pat = new PatCheck(limits, moment);
    this.#continuity = new ContinuityCheck(moment);
    this.#pmt = new PmtCheck(limits, moment, times);
    this.#pid = new PidCheck(limits, moment, times);
    this.#transport = new TransportCheck(moment);
    this.#crc = new CrcCheck(limits, moment);
    this.#pcr = new PcrCheck(limits, moment, times, arrival);
    this.#accuracy = new PcrAccuracyCheck(limits, moment);
    this.#pts = new PtsCheck(limits, moment, times);
    this.#cat = new CatCheck(limits, moment);
    this.#si = new SiChecks(limits, moment, context, times.references);
    this.#buffer = new BufferCheck(limits, moment);
    this.#tables = new TablesKnown(limits, context);
    this.#unreferenced = new UnreferencedCheck(limits, moment, times, this.#tables);
    this.#checks = [
      this.#sync,
      this.#pat,
      this.#continuity,
      this.#pmt,
      this.#pid,
      this.#transport,
      this.#crc,
      this.#pcr,
      this.#accuracy,
      this.#pts,
      this.#cat,
      ...this.#si.checks,
      this.#buffer,
      this.#unreferenced,
    ];
    const all = this.#checks.flatMap((check) => check.indicators.map((indicator) => ({ indicator, check })));
    this.#rows = INDICATORS.flatMap(({ number }) =>
      all.filter((row) => row.indicator.definition.number === number),
    );
    times.limitNs[PAT_PID] = LOOK;
    this.#references = new References(
      context,
      times,
      this.#pmt,
      this.#pid,
      this.#pcr,
      this.#pts,
      this.#unreferenced,
      this.#si,
    );
  }

  /** A packet with a right sync byte and without transport_error_indicator. */
  packet(pid: number, timeNs: number, scrambled: boolean): void {
    const moment = this.#moment;
    const times = this.#times;
    const { seenNs } = times;
    moment.packet += 1;
    if (timeNs >= moment.nowNs) moment.nowNs = timeNs;
    else this.#newTime(timeNs);
    if (scrambled) this.#scrambled(pid, timeNs);
    // Also true for the first packet of a PID and without times: NaN is in no order.
    if (!(timeNs - (seenNs[pid] as number) <= (times.limitNs[pid] as number))) this.#look(pid, timeNs);
    seenNs[pid] = timeNs;
  }

  /** 1.1: synchronisation lost. */
  syncLoss(timeNs: number): void {
    this.#sync.loss.add(timeNs, -1);
  }

  /** 1.2: `n` packets without their sync byte. */
  syncByte(timeNs: number, n: number): void {
    this.#sync.byte.add(timeNs, -1, n);
  }

  /** 1.4: the continuity counter breaks at this packet. */
  continuity(pid: number, timeNs: number): void {
    this.#continuity.error.hit(timeNs, pid);
  }

  /** 2.1: a packet with transport_error_indicator; -1 where its PID is not told. */
  transportError(pid: number, timeNs: number): void {
    this.#transport.error.add(timeNs, pid);
  }

  /**
   * A whole section with a right CRC_32, where its syntax has one; its last octet came at `timeNs`, its first at
   * `startNs`. `key` tells sub-tables of a table_id apart and has their table_id_extension in its low 16 bits, as
   * `subTableKey` does; `sectionNumber` and `lastSectionNumber` are 0 in the short form. The context must know the
   * section already where it changes an answer. `current` is false where it is not in force yet
   * (current_next_indicator).
   */
  section(
    pid: number,
    tableId: number,
    key: number,
    sectionNumber: number,
    lastSectionNumber: number,
    timeNs: number,
    startNs = timeNs,
    current = true,
  ): void {
    this.#si.review(this.#references.read(this.#moment.packet, timeNs));
    if (current) this.#tables.section(pid, tableId, key, sectionNumber, lastSectionNumber, timeNs);
    if (pid === PAT_PID) {
      this.#pat.section(tableId, timeNs);
      if (tableId === PAT_TABLE_ID) this.#si.patSeen = true;
    } else if (pid === CAT_PID) this.#cat.section(tableId, timeNs);
    else if (((this.#times.references[pid] as number) & REFERENCE.programMap) !== 0) {
      this.#pmt.section(pid, tableId, timeNs);
    } else this.#si.section(pid, tableId, key, sectionNumber, lastSectionNumber, timeNs, startNs, current);
  }

  /** 2.2: a section with a wrong CRC_32. */
  crcError(pid: number, tableId: number, timeNs: number): void {
    this.#crc.crcError(pid, tableId, timeNs);
  }

  /** A PCR in ticks of 27 MHz; `discontinuity` is this packet's discontinuity_indicator. */
  pcr(pid: number, pcr27: number, timeNs: number, discontinuity: boolean): void {
    if (discontinuity) this.#pcr.signalled(pid);
    this.#pcr.pcr(pid, pcr27, timeNs);
  }

  /** A packet of `pid` without PCR has discontinuity_indicator set: it speaks for the next PCR. */
  discontinuity(pid: number): void {
    this.#pcr.signalled(pid);
  }

  /** 2.4: the error of a PCR, PCR_AC of annex I, in nanoseconds. */
  pcrAccuracy(pid: number, errorNs: number, timeNs: number): void {
    this.#accuracy.measured(pid, errorNs, timeNs);
  }

  /** 2.4: why PCR accuracy is not measured. */
  pcrAccuracyNotMeasurable(reason: string): void {
    this.#accuracy.notMeasurable(reason);
  }

  /** 2.5: a PES packet with a PTS. */
  pts(pid: number, timeNs: number): void {
    this.#pts.pts(pid, timeNs);
  }

  /** 3.3, 3.9, 3.10: the model of the T-STD runs for a stream. */
  modelled(): void {
    this.#buffer.measurable();
  }

  /** 3.3, 3.9, 3.10: why the T-STD is modelled for no stream. */
  notModelled(reason: string): void {
    this.#buffer.notMeasurable(reason);
  }

  /** 3.3: a buffer of the T-STD overflows or runs empty; -1 for the system buffers. */
  bufferError(pid: number, timeNs: number): void {
    this.#buffer.error.hit(timeNs, pid);
  }

  /** 3.9: a buffer was not empty for a second. */
  emptyBuffer(pid: number, timeNs: number): void {
    this.#buffer.empty.hit(timeNs, pid);
  }

  /** 3.10: data of `pid` stay in the T-STD for `delayNs`; an error above the limit. */
  dataDelay(pid: number, delayNs: number, timeNs: number): void {
    const still = ((this.#times.references[pid] as number) & REFERENCE.stillPictures) !== 0;
    this.#buffer.delayed(pid, delayNs, still, timeNs);
  }

  /** What follows does not continue what came: all timers start afresh with the next packet. */
  reset(): void {
    const { nowNs } = this.#moment;
    this.#open(nowNs, (indicator, timeNs, pid) => indicator.add(timeNs, pid));
    this.#restart(Number.NaN);
    this.#moment.stop();
  }

  /** Every row of the table, in its order, as of `nowNs`. */
  report(nowNs: number, epoch: Epoch): IndicatorReport[] {
    const asOfNs = this.#asOf(nowNs);
    const tallies = this.#tallies(asOfNs);
    return this.#rows.map(({ indicator, check }) => {
      const tally = tallies.get(indicator) ?? indicator;
      return toRow(indicator.definition, tally, check.standing(indicator, asOfNs), epoch);
    });
  }

  /**
   * The rows that have errors as of `nowNs`, each error in one row only: without the old forms, and of 3.2 only what no
   * other row counts.
   */
  faults(nowNs: number, epoch: Epoch): IndicatorReport[] {
    const tallies = this.#tallies(this.#asOf(nowNs));
    const own = this.#si.ownRepetition;
    return this.#rows.flatMap(({ indicator }) => {
      const { definition } = indicator;
      const counted = definition.number === own.definition.number ? own : indicator;
      if (counted === indicator && definition.overlaps === true) return [];
      const tally = tallies.get(counted) ?? counted;
      return tally.count > 0 ? [toRow(definition, tally, OK, epoch)] : [];
    });
  }

  /** `nowNs` in the time of the packets: the last of them, where time went back and the caller's clock did not. */
  #asOf(nowNs: number): number {
    return nowNs <= this.#aheadNs ? this.#moment.nowNs : nowNs;
  }

  /** Indicators with a timer that has run out, each with a tally that has it. */
  #tallies(nowNs: number): Map<Indicator, Tally> {
    const tallies = new Map<Indicator, Tally>();
    this.#open(nowNs, (indicator, timeNs, pid) => {
      const tally = tallies.get(indicator) ?? indicator.copy();
      tally.add(timeNs, pid);
      tallies.set(indicator, tally);
    });
    return tallies;
  }

  #open(nowNs: number, late: Late): void {
    for (const check of this.#checks) check.open(nowNs, late);
  }

  #restart(timeNs: number): void {
    for (const check of this.#checks) check.restart(timeNs);
    this.#si.clear();
  }

  /** The first packet with a time, or time that goes back. */
  #newTime(timeNs: number): void {
    const moment = this.#moment;
    if (Number.isNaN(timeNs)) return;
    if (!Number.isNaN(moment.nowNs)) {
      // A little back is two inputs or a clock that was set; the timers bear it.
      if (moment.nowNs - timeNs <= MOST_BACKWARD_NS) return;
      if (moment.nowNs > this.#aheadNs) this.#aheadNs = moment.nowNs;
      this.reset();
    }
    moment.start(timeNs);
    this.#restart(timeNs);
    if (this.#requireSi) this.#si.expectAll(timeNs);
  }

  #scrambled(pid: number, timeNs: number): void {
    this.#cat.scrambled(timeNs);
    this.#tables.scrambled();
    this.#pts.scrambled(pid);
    if (pid === PAT_PID) this.#pat.scrambled(timeNs);
    else if (((this.#times.references[pid] as number) & REFERENCE.programMap) !== 0) {
      this.#pmt.scrambled(pid, timeNs);
    }
  }

  /** A packet that needs a closer look: see PidTimes. */
  #look(pid: number, timeNs: number): void {
    const times = this.#times;
    if (times.present[pid] === 0) {
      times.present[pid] = 1;
      this.#si.present(pid, this.#moment.startNs);
      if (times.references[pid] === 0 && this.#unreferenced.concerns(pid)) times.limitNs[pid] = LOOK;
    }
    const limit = times.limitNs[pid] as number;
    if (pid === PAT_PID) this.#pat.packet(timeNs);
    else if (limit === LOOK) this.#unreferenced.packet(pid, timeNs);
    else this.#pid.packet(pid, timeNs);
  }
}
