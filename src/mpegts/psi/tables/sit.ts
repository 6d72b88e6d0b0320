import { u16 } from "../../../bits/read.ts";
import type { Descriptor } from "../descriptors/descriptor.ts";
import { descriptorsUpTo } from "./descriptor-loop.ts";
import { finished, LoopReader, type Malformed } from "./loop.ts";
import { type RunningStatus, runningStatus } from "./running-status.ts";
import { longHeader, shortEnd } from "./section-header.ts";

/** table_id of the discontinuity information section. */
export const DIT_TABLE_ID = 0x7e;
/** table_id of the selection information section. */
export const SIT_TABLE_ID = 0x7f;

const CONTEXT = { tableId: SIT_TABLE_ID };

/** Discontinuity information section, EN 300 468 7.1.1: partial transport streams only. */
export interface Dit {
  table: "DIT";
  /** transition_flag: the kind of transition; true where the original source changes. */
  transition: boolean;
}

/** One service of a partial transport stream. */
export interface SitService {
  serviceId: number;
  runningStatus: RunningStatus;
  descriptors: Descriptor[];
}

/** Selection information section, EN 300 468 7.1.2: partial transport streams only. */
export interface Sit extends Malformed {
  table: "SIT";
  /** transmission_info. */
  descriptors: Descriptor[];
  services: SitService[];
}

/** Reads a discontinuity information section; null where it is none. */
export function parseDit(buf: Uint8Array, off: number, len: number): Dit | null {
  if (shortEnd(buf, off, len, DIT_TABLE_ID, 1) === null) return null;
  return { table: "DIT", transition: ((buf[off + 3] as number) & 0x80) !== 0 };
}

/** Reads a selection information section; null where it is none. */
export function parseSit(buf: Uint8Array, off: number, len: number): Sit | null {
  const header = longHeader(buf, off, len, SIT_TABLE_ID);
  if (header === null) return null;
  const reader = new LoopReader(buf, header.at, header.end);
  const sit: Sit = { table: "SIT", descriptors: [], services: [] };
  if (!reader.has(2, "transmission_info_loop_length")) return finished(sit, reader);
  sit.descriptors = descriptorsUpTo(reader, reader.length12("transmission_info_loop_length"), CONTEXT);
  while (reader.has(4, "section_length")) {
    const serviceId = u16(buf, reader.at);
    const status = buf[reader.at + 2] as number;
    reader.at += 2;
    const end = reader.length12("service_loop_length");
    sit.services.push({
      serviceId,
      runningStatus: runningStatus((status >> 4) & 7),
      descriptors: descriptorsUpTo(reader, end, CONTEXT),
    });
  }
  return finished(sit, reader);
}
