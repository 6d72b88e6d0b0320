/** Forms that a report can have. */
export const REPORT_FORMATS = ["text", "json", "junit", "html"] as const;

/** See `REPORT_FORMATS`. */
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** One report that was asked for: its form, and its file; null for standard output. */
export interface ReportTarget {
  readonly format: ReportFormat;
  readonly path: string | null;
}

/** Stands for no report at all. */
const NONE = "none";

/** Means standard output where a file could stand. */
const STANDARD_OUTPUT = "-";

/**
 * What parts two items of `REPORT`: commas and blanks before one of the words, so that a file's name may
 * hold both.
 */
export const REPORT_SEPARATOR = /[\s,]+(?=(?:text|json|junit|html|none)(?:[=,\s]|$))/i;

/** `html=report.html` taken apart; null for `none`, undefined for what is no item of `--report`. */
function parseItem(text: string): ReportTarget | null | undefined {
  const [word = "", ...rest] = text.trim().split("=");
  const name = word.toLowerCase();
  if (name === NONE) return rest.length === 0 ? null : undefined;
  const format = REPORT_FORMATS.find((known) => known === name);
  if (format === undefined) return undefined;
  if (rest.length === 0) return { format, path: null };
  const path = rest.join("=");
  if (path === "") return undefined;
  return { format, path: path === STANDARD_OUTPUT ? null : path };
}

/** Accepts one item of `--report`. */
export function checkReport(text: string): string | null {
  return parseItem(text) === undefined
    ? "text, json, junit or html, with =file for a file, such as html=report.html, or none"
    : null;
}

/** The reports that were asked for, in order, each once; items that `checkReport` refuses are left out. */
export function reportTargets(items: readonly string[]): ReportTarget[] {
  const targets: ReportTarget[] = [];
  for (const item of items) {
    const target = parseItem(item);
    if (target === null || target === undefined) continue;
    if (targets.some(({ format, path }) => format === target.format && path === target.path)) continue;
    targets.push(target);
  }
  return targets;
}

/** The form of the report that standard output gets; null for none. */
export function standardReport(items: readonly string[]): ReportFormat | null {
  return reportTargets(items).find(({ path }) => path === null)?.format ?? null;
}
