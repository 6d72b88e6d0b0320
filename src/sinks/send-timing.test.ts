import { expect, test } from "bun:test";
import fc from "fast-check";
import { TimingError } from "./send-timing.ts";

test("mean, quantile and largest of early and late", () => {
  const timing = new TimingError();
  expect([timing.meanNs, timing.quantileNs(0.99), timing.maxNs]).toEqual([0, 0, 0]);
  for (let i = 1; i <= 100; i++) timing.add(i % 2 === 0 ? i * 1000 : -i * 1000);
  expect(timing.meanNs).toBe(50_500);
  expect(timing.maxNs).toBe(100_000);
  expect(timing.quantileNs(0.5)).toBe(51_000);
  expect(timing.quantileNs(1)).toBe(100_000);
  timing.add(3e9);
  expect(timing.maxNs).toBe(3e9);
  expect(timing.quantileNs(1)).toBe(3e9);
});

test("a quantile is never below what it stands for, nor a microsecond above", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 19e6, noNaN: true }), { minLength: 1 }), (errors) => {
      const timing = new TimingError();
      for (const error of errors) timing.add(error);
      const sorted = errors.toSorted((a, b) => a - b);
      for (const share of [0.5, 0.99, 1]) {
        const exact = sorted[Math.ceil(errors.length * share) - 1] as number;
        expect(timing.quantileNs(share)).toBeGreaterThanOrEqual(exact);
        expect(timing.quantileNs(share)).toBeLessThanOrEqual(exact + 1000);
      }
    }),
  );
});
