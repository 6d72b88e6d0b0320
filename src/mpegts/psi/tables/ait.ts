import { u16, u32 } from "../../../bits/read.ts";
import type { Descriptor } from "../descriptors/descriptor.ts";
import { descriptorsUpTo } from "./descriptor-loop.ts";
import { finished, LoopReader, type Malformed } from "./loop.ts";
import { longHeader } from "./section-header.ts";

/** table_id of the application information section. */
export const AIT_TABLE_ID = 0x74;

const CONTEXT = { tableId: AIT_TABLE_ID };

/** One application. */
export interface AitApplication {
  organisationId: number;
  applicationId: number;
  /** application_control_code, TS 102 809 table 3: 1 AUTOSTART, 2 PRESENT and so on. */
  applicationControlCode: number;
  descriptors: Descriptor[];
}

/** Application information section, TS 102 809 5.3.4. */
export interface Ait extends Malformed {
  table: "AIT";
  /** 0x0010 is HbbTV. */
  applicationType: number;
  /** test_application_flag. */
  testApplication: boolean;
  descriptors: Descriptor[];
  applications: AitApplication[];
}

/** Reads an application information section; null where it is none. */
export function parseAit(buf: Uint8Array, off: number, len: number): Ait | null {
  const header = longHeader(buf, off, len, AIT_TABLE_ID);
  if (header === null) return null;
  const ait: Ait = {
    table: "AIT",
    applicationType: header.extension & 0x7fff,
    testApplication: header.extension >= 0x8000,
    descriptors: [],
    applications: [],
  };
  const reader = new LoopReader(buf, header.at, header.end);
  if (!reader.has(2, "common_descriptors_length")) return finished(ait, reader);
  ait.descriptors = descriptorsUpTo(reader, reader.length12("common_descriptors_length"), CONTEXT);
  if (!reader.has(2, "application_loop_length")) return finished(ait, reader);
  const loop = new LoopReader(buf, 0, reader.length12("application_loop_length"));
  loop.at = reader.at;
  while (loop.has(9, "application_loop_length")) {
    const { at } = loop;
    loop.at += 7;
    const end = loop.length12("application_descriptors_loop_length");
    ait.applications.push({
      organisationId: u32(buf, at),
      applicationId: u16(buf, at + 4),
      applicationControlCode: buf[at + 6] as number,
      descriptors: descriptorsUpTo(loop, end, CONTEXT),
    });
  }
  if (loop.malformed !== null) reader.fault(loop.malformed);
  if (loop.end < reader.end) reader.fault("application_loop_length");
  return finished(ait, reader);
}
