import { u16, u32 } from "../../bits/read.ts";
import {
  CRC_BYTES,
  currentNextIndicator,
  lastSectionNumber,
  longForm,
  sectionNumber,
  tableId,
  tableIdExtension,
  versionNumber,
} from "./fields.ts";

/** What is counted for a kept section beside its octets, and for a sub-table beside its sections. */
const SECTION_OVERHEAD = 512;
const SUB_TABLE_OVERHEAD = 1024;
/** Under this a loop is faster than a call of compare (180 ns). */
const LOOP_BYTES = 64;

/** Whether the table has original_network_id and more in its content that tell its sub-tables apart. */
function isEit(table: number): boolean {
  return table >= 0x4e && table <= 0x6f;
}

/**
 * What tells sub-tables of the same table_id_extension apart, from the content of the section (EN 300 468
 * 5.1.1, A/65 6.6): original_network_id of SDT, with transport_stream_id of EIT, ETM_id of ETT; 0 for others.
 */
export function discriminator(buf: Uint8Array, off: number, len: number): number {
  const table = tableId(buf, off);
  if (isEit(table)) return len >= 12 + CRC_BYTES ? u32(buf, off + 8) : 0;
  if (table === 0x42 || table === 0x46) return len >= 10 + CRC_BYTES ? u16(buf, off + 8) : 0;
  if (table === 0xcc) return len >= 13 + CRC_BYTES ? u32(buf, off + 9) : 0;
  return 0;
}

/**
 * Which sub-table of a PID and table_id a section is of: `discriminator`, current_next_indicator and
 * table_id_extension in 49 bits. The same for the next table of the same kind, but for NEXT_TO_CURRENT.
 */
export function subTableKey(buf: Uint8Array, off: number, len: number): number {
  if (!longForm(buf, off)) return 0;
  const low = (currentNextIndicator(buf, off) << 16) | tableIdExtension(buf, off);
  // By multiplication: shifts work on 32 bits.
  return discriminator(buf, off, len) * 2 ** 17 + low;
}

/** What a key of `subTableKey` is made of, but for current_next_indicator. */
export function readKey(key: number): { extension: number; discriminator: number } {
  return { extension: key % 2 ** 16, discriminator: Math.floor(key / 2 ** 17) };
}

/** The key of a current table less that of the next one. */
export const NEXT_TO_CURRENT = 1 << 16;

/** The newest version of one sub-table: its sections as they came, in memory of their own. */
export class SubTable {
  readonly pid: number;
  readonly tableId: number;
  readonly key: number;
  readonly discriminator: number;
  /** Null in the short form. */
  readonly extension: number | null;
  readonly current: boolean;
  /** Null in the short form. */
  version: number | null = null;
  lastSection = 0;
  /** By section_number. */
  readonly sections: (Buffer | undefined)[] = [];
  /** Sections that are kept. */
  held = 0;
  /** Octets of the kept sections. */
  contentBytes = 0;
  /** When a section came last, in the store's own count of sections. */
  lastUse = 0;
  firstNs = Number.NaN;
  lastNs = Number.NaN;
  /** Sections that came, repeated ones too. */
  received = 0;
  /** Times that the version changed. */
  versionChanges = 0;
  /** Sections whose content changed while the version did not, which EN 300 468 5.1.1 forbids. */
  silentChanges = 0;

  constructor(pid: number, buf: Uint8Array, off: number, len: number) {
    const long = longForm(buf, off);
    this.pid = pid;
    this.tableId = tableId(buf, off);
    this.key = subTableKey(buf, off, len);
    this.discriminator = discriminator(buf, off, len);
    this.extension = long ? tableIdExtension(buf, off) : null;
    this.current = !long || currentNextIndicator(buf, off) === 1;
  }

  /** Octets that count against the store's bound. */
  get bytes(): number {
    return SUB_TABLE_OVERHEAD + this.contentBytes + this.held * SECTION_OVERHEAD;
  }

  /** Whether this very section is kept, octet for octet. */
  same(buf: Uint8Array, off: number, len: number): boolean {
    const kept = this.sections[longForm(buf, off) ? sectionNumber(buf, off) : 0];
    if (kept === undefined || kept.length !== len) return false;
    if (len >= LOOP_BYTES) return kept.compare(buf, off, off + len) === 0;
    for (let i = 0; i < len; i += 1) if (kept[i] !== buf[off + i]) return false;
    return true;
  }

  /** Keeps a section of this sub-table, which is not the same as the one kept. */
  keep(buf: Uint8Array, off: number, len: number): void {
    const long = longForm(buf, off);
    const version = long ? versionNumber(buf, off) : null;
    const last = long ? lastSectionNumber(buf, off) : 0;
    if (this.held > 0 && (version !== this.version || last !== this.lastSection)) {
      if (version !== this.version) this.versionChanges += 1;
      else this.silentChanges += 1;
      this.#clear();
    }
    this.version = version;
    this.lastSection = last;
    const number = long ? sectionNumber(buf, off) : 0;
    const old = this.sections[number];
    if (old !== undefined) {
      // Tables of the short form have no version: each TDT is another.
      if (long) this.silentChanges += 1;
      this.held -= 1;
      this.contentBytes -= old.length;
    }
    const kept = Buffer.allocUnsafeSlow(len);
    kept.set(buf.subarray(off, off + len));
    this.sections[number] = kept;
    this.held += 1;
    this.contentBytes += len;
  }

  /**
   * Whether all sections are there. The schedule of the EIT has gaps: a segment of eight sections ends with
   * its segment_last_section_number (EN 300 468 5.2.4).
   */
  get complete(): boolean {
    if (this.held > this.lastSection) return true;
    if (!isEit(this.tableId)) return false;
    for (let number = 0; number <= this.lastSection; ) {
      const section = this.sections[number];
      if (section === undefined) return false;
      const segmentLast = section.length > 12 ? (section[12] as number) : number;
      const ends = segmentLast >= number && segmentLast <= (number | 7);
      number = ends && number === segmentLast ? (number | 7) + 1 : number + 1;
    }
    return true;
  }

  #clear(): void {
    this.sections.length = 0;
    this.held = 0;
    this.contentBytes = 0;
  }
}
