import { u16 } from "../../../bits/read.ts";
import { finished, LoopReader, type Malformed } from "./loop.ts";
import { longHeader } from "./section-header.ts";

/** table_id of the program association section. */
export const PAT_TABLE_ID = 0x00;

/** One program of the PAT. */
export interface PatProgram {
  /** 1 to 65535. */
  programNumber: number;
  programMapPid: number;
}

/** Program association section, ISO/IEC 13818-1 2.4.4.3. */
export interface Pat extends Malformed {
  table: "PAT";
  transportStreamId: number;
  /** Of program_number 0; null where the section has none. */
  networkPid: number | null;
  programs: PatProgram[];
}

/** Reads a program association section; null where it is none. */
export function parsePat(buf: Uint8Array, off: number, len: number): Pat | null {
  const header = longHeader(buf, off, len, PAT_TABLE_ID);
  if (header === null) return null;
  const pat: Pat = { table: "PAT", transportStreamId: header.extension, networkPid: null, programs: [] };
  const reader = new LoopReader(buf, header.at, header.end);
  for (; reader.has(4, "section_length"); reader.at += 4) {
    const programNumber = u16(buf, reader.at);
    const pid = u16(buf, reader.at + 2) & 0x1fff;
    if (programNumber === 0) pat.networkPid = pid;
    else pat.programs.push({ programNumber, programMapPid: pid });
  }
  return finished(pat, reader);
}
