import { expect, test } from "bun:test";
import { Random } from "../fixtures/lib/random.ts";
import { fuzzPsi, mutated, ownSections, sharedSections } from "./helpers/psi-fuzz.ts";

const ITERATIONS = 4000;

test("mutated sections of each table: no exception, no read outside, bounded; seed 1", () => {
  const counts = fuzzPsi(ownSections(), ITERATIONS, 1);
  expect(counts.iterations).toBe(ITERATIONS);
  // The run means something only where it reaches the parsers, and what they find wrong.
  for (const reached of [
    "decoded",
    "malformedTables",
    "sections",
    "crcErrors",
    "malformedSections",
  ] as const) {
    expect([reached, counts[reached] > ITERATIONS / 100]).toEqual([reached, true]);
  }
});

test("mutated sections of real streams, where they are there; seed 2", () => {
  const corpus = sharedSections();
  if (corpus.length === 0) console.log("skipped: no shared captures (ts/) beside the project");
  else expect(fuzzPsi(corpus, ITERATIONS, 2).decoded).toBeGreaterThan(ITERATIONS / 4);
});

test("the same seed makes the same sections", () => {
  const make = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 50 }, () => Buffer.from(mutated(ownSections(), random)).toString("hex"));
  };
  expect(make(7)).toEqual(make(7));
  expect(make(7)).not.toEqual(make(8));
});
