import type { TableReport } from "../report/mpegts-schema.ts";
import type { Report } from "../report/schema.ts";
import { printable, type TextStyle, textStyle } from "./layout.ts";
import type { TextOptions } from "./text.ts";

/** Narrower than this no tree fits; lines then run over the edge. */
const LEAST_COLUMNS = 40;
/** Deeper than this the tree is written no further to the right. */
const MOST_INDENT = 24;
const STEP = 2;

/** Numbers that are known by their hexadecimal form: PIDs, identifiers, tags and types. */
const HEXADECIMAL = /(?:Pid|pid|PID|Id|Ids|_id|_ID|[tT]ag|Type|_type|Specifier|Identifier)$/;

/** Any value of a table's tree. */
type Tree = TableReport["content"];
type Branch = { readonly [field: string]: Tree };

const isBranch = (value: Tree): value is Branch =>
  typeof value === "object" && value !== null && !Array.isArray(value);
/** What fits on a line with others: no lists but of plain values, no branches. */
const isPlain = (value: Tree): boolean =>
  typeof value !== "object" || value === null || (Array.isArray(value) && value.every(isLeaf));
const isLeaf = (value: Tree): boolean => typeof value !== "object" || value === null;

const hex = (value: number, digits: number): string =>
  `0x${value.toString(16).toUpperCase().padStart(digits, "0")}`;

/** One value as words; text from the stream is quoted, made harmless, its line ends shown as a slash. */
function leafText(name: string, value: Tree): string {
  if (value === null) return "none";
  if (typeof value === "string") return `"${printable(value.replaceAll("\n", " / "))}"`;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && HEXADECIMAL.test(name)) {
    return `${hex(value, 2)} (${value})`;
  }
  return String(value);
}

function plainText(name: string, value: Tree): string {
  if (!Array.isArray(value)) return `${printable(name)} ${leafText(name, value)}`;
  return `${printable(name)} ${value.length === 0 ? "none" : value.map((one) => leafText(name, one)).join(" ")}`;
}

/** Writes the tree of one table. */
class TreeWriter {
  readonly lines: string[] = [];
  readonly #columns: number;
  readonly #style: TextStyle;

  constructor(columns: number, style: TextStyle) {
    this.#columns = columns;
    this.#style = style;
  }

  /** The fields of `branch`: the plain ones on as few lines as hold them, each of the others on its own. */
  branch(branch: Branch, indent: number, mark: string): void {
    const entries = Object.entries(branch);
    const plain = entries
      .filter(([, value]) => isPlain(value))
      .map(([name, value]) => plainText(name, value));
    this.#packed(plain, indent, mark);
    const nested = entries.filter(([, value]) => !isPlain(value));
    nested.forEach(([name, value], i) => {
      this.#nested(name, value, indent + STEP, plain.length === 0 && i === 0 ? mark : "");
    });
  }

  /** A descriptor: its name and tag first. */
  #descriptor(branch: Branch, indent: number): void {
    const { name, tag, ...fields } = branch;
    const title = `${printable(String(name))} (${hex(Number(tag), 2)})`;
    this.#line(this.#style.bold(title), indent, "- ");
    this.branch(fields, indent, "");
  }

  #nested(name: string, value: Tree, indent: number, mark: string): void {
    this.#line(`${printable(name)}:`, indent - STEP, mark === "" ? "  " : mark);
    if (isBranch(value)) this.branch(value, indent, "");
    else if (Array.isArray(value)) for (const item of value) this.#item(item, indent);
  }

  #item(item: Tree, indent: number): void {
    if (!isBranch(item)) this.#line(plainText("", item).trimStart(), indent, "- ");
    else if (typeof item.name === "string" && typeof item.tag === "number") this.#descriptor(item, indent);
    else this.branch(item, indent, "- ");
  }

  /** Values side by side, as many as a line has room for; `mark` stands before the first. */
  #packed(values: readonly string[], indent: number, mark: string): void {
    let line = "";
    let first = true;
    const room = this.#columns - Math.min(indent, MOST_INDENT) - STEP;
    const flush = (): void => {
      this.#line(line, indent, first ? mark : "");
      first = false;
    };
    for (const value of values) {
      if (line !== "" && Bun.stringWidth(line) + 2 + Bun.stringWidth(value) > room) {
        flush();
        line = value;
      } else line = line === "" ? value : `${line}, ${value}`;
    }
    if (line !== "") flush();
  }

  #line(text: string, indent: number, mark: string): void {
    this.lines.push(" ".repeat(Math.min(indent, MOST_INDENT)) + mark.padEnd(STEP) + text);
  }
}

/** What a table is, on one line. */
function headline(table: TableReport): string {
  const parts = [`table_id ${hex(table.tableId, 2)}`, `PID ${hex(table.pid, 4)} (${table.pid})`];
  if (table.extension !== null) parts.push(`extension ${hex(table.extension, 4)} (${table.extension})`);
  if (table.version !== null) parts.push(`version ${table.version}`);
  if (table.sections !== 1) parts.push(`${table.sections} sections`);
  if (!table.current) parts.push("not in force yet");
  return parts.join(", ");
}

/** One table as a tree of lines. */
export function tableLines(table: TableReport, columns: number, style: TextStyle): string[] {
  const writer = new TreeWriter(Math.max(columns, LEAST_COLUMNS), style);
  const title = `${style.bold(printable(table.name))}  ${style.dim(headline(table))}`;
  const { content } = table;
  if (isBranch(content)) {
    // Every decoded table begins with its own name, which the headline has said.
    const { table: _name, ...fields } = content;
    writer.branch(fields, 0, "");
  } else if (content !== null) writer.branch({ content }, 0, "");
  return [title, ...writer.lines];
}

/** The tables of all streams as text, each a tree; a line feed at the end. */
export function renderTablesText(report: Report, options: TextOptions): string {
  const style = textStyle(options.colour);
  const lines = report.streams.flatMap((stream) => {
    const tables = stream.mpegts?.tables ?? [];
    const trees = tables.flatMap((table) => ["", ...tableLines(table, options.columns, style)]);
    const count =
      tables.length === 0 ? "no tables" : `${tables.length} ${tables.length === 1 ? "table" : "tables"}`;
    return [`${style.bold(printable(stream.id))}: ${count}`, ...trees, ""];
  });
  return lines.length === 0 ? "no streams\n" : lines.join("\n");
}

/** The tables of all streams as one JSON document, with a line feed at its end. */
export function renderTablesJson(report: Report): string {
  const streams = report.streams.map(({ id, mpegts }) => ({ stream: id, tables: mpegts?.tables ?? [] }));
  return `${JSON.stringify({ schema: report.schema, streams }, null, 2)}\n`;
}
