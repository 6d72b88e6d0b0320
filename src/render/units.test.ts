import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  formatBitrate,
  formatCount,
  formatFigure,
  formatFigures,
  formatNumber,
  formatOctets,
  formatReportTime,
  formatSeconds,
  rescaled,
  secondsBetween,
} from "./units.ts";

describe("units", () => {
  test.each([
    [null, "-"],
    [0, "0 b/s"],
    [999, "999 b/s"],
    [1000, "1.000 kb/s"],
    [4_963_330.4, "4.963 Mb/s"],
    [10_000_000, "10.00 Mb/s"],
    [270_000_000, "270.0 Mb/s"],
    [999_960_000, "1.000 Gb/s"],
    [12e15, "12000.0 Tb/s"],
  ])("bit rate %p is %p", (value, text) => {
    expect(formatBitrate(value)).toBe(text);
  });

  test("octets and counts", () => {
    expect([formatOctets(12), formatOctets(16_394_160)]).toEqual(["12 B", "16.39 MB"]);
    expect([formatCount(0), formatCount(999), formatCount(1_234_567)]).toEqual(["0", "999", "1,234,567"]);
    expect([formatNumber(1, "error"), formatNumber(1200, "error")]).toEqual(["1 error", "1,200 errors"]);
    expect(formatNumber(2, "sync loss", "sync losses")).toBe("2 sync losses");
  });

  test.each([
    [0, "0 ms"],
    [0.000533, "0.533 ms"],
    [26.425, "26.425 s"],
    [200, "3 min 20 s"],
    [7500, "2 h 5 min"],
  ])("%p seconds are %p", (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  test("measured values have four digits, and no more decimals than can be meant", () => {
    const figures = [null, 0, 0.00012345, 0.012345, 0.0024, 34.4, 999.96, 28_689.4, 1_234_567];
    expect(figures.map(formatFigure)).toEqual([
      "-",
      "0",
      "0.00012",
      "0.012",
      "0.002",
      "34.4",
      "1000",
      "28,689",
      "1.23e6",
    ]);
    expect(formatFigures(34.4, 35.591, 34.99999, null)).toEqual(["34.40", "35.59", "35.00", "-"]);
    expect(formatFigures(0.01233, 0.01233)).toEqual(["0.012", "0.012"]);
    expect(formatFigures(16, 34)).toEqual(["16", "34"]);
    expect(formatFigures(0, 28_689, 8_879.2)).toEqual(["0", "28,689", "8,879"]);
  });

  test("long times are told in a larger unit", () => {
    expect(rescaled([-5_960_000, 1_180_000, null], "ns")).toEqual({
      values: [-5960, 1180, null],
      unit: "us",
    });
    expect(rescaled([0, 99_999], "us")).toEqual({ values: [0, 99_999], unit: "us" });
    expect(rescaled([2e12], "ns")).toEqual({ values: [2000], unit: "s" });
    expect(rescaled([1e6], "s")).toEqual({ values: [1e6], unit: "s" });
    expect(rescaled([1e6], "packets")).toEqual({ values: [1e6], unit: "packets" });
  });

  test("times of a report", () => {
    expect(secondsBetween("2026-03-01T23:59:59.900000000Z", "2026-03-02T00:00:00.000000001Z")).toBeCloseTo(
      0.100000001,
      12,
    );
    expect(secondsBetween("+0.000000000s", "+12.500000000s")).toBe(12.5);
    expect(secondsBetween("-0.250000000s", "+0.500000000s")).toBe(0.75);
    expect(secondsBetween("+1.000000000s", null)).toBeNull();
    expect(secondsBetween("yesterday", "+1.000000000s")).toBeNull();
    expect(formatReportTime("2026-03-01T10:00:00.100000000Z")).toBe("2026-03-01 10:00:00.100 UTC");
    expect(formatReportTime("2026-03-01T10:00:00.123456789Z")).toBe("2026-03-01 10:00:00.123456789 UTC");
    expect(formatReportTime("2026-03-01T10:00:00.123450000Z")).toBe("2026-03-01 10:00:00.123450 UTC");
    expect(formatReportTime("2026-03-01T10:00:00.000000000Z")).toBe("2026-03-01 10:00:00.000 UTC");
    expect(formatReportTime("2026-03-01T10:00:00.123000700Z")).toBe("2026-03-01 10:00:00.123000700 UTC");
    expect(formatReportTime("+1.500000000s")).toBe("+1.500 s");
    expect(formatReportTime("yesterday")).toBe("yesterday");
    expect(formatReportTime("-0.230409135s")).toBe("-0.230409135 s");
  });

  test("no number of bits per second takes more than 12 columns", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (value) => {
        expect(formatBitrate(value).length).toBeLessThanOrEqual(12);
      }),
    );
  });
});
