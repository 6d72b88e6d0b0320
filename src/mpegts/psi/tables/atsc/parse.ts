import { ATSC_EIT_TABLE_ID, type AtscEit, ETT_TABLE_ID, type Ett, parseAtscEit, parseEtt } from "./event.ts";
import { MGT_TABLE_ID, type Mgt, parseMgt } from "./mgt.ts";
import { parseRrt, RRT_TABLE_ID, type Rrt } from "./rrt.ts";
import { parseStt, STT_TABLE_ID, type Stt } from "./stt.ts";
import { CVCT_TABLE_ID, parseCvct, parseTvct, TVCT_TABLE_ID, type Vct } from "./vct.ts";

/** A decoded table of A/65; `table` says which. */
export type AtscTable = Mgt | Vct | Stt | Rrt | AtscEit | Ett;

/** The parsers of A/65 by table_id; each gives null where the octets are no such section. */
export const ATSC_PARSERS: readonly (readonly [
  tableId: number,
  parse: (buf: Uint8Array, off: number, len: number) => AtscTable | null,
])[] = [
  [MGT_TABLE_ID, parseMgt],
  [TVCT_TABLE_ID, parseTvct],
  [CVCT_TABLE_ID, parseCvct],
  [RRT_TABLE_ID, parseRrt],
  [ATSC_EIT_TABLE_ID, parseAtscEit],
  [ETT_TABLE_ID, parseEtt],
  [STT_TABLE_ID, parseStt],
];
