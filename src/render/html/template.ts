import { escapeMarkup } from "../markup.ts";

/** Markup that may stand in a page as it is: only `html` makes it. */
export class Markup {
  readonly text: string;

  /** `text` is trusted: it comes from this program's own source. */
  constructor(text: string) {
    this.text = text;
  }
}

/** What can stand in a template: text is escaped, markup is not. */
export type Part = string | number | Markup | readonly Markup[];

function partText(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === "string") return escapeMarkup(part);
  return typeof part === "number" ? String(part) : part.map(({ text }) => text).join("");
}

/** Markup from a template literal; every text in it is escaped, so that none from the network can become markup. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = strings[0] ?? "";
  for (const [i, part] of parts.entries()) text += partText(part) + (strings[i + 1] ?? "");
  return new Markup(text);
}

/** No markup. */
export const NOTHING: Markup = html``;

/** `markup` where `condition` is true. */
export function when(condition: boolean, markup: () => Markup): Markup {
  return condition ? markup() : NOTHING;
}

/** A column of a table. */
export interface TableColumn {
  readonly title: string;
  /** Figures stand on the right. */
  readonly figures?: boolean;
}

/** A table that scrolls sideways where there is no room. */
export function dataTable(columns: readonly TableColumn[], rows: readonly (readonly Part[])[]): Markup {
  const cell = (part: Part, i: number): Markup =>
    columns[i]?.figures === true ? html`<td class="n">${part}</td>` : html`<td>${part}</td>`;
  const head = columns.map(({ title, figures }) =>
    figures === true ? html`<th class="n">${title}</th>` : html`<th>${title}</th>`,
  );
  return html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.map(
    (row) => html`<tr>${row.map(cell)}</tr>\n`,
  )}</tbody></table></div>`;
}

/** Labels and values side by side. */
export function facts(pairs: readonly (readonly [string, Part])[]): Markup {
  return html`<dl class="facts">${pairs.map(
    ([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}

/** `0x0100 (256)`, not broken at the blank. */
export function pidText(pid: number): string {
  return `0x${pid.toString(16).padStart(4, "0")}\u00a0(${pid})`;
}
