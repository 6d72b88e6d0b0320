import type { Finding } from "../report/finding.ts";
import type { IndicatorReport } from "../report/mpegts-schema.ts";
import type { Severity } from "../report/severity.ts";

/** Rows that the packet judge makes findings of itself, PID by PID and with their own reasons. */
const JUDGED = new Set(["1.1", "1.2", "1.4", "2.1"]);

/** Priority 3 depends on the application (TR 101 290 5.2.3); the first two mean that decoding is at risk. */
const SEVERITY: Record<number, Severity> = { 1: "error", 2: "error", 3: "warning" };

/** Rows of TR 101 290 that have errors, as findings; see `Tr101290.faults`. */
export function indicatorFindings(rows: readonly IndicatorReport[], stream: string): Finding[] {
  return rows
    .filter(({ number }) => !JUDGED.has(number))
    .map((row) => {
      const finding: Finding = {
        code: `tr101290-${row.number.replaceAll(".", "-")}`,
        clause: row.clause,
        severity: SEVERITY[row.priority] ?? "warning",
        stream,
        count: row.count,
        first: row.first,
        last: row.last,
        text: row.text,
      };
      if (row.lastPid !== null) finding.lastPid = row.lastPid;
      return finding;
    });
}
