import { u16 } from "../../../bits/read.ts";
import type { Descriptor } from "../descriptors/descriptor.ts";
import { dvbDurationSeconds, dvbUtcTime } from "../dvb-time.ts";
import { descriptorsUpTo } from "./descriptor-loop.ts";
import { finished, LoopReader, type Malformed } from "./loop.ts";
import { type RunningStatus, runningStatus } from "./running-status.ts";
import { longHeader } from "./section-header.ts";

/** table_id of the event information section, present/following, of the actual transport stream. */
export const EIT_PF_ACTUAL_TABLE_ID = 0x4e;
/** The first table_id of the schedule of the actual transport stream; 16 of them. */
const EIT_SCHEDULE_ACTUAL_TABLE_ID = 0x50;
/** The first table_id of the schedule of other transport streams; 16 of them. */
const EIT_SCHEDULE_OTHER_TABLE_ID = 0x60;
/** The last table_id of event information. */
export const EIT_LAST_TABLE_ID = 0x6f;

/** One event. */
export interface EitEvent {
  eventId: number;
  /** UTC in RFC 3339; null where it is undefined (all ones) or no date. */
  startTime: string | null;
  /** Null where it is undefined or no duration. */
  durationSeconds: number | null;
  runningStatus: RunningStatus;
  freeCaMode: boolean;
  descriptors: Descriptor[];
}

/** Event information section, EN 300 468 5.2.4. */
export interface Eit extends Malformed {
  table: "EIT";
  actual: boolean;
  /** Present/following, or the schedule. */
  kind: "present/following" | "schedule";
  serviceId: number;
  transportStreamId: number;
  originalNetworkId: number;
  segmentLastSectionNumber: number;
  lastTableId: number;
  events: EitEvent[];
}

/** Reads an event information section of any kind; null where it is none. */
export function parseEit(buf: Uint8Array, off: number, len: number): Eit | null {
  const header = longHeader(buf, off, len, EIT_PF_ACTUAL_TABLE_ID, EIT_LAST_TABLE_ID);
  if (header === null || header.end - header.at < 6) return null;
  const { tableId, at } = header;
  const schedule = tableId >= EIT_SCHEDULE_ACTUAL_TABLE_ID;
  const eit: Eit = {
    table: "EIT",
    actual: schedule ? tableId < EIT_SCHEDULE_OTHER_TABLE_ID : tableId === EIT_PF_ACTUAL_TABLE_ID,
    kind: schedule ? "schedule" : "present/following",
    serviceId: header.extension,
    transportStreamId: u16(buf, at),
    originalNetworkId: u16(buf, at + 2),
    segmentLastSectionNumber: buf[at + 4] as number,
    lastTableId: buf[at + 5] as number,
    events: [],
  };
  const reader = new LoopReader(buf, at + 6, header.end);
  while (reader.has(12, "section_length")) {
    const event = reader.at;
    const status = buf[event + 10] as number;
    reader.at += 10;
    const end = reader.length12("descriptors_loop_length");
    eit.events.push({
      eventId: u16(buf, event),
      startTime: dvbUtcTime(buf, event + 2),
      durationSeconds: dvbDurationSeconds(buf, event + 7),
      runningStatus: runningStatus(status >> 5),
      freeCaMode: (status & 0x10) !== 0,
      descriptors: descriptorsUpTo(reader, end, { tableId }),
    });
  }
  return finished(eit, reader);
}
