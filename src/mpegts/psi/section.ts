import { crc32Mpeg2 } from "../../bits/crc32.ts";
import { u32 } from "../../bits/read.ts";
import {
  payloadOffset,
  payloadUnitStartIndicator,
  TS_PACKET_BYTES,
  transportScramblingControl,
} from "../packet.ts";
import {
  currentNextIndicator,
  LONG_FORM_MIN_LENGTH,
  lastSectionNumber,
  longForm,
  maxSectionLength,
  SECTION_HEADER_BYTES,
  STUFFING,
  sectionLength,
  sectionNumber,
  TOT_TABLE_ID,
  tableId,
  tableIdExtension,
} from "./fields.ts";

/** Octets of the longest section: 4093 and the three before them. */
export const MAX_SECTION_BYTES = 4096;
/** Sections of one PID whose content is remembered; with more, all are taken for changed now and then. */
const MOST_REMEMBERED = 4096;

/** Takes the sections of one PID. */
export interface SectionSink {
  /**
   * A whole section `buf[off, off + len)` whose CRC_32, where it has one, is right. `changed` is false where
   * the same section (table, extension, number, current or next) came before with the same content. The octets
   * are only there during the call.
   */
  section(buf: Uint8Array, off: number, len: number, changed: boolean, timeNs: number): void;
  /** A section of `table` has a wrong CRC_32 (TR 101 290 2.2). */
  crcError(table: number, timeNs: number): void;
  /** A section or pointer_field breaks the syntax of ISO/IEC 13818-1 2.4.4; what it was part of is dropped. */
  malformed(timeNs: number): void;
}

/**
 * Puts the sections of one PID together: pointer_field, several sections in a packet, sections over many
 * packets (ISO/IEC 13818-1 2.4.4). A section that lies within one packet is not copied. Holds at most one
 * unfinished section, so memory is bounded whatever comes.
 */
export class SectionAssembler {
  readonly #sink: SectionSink;
  /** CRC_32 last seen of each section, by what tells it from others. */
  readonly #known = new Map<number, number>();
  /** The unfinished section; allocated when first needed. */
  #part: Uint8Array = new Uint8Array(0);
  #partBytes = 0;

  constructor(sink: SectionSink) {
    this.#sink = sink;
  }

  /** Octets of the unfinished section. */
  get pending(): number {
    return this.#partBytes;
  }

  /**
   * Takes the next packet of the PID: 188 octets at `buf[off]`, legal, and not a duplicate. `broken` says that
   * packets are missing before it (continuity error or signalled discontinuity).
   */
  packet(buf: Uint8Array, off: number, broken: boolean, timeNs: number): void {
    const end = off + TS_PACKET_BYTES;
    let at = off + payloadOffset(buf, off);
    if (broken || transportScramblingControl(buf, off) !== 0) this.#partBytes = 0;
    if (at >= end || transportScramblingControl(buf, off) !== 0) return;
    if (payloadUnitStartIndicator(buf, off) === 0) {
      // No section starts here: what follows the unfinished one is stuffing.
      if (this.#partBytes > 0) this.#append(buf, at, end, timeNs);
      return;
    }
    const pointer = buf[at] as number;
    at += 1;
    const first = at + pointer;
    if (first >= end) {
      this.#drop(timeNs);
      return;
    }
    if (this.#partBytes > 0 && !this.#append(buf, at, first, timeNs)) this.#drop(timeNs);
    this.#starts(buf, first, end, timeNs);
  }

  /** Forgets the unfinished section and what was known: the PID carries something else from now on. */
  reset(): void {
    this.#partBytes = 0;
    this.#known.clear();
  }

  #drop(timeNs: number): void {
    this.#partBytes = 0;
    this.#sink.malformed(timeNs);
  }

  /** The sections that start in `buf[at, end)`. */
  #starts(buf: Uint8Array, from: number, end: number, timeNs: number): void {
    let at = from;
    while (at < end && buf[at] !== STUFFING) {
      const left = end - at;
      const bytes = left < SECTION_HEADER_BYTES ? 0 : this.#wholeBytes(buf, at);
      if (bytes < 0) {
        this.#drop(timeNs);
        return;
      }
      if (bytes === 0 || bytes > left) {
        if (this.#part.length === 0) this.#part = new Uint8Array(MAX_SECTION_BYTES);
        this.#part.set(buf.subarray(at, end));
        this.#partBytes = left;
        return;
      }
      this.#whole(buf, at, bytes, timeNs);
      at += bytes;
    }
  }

  /** Goes on with the unfinished section. Returns false where it is still unfinished. */
  #append(buf: Uint8Array, from: number, end: number, timeNs: number): boolean {
    const part = this.#part;
    let at = from;
    while (at < end && this.#partBytes < SECTION_HEADER_BYTES) {
      part[this.#partBytes] = buf[at] as number;
      this.#partBytes += 1;
      at += 1;
    }
    if (this.#partBytes < SECTION_HEADER_BYTES) return false;
    const bytes = this.#wholeBytes(part, 0);
    if (bytes < 0) {
      this.#drop(timeNs);
      return true;
    }
    const more = Math.min(bytes - this.#partBytes, end - at);
    part.set(buf.subarray(at, at + more), this.#partBytes);
    this.#partBytes += more;
    if (this.#partBytes < bytes) return false;
    this.#partBytes = 0;
    this.#whole(part, 0, bytes, timeNs);
    return true;
  }

  /** Octets of the section whose first three are at `off`; -1 where its length is not allowed. */
  #wholeBytes(buf: Uint8Array, off: number): number {
    const length = sectionLength(buf, off);
    if (length > maxSectionLength(tableId(buf, off))) return -1;
    if (longForm(buf, off) && length < LONG_FORM_MIN_LENGTH) return -1;
    if (tableId(buf, off) === TOT_TABLE_ID && length < 4) return -1;
    return SECTION_HEADER_BYTES + length;
  }

  #whole(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    const table = tableId(buf, off);
    const long = longForm(buf, off);
    if (!long && table !== TOT_TABLE_ID) {
      this.#sink.section(buf, off, len, true, timeNs);
      return;
    }
    // Over the whole section, CRC_32 included, the remainder of an intact one is zero (annex A).
    if (crc32Mpeg2(buf, off, len) !== 0) {
      this.#sink.crcError(table, timeNs);
      return;
    }
    if (!long) {
      this.#sink.section(buf, off, len, true, timeNs);
      return;
    }
    if (sectionNumber(buf, off) > lastSectionNumber(buf, off)) {
      this.#sink.malformed(timeNs);
      return;
    }
    this.#sink.section(buf, off, len, this.#changed(buf, off, len), timeNs);
  }

  /** Whether the section differs from the last of its kind. The version is part of what the CRC covers. */
  #changed(buf: Uint8Array, off: number, len: number): boolean {
    const key =
      ((tableId(buf, off) * 2 + currentNextIndicator(buf, off)) * 65_536 + tableIdExtension(buf, off)) * 256 +
      sectionNumber(buf, off);
    const crc = u32(buf, off + len - 4);
    if (this.#known.get(key) === crc) return false;
    if (this.#known.size >= MOST_REMEMBERED) this.#known.clear();
    this.#known.set(key, crc);
    return true;
  }
}
