import type { Descriptor } from "../descriptors/descriptor.ts";
import { descriptorsUpTo } from "./descriptor-loop.ts";
import { finished, LoopReader, type Malformed } from "./loop.ts";
import { longHeader } from "./section-header.ts";

/** table_id of the transport stream description section. */
export const TSDT_TABLE_ID = 0x03;

/** Transport stream description section, ISO/IEC 13818-1 2.4.4.12. */
export interface Tsdt extends Malformed {
  table: "TSDT";
  descriptors: Descriptor[];
}

/** Reads a transport stream description section; null where it is none. */
export function parseTsdt(buf: Uint8Array, off: number, len: number): Tsdt | null {
  const header = longHeader(buf, off, len, TSDT_TABLE_ID);
  if (header === null) return null;
  const reader = new LoopReader(buf, header.at, header.end);
  const descriptors = descriptorsUpTo(reader, reader.end, { tableId: header.tableId });
  return finished<Tsdt>({ table: "TSDT", descriptors }, reader);
}
