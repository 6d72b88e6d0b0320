/**
 * Fields of a PSI or SI section, ISO/IEC 13818-1 2.4.4, by the offset of its table_id. The caller has checked
 * that the octets are there: 3 for the first group, 8 for the second.
 */
import { u16 } from "../../bits/read.ts";

/** Octets up to and with section_length. */
export const SECTION_HEADER_BYTES = 3;
/** section_length of a section in the long form without content: five octets of header and CRC_32. */
export const LONG_FORM_MIN_LENGTH = 9;
/** table_id of stuffing: the rest of the packet is filled (2.4.4). */
export const STUFFING = 0xff;
/** table_id of the time offset table: short form, but with a CRC_32 (EN 300 468 5.2.6). */
export const TOT_TABLE_ID = 0x73;
/** table_id of the splice information table: short form, but with a CRC_32 (SCTE 35 9.6). */
export const SPLICE_TABLE_ID = 0xfc;
/** Octets of CRC_32. */
export const CRC_BYTES = 4;

/** table_id. */
export function tableId(buf: Uint8Array, off: number): number {
  return buf[off] as number;
}

/** section_syntax_indicator: true for the long form, with version, section numbers and CRC_32. */
export function longForm(buf: Uint8Array, off: number): boolean {
  return ((buf[off + 1] as number) & 0x80) !== 0;
}

/** True where a section of the short form has a CRC_32 all the same: TOT and splice information. */
export function shortFormWithCrc(table: number): boolean {
  return table === TOT_TABLE_ID || table === SPLICE_TABLE_ID;
}

/** section_length: octets after this field, CRC_32 included. */
export function sectionLength(buf: Uint8Array, off: number): number {
  return u16(buf, off + 1) & 0x0fff;
}

/** The most that section_length may say: 1021 in PAT, CAT, PMT and TSDT, 4093 in others (2.4.4.5, 2.4.4.11). */
export function maxSectionLength(table: number): number {
  return table <= 0x03 ? 1021 : 4093;
}

/** table_id_extension: transport_stream_id, program_number and so on. Long form only. */
export function tableIdExtension(buf: Uint8Array, off: number): number {
  return u16(buf, off + 3);
}

/** version_number: 0 to 31. Long form only. */
export function versionNumber(buf: Uint8Array, off: number): number {
  return ((buf[off + 5] as number) >> 1) & 0x1f;
}

/** current_next_indicator: 1 where the section is in force, 0 where it will be next. Long form only. */
export function currentNextIndicator(buf: Uint8Array, off: number): number {
  return (buf[off + 5] as number) & 1;
}

/** section_number. Long form only. */
export function sectionNumber(buf: Uint8Array, off: number): number {
  return buf[off + 6] as number;
}

/** last_section_number. Long form only. */
export function lastSectionNumber(buf: Uint8Array, off: number): number {
  return buf[off + 7] as number;
}
