import { NIT_PID, NitCheck } from "./3-1-nit.ts";
import { PSIP_PID, SiRepetitionCheck } from "./3-2-si-repetition.ts";
import { SDT_PID, SdtCheck } from "./3-5-sdt.ts";
import { EIT_PID, EitCheck } from "./3-6-eit.ts";
import { RST_PID, RstCheck } from "./3-7-rst.ts";
import { TDT_PID, TdtCheck } from "./3-8-tdt.ts";
import { type PidContext, REFERENCE } from "./context.ts";
import type { Check, Indicator } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";
import { SectionPace } from "./section-pace.ts";
import { SectionTimes } from "./section-times.ts";
import type { TableWatch } from "./table-watch.ts";

const NIT_ACTUAL = 0x40;
const SDT_ACTUAL = 0x42;
const EIT_ACTUAL = 0x4e;
const STUFFING = 0x72;
/** What makes a PID no PID of SI, whatever its number (ISO/IEC 13818-1 Table 2-3 leaves 0x10 to 0x1FFE to all). */
const OTHER_USE = REFERENCE.programMap | REFERENCE.component | REFERENCE.pcr;
/** First and last table_id of A/65 on its base_PID: MGT to STT. */
const FIRST_PSIP = 0xc7;
const LAST_PSIP = 0xcd;

/** The rules on service information, 3.1, 3.2 and 3.5 to 3.8: gives each section to those that it concerns. */
export class SiChecks {
  readonly checks: readonly Check[];
  /** The PAT came: before it nobody knows which PIDs are PMTs'. */
  patSeen = false;
  readonly #moment: Moment;
  readonly #references: Uint8Array;
  readonly #dvb: boolean;
  readonly #required: boolean;
  readonly #times: SectionTimes;
  #outdated = false;
  #reviewAtPacket = 0;
  readonly #pace: SectionPace;
  readonly #nit: NitCheck;
  readonly #repetition: SiRepetitionCheck;
  readonly #sdt: SdtCheck;
  readonly #eit: EitCheck;
  readonly #rst: RstCheck;
  readonly #tdt: TdtCheck;

  /** `references` are what the tables say of each PID, as in `PidTimes`. */
  constructor(limits: Limits, moment: Moment, context: PidContext, references: Uint8Array) {
    this.#moment = moment;
    this.#references = references;
    this.#dvb = limits.profile === "dvb";
    this.#required = limits.requireSi;
    this.#times = new SectionTimes((tableId, key) => context.announces(tableId, key));
    this.#pace = new SectionPace(limits, moment);
    this.#nit = new NitCheck(limits, moment, this.#times);
    this.#sdt = new SdtCheck(limits, moment, this.#times);
    this.#eit = new EitCheck(limits, moment, this.#times);
    const watchOf = (tableId: number, sectionNumber: number): TableWatch | null => {
      if (tableId === NIT_ACTUAL) return this.#nit.actual;
      if (tableId === SDT_ACTUAL) return this.#sdt.actual;
      return tableId === EIT_ACTUAL ? this.#eit.actual(sectionNumber) : null;
    };
    this.#repetition = new SiRepetitionCheck(limits, moment, this.#times, watchOf, context);
    this.#rst = new RstCheck(limits, moment);
    this.#tdt = new TdtCheck(limits, moment);
    this.checks = [this.#nit, this.#repetition, this.#sdt, this.#eit, this.#rst, this.#tdt];
  }

  /** Errors of 3.2 that no other row counts: 3.2 as a finding. */
  get ownRepetition(): Indicator {
    return this.#repetition.own;
  }

  /** The first packet of a PID: in DVB its tables are expected from `timeNs` on, the start of the stream. */
  present(pid: number, timeNs: number): void {
    if (!this.#dvb || ((this.#references[pid] as number) & OTHER_USE) !== 0) return;
    this.#expectedOn(pid)?.expectFrom(timeNs);
  }

  /** The tables say something else of `pid`. */
  referenced(pid: number): void {
    if (this.#required || ((this.#references[pid] as number) & OTHER_USE) === 0) return;
    this.#expectedOn(pid)?.withdraw();
  }

  /** Every table that DVB asks for is expected from `timeNs` on. */
  expectAll(timeNs: number): void {
    for (const pid of [NIT_PID, SDT_PID, EIT_PID, TDT_PID]) this.#expectedOn(pid)?.expectFrom(timeNs);
  }

  /** A section on any PID but those of PAT, CAT and PMTs; see `Tr101290.section`. */
  section(
    pid: number,
    tableId: number,
    key: number,
    sectionNumber: number,
    lastSectionNumber: number,
    timeNs: number,
    startNs: number,
    current: boolean,
  ): void {
    if (((this.#references[pid] as number) & REFERENCE.component) !== 0) return;
    const check = this.#checkOf(pid);
    if (check === null) {
      if (pid !== PSIP_PID || tableId < FIRST_PSIP || tableId > LAST_PSIP) return;
    } else if (!check.allows(tableId)) {
      // ATSC keeps no PIDs for the tables of DVB.
      if (this.#dvb && this.patSeen) check.foreign(timeNs);
      return;
    } else if (tableId === STUFFING) {
      return;
    }
    const times = this.#times.of(tableId, key, sectionNumber, current);
    const tooSoon = this.#pace.isTooSoon(tableId, key, startNs, timeNs);
    const missesCounted = times?.missesCounted(sectionNumber) ?? false;
    if (check === this.#nit) this.#nit.section(tableId, times, sectionNumber, timeNs, tooSoon);
    else if (check === this.#sdt) this.#sdt.section(tableId, times, sectionNumber, timeNs, tooSoon);
    else if (check === this.#eit) this.#eit.section(tableId, times, sectionNumber, timeNs, tooSoon);
    else if (check === this.#rst) this.#rst.section(timeNs, tooSoon);
    else if (check === this.#tdt) this.#tdt.section(tableId, timeNs, tooSoon);
    if (times === null) return;
    this.#repetition.section(times, sectionNumber, timeNs, tooSoon, missesCounted);
    times.seen(sectionNumber, Math.max(sectionNumber, lastSectionNumber), timeNs);
  }

  /**
   * Ends what the tables announce no longer; `changed`: they have changed. What is watched is gone through at most once in
   * as many packets, whatever a stream does to its tables.
   */
  review(changed: boolean): void {
    if (changed) this.#outdated = true;
    const { packet } = this.#moment;
    if (!this.#outdated || packet < this.#reviewAtPacket) return;
    this.#outdated = false;
    this.#reviewAtPacket = packet + this.#times.subTables;
    this.#times.review();
  }

  /** The stream starts here, or starts again: forgets when each section came. */
  clear(): void {
    this.#times.clear();
    this.#pace.restart();
  }

  /** The rule that expects tables on `pid`. */
  #expectedOn(pid: number): NitCheck | SdtCheck | EitCheck | TdtCheck | null {
    const check = this.#checkOf(pid);
    return check === this.#rst ? null : (check as Exclude<typeof check, RstCheck>);
  }

  #checkOf(pid: number): NitCheck | SdtCheck | EitCheck | RstCheck | TdtCheck | null {
    switch (pid) {
      case NIT_PID:
        return this.#nit;
      case SDT_PID:
        return this.#sdt;
      case EIT_PID:
        return this.#eit;
      case RST_PID:
        return this.#rst;
      case TDT_PID:
        return this.#tdt;
      default:
        return null;
    }
  }
}
