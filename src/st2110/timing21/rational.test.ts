import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { commonDenominator, floor, plus, rational, times, toNumber } from "./rational.ts";

describe("exact numbers", () => {
  test("reduced, with the sign above", () => {
    expect(rational(6, -4)).toEqual({ num: -3n, den: 2n });
    expect(times(rational(1, 3), 3)).toEqual({ num: 1n, den: 1n });
    expect(plus(rational(1, 3), rational(1, 6))).toEqual({ num: 1n, den: 2n });
    expect(commonDenominator(rational(1, 4), rational(1, 6), rational(5))).toBe(12n);
  });

  test("floor and nearest float64, also of parts beyond 2^53", () => {
    const integer = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n });
    fc.assert(
      fc.property(integer, fc.bigInt({ min: 1n, max: 2n ** 40n }), (num, den) => {
        const a = rational(num, den);
        const whole = floor(a);
        expect(whole * a.den <= a.num && (whole + 1n) * a.den > a.num).toBe(true);
        expect(Math.abs(toNumber(a) - Number(num) / Number(den))).toBeLessThanOrEqual(
          Math.abs(toNumber(a)) * 1e-12 + 1e-12,
        );
      }),
    );
  });
});
