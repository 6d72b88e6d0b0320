import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { clip, fit, printable, textStyle, wantsColour, wrap } from "./layout.ts";
import { table } from "./table.ts";

describe("layout", () => {
  test("colour needs a terminal and no NO_COLOR", () => {
    expect(wantsColour(true, {})).toBe(true);
    expect(wantsColour(false, {})).toBe(false);
    expect(wantsColour(true, { NO_COLOR: "1" })).toBe(false);
    expect(wantsColour(true, { NO_COLOR: "" })).toBe(true);
    expect(wantsColour(true, { TERM: "dumb" })).toBe(false);
  });

  test("styles", () => {
    expect(textStyle(false).red("x")).toBe("x");
    expect(textStyle(true).red("x")).toBe("\x1b[31mx\x1b[39m");
  });

  test("what comes from outside cannot steer the terminal", () => {
    expect(printable("a\x1b[2Jb\r\n\u202ec.ts")).toBe("a?[2Jb???c.ts");
    expect(printable("Aufnahme für 東京.ts")).toBe("Aufnahme für 東京.ts");
  });

  test("fit fills or cuts to the width, wide characters too", () => {
    expect([fit("ab", 4), fit("ab", 4, "right"), fit("abcdef", 4), fit("東京都", 4)]).toEqual([
      "ab  ",
      "  ab",
      "abc…",
      "東… ",
    ]);
    expect([clip("abc", 1), clip("abc", 0), clip("abc", 3)]).toEqual(["…", "", "abc"]);
  });

  test("fit is exact for any text and width", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 0, max: 100 }), (text, width) => {
        expect(Bun.stringWidth(fit(printable(text), width))).toBe(width);
      }),
    );
  });

  test("wrap keeps the words and the width", () => {
    expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrap("a 338.2 kb/s", 8)).toEqual(["a", "338.2 kb/s"]);
    expect(wrap("at 10:00:01.5 UTC sharp", 15)).toEqual(["at", "10:00:01.5 UTC", "sharp"]);
    expect(wrap("12 stations", 4)).toEqual(["12", "stations"]);
    expect(wrap("incomprehensible word", 5)).toEqual(["incomprehensible", "word"]);
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,10}$/)),
        fc.integer({ min: 10, max: 100 }),
        (words, width) => {
          const lines = wrap(words.join(" "), width);
          expect(lines.join(" ")).toBe(words.join(" "));
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  test("a table is as wide as its values", () => {
    const columns = [
      { title: "PID", align: "right" },
      { title: "name", align: "left" },
    ] as const;
    expect(
      table(
        columns,
        [
          ["8191", "null"],
          ["0", "PAT"],
        ],
        80,
      ),
    ).toEqual([" PID  name", "8191  null", "   0  PAT"]);
    expect(table(columns, [["8191", "null"]], 8)).toEqual([" PID  n…", "8191  n…"]);
  });
});
