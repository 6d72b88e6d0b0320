import { renderJson } from "../render/json.ts";
import { renderText } from "../render/text.ts";
import type { Report } from "../report/schema.ts";
import type { RunResult } from "./run-pipeline.ts";
import { terminal } from "./terminal.ts";

/** Schema name of the document that holds the reports of several files. */
export const REPORTS_SCHEMA = "rscap.reports/1";

/**
 * Prints what a run came to: the reports to standard output (standard error when packets went there), and
 * what was damaged to standard error. JSON is exactly one document: a report, or for several inputs
 * `{ schema, reports }`.
 */
export function printReports(
  result: RunResult,
  format: "text" | "json" | "none",
  inputs: number,
  toErr: boolean,
): void {
  const { reports, damages, notes } = result;
  const print = toErr ? terminal.err : terminal.out;
  if (format === "json") print(jsonDocument(reports, inputs));
  if (format === "text") {
    const colour = toErr ? terminal.errColour() : terminal.outColour();
    const columns = toErr ? terminal.errColumns() : terminal.outColumns();
    print(reports.map((report) => renderText(report, { columns, colour })).join("\n"));
    for (const note of notes) print(`${note}\n`);
  } else {
    for (const note of notes) terminal.err(`${note}\n`);
  }
  for (const damage of damages) terminal.err(`rscap: ${damage}\n`);
}

function jsonDocument(reports: readonly Report[], inputs: number): string {
  const [only] = reports;
  if (only !== undefined && inputs === 1) return renderJson(only);
  return `${JSON.stringify({ schema: REPORTS_SCHEMA, reports }, null, 2)}\n`;
}
