import { describe, expect, test } from "bun:test";
import { Painter } from "./painter.ts";

/** One escape sequence, or one character. */
const TOKEN = new RegExp(`${"\x1b"}\\[\\d*[A-Za-z]|[\\s\\S]`, "g");

/** As much of a terminal as the painter uses: lines, wrapping, cursor up, erase line. */
class FakeTerminal {
  columns = 20;
  #cells: string[] = [""];
  #row = 0;
  #column = 0;

  write = (text: string): void => {
    for (const [token] of text.matchAll(TOKEN)) {
      if (token === "\n") {
        this.#row++;
        this.#column = 0;
        this.#cells[this.#row] ??= "";
      } else if (token === "\r") {
        this.#column = 0;
      } else if (token.startsWith("\x1b") && token.endsWith("A")) {
        this.#row -= Number(token.slice(2, -1));
      } else if (token === "\x1b[2K") {
        this.#cells[this.#row] = "";
      } else if (!token.startsWith("\x1b")) {
        this.#cells[this.#row] = (this.#cells[this.#row] ?? "").slice(0, this.#column) + token;
        this.#column++;
      }
    }
  };

  /** Makes it narrower: longer rows wrap, the cursor stays at the end. */
  resize(columns: number): void {
    this.columns = columns;
    this.#cells = this.#cells.flatMap((line) =>
      line === "" ? [""] : (line.match(new RegExp(`.{1,${columns}}`, "g")) ?? []),
    );
    this.#row = this.#cells.length - 1;
    this.#column = this.#cells[this.#row]?.length ?? 0;
  }

  get screen(): string {
    return this.#cells.join("\n").trimEnd();
  }
}

function setUp(): { terminal: FakeTerminal; painter: Painter } {
  const terminal = new FakeTerminal();
  return { terminal, painter: new Painter({ write: terminal.write, columns: () => terminal.columns }) };
}

describe("painter", () => {
  test("each painting replaces the one before, longer or shorter", () => {
    const { terminal, painter } = setUp();
    terminal.write("$ rscap probe\n");
    painter.paint(["one", "two", "three"]);
    expect(terminal.screen).toBe("$ rscap probe\none\ntwo\nthree");
    painter.paint(["four"]);
    expect(terminal.screen).toBe("$ rscap probe\nfour");
    painter.paint(["five", "six"]);
    expect(terminal.screen).toBe("$ rscap probe\nfive\nsix");
  });

  test("log lines stay above", () => {
    const { terminal, painter } = setUp();
    painter.paint(["a", "b"]);
    painter.above("a subscriber came\n");
    painter.paint(["c"]);
    painter.above("and went\n");
    expect(terminal.screen).toBe("a subscriber came\nand went\nc");
  });

  test("clear takes all away, end leaves it", () => {
    const { terminal, painter } = setUp();
    painter.paint(["a", "b"]);
    painter.clear();
    painter.clear();
    expect(terminal.screen).toBe("");
    painter.paint(["c"]);
    painter.end();
    painter.end();
    terminal.write("report");
    expect(terminal.screen).toBe("c\nreport");
  });

  test("a terminal made narrower has wrapped the lines: all their rows go", () => {
    const { terminal, painter } = setUp();
    terminal.write("$ x\n");
    painter.paint(["0123456789abcdef", "\x1b[31mred\x1b[39m"]);
    terminal.resize(8);
    painter.paint(["new"]);
    expect(terminal.screen).toBe("$ x\nnew");
  });
});
