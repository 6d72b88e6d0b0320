import {
  CRC_BYTES,
  currentNextIndicator,
  LONG_FORM_MIN_LENGTH,
  lastSectionNumber,
  longForm,
  SECTION_HEADER_BYTES,
  sectionLength,
  sectionNumber,
  tableId,
  tableIdExtension,
  versionNumber,
} from "../fields.ts";

/** Octets of the long form before its content: table_id to last_section_number (13818-1 2.4.4.11). */
const LONG_HEADER_BYTES = 8;

/** What every section of the long form begins with. */
export interface LongHeader {
  readonly tableId: number;
  /** table_id_extension: transport_stream_id, program_number, service_id and so on. */
  readonly extension: number;
  readonly versionNumber: number;
  /** False where the section is not in force yet (current_next_indicator 0). */
  readonly current: boolean;
  readonly sectionNumber: number;
  readonly lastSectionNumber: number;
  /** Offset of the first octet after the header. */
  readonly at: number;
  /** Offset of CRC_32: the content ends before it. */
  readonly end: number;
}

/**
 * The header of the long form section `buf[off, off + len)`, or null where it is none: another table_id than
 * `first` to `last`, the short form, a section_length that is not that of `len`, or octets that are not there.
 */
export function longHeader(
  buf: Uint8Array,
  off: number,
  len: number,
  first: number,
  last = first,
): LongHeader | null {
  if (off < 0 || len < SECTION_HEADER_BYTES + LONG_FORM_MIN_LENGTH || off + len > buf.length) return null;
  const table = tableId(buf, off);
  if (table < first || table > last || !longForm(buf, off)) return null;
  if (SECTION_HEADER_BYTES + sectionLength(buf, off) !== len) return null;
  return {
    tableId: table,
    extension: tableIdExtension(buf, off),
    versionNumber: versionNumber(buf, off),
    current: currentNextIndicator(buf, off) === 1,
    sectionNumber: sectionNumber(buf, off),
    lastSectionNumber: lastSectionNumber(buf, off),
    at: off + LONG_HEADER_BYTES,
    end: off + len - CRC_BYTES,
  };
}

/**
 * Offset after the content of the short form section `buf[off, off + len)`, without CRC_32; null where it is
 * no such section of `table`, or has fewer than `least` octets of content. `crcBytes` is 4 for a TOT or splice
 * information.
 */
export function shortEnd(
  buf: Uint8Array,
  off: number,
  len: number,
  table: number,
  least: number,
  crcBytes = 0,
): number | null {
  if (off < 0 || len < SECTION_HEADER_BYTES + least + crcBytes || off + len > buf.length) return null;
  if (tableId(buf, off) !== table || SECTION_HEADER_BYTES + sectionLength(buf, off) !== len) return null;
  return off + len - crcBytes;
}
