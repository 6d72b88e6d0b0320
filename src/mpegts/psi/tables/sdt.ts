import { u16 } from "../../../bits/read.ts";
import type { Descriptor } from "../descriptors/descriptor.ts";
import { descriptorsUpTo } from "./descriptor-loop.ts";
import { finished, LoopReader, type Malformed } from "./loop.ts";
import { type RunningStatus, runningStatus } from "./running-status.ts";
import { longHeader } from "./section-header.ts";

/** table_id of the service description section of the actual transport stream. */
export const SDT_ACTUAL_TABLE_ID = 0x42;
/** table_id of the service description section of other transport streams. */
export const SDT_OTHER_TABLE_ID = 0x46;

/** One service of the SDT. */
export interface SdtService {
  serviceId: number;
  eitSchedule: boolean;
  eitPresentFollowing: boolean;
  runningStatus: RunningStatus;
  /** free_CA_mode: one or more of its streams may be scrambled. */
  freeCaMode: boolean;
  descriptors: Descriptor[];
}

/** Service description section, EN 300 468 5.2.3. */
export interface Sdt extends Malformed {
  table: "SDT";
  /** Whether it describes the stream itself. */
  actual: boolean;
  transportStreamId: number;
  originalNetworkId: number;
  services: SdtService[];
}

/** Reads a service description section, actual or other; null where it is none. */
export function parseSdt(buf: Uint8Array, off: number, len: number): Sdt | null {
  const table = buf[off] === SDT_OTHER_TABLE_ID ? SDT_OTHER_TABLE_ID : SDT_ACTUAL_TABLE_ID;
  const header = longHeader(buf, off, len, table);
  if (header === null || header.end - header.at < 3) return null;
  const sdt: Sdt = {
    table: "SDT",
    actual: table === SDT_ACTUAL_TABLE_ID,
    transportStreamId: header.extension,
    originalNetworkId: u16(buf, header.at),
    services: [],
  };
  // The octet after original_network_id is reserved.
  const reader = new LoopReader(buf, header.at + 3, header.end);
  while (reader.has(5, "section_length")) {
    const at = reader.at;
    const flags = buf[at + 2] as number;
    const status = buf[at + 3] as number;
    reader.at += 3;
    const end = reader.length12("descriptors_loop_length");
    sdt.services.push({
      serviceId: u16(buf, at),
      eitSchedule: (flags & 2) !== 0,
      eitPresentFollowing: (flags & 1) !== 0,
      runningStatus: runningStatus(status >> 5),
      freeCaMode: (status & 0x10) !== 0,
      descriptors: descriptorsUpTo(reader, end, { tableId: header.tableId }),
    });
  }
  return finished(sdt, reader);
}
