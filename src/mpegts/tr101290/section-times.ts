import { isPast } from "./gap.ts";
/** Most sections that are watched at once, over all sub-tables: 1 MiB of times. */
export const MOST_SECTIONS = 131_072;
/** Most sub-tables that are watched at once. */
export const MOST_SUB_TABLES = 16_384;

const FIRST_TIMES = 4;
const FIRST_SCHEDULE = 0x50;
const LAST_SCHEDULE = 0x6f;
/** A section that stayed away for so many limits was taken out, where it may be. */
const WITHDRAWN_LIMITS = 10;
/** Tables of which a stream has one sub-table: NIT actual, SDT actual, MGT, VCT. Another extension takes its place. */
const SINGLE_TABLES = new Set([0x40, 0x42, 0xc7, 0xc8, 0xc9]);

/** When each section of a sub-table came last. */
export class SubTableTimes {
  readonly tableId: number;
  readonly key: number;
  /** False for what is not in force yet: it ends when it comes into force, and nothing says how often it comes. */
  readonly current: boolean;
  /** Other tables say that it is there; see `PidContext.announces`. */
  announced = true;
  /** Its first section since the start. */
  firstNs = Number.NaN;
  lastSectionNumber = 0;
  /** By section_number; NaN for never. */
  times = new Float64Array(FIRST_TIMES).fill(Number.NaN);
  /** Present/following: since when section `alone` comes without the other; -1 before the first (3.6.c). */
  alone = -1;
  aloneSinceNs = Number.NaN;
  /** The lack of the other is counted. */
  aloneCounted = false;

  constructor(tableId: number, key: number, current: boolean) {
    this.tableId = tableId;
    this.key = key;
    this.current = current;
  }

  /** Whether its sections have to come again. Those of a schedule come and go as time passes. */
  get isBound(): boolean {
    return this.announced && (this.tableId < FIRST_SCHEDULE || this.tableId > LAST_SCHEDULE);
  }

  /** Whether section `number` is missed beside the other of present/following, and 3.6.c has counted that. */
  missesCounted(number: number): boolean {
    return this.aloneCounted && number <= 1 && number !== this.alone;
  }

  /** When section `number` came last, NaN for never. */
  timeOf(number: number): number {
    return number < this.times.length ? (this.times[number] as number) : Number.NaN;
  }

  /** Section `number` of those up to `last` came at `timeNs`; sections beyond are not sent any more. */
  seen(number: number, last: number, timeNs: number): void {
    if (last < this.lastSectionNumber) this.times.fill(Number.NaN, last + 1);
    this.lastSectionNumber = last;
    this.times[number] = timeNs;
    if (Number.isNaN(this.firstNs)) this.firstNs = timeNs;
  }

  /** It ended: when its sections come again they follow none. */
  end(): void {
    this.times.fill(Number.NaN);
    this.alone = -1;
  }

  /** The time at which section `number` had been away for `limitNs`, NaN where it has not at `nowNs`. */
  expired(number: number, limitNs: number, nowNs: number): number {
    const expiredNs = this.timeOf(number) + limitNs;
    return this.current && isPast(nowNs, expiredNs) ? expiredNs : Number.NaN;
  }

  /** The same for section `number` that comes at `nowNs`; NaN also where it was taken out and comes anew. */
  expiredWhenSeen(number: number, limitNs: number, nowNs: number): number {
    const expiredNs = this.expired(number, limitNs, nowNs);
    return this.isBound || nowNs - expiredNs <= (WITHDRAWN_LIMITS - 1) * limitNs ? expiredNs : Number.NaN;
  }
}

/** Times of the sections of service information, by sub-table. Bounded; what does not fit is counted. */
export class SectionTimes {
  /** Sections of sub-tables that have no place here. */
  unwatched = 0;
  readonly #announces: (tableId: number, key: number) => boolean;
  readonly #tables: (Map<number, SubTableTimes> | undefined)[] = new Array(256);
  /** Of SINGLE_TABLES, the one in force. */
  readonly #single: (SubTableTimes | undefined)[] = new Array(256);
  #subTables = 0;
  #sections = 0;

  /** By default whatever comes has to come again. */
  constructor(announces: (tableId: number, key: number) => boolean = () => true) {
    this.#announces = announces;
  }

  /** The sub-table that `key` tells from others of its table_id; null where there is no room for it or this section. */
  of(tableId: number, key: number, sectionNumber: number, current = true): SubTableTimes | null {
    let table = this.#tables[tableId];
    if (table === undefined) {
      table = new Map();
      this.#tables[tableId] = table;
    }
    let entry = table.get(key);
    if (entry === undefined) {
      if (this.#subTables >= MOST_SUB_TABLES || this.#sections + FIRST_TIMES > MOST_SECTIONS)
        return this.#full();
      entry = new SubTableTimes(tableId, key, current);
      entry.announced = this.#announces(tableId, key);
      table.set(key, entry);
      this.#subTables += 1;
      this.#sections += FIRST_TIMES;
    }
    if (current && SINGLE_TABLES.has(tableId)) this.#supersede(entry);
    return sectionNumber < entry.times.length || this.#grow(entry, sectionNumber) ? entry : this.#full();
  }

  /** Sub-tables that are watched. */
  get subTables(): number {
    return this.#subTables;
  }

  /** The tables say other things now: what they announce no longer has ended. */
  review(): void {
    for (const entry of this.all()) {
      const announced = this.#announces(entry.tableId, entry.key);
      if (entry.announced && !announced) entry.end();
      entry.announced = announced;
    }
  }

  /** Every sub-table of these table_ids. */
  *all(firstTableId = 0, lastTableId = 255): Generator<SubTableTimes> {
    for (let tableId = firstTableId; tableId <= lastTableId; tableId += 1) {
      const table = this.#tables[tableId];
      if (table !== undefined) yield* table.values();
    }
  }

  /** Forgets everything but `unwatched`. */
  clear(): void {
    this.#tables.fill(undefined);
    this.#single.fill(undefined);
    this.#subTables = 0;
    this.#sections = 0;
  }

  #supersede(entry: SubTableTimes): void {
    const before = this.#single[entry.tableId];
    if (before !== entry) before?.end();
    this.#single[entry.tableId] = entry;
  }

  #grow(entry: SubTableTimes, sectionNumber: number): boolean {
    const old = entry.times;
    let length = old.length;
    while (length <= sectionNumber) length *= 2;
    if (this.#sections + length - old.length > MOST_SECTIONS) return false;
    this.#sections += length - old.length;
    entry.times = new Float64Array(length).fill(Number.NaN);
    entry.times.set(old);
    return true;
  }

  #full(): null {
    this.unwatched += 1;
    return null;
  }
}
