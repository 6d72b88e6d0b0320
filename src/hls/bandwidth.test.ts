import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SegmentRates } from "./bandwidth.ts";

describe("RFC 8216 4.1: peak segment bit rate", () => {
  test("segments of the target duration: the largest of one", () => {
    const rates = new SegmentRates();
    expect(rates.add(1_000_000, 8, 8)).toBe(1e6);
    expect(rates.add(2_000_000, 8, 8)).toBe(2e6);
    expect(rates.add(500_000, 8, 8)).toBe(0.5e6);
    expect(rates.peakBps).toBe(2e6);
    expect(rates.meanBps).toBeCloseTo((3_500_000 * 8) / 24, 6);
  });

  test("a short segment counts with its neighbours only", () => {
    const rates = new SegmentRates();
    rates.add(1_000_000, 8, 8);
    // 2 s are less than half of 8 s: alone it would be 8 Mb/s, with the one before it is 2.4.
    expect(rates.add(2_000_000, 2, 8)).toBeCloseTo(2.4e6, 6);
    rates.gap();
    expect(rates.add(2_000_000, 2, 8)).toBe(0);
  });

  test("any segments: as by trying all sets", () => {
    const segment = fc.tuple(
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 1, max: 120 }).map((tenths) => tenths / 10),
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 30 }), (segments) => {
        const rates = new SegmentRates();
        for (const [octets, seconds] of segments) rates.add(octets, seconds, 6);
        let peak = 0;
        for (let i = 0; i < segments.length; i++) {
          for (let j = i + 1; j <= segments.length; j++) {
            const set = segments.slice(i, j);
            const seconds = set.reduce((sum, [, each]) => sum + each, 0);
            const octets = set.reduce((sum, [each]) => sum + each, 0);
            if (seconds >= 3 - 1e-6 && seconds <= 9 + 1e-6) peak = Math.max(peak, (octets * 8) / seconds);
          }
        }
        expect(rates.peakBps).toBeCloseTo(peak, 3);
      }),
    );
  });
});
