import { closeSync, openSync, writeFileSync } from "node:fs";
import { environmentError, type RscapError } from "../report/error.ts";
import { type ReportTarget, reportTargets } from "../settings/report-target.ts";

/** Columns of a text report in a file. */
export const FILE_COLUMNS = 80;

/**
 * Opens each file that a report is to go to, so that a long run does not end with nowhere to put its
 * report; what stands in a file stays until then. Throws an environment error.
 */
export function checkReportFiles(items: readonly string[]): void {
  for (const { path } of reportTargets(items)) {
    if (path === null) continue;
    try {
      closeSync(openSync(path, "a"));
    } catch (error) {
      throw fileError(path, error);
    }
  }
}

/** Writes a report to its file, or with `print` where it has none. Throws an environment error. */
export function writeReport(target: ReportTarget, text: string, print: (text: string) => void): void {
  if (target.path === null) {
    print(text);
    return;
  }
  try {
    writeFileSync(target.path, text);
  } catch (error) {
    throw fileError(target.path, error);
  }
}

function fileError(path: string, error: unknown): RscapError {
  const message = error instanceof Error ? error.message : String(error);
  const why = isDenied(error) ? `${message} (it is written by user number ${process.geteuid?.()})` : message;
  return environmentError(
    "report.write",
    `Can't write the report to ${path}: ${why}. Name another file with --report (REPORT).`,
    error,
  );
}

/** After `--user` it is not the user who started the run. */
function isDenied(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EPERM");
}
