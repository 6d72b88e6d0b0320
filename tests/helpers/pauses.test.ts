import { expect, test } from "bun:test";
import { pauses } from "./pauses.ts";

test("pauses are certain, possible, or none; the last one may still run", () => {
  const moments = [
    [0, 1],
    [100, 101],
    [700, 702],
    [1201, 1203],
  ] as const;
  expect(pauses(moments, 500, 1300)).toEqual({ least: 1, most: 2, first: null, last: null });
  expect(pauses(moments, 550, 1300)).toEqual({ least: 1, most: 1, first: [650, 651], last: [650, 651] });
  expect(pauses(moments, 550, 1800)).toMatchObject({ least: 2, most: 2, last: [1751, 1753] });
  expect(pauses(moments, 5000, 1800)).toEqual({ least: 0, most: 0, first: null, last: null });
});
