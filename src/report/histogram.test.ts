import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Histogram } from "./histogram.ts";
import { histogramSchema } from "./histogram-schema.ts";

function filled(values: Iterable<number>, unit = "ms"): Histogram {
  const histogram = new Histogram(unit);
  for (const value of values) histogram.add(value);
  return histogram;
}

describe("Histogram", () => {
  test("has nothing to say before the first value", () => {
    expect(new Histogram("us").toReport()).toEqual({
      unit: "us",
      count: 0,
      min: null,
      mean: null,
      max: null,
      p50: null,
      p90: null,
      p99: null,
      p999: null,
      bins: [],
    });
  });

  test("bins are an eighth of a doubling wide, the lower edge inside", () => {
    // 16 to 32 in eighths: 16, 18, 20 ... 30.
    const { bins } = filled([16, 17.99, 18, 31.9]).toReport();
    expect(bins).toEqual([
      { from: 16, to: 18, count: 2 },
      { from: 18, to: 20, count: 1 },
      { from: 30, to: 32, count: 1 },
    ]);
  });

  test("values below zero are bins of their own, those near zero one bin", () => {
    const report = filled([-16, -17, -0.0001, 0, 0.0005, 1]).toReport();
    expect(report.bins).toEqual([
      { from: -18, to: -16, count: 2 },
      { from: -(2 ** -10), to: 2 ** -10, count: 3 },
      { from: 1, to: 1.125, count: 1 },
    ]);
    expect([report.min, report.max]).toEqual([-17, 1]);
    expect(report.mean).toBeCloseTo(-32 / 6 + 0.0004 / 6, 9);
    expect(filled([0]).toReport().bins).toEqual([{ from: 0, to: 2 ** -10, count: 1 }]);
  });

  test("quantiles of 1 to 1000 are within half a bin", () => {
    const histogram = filled(Array.from({ length: 1000 }, (_, i) => i + 1));
    for (const [q, value] of [
      [0.5, 500],
      [0.9, 900],
      [0.99, 990],
      [0.999, 999],
    ] as const) {
      expect(Math.abs((histogram.quantile(q) as number) - value)).toBeLessThan(value / 16);
    }
    expect(histogram.quantile(0)).toBe(1);
    expect(histogram.quantile(1)).toBeGreaterThan(937);
    expect(histogram.mean).toBe(500.5);
  });

  test("one value is its own quantile", () => {
    const report = filled([39.7, 39.7, 39.7]).toReport();
    expect([report.p50, report.p999, report.min, report.max, report.mean]).toEqual(Array(5).fill(39.7));
  });

  test("what is not finite is left out; what is huge is in the last bin", () => {
    const report = filled([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      1e300,
      -1e300,
    ]).toReport();
    expect(report.count).toBe(2);
    expect(report.bins.map(({ count }) => count)).toEqual([1, 1]);
    expect(report.bins[1]?.from).toBe(2 ** 50);
    expect([report.min, report.max]).toEqual([-1e300, 1e300]);
  });

  test("asking for the report changes nothing", () => {
    const histogram = filled([3, 5, 8]);
    expect(histogram.toReport()).toEqual(histogram.toReport());
  });

  test("any values: counts add up, bins ascend and hold what they count, quantiles ascend", () => {
    const value = fc.oneof(fc.double(), fc.double({ min: -1e4, max: 1e4, noNaN: true }), fc.integer());
    fc.assert(
      fc.property(fc.array(value, { maxLength: 200 }), (values) => {
        const finite = values.filter((each) => Number.isFinite(each));
        const report = filled(values).toReport();
        expect(histogramSchema.safeParse(report).success).toBe(true);
        expect(report.count).toBe(finite.length);
        expect(report.bins.reduce((sum, { count }) => sum + count, 0)).toBe(finite.length);
        expect(report.bins.length).toBeLessThanOrEqual(963);
        let last = Number.NEGATIVE_INFINITY;
        for (const { from, to, count } of report.bins) {
          expect(from).toBeGreaterThanOrEqual(last);
          expect(to).toBeGreaterThan(from);
          const inside = finite.filter((each) => each >= from && each < to).length;
          // Edges below zero belong to the bin further from it; the outermost bins take the rest.
          if (from >= 1 && from < 2 ** 50) expect(inside).toBe(count);
          last = to;
        }
        if (finite.length === 0) return;
        const { min, p50, p90, p99, p999, max } = report;
        expect(min).toBe(Math.min(...finite));
        expect(max).toBe(Math.max(...finite));
        const ascending = [min, p50, p90, p99, p999, max] as number[];
        expect(ascending).toEqual([...ascending].sort((a, b) => a - b));
      }),
      { numRuns: 300 },
    );
  });
});
