import { expect, test } from "bun:test";
import { fuzzDescriptors, fuzzPes } from "./helpers/part-fuzz.ts";
import { ownSections } from "./helpers/psi-fuzz.ts";
import { needsShared, testWith } from "./helpers/skip.ts";
import { fuzzStreams, ownStreams, sharedStreams } from "./helpers/ts-fuzz.ts";

const PACKETS = 60_000;
const PARTS = 6000;

/** The run means something only where it reaches what is judged. */
function expectReached(counts: object): void {
  const missed = Object.entries(counts).filter(([, count]) => !((count as number) > 0));
  expect(missed).toEqual([]);
}

test("mutated streams through the whole analyser: no exception, reports add up, bounded; seed 1", () => {
  const counts = fuzzStreams(ownStreams(), ownSections(), PACKETS, 1);
  expect(counts.packets).toBe(PACKETS);
  expectReached(counts);
});

testWith(needsShared("ts"), "mutated real streams; seed 2", () => {
  expectReached(fuzzStreams(sharedStreams(), ownSections(), PACKETS, 2));
});

test("loops of any descriptors: no exception, no read outside, bounded; seed 3", () => {
  const counts = fuzzDescriptors(ownSections(), PARTS, 3);
  expectReached(counts);
  expect(counts.tags).toBe(256);
});

test("starts of PES packets, whole and cut: no exception, no read outside; seed 4", () => {
  expectReached(fuzzPes(PARTS, 4));
});
