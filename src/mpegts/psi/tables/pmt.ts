import { u16 } from "../../../bits/read.ts";
import { NULL_PID } from "../../packet.ts";
import { type Codec, codecOf, PROGRAM_FORMAT_NONE, programFormat } from "../codec.ts";
import type { Descriptor } from "../descriptors/descriptor.ts";
import { descriptorsUpTo } from "./descriptor-loop.ts";
import { finished, LoopReader, type Malformed } from "./loop.ts";
import { longHeader } from "./section-header.ts";

/** table_id of the program map section. */
export const PMT_TABLE_ID = 0x02;

/** One elementary stream of a program. */
export interface PmtStream {
  streamType: number;
  elementaryPid: number;
  /** What the stream is by stream_type, registration and descriptors. */
  codec: Codec;
  descriptors: Descriptor[];
}

/** Program map section, ISO/IEC 13818-1 2.4.4.9. */
export interface Pmt extends Malformed {
  table: "PMT";
  programNumber: number;
  /** Null where the program has no PCR (PCR_PID 0x1FFF). */
  pcrPid: number | null;
  /** Of the program (program_info). */
  descriptors: Descriptor[];
  streams: PmtStream[];
}

/** Told of the raw parts of a program map section, by offset; the descriptors are at `buf[off, off + len)`. */
export interface PmtWalker {
  program(programNumber: number, pcrPid: number, off: number, len: number): void;
  stream(streamType: number, elementaryPid: number, off: number, len: number): void;
}

/** Walks a program map section: the reader at its end, or null where it is none. */
export function walkPmt(buf: Uint8Array, off: number, len: number, walker: PmtWalker): LoopReader | null {
  const header = longHeader(buf, off, len, PMT_TABLE_ID);
  if (header === null) return null;
  const reader = new LoopReader(buf, header.at, header.end);
  if (!reader.has(4, "program_info_length")) return null;
  const pcrPid = u16(buf, reader.at) & 0x1fff;
  reader.at += 2;
  const programEnd = reader.length12("program_info_length");
  walker.program(header.extension, pcrPid, reader.at, programEnd - reader.at);
  reader.at = programEnd;
  while (reader.has(5, "section_length")) {
    const streamType = buf[reader.at] as number;
    const elementaryPid = u16(buf, reader.at + 1) & 0x1fff;
    reader.at += 3;
    const end = reader.length12("ES_info_length");
    walker.stream(streamType, elementaryPid, reader.at, end - reader.at);
    reader.at = end;
  }
  return reader;
}

/** Reads a program map section; null where it is none. */
export function parsePmt(buf: Uint8Array, off: number, len: number): Pmt | null {
  const pmt: Pmt = { table: "PMT", programNumber: 0, pcrPid: null, descriptors: [], streams: [] };
  let format = PROGRAM_FORMAT_NONE;
  const inner = new LoopReader(buf, off, off + len);
  const reader = walkPmt(buf, off, len, {
    program: (programNumber, pcrPid, at, bytes) => {
      pmt.programNumber = programNumber;
      pmt.pcrPid = pcrPid === NULL_PID ? null : pcrPid;
      format = programFormat(buf, at, bytes);
      inner.at = at;
      pmt.descriptors = descriptorsUpTo(inner, at + bytes, { tableId: PMT_TABLE_ID });
    },
    stream: (streamType, elementaryPid, at, bytes) => {
      inner.at = at;
      pmt.streams.push({
        streamType,
        elementaryPid,
        codec: codecOf(streamType, buf, at, bytes, format),
        descriptors: descriptorsUpTo(inner, at + bytes, {
          tableId: PMT_TABLE_ID,
          streamType,
          programFormat: format,
        }),
      });
    },
  });
  if (reader === null) return null;
  if (inner.malformed !== null) reader.fault(inner.malformed);
  return finished(pmt, reader);
}
