/** What a terminal can do. */
export interface TextStyle {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
}

const asIs = (text: string): string => text;

/** SGR codes that turn an attribute on and off (ECMA-48 8.3.117). */
function attribute(on: number, off: number): (text: string) => string {
  return (text) => `\x1b[${on}m${text}\x1b[${off}m`;
}

const PLAIN: TextStyle = { bold: asIs, dim: asIs, red: asIs, yellow: asIs, green: asIs };
const COLOURED: TextStyle = {
  bold: attribute(1, 22),
  dim: attribute(2, 22),
  red: attribute(31, 39),
  yellow: attribute(33, 39),
  green: attribute(32, 39),
};

/** The style for a terminal with or without colour. */
export function textStyle(colour: boolean): TextStyle {
  return colour ? COLOURED : PLAIN;
}

/** Colour on a terminal only, and not when NO_COLOR is set to anything (no-color.org). */
export function wantsColour(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";
}

/**
 * Text from outside (file and device names, stream ids) made harmless for a terminal: control and format
 * characters become `?`.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu, "?");
}

/** `text` in exactly `width` columns: filled with blanks, or cut with `…` at its end. */
export function fit(text: string, width: number, align: "left" | "right" = "left"): string {
  const cut = clip(text, width);
  const blanks = " ".repeat(Math.max(0, width - Bun.stringWidth(cut)));
  return align === "left" ? cut + blanks : blanks + cut;
}

/** `text` (without colour codes) in at most `width` columns, cut with `…`. */
export function clip(text: string, width: number): string {
  if (Bun.stringWidth(text) <= width) return text;
  let cut = "";
  let columns = 0;
  for (const character of text) {
    columns += Bun.stringWidth(character);
    if (columns > width - 1) break;
    cut += character;
  }
  return width <= 0 ? "" : `${cut}…`;
}

/** Blanks at which a line may end: not the one between a figure and its unit. */
const BREAKS = /(?<!\d) | (?!(?:[kMGT]?(?:b\/s|B)|[mun]?s|UTC|%)(?![\w/]))/;

/** Words of `text` in lines of at most `width` columns; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(BREAKS)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
