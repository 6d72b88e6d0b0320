import { renderHtml } from "../render/html/page.ts";
import { renderJson } from "../render/json.ts";
import { renderJunit } from "../render/junit.ts";
import { renderTablesJson, renderTablesText } from "../render/tables.ts";
import { renderText, type TextOptions } from "../render/text.ts";
import type { Report } from "../report/schema.ts";
import { type ReportTarget, reportTargets, standardReport } from "../settings/report-target.ts";
import type { Config } from "../settings/table.ts";
import type { RunResult } from "./run-pipeline.ts";
import { terminal } from "./terminal.ts";
import { FILE_COLUMNS, writeReport } from "./write-report.ts";

/** Schema name of the document that holds the reports of several files. */
const REPORTS_SCHEMA = "rscap.reports/1";

/**
 * Writes what a run came to: each report to its file or to standard output (standard error when packets
 * went there), and what was damaged to standard error. JSON is exactly one document: a report, or for
 * several inputs `{ schema, reports }`. With `--tables` the tables take the place of the text report.
 */
export function printReports(
  result: RunResult,
  config: Pick<Config, "report" | "tables"> & Partial<Pick<Config, "showOsStats">>,
  inputs: number,
  toErr: boolean,
): void {
  const print = toErr ? terminal.err : terminal.out;
  let told = false;
  for (const target of reportTargets(config.report)) {
    const onScreen = target.format === "text" && target.path === null;
    if (onScreen && config.tables !== "none") continue;
    writeReport(target, reportText(result, target, inputs, toErr, config.showOsStats ?? false), print);
    told ||= onScreen;
  }
  // A report in JSON has the tables in it, and standard output holds one document.
  const taken = standardReport(config.report);
  if (config.tables !== "none" && (taken === null || taken === "text")) {
    print(tablesText(result.reports, config.tables, inputs, toErr));
  }
  for (const note of result.notes) (told ? print : terminal.err)(`${note}\n`);
  for (const damage of result.damages) terminal.err(`rscap: ${damage}\n`);
}

function reportText(
  result: RunResult,
  target: ReportTarget,
  inputs: number,
  toErr: boolean,
  system: boolean,
): string {
  const { reports, damages } = result;
  switch (target.format) {
    case "json":
      return jsonDocument(reports, inputs);
    case "junit":
      return renderJunit(reports, damages);
    case "html":
      return renderHtml(reports, damages);
    case "text": {
      const options = target.path === null ? screen(toErr) : { columns: FILE_COLUMNS, colour: false };
      return reports.map((report) => renderText(report, { ...options, system })).join("\n");
    }
  }
}

function tablesText(
  reports: readonly Report[],
  format: "text" | "json",
  inputs: number,
  toErr: boolean,
): string {
  if (format === "text") return reports.map((report) => renderTablesText(report, screen(toErr))).join("\n");
  const [only] = reports;
  if (only !== undefined && inputs === 1) return renderTablesJson(only);
  const documents: unknown[] = reports.map((report) => JSON.parse(renderTablesJson(report)));
  return `${JSON.stringify({ schema: REPORTS_SCHEMA, reports: documents }, null, 2)}\n`;
}

function screen(toErr: boolean): TextOptions {
  return toErr
    ? { columns: terminal.errColumns(), colour: terminal.errColour() }
    : { columns: terminal.outColumns(), colour: terminal.outColour() };
}

function jsonDocument(reports: readonly Report[], inputs: number): string {
  const [only] = reports;
  if (only !== undefined && inputs === 1) return renderJson(only);
  return `${JSON.stringify({ schema: REPORTS_SCHEMA, reports }, null, 2)}\n`;
}
