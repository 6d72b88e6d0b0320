import { describe, expect, test } from "bun:test";
import { cleanIndicatorStream, indicatorCases } from "../../fixtures/cases/indicators.ts";
import { INDICATORS } from "../../src/mpegts/tr101290/definitions.ts";
import { indicatorsOf, reportOf, tripped } from "./monitor.ts";

const CASES = indicatorCases();

describe("TR 101 290 5.2: each indicator by a stream with one fault, through the whole pipeline", () => {
  test("every row of the table has its stream", () => {
    const missing = INDICATORS.filter((row) => !CASES.some(({ number }) => number === row.number));
    // Older forms that only come with the newer ones.
    const contained = missing.filter(({ number }) => CASES.some(({ trips }) => trips.includes(number)));
    expect(contained).toEqual(missing);
    expect(missing.map(({ number }) => number)).toEqual(["2.3", "3.4.a"]);
  });

  test("a clean stream of 90 s trips nothing", () => {
    const rows = indicatorsOf(reportOf(cleanIndicatorStream(90)));
    expect(tripped(rows)).toEqual({});
    const measured = rows.filter(({ state }) => state === "ok").map(({ number }) => number);
    for (const number of [
      "1.1",
      "1.3.a",
      "1.5.a",
      "1.6",
      "2.3.a",
      "3.1.a",
      "3.2",
      "3.4",
      "3.5.a",
      "3.6.c",
      "3.8",
    ]) {
      expect(measured).toContain(number);
    }
  });

  for (const { number, about, trips, count, firstSeconds, lastPid, frames } of CASES) {
    test(`${number}: ${about}`, () => {
      const report = reportOf(frames());
      const rows = indicatorsOf(report);
      // What 3.2 counts beside the row of a table is no finding of its own.
      const repetition = report.findings.filter(({ clause }) => clause === "TR 101 290 3.2");
      expect(repetition.map((finding) => finding.count)).toEqual(number === "3.2" ? [count] : []);
      const errors = tripped(rows);
      expect(Object.keys(errors).sort()).toEqual([...trips].sort());
      expect(errors[number]).toBe(count);
      const row = rows.find((indicator) => indicator.number === number);
      expect(row?.lastPid).toBe(lastPid ?? null);
      if (firstSeconds !== undefined)
        expect(Number.parseFloat(row?.first ?? "")).toBeCloseTo(firstSeconds, 6);
    });
  }
});
