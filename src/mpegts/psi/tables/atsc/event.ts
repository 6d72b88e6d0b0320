import { type AtscString, readMultipleString } from "../../atsc-text.ts";
import { atscUtcTime } from "../../atsc-time.ts";
import type { Descriptor } from "../../descriptors/descriptor.ts";
import type { Malformed } from "../loop.ts";
import { atscDescriptors, closed, openAtsc, stringsWithLength } from "./section.ts";

/** table_id of the event information table of A/65. */
export const ATSC_EIT_TABLE_ID = 0xcb;
/** table_id of the extended text table. */
export const ETT_TABLE_ID = 0xcc;

/** One event. */
export interface AtscEvent {
  eventId: number;
  /** start_time: GPS seconds since 1980-01-06. */
  startTimeSeconds: number;
  /** The same as UTC in RFC 3339, by the leap seconds known. */
  startTime: string;
  etmLocation: number;
  lengthSeconds: number;
  title: AtscString[];
  descriptors: Descriptor[];
}

/** Event information table, A/65 6.5. */
export interface AtscEit extends Malformed {
  table: "ATSC EIT";
  protocolVersion: number;
  sourceId: number;
  events: AtscEvent[];
}

/** Extended text table, A/65 6.6. */
export interface Ett extends Malformed {
  table: "ETT";
  protocolVersion: number;
  /** What the text is of: source_id. */
  sourceId: number;
  /** And event_id; null where the text is of the channel. */
  eventId: number | null;
  extendedTextMessage: AtscString[];
}

/** Reads an event information table; null where it is none. */
export function parseAtscEit(buf: Uint8Array, off: number, len: number): AtscEit | null {
  const section = openAtsc(buf, off, len, ATSC_EIT_TABLE_ID);
  if (section === null) return null;
  const { header, protocolVersion, reader } = section;
  const events = reader.times(reader.u8(), 12, () => {
    reader.skipBits(2);
    const eventId = reader.bits(14);
    const startTimeSeconds = reader.u32();
    reader.skipBits(2);
    return {
      eventId,
      startTimeSeconds,
      startTime: atscUtcTime(startTimeSeconds),
      etmLocation: reader.bits(2),
      lengthSeconds: reader.bits(20),
      title: stringsWithLength(reader),
      descriptors: atscDescriptors(reader, ATSC_EIT_TABLE_ID, 12),
    };
  });
  const eit: AtscEit = { table: "ATSC EIT", protocolVersion, sourceId: header.extension, events };
  return closed(eit, reader);
}

/** Reads an extended text table; null where it is none. */
export function parseEtt(buf: Uint8Array, off: number, len: number): Ett | null {
  const section = openAtsc(buf, off, len, ETT_TABLE_ID);
  if (section === null) return null;
  const { protocolVersion, reader } = section;
  // ETM_id (table 6.14): source_id, event_id, two bits that say whether it is of an event.
  const sourceId = reader.u16();
  const event = reader.bits(14);
  const ofEvent = reader.bits(2) === 0b10;
  const eventId = ofEvent ? event : null;
  const extendedTextMessage = readMultipleString(reader);
  const ett: Ett = { table: "ETT", protocolVersion, sourceId, eventId, extendedTextMessage };
  return closed(ett, reader);
}
