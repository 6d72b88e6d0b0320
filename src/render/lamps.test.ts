import { describe, expect, test } from "bun:test";
import { INDICATORS } from "../report/fixture-monitor.ts";
import { lampErrors, lampLines, lampReasons, lampSummary, priorityLamps, priorityState } from "./lamps.ts";
import { textStyle } from "./layout.ts";

const plain = textStyle(false);

describe("lamps", () => {
  test("each indicator once, in the table's order, at any width", () => {
    for (const columns of [20, 40, 80, 120]) {
      const lines = lampLines(INDICATORS, columns, plain);
      const numbers = lines.join(" ").match(/\d\.\d+(\.[a-c])?/g);
      expect<readonly string[] | null>(numbers).toEqual(INDICATORS.map(({ number }) => number));
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
    expect(lampLines([], 80, plain)).toEqual([]);
  });

  test("signs tell the state without colour, columns stand below one another", () => {
    const lines = lampLines(INDICATORS, 80, plain);
    expect(lines[0]).toBe("    P1 + 1.1    + 1.2    + 1.3    + 1.3.a  X 1.4    + 1.5    + 1.5.a  + 1.6");
    expect(lines[1]).toBe("    P2 + 2.1    + 2.2    X 2.3    X 2.3.a  + 2.3.b  ? 2.4    + 2.5    + 2.6");
    expect(lines[2]).toStartWith("    P3 + 3.1    + 3.1.a  - 3.1.b  + 3.2");
    const coloured = lampLines(INDICATORS, 80, textStyle(true));
    expect(coloured.map((line) => Bun.stripANSI(line))).toEqual(lines);
    expect(coloured[0]).toContain("\x1b[32m+ 1.1\x1b[39m");
  });

  test("in words: what is in error, what is dark and why", () => {
    expect(lampSummary(INDICATORS)).toBe("in error: 1 of priority 1, 2 of priority 2, 1 of priority 3");
    expect(lampSummary(INDICATORS.filter(({ state }) => state === "ok"))).toBe("no indicator in error");
    expect(lampErrors(INDICATORS)[0]).toBe(
      "1.4 Continuity_count_error: 4 times, PID 256, last 2026-03-01 10:00:20.500 UTC",
    );
    expect(lampReasons(INDICATORS)).toEqual([
      "2.4: not measurable, arrival times are not good enough",
      "3.1.b, 3.5.b, 3.6.b, 3.7: not present, no such table in the stream",
    ]);
  });

  test("the lamp of a priority: its worst; dark where nothing could be measured", () => {
    expect(priorityLamps(INDICATORS, plain)).toBe("XXX");
    const calm = INDICATORS.map((row) => (row.state === "error" ? { ...row, state: "ok" as const } : row));
    expect(priorityLamps(calm, plain)).toBe("+++");
    const dark = INDICATORS.map((row) => ({ ...row, state: "not present" as const }));
    expect(priorityLamps(dark, plain)).toBe("---");
    expect(
      priorityState(
        dark.map((row) => (row.number === "2.4" ? { ...row, state: "not measurable" as const } : row)),
        2,
      ),
    ).toBe("not measurable");
  });
});
