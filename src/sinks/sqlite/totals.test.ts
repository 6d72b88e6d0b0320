import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Totals } from "./totals.ts";

describe("what totals have grown by", () => {
  test("all of a new one, nothing of one that may be old, all of one that starts again", () => {
    const totals = new Totals();
    expect([totals.grown("new", 7, false), totals.grown("old", 7, true)]).toEqual([7, 0]);
    totals.keep();
    expect([totals.grown("new", 9, false), totals.grown("old", 10, false)]).toEqual([2, 3]);
    totals.keep();
    expect(totals.grown("new", 4, false)).toBe(4);
  });

  test("what could not be stored is part of the next", () => {
    const totals = new Totals();
    totals.grown("a", 5, false);
    totals.keep();
    expect(totals.grown("a", 8, false)).toBe(3);
    totals.drop();
    expect(totals.grown("a", 9, false)).toBe(4);
  });

  test("too many start afresh, and none is then taken for growth of one second", () => {
    const totals = new Totals(2);
    for (const key of ["a", "b", "c"]) {
      expect(totals.grown(key, 1000, false)).toBe(1000);
      totals.keep();
    }
    expect([totals.grown("a", 1001, false), totals.grown("c", 1001, false)]).toEqual([0, 1]);
  });

  test("what grows adds up to the total, whatever could not be stored; what is no count is 0", () => {
    const step = fc.record({ more: fc.nat(1000), stored: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const totals = new Totals();
        let total = 0;
        let kept = 0;
        let sum = 0;
        for (const { more, stored } of steps) {
          total += more;
          const grown = totals.grown("a", total, false);
          if (stored) {
            totals.keep();
            sum += grown;
            kept = total;
          } else totals.drop();
        }
        expect(sum).toBe(kept);
      }),
    );
    for (const none of [Number.NaN, Number.POSITIVE_INFINITY, 1e300, 0.5]) {
      expect(new Totals().grown("a", none, false)).toBe(0);
    }
  });
});
