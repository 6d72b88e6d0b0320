import type { Descriptor } from "../descriptors/descriptor.ts";
import { descriptorsUpTo } from "./descriptor-loop.ts";
import { finished, LoopReader, type Malformed } from "./loop.ts";
import { longHeader } from "./section-header.ts";

/** table_id of the conditional access section. */
export const CAT_TABLE_ID = 0x01;

/** Conditional access section, ISO/IEC 13818-1 2.4.4.6. */
export interface Cat extends Malformed {
  table: "CAT";
  descriptors: Descriptor[];
}

/** Reads a conditional access section; null where it is none. */
export function parseCat(buf: Uint8Array, off: number, len: number): Cat | null {
  const header = longHeader(buf, off, len, CAT_TABLE_ID);
  if (header === null) return null;
  const reader = new LoopReader(buf, header.at, header.end);
  const descriptors = descriptorsUpTo(reader, reader.end, { tableId: header.tableId });
  return finished<Cat>({ table: "CAT", descriptors }, reader);
}
