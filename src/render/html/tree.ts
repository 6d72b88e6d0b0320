import type { TableReport } from "../../report/mpegts-schema.ts";
import { formatNumber } from "../units.ts";
import { html, type Markup, NOTHING, pidText } from "./template.ts";

/** Values that one table shows; a schedule of weeks would make the page unusable. */
const MOST_VALUES = 4000;

/** Tables of one name that stand on their own. */
const MOST_ALONE = 4;

/** Nesting that is followed. */
const MOST_DEPTH = 24;

/** Values of an object that its summary line shows. */
const SUMMARY_VALUES = 3;

/** Longest text in a summary line. */
const SUMMARY_CHARACTERS = 60;

type Value = TableReport["content"];

/** Counts down what a table may still show. */
interface Budget {
  left: number;
}

function isBranch(value: Value | undefined): value is Value[] | { [key: string]: Value } {
  return typeof value === "object" && value !== null;
}

function leafText(value: Value | undefined): string {
  if (value === null || value === undefined) return "-";
  return typeof value === "object" ? "" : String(value);
}

/** The first plain values of an object, so that a closed branch says what it is. */
function summaryText(value: Value): string {
  if (!isBranch(value)) return "";
  if (Array.isArray(value)) return formatNumber(value.length, "entry", "entries");
  const texts = Object.entries(value)
    .filter(([, inner]) => !isBranch(inner))
    .slice(0, SUMMARY_VALUES)
    .map(([key, inner]) => `${key} ${leafText(inner)}`);
  const text = texts.join(", ");
  return text.length > SUMMARY_CHARACTERS ? `${text.slice(0, SUMMARY_CHARACTERS)}…` : text;
}

function branch(name: string, value: Value | undefined, budget: Budget, depth: number): Markup {
  if (budget.left <= 0 || depth > MOST_DEPTH) return NOTHING;
  budget.left -= 1;
  if (!isBranch(value)) return html`<li><span class="key">${name}</span> ${leafText(value)}</li>`;
  const entries: readonly (readonly [string, Value | undefined])[] = Array.isArray(value)
    ? value.map((inner, i) => [String(i), inner] as const)
    : Object.entries(value);
  if (entries.length === 0) return html`<li><span class="key">${name}</span> <small>none</small></li>`;
  const inner = entries.map(([key, one]) => branch(key, one, budget, depth + 1));
  return html`<li><details${depth < 2 ? OPEN : NOTHING}><summary><span class="key">${name}</span> <small>${summaryText(value)}</small></summary><ul>${inner}</ul></details></li>`;
}

const OPEN = html` open`;

function tableTree(table: TableReport): Markup {
  const budget: Budget = { left: MOST_VALUES };
  const { content } = table;
  const entries: readonly (readonly [string, Value | undefined])[] = isBranch(content)
    ? Object.entries(content)
    : [["content", content]];
  const inner = entries.map(([key, value]) => branch(key, value, budget, 1));
  const cut = budget.left <= 0 ? html`<p class="note">More of this table than is shown.</p>` : NOTHING;
  const parts = [
    `PID ${pidText(table.pid)}`,
    `table_id 0x${table.tableId.toString(16).padStart(2, "0")}`,
    ...(table.extension === null ? [] : [`extension 0x${table.extension.toString(16).padStart(4, "0")}`]),
    ...(table.version === null ? [] : [`version ${table.version}`]),
    formatNumber(table.sections, "section"),
    ...(table.current ? [] : ["not yet valid"]),
  ];
  return html`<details class="table"><summary><b>${table.name}</b> <small>${parts.join(", ")}</small></summary><ul class="tree">${inner}</ul>${cut}</details>\n`;
}

/** Tables of one name: on their own, or one branch for many, such as the EITs of a whole network. */
function tablesOfName(name: string, tables: readonly TableReport[]): Markup {
  const trees = tables.map(tableTree);
  if (tables.length <= MOST_ALONE) return html`${trees}`;
  const count = formatNumber(tables.length, "table");
  return html`<details class="table"><summary><b>${name}</b> <small>${count}</small></summary>${trees}</details>\n`;
}

/** The tables of a stream, each a tree that opens. */
export function tablesSection(tables: readonly TableReport[]): Markup {
  if (tables.length === 0) return NOTHING;
  const groups = [...Map.groupBy(tables, ({ name }) => name)];
  return html`<section><h3>Tables <small>${formatNumber(tables.length, "table")}, as received last</small></h3>${groups.map(
    ([name, group]) => tablesOfName(name, group),
  )}</section>`;
}
