import { u16 } from "../../../bits/read.ts";
import { finished, LoopReader, type Malformed } from "./loop.ts";
import { type RunningStatus, runningStatus } from "./running-status.ts";
import { shortEnd } from "./section-header.ts";

/** table_id of the running status section. */
export const RST_TABLE_ID = 0x71;

/** The running status of one event. */
export interface RstEvent {
  transportStreamId: number;
  originalNetworkId: number;
  serviceId: number;
  eventId: number;
  runningStatus: RunningStatus;
}

/** Running status section, EN 300 468 5.2.7. */
export interface Rst extends Malformed {
  table: "RST";
  events: RstEvent[];
}

/** Reads a running status section; null where it is none. */
export function parseRst(buf: Uint8Array, off: number, len: number): Rst | null {
  const end = shortEnd(buf, off, len, RST_TABLE_ID, 0);
  if (end === null) return null;
  const rst: Rst = { table: "RST", events: [] };
  const reader = new LoopReader(buf, off + 3, end);
  for (; reader.has(9, "section_length"); reader.at += 9) {
    const { at } = reader;
    rst.events.push({
      transportStreamId: u16(buf, at),
      originalNetworkId: u16(buf, at + 2),
      serviceId: u16(buf, at + 4),
      eventId: u16(buf, at + 6),
      runningStatus: runningStatus((buf[at + 8] as number) & 7),
    });
  }
  return finished(rst, reader);
}
