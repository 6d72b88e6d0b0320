import { type AtscString, readMultipleString } from "../../atsc-text.ts";
import { type Descriptor, parseDescriptors } from "../../descriptors/descriptor.ts";
import { FieldReader } from "../../descriptors/field-reader.ts";
import type { Malformed } from "../loop.ts";
import { type LongHeader, longHeader } from "../section-header.ts";

/** A section of A/65 opened: its header and a reader of its content. */
export interface AtscSection {
  readonly header: LongHeader;
  /** protocol_version, the first octet of the content; 0 in all that is defined. */
  readonly protocolVersion: number;
  /** Stands after protocol_version, ends before CRC_32. */
  readonly reader: FieldReader;
}

/** Opens the section of `tableId` in `buf[off, off + len)`, or null where it is none or has no content. */
export function openAtsc(buf: Uint8Array, off: number, len: number, tableId: number): AtscSection | null {
  const header = longHeader(buf, off, len, tableId);
  if (header === null || header.at >= header.end) return null;
  const reader = new FieldReader(buf, header.at, header.end - header.at);
  return { header, protocolVersion: reader.u8(), reader };
}

/** The descriptors after their length of `lengthBits` bits, of which 16 less are reserved before it. */
export function atscDescriptors(reader: FieldReader, tableId: number, lengthBits: 10 | 12): Descriptor[] {
  reader.skipBits(16 - lengthBits);
  return descriptorsOf(reader, reader.bits(lengthBits), tableId);
}

/** The next `len` octets as descriptors. */
export function descriptorsOf(reader: FieldReader, len: number, tableId: number): Descriptor[] {
  return reader.take(len, (buf, off, there) => parseDescriptors(buf, off, there, { tableId, atsc: true }));
}

/** A multiple_string_structure after its length of 8 bits; empty where the length is 0. */
export function stringsWithLength(reader: FieldReader): AtscString[] {
  const strings = reader.sub(reader.u8());
  const read = strings.left > 0 ? readMultipleString(strings) : [];
  reader.noteShort(strings);
  return read;
}

/** `table`, malformed where its parts do not fill the section to the octet. */
export function closed<T extends Malformed>(table: T, reader: FieldReader): T {
  if (reader.short || reader.left > 0) table.malformed = "section_length";
  return table;
}
