import { longForm, SPLICE_TABLE_ID, tableId } from "./fields.ts";
import type { KnownSections } from "./section.ts";
import { NEXT_TO_CURRENT, SubTable, subTableKey } from "./sub-table.ts";
import { tableName } from "./table-names.ts";
import { merged, parseTable, type TableContent } from "./tables/parse.ts";

/** Most memory that a store takes for sections, with what each costs beside its octets: 16 MiB. */
export const MOST_STORE_BYTES = 16 * 1024 * 1024;
/** table_id of the stuffing section (EN 300 468 5.2.8). */
const STUFFING_TABLE_ID = 0x72;
/** What is left after the longest unused sub-tables had to go. */
const KEPT_SHARE = 0.75;

/** One sub-table as plain data. Times are nanoseconds as they were handed in, null for none. */
export interface Table {
  pid: number;
  tableId: number;
  name: string;
  /** table_id_extension; null in the short form. */
  extension: number | null;
  /** Null in the short form. */
  version: number | null;
  /** False where the table is not in force yet. */
  current: boolean;
  /** Sections that are there. */
  sections: number;
  lastSectionNumber: number;
  /** All sections are there. */
  complete: boolean;
  /** Octets of its sections. */
  bytes: number;
  /** Sections received, repeated ones too. */
  received: number;
  versionChanges: number;
  /** Changes of content without a change of version. */
  silentChanges: number;
  firstNs: number | null;
  lastNs: number | null;
  /** The decoded sections put together; null where the table is not decoded: then `hex` is there. */
  content: TableContent | null;
  /** The sections in hex, where they are not decoded. */
  hex?: string[];
}

/** What a store did not keep. */
export interface StoreCounts {
  subTables: number;
  /** Octets that count against MOST_STORE_BYTES. */
  bytes: number;
  /** Sections thrown out, as the store was full and others were seen more lately. */
  evictedSections: number;
  /** Sections that are no service information: stuffing, DSM-CC, ECM, EMM, private ones. */
  ignoredSections: number;
}

/**
 * Keeps the newest version of each sub-table, as the octets that came, and decodes them when asked. Also tells
 * the assemblers which sections are known (`same`), so that a repeated one costs a comparison, no CRC.
 *
 * Takes at most MOST_STORE_BYTES: over that the sub-tables seen longest ago go, and are counted.
 */
export class TableStore implements KnownSections {
  /** Sub-tables by PID and table_id (`place`), then by their key. */
  readonly #places = new Map<number, Map<number, SubTable>>();
  readonly #most: number;
  #bytes = 0;
  #subTables = 0;
  #uses = 0;
  #evicted = 0;
  #ignored = 0;

  constructor(most = MOST_STORE_BYTES) {
    this.#most = most;
  }

  /** See `StoreCounts`. */
  get counts(): StoreCounts {
    return {
      subTables: this.#subTables,
      bytes: this.#bytes,
      evictedSections: this.#evicted,
      ignoredSections: this.#ignored,
    };
  }

  same(pid: number, buf: Uint8Array, off: number, len: number): boolean {
    return this.#find(pid, buf, off, len)?.same(buf, off, len) ?? false;
  }

