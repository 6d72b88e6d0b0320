import type { Finding } from "../report/finding.ts";
import type { Report } from "../report/schema.ts";
import { printable, type TextStyle, textStyle, wrap } from "./layout.ts";
import { hlsLines } from "./text-hls.ts";
import { amountText, inputLines, publishedLines } from "./text-input.ts";
import { acrossLines, pairLines, sdpLines } from "./text-pairs.ts";
import { ptpLines } from "./text-ptp.ts";
import { streamLines } from "./text-stream.ts";
import { systemLines } from "./text-system.ts";
import { formatNumber, formatReportTime } from "./units.ts";

/** How to lay a report out. */
export interface TextOptions {
  /** Columns of the terminal; lines are wrapped or cut to it. */
  readonly columns: number;
  readonly colour: boolean;
  /** Show the machine, too. */
  readonly system?: boolean;
}

/** Lines do not get longer than this however wide the terminal: they would be hard to read. */
const READABLE_COLUMNS = 120;

/** Narrower than this a table makes no sense; lines then run over the edge. */
const LEAST_COLUMNS = 40;

const SEVERITY_RANK = { error: 0, warning: 1, info: 2 } as const;

function severityWord(finding: Finding, style: TextStyle): string {
  if (finding.severity === "error") return style.red("ERROR");
  return finding.severity === "warning" ? style.yellow("WARNING") : style.dim("INFO");
}

function findingLines(finding: Finding, explained: boolean, columns: number, style: TextStyle): string[] {
  const where = [
    finding.clause,
    finding.stream === "input" ? "the input" : printable(finding.stream),
    ...(finding.pid === undefined ? [] : [`PID ${finding.pid}`]),
    formatNumber(finding.count, "time"),
    ...(finding.lastPid === undefined ? [] : [`last on PID ${finding.lastPid}`]),
  ].join(", ");
  const lines = [`${severityWord(finding, style)} ${where}`];
  const add = (text: string, paint: (line: string) => string): void => {
    lines.push(...wrap(text, columns - 4).map((line) => paint(`    ${line}`)));
  };
  if (!explained) add(finding.text, (line) => line);
  if (finding.first !== null && finding.last !== null) {
    const first = formatReportTime(finding.first);
    const same = finding.count === 1 || finding.first === finding.last;
    add(same ? `at ${first}` : `first ${first}, last ${formatReportTime(finding.last)}`, style.dim);
  }
  return lines;
}

/** Errors first; the same rule on many PIDs is explained once. */
function findingsLines(findings: readonly Finding[], columns: number, style: TextStyle): string[] {
  const sorted = findings.toSorted((a, b) => SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity]);
  return sorted.flatMap((finding, i) => {
    const before = sorted[i - 1];
    const explained = before?.code === finding.code && before.stream === finding.stream;
    return findingLines(finding, explained, columns, style);
  });
}

/** `clean`, or how many findings of each severity there are. */
export function verdict(report: Report): string {
  const { errors, warnings } = report.summary;
  if (errors === 0 && warnings === 0) return "clean";
  const parts: string[] = [];
  if (errors > 0) parts.push(formatNumber(errors, "error"));
  if (warnings > 0) parts.push(formatNumber(warnings, "warning"));
  return parts.join(", ");
}

function verdictLine(report: Report, style: TextStyle): string {
  const { errors, warnings } = report.summary;
  const paint = errors > 0 ? style.red : warnings > 0 ? style.yellow : style.green;
  const streams = formatNumber(report.streams.length, "stream");
  return `${style.bold("Verdict")}     ${paint(verdict(report))} (${streams}, ${amountText(report.input)})`;
}

/**
 * The report for people: input, PTP, streams with what they carry, findings with their clauses, and the verdict as
 * the last line. Plain ASCII but for file names and cut marks.
 */
export function renderText(report: Report, options: TextOptions): string {
  const columns = Math.min(READABLE_COLUMNS, Math.max(LEAST_COLUMNS, options.columns));
  const style = textStyle(options.colour);
  const lines = [...inputLines(report, columns, style)];
  if (report.hls !== undefined) lines.push(...hlsLines(report.hls, columns, style));
  if (report.ptp !== undefined) lines.push(...ptpLines(report.ptp, columns, style));
  lines.push(...sdpLines(report.sdp ?? [], columns, style));
  lines.push(...pairLines(report.redundancy ?? [], columns, style));
  lines.push(...acrossLines(report.across ?? [], columns, style));
  for (const stream of report.streams) lines.push("", ...streamLines(report, stream, columns, style));
  if (report.streams.length === 0) lines.push("", "No stream was found.");
  if (report.published !== undefined) lines.push("", ...publishedLines(report.published, columns, style));
  if (options.system === true && report.system !== undefined) {
    lines.push("", ...systemLines(report.system, columns, style));
  }
  if (report.findings.length > 0) {
    lines.push("", style.bold("Findings"));
    lines.push(...findingsLines(report.findings, columns, style));
  }
  lines.push("", verdictLine(report, style));
  return `${lines.join("\n")}\n`;
}
