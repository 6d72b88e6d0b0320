import { crc32Mpeg2 } from "../../bits/crc32.ts";
import {
  payloadOffset,
  payloadUnitStartIndicator,
  TS_PACKET_BYTES,
  transportScramblingControl,
} from "../packet.ts";
import {
  CRC_BYTES,
  LONG_FORM_MIN_LENGTH,
  lastSectionNumber,
  longForm,
  maxSectionLength,
  SECTION_HEADER_BYTES,
  STUFFING,
  sectionLength,
  sectionNumber,
  shortFormWithCrc,
  tableId,
} from "./fields.ts";

/** Octets of the longest section: 4093 and the three before them. */
export const MAX_SECTION_BYTES = 4096;

/**
 * What breaks the syntax of ISO/IEC 13818-1 2.4.4: `pointer_field` points out of the packet;
 * `section_length` is not allowed for the table; `cut` is a section that the start of the next cuts short, or
 * that goes on past where the pointer_field says it ends; `section_number` is above last_section_number.
 */
export type SectionFault = "pointer_field" | "section_length" | "cut" | "section_number";

/** Takes the sections of all PIDs. */
export interface SectionHandler {
  /**
   * A whole section `buf[off, off + len)` whose CRC_32, where it has one, is right. `changed` is false where
   * it is octet for octet one that is known already. Its last octet came at `timeNs`, its first at `startNs`. The
   * octets are only there during the call.
   */
  section(
    pid: number,
    buf: Uint8Array,
    off: number,
    len: number,
    timeNs: number,
    changed: boolean,
    startNs: number,
  ): void;
  /** A section of `table` has a wrong CRC_32 (TR 101 290 2.2). */
  crcError(pid: number, table: number, timeNs: number): void;
  /** The syntax is broken; what it was part of is dropped. `table` is -1 where it is not known. */
  malformed(pid: number, table: number, timeNs: number, reason: SectionFault): void;
}

/** Remembers sections, so that a repeated one needs no CRC and no parser. `TableStore` is one. */
export interface KnownSections {
  /** Whether the last section in this one's place was the same, octet for octet. */
  same(pid: number, buf: Uint8Array, off: number, len: number): boolean;
}

const NOTHING = new Uint8Array(0);

/**
 * Puts the sections of one PID together: pointer_field, several sections in a packet, sections over many
 * packets (ISO/IEC 13818-1 2.4.4). A section that lies within one packet is not copied. Holds at most one
 * unfinished section, so memory is bounded whatever comes: MAX_SECTION_BYTES, and nothing before the first
 * section that spans packets.
 */
export class SectionAssembler {
  readonly #pid: number;
  readonly #handler: SectionHandler;
  readonly #known: KnownSections | null;
  /** The unfinished section; allocated when first needed, and only as large as its section_length says. */
  #part: Uint8Array = NOTHING;
  #partBytes = 0;
  /** When the first octet of the unfinished section came. */
  #partNs = Number.NaN;

  /** Without `known`, every section counts as changed. */
  constructor(pid: number, handler: SectionHandler, known: KnownSections | null = null) {
    this.#pid = pid;
    this.#handler = handler;
    this.#known = known;
  }

  /** Octets of the unfinished section. */
  get pending(): number {
    return this.#partBytes;
  }

  /** Octets of memory held for unfinished sections. */
  get heldBytes(): number {
    return this.#part.length;
  }

  /**
   * Takes the next packet of the PID: 188 octets at `buf[off]`, legal, and not a duplicate. `lost` says that
   * packets are missing before it (continuity error or signalled discontinuity).
   */
  packet(buf: Uint8Array, off: number, lost: boolean, timeNs: number): void {
    const end = off + TS_PACKET_BYTES;
    let at = off + payloadOffset(buf, off);
    const scrambled = transportScramblingControl(buf, off) !== 0;
    if (lost || scrambled) this.#partBytes = 0;
    if (at >= end || scrambled) return;
    if (payloadUnitStartIndicator(buf, off) === 0) {
      // No section starts here: what follows the unfinished one is stuffing.
      if (this.#partBytes > 0) this.#append(buf, at, end, timeNs);
      return;
    }
    const pointer = buf[at] as number;
    at += 1;
    const first = at + pointer;
    if (first >= end) {
      this.#drop(-1, timeNs, "pointer_field");
      return;
    }
    if (this.#partBytes > 0 && !this.#append(buf, at, first, timeNs)) {
      this.#drop(tableId(this.#part, 0), timeNs, "cut");
    }
    this.#starts(buf, first, end, timeNs);
  }

  /** Forgets the unfinished section: what comes next does not go on with it. */
  reset(): void {
    this.#partBytes = 0;
  }

  #drop(table: number, timeNs: number, reason: SectionFault): void {
    this.#partBytes = 0;
    this.#handler.malformed(this.#pid, table, timeNs, reason);
  }

