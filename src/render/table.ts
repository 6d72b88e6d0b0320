import { clip, fit } from "./layout.ts";

/** Blanks between two columns. */
const GAP = 2;

/** One column of a table: its title, and on which side its values stand. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

/**
 * Title line and rows with each column as wide as its widest value, cut at `width` columns; no blanks at
 * line ends.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const widths = columns.map((column, i) =>
    Math.max(column.title.length, ...rows.map((row) => (row[i] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    clip(
      columns
        .map((column, i) => fit(cells[i] ?? "", widths[i] ?? 0, column.align))
        .join(" ".repeat(GAP))
        .trimEnd(),
      width,
    );
  return [line(columns.map((column) => column.title)), ...rows.map(line)];
}
