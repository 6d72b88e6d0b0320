import { atscUtcTime } from "../../atsc-time.ts";
import type { Descriptor } from "../../descriptors/descriptor.ts";
import type { Malformed } from "../loop.ts";
import { closed, descriptorsOf, openAtsc } from "./section.ts";

/** table_id of the system time table. */
export const STT_TABLE_ID = 0xcd;

/** System time table, A/65 6.1. */
export interface Stt extends Malformed {
  table: "STT";
  protocolVersion: number;
  /** system_time: GPS seconds since 1980-01-06. */
  systemTimeSeconds: number;
  gpsUtcOffsetSeconds: number;
  /** UTC in RFC 3339 by the two. */
  utcTime: string;
  /** DS_status: daylight saving time is in force. */
  daylightSaving: boolean;
  /** Day of the month of the next change, and its hour; 0 where none is near. */
  daylightSavingDay: number;
  daylightSavingHour: number;
  descriptors: Descriptor[];
}

/** Reads a system time table; null where it is none. */
export function parseStt(buf: Uint8Array, off: number, len: number): Stt | null {
  const section = openAtsc(buf, off, len, STT_TABLE_ID);
  if (section === null) return null;
  const { protocolVersion, reader } = section;
  const systemTimeSeconds = reader.u32();
  const gpsUtcOffsetSeconds = reader.u8();
  const daylightSaving = reader.flag();
  reader.skipBits(2);
  const stt: Stt = {
    table: "STT",
    protocolVersion,
    systemTimeSeconds,
    gpsUtcOffsetSeconds,
    utcTime: atscUtcTime(systemTimeSeconds, gpsUtcOffsetSeconds),
    daylightSaving,
    daylightSavingDay: reader.bits(5),
    daylightSavingHour: reader.u8(),
    descriptors: descriptorsOf(reader, reader.left, STT_TABLE_ID),
  };
  return closed(stt, reader);
}