  /** Takes a whole and intact section; `changed` is false where `same` was true. */
  section(pid: number, buf: Uint8Array, off: number, len: number, timeNs: number, changed: boolean): void {
    if (!isKept(buf, off)) {
      this.#ignored += 1;
      return;
    }
    let table = this.#find(pid, buf, off, len);
    if (table === undefined) {
      table = new SubTable(pid, buf, off, len);
      this.#add(table);
    }
    this.#uses += 1;
    table.lastUse = this.#uses;
    table.received += 1;
    if (Number.isNaN(table.firstNs)) table.firstNs = timeNs;
    table.lastNs = timeNs;
    if (!changed && table.held > 0) return;
    this.#bytes -= table.bytes;
    table.keep(buf, off, len);
    this.#bytes += table.bytes;
    if (table.current) this.#comesIntoForce(table);
    if (this.#bytes > this.#most) this.#evict();
  }

  /**
   * All sub-tables as plain data, by PID, table_id and extension. Decodes them all: not for each packet.
   * `wanted` leaves out sub-tables before they are decoded.
   */
  snapshot(wanted: (pid: number, tableId: number) => boolean = () => true): Table[] {
    const tables: SubTable[] = [];
    for (const table of this.#all()) if (wanted(table.pid, table.tableId)) tables.push(table);
    tables.sort(
      (a, b) =>
        a.pid - b.pid ||
        a.tableId - b.tableId ||
        (a.extension ?? 0) - (b.extension ?? 0) ||
        a.discriminator - b.discriminator ||
        Number(b.current) - Number(a.current),
    );
    return tables.map(toTable);
  }

  /** Forgets all tables: the stream is another one from now on. */
  reset(): void {
    this.#places.clear();
    this.#bytes = 0;
    this.#subTables = 0;
  }

  *#all(): Generator<SubTable> {
    for (const tables of this.#places.values()) yield* tables.values();
  }

  #find(pid: number, buf: Uint8Array, off: number, len: number): SubTable | undefined {
    return this.#places.get(place(pid, tableId(buf, off)))?.get(subTableKey(buf, off, len));
  }

  #add(table: SubTable): void {
    const at = place(table.pid, table.tableId);
    let tables = this.#places.get(at);
    if (tables === undefined) {
      tables = new Map();
      this.#places.set(at, tables);
    }
    tables.set(table.key, table);
    this.#bytes += table.bytes;
    this.#subTables += 1;
  }

  #remove(table: SubTable): void {
    const at = place(table.pid, table.tableId);
    const tables = this.#places.get(at);
    if (!tables?.delete(table.key)) return;
    if (tables.size === 0) this.#places.delete(at);
    this.#bytes -= table.bytes;
    this.#subTables -= 1;
  }

  /** A table announced as next with this version is no longer to come. */
  #comesIntoForce(table: SubTable): void {
    if (table.version === null) return;
    const next = this.#places.get(place(table.pid, table.tableId))?.get(table.key - NEXT_TO_CURRENT);
    if (next?.version === table.version) this.#remove(next);
  }

  /** Throws out the sub-tables that were not seen for longest, a quarter of the memory at once. */
  #evict(): void {
    const oldest = [...this.#all()].sort((a, b) => a.lastUse - b.lastUse);
    for (const table of oldest) {
      if (this.#bytes <= this.#most * KEPT_SHARE) return;
      this.#evicted += table.held;
      this.#remove(table);
    }
  }
}

function place(pid: number, table: number): number {
  return pid * 256 + table;
}

/** Tables of 13818-1, EN 300 468, A/65 and SCTE 35; no DSM-CC, no ECM and EMM, nothing private. */
function isKept(buf: Uint8Array, off: number): boolean {
  const table = tableId(buf, off);
  if (table === SPLICE_TABLE_ID) return true;
  if (table >= 0x80) return table >= 0xc7 && table <= 0xd9 && longForm(buf, off);
  return (table < 0x3a || table > 0x3f) && table !== STUFFING_TABLE_ID;
}

const orNull = (timeNs: number): number | null => (Number.isNaN(timeNs) ? null : timeNs);

function toTable(table: SubTable): Table {
  const sections = table.sections.filter((section) => section !== undefined);
  const parts = sections.map((section) => parseTable(section, 0, section.length));
  const content = merged(parts.filter((part) => part !== null));
  const plain: Table = {
    pid: table.pid,
    tableId: table.tableId,
    name: tableName(table.tableId),
    extension: table.extension,
    version: table.version,
    current: table.current,
    sections: table.held,
    lastSectionNumber: table.lastSection,
    complete: table.complete,
    bytes: table.contentBytes,
    received: table.received,
    versionChanges: table.versionChanges,
    silentChanges: table.silentChanges,
    firstNs: orNull(table.firstNs),
    lastNs: orNull(table.lastNs),
    content,
  };
  if (content === null || parts.includes(null))
    plain.hex = sections.map((section) => section.toString("hex"));
  return plain;
}
