import { expect, test } from "bun:test";
import { SectionSet } from "./section-set.ts";

test("the first version is in force part by part", () => {
  const set = new SectionSet<string>();
  expect(set.values()).toEqual([]);
  expect(set.put(1, 1, 1, 11, "b", 10)).toEqual({ added: ["b"], removed: [] });
  expect(set.values()).toEqual(["b"]);
  expect(set.put(1, 1, 0, 10, "a", 10)).toEqual({ added: ["a"], removed: [] });
  expect(set.values()).toEqual(["a", "b"]);
  expect(set.knows(1, 1, 0, 10)).toBe(true);
  expect(set.knows(1, 1, 0, 11)).toBe(false);
  expect(set.knows(2, 1, 0, 10)).toBe(false);
});

test("a later version is in force when it is complete", () => {
  const set = new SectionSet<string>();
  set.put(1, 1, 0, 10, "a", 10);
  set.put(1, 1, 1, 11, "b", 10);
  expect(set.put(2, 1, 1, 21, "B", 10)).toBeNull();
  expect(set.values()).toEqual(["a", "b"]);
  expect(set.octets).toBe(30);
  expect(set.knows(2, 1, 1, 21)).toBe(false);
  expect(set.put(2, 1, 0, 20, "A", 10)).toEqual({ added: ["A", "B"], removed: ["a", "b"] });
  expect(set.values()).toEqual(["A", "B"]);
  expect(set.octets).toBe(20);
});

test("a later version that stays incomplete is taken when its first section comes again", () => {
  const set = new SectionSet<string>();
  set.put(1, 0, 0, 10, "a", 10);
  expect(set.put(2, 2, 0, 20, "A", 10)).toBeNull();
  expect(set.put(2, 2, 1, 21, "B", 10)).toBeNull();
  expect(set.put(2, 2, 0, 20, "A", 10)).toEqual({ added: ["A", "B"], removed: ["a"] });
  expect(set.values()).toEqual(["A", "B"]);
});

test("changed content under the same version is taken at once, and ends what was to come", () => {
  const set = new SectionSet<string>();
  set.put(1, 1, 0, 10, "a", 10);
  set.put(2, 1, 0, 20, "A", 10);
  expect(set.put(1, 1, 0, 12, "aa", 10)).toEqual({ added: ["aa"], removed: ["a"] });
  expect(set.values()).toEqual(["aa"]);
  expect(set.put(2, 1, 1, 21, "B", 10)).toBeNull();
  set.clear();
  expect(set.values()).toEqual([]);
});
