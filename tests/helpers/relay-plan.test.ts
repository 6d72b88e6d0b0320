import { expect, test } from "bun:test";
import fc from "fast-check";
import { RelayPlan, rtpTruth } from "./relay-plan.ts";

/** Sends the numbers 0 to `count` - 1 through a plan; returns what comes out. */
function through(plan: RelayPlan<number>, count: number): number[] {
  const out = Array.from({ length: count }, (_, i) => plan.take(i)).flat();
  return [...out, ...plan.end()];
}

test("whatever the chances, the journal says exactly what was sent", () => {
  const chance = fc.double({ min: 0, max: 0.3, noNaN: true });
  fc.assert(
    fc.property(fc.nat(), chance, chance, chance, (seed, drop, duplicate, reorder) => {
      const plan = new RelayPlan<number>({ seed, drop, duplicate, reorder });
      const out = through(plan, 200);
      const { journal } = plan;
      expect(journal.sent).toEqual(out);
      expect(journal.received).toBe(200);
      expect(out.length).toBe(200 - journal.dropped.length + journal.duplicated.length);
      expect(new Set(out).size).toBe(200 - journal.dropped.length);
      const truth = rtpTruth(journal);
      expect(truth.duplicates).toBe(journal.duplicated.length);
      expect(truth.reordered).toBeLessThanOrEqual(journal.delayed.length);
    }),
    { numRuns: 50 },
  );
});

test("the same seed, the same fate", () => {
  const options = { seed: 5, drop: 0.1, duplicate: 0.1, reorder: 0.1, jitterMs: 3 };
  const [a, b] = [new RelayPlan<number>(options), new RelayPlan<number>(options)];
  expect(through(a, 300)).toEqual(through(b, 300));
  expect(a.jitterMs()).toBe(b.jitterMs());
  expect(new RelayPlan<number>({ seed: 1 }).jitterMs()).toBe(0);
});

test("what a receiver must count, by hand", () => {
  const journal = {
    received: 8,
    sent: [0, 1, 3, 2, 3, 6, 7],
    dropped: [4, 5],
    duplicated: [3],
    delayed: [2],
  };
  expect(rtpTruth(journal)).toEqual({ packets: 7, lost: 2, duplicates: 1, reordered: 1 });
});

test("a blackout drops all from one number up to another, and nothing else", () => {
  const plan = new RelayPlan<number>({ seed: 5, blackout: [20, 50] });
  const out = Array.from({ length: 100 }, (_, i) => plan.take(i)).flat();
  expect(out).toEqual(Array.from({ length: 100 }, (_, i) => i).filter((i) => i < 20 || i >= 50));
  expect(plan.journal.dropped).toHaveLength(30);
});
