import { expect, test } from "bun:test";
import { SectionSet } from "./section-set.ts";

test("the first version is in force part by part", () => {
  const set = new SectionSet<string>(500);
  expect(set.values()).toEqual([]);
  expect(set.put(1, 1, 1, 11, "b", 10, 0)).toEqual({ added: ["b"], removed: [] });
  expect(set.values()).toEqual(["b"]);
  expect(set.put(1, 1, 0, 10, "a", 10, 0)).toEqual({ added: ["a"], removed: [] });
  expect(set.values()).toEqual(["a", "b"]);
  expect(set.knows(1, 1, 0, 10)).toBe(true);
  expect(set.knows(1, 1, 0, 11)).toBe(false);
  expect(set.knows(2, 1, 0, 10)).toBe(false);
});

test("a later version is in force when it is complete", () => {
  const set = new SectionSet<string>(500);
  set.put(1, 1, 0, 10, "a", 10, 0);
  set.put(1, 1, 1, 11, "b", 10, 0);
  expect(set.put(2, 1, 1, 21, "B", 10, 0)).toBeNull();
  expect(set.values()).toEqual(["a", "b"]);
  expect(set.octets).toBe(30);
  expect(set.knows(2, 1, 1, 21)).toBe(false);
  expect(set.put(2, 1, 0, 20, "A", 10, 0)).toEqual({ added: ["A", "B"], removed: ["a", "b"] });
  expect(set.values()).toEqual(["A", "B"]);
  expect(set.octets).toBe(20);
});

test("a later version that stays incomplete for two intervals is taken when a section comes again", () => {
  const set = new SectionSet<string>(500);
  set.put(1, 0, 0, 10, "a", 10, 0);
  expect(set.put(2, 2, 0, 20, "A", 10, 7e9)).toBeNull();
  expect(set.put(2, 2, 0, 20, "A", 10, 7.9e9)).toBeNull();
  expect(set.put(2, 2, 0, 20, "A", 10, 8e9)).toBeNull();
  // One that is new to it is waited for: the third may come too.
  expect(set.put(2, 2, 1, 21, "B", 10, 8.1e9)).toBeNull();
  expect(set.octets).toBe(30);
  expect(set.put(2, 2, 0, 20, "A", 10, 8.2e9)).toEqual({ added: ["A", "B"], removed: ["a"] });
  expect(set.values()).toEqual(["A", "B"]);
});

test("13818-1 2.4.4: a section that comes five times before another comes once puts no half version in force", () => {
  const set = new SectionSet<string>(500);
  set.put(1, 1, 0, 10, "a", 10, 0);
  set.put(1, 1, 1, 11, "b", 10, 0);
  for (let at = 1e9; at < 1.5e9; at += 1e8) expect(set.put(2, 1, 0, 20, "A", 10, at)).toBeNull();
  expect(set.values()).toEqual(["a", "b"]);
  expect(set.put(2, 1, 1, 21, "B", 10, 1.5e9)).toEqual({ added: ["A", "B"], removed: ["a", "b"] });
});

test("time that goes back is waited in afresh; without times nothing is waited for", () => {
  const set = new SectionSet<string>(500);
  set.put(1, 0, 0, 10, "a", 10, 9e9);
  expect(set.put(2, 1, 0, 20, "A", 10, 9e9)).toBeNull();
  expect(set.put(2, 1, 0, 20, "A", 10, 1e9)).toBeNull();
  expect(set.put(2, 1, 0, 20, "A", 10, 2.1e9)).toEqual({ added: ["A"], removed: ["a"] });
  expect(set.put(3, 1, 0, 30, "C", 10, Number.NaN)).toBeNull();
  expect(set.put(3, 1, 0, 30, "C", 10, Number.NaN)).toEqual({ added: ["C"], removed: ["A"] });
});

test("changed content under the same version is taken at once, and ends what was to come", () => {
  const set = new SectionSet<string>(500);
  set.put(1, 1, 0, 10, "a", 10, 0);
  set.put(2, 1, 0, 20, "A", 10, 0);
  expect(set.put(1, 1, 0, 12, "aa", 10, 0)).toEqual({ added: ["aa"], removed: ["a"] });
  expect(set.values()).toEqual(["aa"]);
  expect(set.put(2, 1, 1, 21, "B", 10, 0)).toBeNull();
  set.clear();
  expect(set.values()).toEqual([]);
});
