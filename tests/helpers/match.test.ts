import { expect, test } from "bun:test";
import { differences } from "./match.ts";

test("objects may have more than expected, arrays may not", () => {
  expect(differences({ a: 1, b: 2 }, { a: 1 })).toEqual([]);
  expect(differences({ list: [{ pid: 2, n: 1 }, { pid: 1 }] }, { list: [{ pid: 1 }, { pid: 2 }] })).toEqual(
    [],
  );
  expect(differences([1, 2], [2])).toEqual(["$[0]: not expected: 1"]);
  expect(differences([], [{ a: 1 }])).toEqual(['$: element 0 is missing: {"a":1}']);
});

test("a difference names its place", () => {
  expect(differences({ a: { b: [{ c: 1, d: 2 }] } }, { a: { b: [{ c: 1, d: 3 }] } })).toEqual([
    "$.a.b[0].d: expected 3, got 2",
  ]);
  expect(differences({}, { a: null })).toEqual(["$.a: expected null, got nothing"]);
  expect(differences(null, { a: 1 })).toEqual(["$: expected an object, got null"]);
  expect(differences(1, [])).toEqual(["$: expected an array, got 1"]);
});

test("measured figures have a tolerance, counts have none", () => {
  expect(differences(1_504_000.0001, 1_504_000)).toEqual([]);
  expect(differences(1_504_100.5, 1_504_000)).toHaveLength(1);
  expect(differences(1_504_001, 1_504_000)).toHaveLength(1);
});
