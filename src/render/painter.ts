/** The terminal that a painter owns. */
export interface Screen {
  readonly write: (text: string) => void;
  /** Asked before each painting, so that a resized terminal is noticed. */
  readonly columns: () => number;
}

/**
 * Erases row by row upwards: CR, EL 2, CUU 1 (ECMA-48 8.3). Not ED at the top of the screen, for tmux would
 * keep what is erased as history.
 */
function eraseRows(rows: number): string {
  return rows === 0 ? "" : `\r\x1b[2K${"\x1b[1A\x1b[2K".repeat(rows - 1)}`;
}

/**
 * A few lines at the bottom of a terminal, refreshed in place. The cursor stays at the end of the last
 * line and is never hidden, so that a killed program leaves a usable terminal. Each refresh is one write.
 */
export class Painter {
  readonly #screen: Screen;
  #painted: readonly string[] = [];

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Rows that the painted lines take now: a terminal made narrower has wrapped them. */
  #rows(): number {
    const columns = Math.max(1, this.#screen.columns());
    return this.#painted.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(Bun.stringWidth(line) / columns)),
      0,
    );
  }

  /** Replaces what was painted before. */
  paint(lines: readonly string[]): void {
    const erase = eraseRows(this.#rows());
    this.#painted = lines;
    this.#screen.write(erase + lines.join("\n"));
  }

  /** Writes a line that stays, above the painted ones; `text` ends with a line feed. */
  above(text: string): void {
    this.#screen.write(eraseRows(this.#rows()) + text + this.#painted.join("\n"));
  }

  /** Takes the painted lines away. */
  clear(): void {
    if (this.#painted.length > 0) this.#screen.write(eraseRows(this.#rows()));
    this.#painted = [];
  }

  /** Leaves the painted lines where they are and goes on below them. */
  end(): void {
    if (this.#painted.length > 0) this.#screen.write("\n");
    this.#painted = [];
  }
}
