import { type PidContext, REFERENCE } from "./context.ts";
import { limitNs } from "./gap.ts";
import type { Limits } from "./limits.ts";

const PAT_PID = 0x0000;
const CAT_PID = 0x0001;
const PAT_TABLE_ID = 0x00;
const CAT_TABLE_ID = 0x01;
const PMT_TABLE_ID = 0x02;
/** The low 16 bits of a key: table_id_extension, the program_number of a PMT. */
const KEY_TO_EXTENSION = 0x1_0000;
/** last_section_number may be so much: no table is whole before one of its sections has come. */
const LAST_SECTION = 255;
const NONE: readonly number[] = [];

/**
 * From when on the tables of a stream that is joined are known, so that a PID without a name says something: the
 * PAT is whole and the PMT of each of its programs has come, or each has had the time that TR 101 290 gives it (1.3.a,
 * 1.5.a; 2.6 for the CAT, where packets are scrambled).
 */
export class TablesKnown {
  readonly #context: PidContext;
  readonly #patLimitNs: number;
  readonly #pmtLimitNs: number;
  readonly #catLimitNs: number;
  #startNs = Number.NaN;
  /** From when on PAT and PMTs are known, or overdue. */
  #programsNs = Number.NaN;
  /** From when on the CAT is, where there has to be one. */
  #catNs = Number.NEGATIVE_INFINITY;
  #hasCat = false;
  #isComplete = false;
  /** section_numbers of the PAT with `#patKey` and `#patLast` that have come. */
  readonly #patSections = new Set<number>();
  #patKey = -1;
  #patLast = LAST_SECTION;
  /** program_numbers whose PMT has come. */
  readonly #maps = new Set<number>();
  #programs = NONE;
  /** How many of `#programs`, from its first on, have come. */
  #found = 0;

  constructor(limits: Limits, context: PidContext) {
    this.#context = context;
    this.#patLimitNs = limitNs(limits.patMs);
    this.#pmtLimitNs = limitNs(limits.pmtMs);
    this.#catLimitNs = limitNs(limits.catMs);
  }

  /** The time; may lie ahead, and is NaN before the start. */
  get fromNs(): number {
    return Math.max(this.#programsNs, this.#catNs);
  }

  /** The stream begins at `timeNs`, NaN for not yet: the tables that came before may hold no longer. */
  restart(timeNs: number): void {
    this.#startNs = timeNs;
    this.#programsNs = timeNs + this.#patLimitNs + this.#pmtLimitNs;
    this.#catNs = Number.NEGATIVE_INFINITY;
    this.#hasCat = false;
    this.#isComplete = false;
    this.#patSections.clear();
    this.#patLast = LAST_SECTION;
    this.#maps.clear();
    this.#programs = NONE;
    this.#found = 0;
  }

  /** A section in force; see `Tr101290.section`. */
  section(pid: number, tableId: number, key: number, number: number, last: number, timeNs: number): void {
    if (tableId === PMT_TABLE_ID) {
      const isNamed = (this.#context.referenceOf(pid) & REFERENCE.programMap) !== 0;
      if (!this.#isComplete && isNamed) this.#pmt(key % KEY_TO_EXTENSION, timeNs);
    } else if (tableId === PAT_TABLE_ID) {
      if (!this.#isComplete && pid === PAT_PID) this.#pat(key, number, last, timeNs);
    } else if (tableId === CAT_TABLE_ID && pid === CAT_PID) {
      this.#hasCat = true;
      this.#catNs = Math.min(this.#catNs, timeNs);
    }
  }

  /** A packet is scrambled: there has to be a CAT. */
  scrambled(): void {
    if (this.#hasCat || this.#catNs !== Number.NEGATIVE_INFINITY) return;
    this.#catNs = this.#startNs + this.#catLimitNs;
  }

  #pat(key: number, number: number, last: number, timeNs: number): void {
    if (key !== this.#patKey || last !== this.#patLast) this.#patSections.clear();
    this.#patKey = key;
    this.#patLast = last;
    const isWhole = this.#patSections.size > last;
    this.#patSections.add(number);
    if (this.#patSections.size <= last) return;
    if (!isWhole) this.#programsNs = Math.min(this.#programsNs, timeNs + this.#pmtLimitNs);
    this.#look(timeNs);
  }

  #pmt(program: number, timeNs: number): void {
    this.#maps.add(program);
    if (this.#patSections.size > this.#patLast) this.#look(timeNs);
  }

  /** Each program is looked up once, however many there are. */
  #look(timeNs: number): void {
    const { programs } = this.#context;
    if (programs !== this.#programs) this.#found = 0;
    this.#programs = programs;
    while (this.#found < programs.length && this.#maps.has(programs[this.#found] as number)) this.#found += 1;
    if (this.#found < programs.length) return;
    this.#isComplete = true;
    this.#programsNs = Math.min(this.#programsNs, timeNs);
  }
}
