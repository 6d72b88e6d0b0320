import type { TableReport } from "../report/mpegts-schema.ts";
import type { Table } from "./psi/store.ts";

/** A table as report data. */
export function tableReport(table: Table): TableReport {
  const { pid, tableId, name, extension, version, current, sections, content, hex } = table;
  return {
    pid,
    tableId,
    name,
    extension,
    version,
    current,
    sections,
    content: JSON.parse(JSON.stringify(content ?? { hex: hex ?? [] })),
  };
}
