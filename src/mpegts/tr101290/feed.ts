import { lastSectionNumber, longForm, sectionNumber, tableId } from "../psi/fields.ts";
import { subTableKey } from "../psi/sub-table.ts";
import type { Tr101290 } from "./tr101290.ts";

/** Tells `tr` of the whole section in `buf[off, off + len)`, as a SectionHandler gets it. */
export function feedSection(
  tr: Tr101290,
  pid: number,
  buf: Uint8Array,
  off: number,
  len: number,
  timeNs: number,
): void {
  const long = longForm(buf, off);
  const number = long ? sectionNumber(buf, off) : 0;
  const last = long ? lastSectionNumber(buf, off) : 0;
  tr.section(pid, tableId(buf, off), subTableKey(buf, off, len), number, last, timeNs);
}
