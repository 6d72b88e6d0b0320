import type { Finding } from "../../report/finding.ts";
import { formatCount, formatReportTime } from "../units.ts";
import { dataTable, html, type Markup, NOTHING, type Part, pidText } from "./template.ts";

const RANK = { error: 0, warning: 1, info: 2 } as const;

function timeText(time: string | null): string {
  return time === null ? "-" : formatReportTime(time);
}

function row(finding: Finding, pids: boolean): Part[] {
  const { severity, clause, text, pid, count, first, last } = finding;
  return [
    html`<span class="badge ${severity}">${severity}</span>`,
    html`<div class="rule"><b>${clause}</b><br>${text}</div>`,
    ...(pids ? [pid === undefined ? "-" : pidText(pid)] : []),
    formatCount(count),
    html`<time>${timeText(first)}</time>`,
    html`<time>${timeText(last)}</time>`,
  ];
}

/** Findings with clause, count and times, errors first; `none` where there is none. */
export function findingsSection(findings: readonly Finding[], none: string): Markup {
  if (findings.length === 0)
    return none === "" ? NOTHING : html`<section><h3>Findings</h3><p>${none}</p></section>`;
  const pids = findings.some(({ pid }) => pid !== undefined);
  const sorted = findings.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
  return html`<section><h3>Findings</h3>${dataTable(
    [
      { title: "severity" },
      { title: "rule" },
      ...(pids ? [{ title: "PID" }] : []),
      { title: "count", figures: true },
      { title: "first" },
      { title: "last" },
    ],
    sorted.map((finding) => row(finding, pids)),
  )}</section>`;
}
