import { renderHtml } from "../render/html/page.ts";
import { renderJson } from "../render/json.ts";
import { renderJunit } from "../render/junit.ts";
import { renderText } from "../render/text.ts";
import type { Report } from "../report/schema.ts";
import { type ReportTarget, reportTargets } from "../settings/report-target.ts";
import type { Config } from "../settings/table.ts";
import type { RunResult } from "./run-pipeline.ts";
import { terminal } from "./terminal.ts";
import { FILE_COLUMNS, writeReport } from "./write-report.ts";

/** Schema name of the document that holds the reports of several files. */
export const REPORTS_SCHEMA = "rscap.reports/1";

/**
 * Writes what a run came to: each report to its file or to standard output (standard error when packets
 * went there), and what was damaged to standard error. JSON is exactly one document: a report, or for
 * several inputs `{ schema, reports }`.
 */
export function printReports(
  result: RunResult,
  config: Pick<Config, "report">,
  inputs: number,
  toErr: boolean,
): void {
  const print = toErr ? terminal.err : terminal.out;
  let told = false;
  for (const target of reportTargets(config.report)) {
    writeReport(target, reportText(result, target, inputs, toErr), print);
    if (target.format === "text" && target.path === null) told = true;
  }
  for (const note of result.notes) (told ? print : terminal.err)(`${note}\n`);
  for (const damage of result.damages) terminal.err(`rscap: ${damage}\n`);
}

function reportText(result: RunResult, target: ReportTarget, inputs: number, toErr: boolean): string {
  const { reports, damages } = result;
  switch (target.format) {
    case "json":
      return jsonDocument(reports, inputs);
    case "junit":
      return renderJunit(reports, damages);
    case "html":
      return renderHtml(reports, damages);
    case "text": {
      const inFile = target.path !== null;
      const colour = !inFile && (toErr ? terminal.errColour() : terminal.outColour());
      const columns = inFile ? FILE_COLUMNS : toErr ? terminal.errColumns() : terminal.outColumns();
      return reports.map((report) => renderText(report, { columns, colour })).join("\n");
    }
  }
}

function jsonDocument(reports: readonly Report[], inputs: number): string {
  const [only] = reports;
  if (only !== undefined && inputs === 1) return renderJson(only);
  return `${JSON.stringify({ schema: REPORTS_SCHEMA, reports }, null, 2)}\n`;
}
