import type { Report } from "../report/schema.ts";

/** The report as exactly one JSON document, with a line feed at its end. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
