import type { IndicatorReport } from "../report/mpegts-schema.ts";
import type { TextStyle } from "./layout.ts";
import { formatCount, formatNumber, formatReportTime } from "./units.ts";

/** The priorities of TR 101 290 clause 5.2, in the words of its tables. */
export const PRIORITIES: readonly { readonly priority: number; readonly words: string }[] = [
  { priority: 1, words: "necessary for decoding" },
  { priority: 2, words: "recommended for continuous monitoring" },
  { priority: 3, words: "dependent on the application" },
];

/** One sign for each state; not told by colour alone. */
const SIGNS: Readonly<Record<IndicatorReport["state"], string>> = {
  ok: "+",
  error: "X",
  "not present": "-",
  "not measurable": "?",
};

/** Columns of one lamp: sign, blank, number, two blanks. */
const LAMP_COLUMNS = 9;

/** Columns before the first lamp of a line. */
const INDENT = 7;

/** What the signs mean. */
export const LAMP_LEGEND = "+ ok  X error  - not present  ? not measurable";

function paintLamp(state: IndicatorReport["state"], text: string, style: TextStyle): string {
  if (state === "error") return style.red(text);
  return state === "ok" ? style.green(text) : style.dim(text);
}

/** The lamps of all indicators as lines of at most `columns`, by priority: `P1  + 1.1    X 1.4`. */
export function lampLines(rows: readonly IndicatorReport[], columns: number, style: TextStyle): string[] {
  const perLine = Math.max(1, Math.floor((columns - INDENT + 2) / LAMP_COLUMNS));
  const lines: string[] = [];
  for (const { priority } of PRIORITIES) {
    const own = rows.filter((row) => row.priority === priority);
    for (let at = 0; at < own.length; at += perLine) {
      const cells = own.slice(at, at + perLine).map((row, i, line) => {
        const blanks = i === line.length - 1 ? "" : " ".repeat(Math.max(2, 7 - row.number.length));
        return paintLamp(row.state, `${SIGNS[row.state]} ${row.number}`, style) + blanks;
      });
      lines.push(`    ${at === 0 ? `P${priority}` : "  "} ${cells.join("")}`);
    }
  }
  return lines;
}

/** A line for each indicator in error: number, name, count, PID, last time. */
export function lampErrors(rows: readonly IndicatorReport[]): string[] {
  return rows
    .filter(({ state }) => state === "error")
    .map((row) => {
      const pid = row.lastPid === null ? "" : `, PID ${row.lastPid}`;
      const last = row.last === null ? "" : `, last ${formatReportTime(row.last)}`;
      return `${row.number} ${row.name}: ${formatNumber(row.count, "time")}${pid}${last}`;
    });
}

/** Why indicators are not measurable or not present, those with the same reason together. */
export function lampReasons(rows: readonly IndicatorReport[]): string[] {
  const groups = Map.groupBy(
    rows.filter(({ state }) => state === "not measurable" || state === "not present"),
    ({ state, reason }) => (reason === undefined ? state : `${state}, ${reason}`),
  );
  return [...groups].map(([reason, group]) => `${group.map(({ number }) => number).join(", ")}: ${reason}`);
}

/** `2 errors of priority 1, 1 of priority 3`: how many indicators are in error; `no error`. */
export function lampSummary(rows: readonly IndicatorReport[]): string {
  const parts: string[] = [];
  for (const { priority } of PRIORITIES) {
    const bad = rows.filter((row) => row.priority === priority && row.state === "error").length;
    if (bad > 0) parts.push(`${formatCount(bad)} of priority ${priority}`);
  }
  return parts.length === 0 ? "no indicator in error" : `in error: ${parts.join(", ")}`;
}

/** The state of a whole priority: its worst lamp; ok where at least one is, and none is in error. */
export function priorityState(rows: readonly IndicatorReport[], priority: number): IndicatorReport["state"] {
  const states = new Set(rows.filter((row) => row.priority === priority).map(({ state }) => state));
  if (states.has("error")) return "error";
  if (states.has("ok")) return "ok";
  return states.has("not measurable") ? "not measurable" : "not present";
}

/** A lamp for each priority in three columns: `+X-`. */
export function priorityLamps(rows: readonly IndicatorReport[], style: TextStyle): string {
  return PRIORITIES.map(({ priority }) => {
    const state = priorityState(rows, priority);
    return paintLamp(state, SIGNS[state], style);
  }).join("");
}
