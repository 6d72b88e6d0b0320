import { SPLICE_TABLE_ID, TOT_TABLE_ID } from "../fields.ts";
import { AIT_TABLE_ID, type Ait, parseAit } from "./ait.ts";
import { ATSC_PARSERS, type AtscTable } from "./atsc/parse.ts";
import { CAT_TABLE_ID, type Cat, parseCat } from "./cat.ts";
import { EIT_LAST_TABLE_ID, EIT_PF_ACTUAL_TABLE_ID, type Eit, parseEit } from "./eit.ts";
import {
  BAT_TABLE_ID,
  type Bat,
  NIT_ACTUAL_TABLE_ID,
  NIT_OTHER_TABLE_ID,
  type Nit,
  parseBat,
  parseNit,
} from "./nit.ts";
import { PAT_TABLE_ID, type Pat, parsePat } from "./pat.ts";
import { PMT_TABLE_ID, type Pmt, parsePmt } from "./pmt.ts";
import { parseRst, RST_TABLE_ID, type Rst } from "./rst.ts";
import { parseSdt, SDT_ACTUAL_TABLE_ID, SDT_OTHER_TABLE_ID, type Sdt } from "./sdt.ts";
import { DIT_TABLE_ID, type Dit, parseDit, parseSit, SIT_TABLE_ID, type Sit } from "./sit.ts";
import { parseSpliceInfo, type SpliceInfo } from "./splice.ts";
import { parseTdt, parseTot, TDT_TABLE_ID, type Tdt, type Tot } from "./time.ts";
import { parseTsdt, TSDT_TABLE_ID, type Tsdt } from "./tsdt.ts";

/** A decoded section or table; `table` says which. */
export type TableContent =
  | Pat
  | Cat
  | Pmt
  | Tsdt
  | Nit
  | Bat
  | Sdt
  | Eit
  | Tdt
  | Rst
  | Tot
  | Ait
  | Dit
  | Sit
  | SpliceInfo
  | AtscTable;

type Parser = (buf: Uint8Array, off: number, len: number) => TableContent | null;

const PARSERS = new Map<number, Parser>([
  [PAT_TABLE_ID, parsePat],
  [CAT_TABLE_ID, parseCat],
  [PMT_TABLE_ID, parsePmt],
  [TSDT_TABLE_ID, parseTsdt],
  [NIT_ACTUAL_TABLE_ID, parseNit],
  [NIT_OTHER_TABLE_ID, parseNit],
  [SDT_ACTUAL_TABLE_ID, parseSdt],
  [SDT_OTHER_TABLE_ID, parseSdt],
  [BAT_TABLE_ID, parseBat],
  [TDT_TABLE_ID, parseTdt],
  [RST_TABLE_ID, parseRst],
  [TOT_TABLE_ID, parseTot],
  [AIT_TABLE_ID, parseAit],
  [DIT_TABLE_ID, parseDit],
  [SIT_TABLE_ID, parseSit],
  [SPLICE_TABLE_ID, parseSpliceInfo],
  ...ATSC_PARSERS,
]);
for (let table = EIT_PF_ACTUAL_TABLE_ID; table <= EIT_LAST_TABLE_ID; table += 1) PARSERS.set(table, parseEit);

/** Whether there is a parser for sections of `tableId`. */
export function isDecoded(tableId: number): boolean {
  return PARSERS.has(tableId);
}

/** Decodes the section `buf[off, off + len)`; null where its table is not known or it is no such section. */
export function parseTable(buf: Uint8Array, off: number, len: number): TableContent | null {
  if (len < 3 || off < 0 || off + len > buf.length) return null;
  return PARSERS.get(buf[off] as number)?.(buf, off, len) ?? null;
}

/**
 * The sections of one table put together: the fields of the first, with the loops of all one after the other,
 * and of a field that is null in one the value of another. Null for no sections.
 */
export function merged(parts: readonly TableContent[]): TableContent | null {
  const [first, ...rest] = parts;
  if (first === undefined || rest.length === 0) return first ?? null;
  const fields = new Map<string, unknown>();
  for (const part of parts) {
    for (const [name, value] of Object.entries(part)) {
      const before = fields.get(name);
      if (Array.isArray(before) && Array.isArray(value)) before.push(...value);
      else if (before === undefined || before === null)
        fields.set(name, Array.isArray(value) ? [...value] : value);
    }
  }
  return Object.assign({ ...first }, Object.fromEntries(fields));
}