  /** The sections that start in `buf[at, end)`. */
  #starts(buf: Uint8Array, from: number, end: number, timeNs: number): void {
    let at = from;
    while (at < end && buf[at] !== STUFFING) {
      const left = end - at;
      const bytes = left < SECTION_HEADER_BYTES ? 0 : wholeBytes(buf, at);
      if (bytes < 0) {
        this.#drop(tableId(buf, at), timeNs, "section_length");
        return;
      }
      if (bytes === 0 || bytes > left) {
        this.#partBytes = 0;
        this.#reserve(Math.max(bytes, TS_PACKET_BYTES));
        copy(buf, at, this.#part, 0, left);
        this.#partBytes = left;
        this.#partNs = timeNs;
        return;
      }
      this.#whole(buf, at, bytes, timeNs, timeNs);
      at += bytes;
    }
  }

  /** Goes on with the unfinished section. Returns false where it is still unfinished. */
  #append(buf: Uint8Array, from: number, end: number, timeNs: number): boolean {
    let at = from;
    while (at < end && this.#partBytes < SECTION_HEADER_BYTES) {
      this.#part[this.#partBytes] = buf[at] as number;
      this.#partBytes += 1;
      at += 1;
    }
    if (this.#partBytes < SECTION_HEADER_BYTES) return false;
    const bytes = wholeBytes(this.#part, 0);
    if (bytes < 0) {
      this.#drop(tableId(this.#part, 0), timeNs, "section_length");
      return true;
    }
    this.#reserve(bytes);
    const more = Math.min(bytes - this.#partBytes, end - at);
    copy(buf, at, this.#part, this.#partBytes, more);
    this.#partBytes += more;
    if (this.#partBytes < bytes) return false;
    this.#partBytes = 0;
    this.#whole(this.#part, 0, bytes, timeNs, this.#partNs);
    return true;
  }

  /** Makes room for a section of `bytes`, and keeps what is there of it. */
  #reserve(bytes: number): void {
    if (bytes <= this.#part.length) return;
    // Doubled, so that growing sections do not allocate each time.
    const part = new Uint8Array(Math.min(MAX_SECTION_BYTES, Math.max(bytes, this.#part.length * 2)));
    copy(this.#part, 0, part, 0, this.#partBytes);
    this.#part = part;
  }

  #whole(buf: Uint8Array, off: number, len: number, timeNs: number, startNs: number): void {
    const pid = this.#pid;
    const table = tableId(buf, off);
    const long = longForm(buf, off);
    if (this.#known?.same(pid, buf, off, len)) {
      this.#handler.section(pid, buf, off, len, timeNs, false, startNs);
      return;
    }
    // Over the whole section, CRC_32 included, the remainder of an intact one is zero (annex A).
    if ((long || shortFormWithCrc(table)) && crc32Mpeg2(buf, off, len) !== 0) {
      this.#handler.crcError(pid, table, timeNs);
    } else if (long && sectionNumber(buf, off) > lastSectionNumber(buf, off)) {
      this.#drop(table, timeNs, "section_number");
    } else {
      this.#handler.section(pid, buf, off, len, timeNs, true, startNs);
    }
  }
}

/** Octets of the section whose first three are at `off`; -1 where its length is not allowed. */
function wholeBytes(buf: Uint8Array, off: number): number {
  const length = sectionLength(buf, off);
  const table = tableId(buf, off);
  if (length > maxSectionLength(table)) return -1;
  if (longForm(buf, off) && length < LONG_FORM_MIN_LENGTH) return -1;
  if (shortFormWithCrc(table) && length < CRC_BYTES) return -1;
  return SECTION_HEADER_BYTES + length;
}

/** By octets: at most a packet's, where a subarray for `set` would cost more than the loop. */
function copy(from: Uint8Array, at: number, to: Uint8Array, toAt: number, count: number): void {
  for (let i = 0; i < count; i += 1) to[toAt + i] = from[at + i] as number;
}
