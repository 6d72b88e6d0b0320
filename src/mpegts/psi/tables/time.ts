import type { Descriptor } from "../descriptors/descriptor.ts";
import { dvbUtcTime } from "../dvb-time.ts";
import { TOT_TABLE_ID } from "../fields.ts";
import { descriptorsUpTo } from "./descriptor-loop.ts";
import { finished, LoopReader, type Malformed } from "./loop.ts";
import { shortEnd } from "./section-header.ts";

/** table_id of the time and date section. */
export const TDT_TABLE_ID = 0x70;

/** Time and date section, EN 300 468 5.2.5. */
export interface Tdt {
  table: "TDT";
  /** UTC in RFC 3339; null where it is no time. */
  utcTime: string | null;
}

/** Time offset section, EN 300 468 5.2.6. */
export interface Tot extends Malformed {
  table: "TOT";
  /** UTC in RFC 3339; null where it is no time. */
  utcTime: string | null;
  descriptors: Descriptor[];
}

/** Reads a time and date section; null where it is none. */
export function parseTdt(buf: Uint8Array, off: number, len: number): Tdt | null {
  if (shortEnd(buf, off, len, TDT_TABLE_ID, 5) === null) return null;
  return { table: "TDT", utcTime: dvbUtcTime(buf, off + 3) };
}

/** Reads a time offset section; null where it is none. */
export function parseTot(buf: Uint8Array, off: number, len: number): Tot | null {
  const end = shortEnd(buf, off, len, TOT_TABLE_ID, 7, 4);
  if (end === null) return null;
  const reader = new LoopReader(buf, off + 8, end);
  const to = reader.length12("descriptors_loop_length");
  const descriptors = descriptorsUpTo(reader, to, { tableId: TOT_TABLE_ID });
  if (reader.at < end) reader.fault("descriptors_loop_length");
  return finished<Tot>({ table: "TOT", utcTime: dvbUtcTime(buf, off + 3), descriptors }, reader);
}
