import { expect, test } from "bun:test";
import fc from "fast-check";
import { putBytes, putDigits, putInteger } from "./ascii.ts";

const text = (buf: Uint8Array, end: number): string => new TextDecoder().decode(buf.subarray(0, end));

test("a whole number is written as String writes it", () => {
  const buf = new Uint8Array(32);
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      expect(text(buf, putInteger(buf, 0, value))).toBe(String(value));
    }),
  );
  for (const value of [0, 9, 10, 99, 100, 999_999_999, 2 ** 53 - 1]) {
    expect(text(buf, putInteger(buf, 0, value))).toBe(String(value));
  }
});

test("digits keep their leading zeros", () => {
  const buf = new Uint8Array(32);
  expect(text(buf, putDigits(buf, 0, 1234, 9))).toBe("000001234");
  expect(text(buf, putDigits(buf, 0, 999_999_999, 9))).toBe("999999999");
});

test("octets are copied and the offset moves behind them", () => {
  const buf = new Uint8Array(8);
  expect(putBytes(buf, 2, Uint8Array.of(1, 2, 3))).toBe(5);
  expect([...buf]).toEqual([0, 0, 1, 2, 3, 0, 0, 0]);
});
