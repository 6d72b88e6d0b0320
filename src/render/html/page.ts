import type { Report } from "../../report/schema.ts";
import { escapeMarkup } from "../markup.ts";

/** The reports as one HTML page. */
export function renderHtml(reports: readonly Report[], damages: readonly string[]): string {
  return `<!doctype html><pre>${escapeMarkup(JSON.stringify({ reports, damages }))}</pre>\n`;
}
