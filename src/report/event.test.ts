import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { eventSchema, FindingEvents } from "./event.ts";
import { FAULTY_REPORT } from "./fixture.ts";
import type { Report } from "./schema.ts";

function withCounts(...counts: readonly number[]): Report {
  const findings = FAULTY_REPORT.findings.flatMap((finding, i) => {
    const count = counts[i] ?? 0;
    return count > 0 ? [{ ...finding, count }] : [];
  });
  return { ...FAULTY_REPORT, findings };
}

describe("events of findings", () => {
  test("the first at once, more of the same after the interval, with the whole count and what is new", () => {
    const events = new FindingEvents(1000);
    const first = events.next(withCounts(1, 4), 0, false);
    expect(first.map(({ finding, added }) => [finding.code, finding.count, added])).toEqual([
      ["rtp-restart", 1, 1],
      ["ts-continuity", 4, 4],
    ]);
    for (const event of first) expect(eventSchema.safeParse(event).success).toBe(true);
    expect(events.next(withCounts(1, 9), 999, false)).toEqual([]);
    expect(events.next(withCounts(1, 12), 1000, false).map(({ added }) => added)).toEqual([8]);
    expect(events.next(withCounts(1, 12), 9000, false)).toEqual([]);
  });

  test("the last report lets nothing wait; packets that go back are those of a new input", () => {
    const events = new FindingEvents(1000);
    events.next(withCounts(0, 5), 0, false);
    expect(events.next(withCounts(0, 6), 1, true).map(({ added }) => added)).toEqual([1]);
    const next = withCounts(0, 2);
    next.input = { ...next.input, packets: 1 };
    expect(events.next(next, 2000, false).map(({ added }) => added)).toEqual([2]);
  });

  test("a count that goes back in the same input, and comes again, is told once", () => {
    const events = new FindingEvents(0);
    const added = [3, 2, 3, 4].flatMap((count, i) =>
      events.next(withCounts(0, count), i, false).map((event) => event.added),
    );
    expect(added).toEqual([3, 1]);
  });

  test("what is new adds up to the count, whatever the times", () => {
    const steps = fc.array(fc.record({ more: fc.nat(5), ms: fc.nat(3000) }), { minLength: 1 });
    fc.assert(
      fc.property(steps, (list) => {
        const events = new FindingEvents(1000);
        let count = 0;
        let now = 0;
        let told = 0;
        for (const { more, ms } of list) {
          count += more;
          now += ms;
          for (const { added } of events.next(withCounts(0, count), now, false)) told += added;
          expect(told).toBeLessThanOrEqual(count);
        }
        for (const { added } of events.next(withCounts(0, count), now, true)) told += added;
        expect(told).toBe(count);
      }),
    );
  });
});
