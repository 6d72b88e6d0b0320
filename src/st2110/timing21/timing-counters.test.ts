import { describe, expect, test } from "bun:test";
import { NO_WALL_CLOCK } from "../../report/time.ts";
import { TimingCounters } from "./timing-counters.ts";

function counts(counters: TimingCounters): [string, string, number][] {
  return counters
    .findings("s", NO_WALL_CLOCK)
    .map(({ code, severity, count }) => [code.replace("st2110-21-", ""), severity, count]);
}

describe("ST 2110-21: findings and the schedule that they were made by", () => {
  test("what times are too coarse to prove is a warning of its own", () => {
    const counters = new TimingCounters();
    counters.of(true).cinst.hit(1);
    counters.of(false).cinst.hit(2);
    expect(counts(counters)).toEqual([
      ["cinst", "error", 1],
      ["cinst", "warning", 1],
    ]);
  });

  test("a change takes back what was found since the format was last seen to hold, and no more", () => {
    const counters = new TimingCounters();
    const { cinst, overflow } = counters.of(true);
    cinst.hit(1, 3);
    counters.settle("format");
    counters.settle("format");
    cinst.hit(2, 5);
    overflow.hit(2);
    counters.revert("format");
    expect(counts(counters)).toEqual([["cinst", "error", 3]]);
    expect(cinst).toMatchObject({ count: 3, firstNs: 1, lastNs: 1 });
    overflow.hit(7);
    expect(overflow).toMatchObject({ count: 1, firstNs: 7, lastNs: 7 });
  });

  test("what was found since the last look is in doubt until the next", () => {
    const counters = new TimingCounters();
    const { cinst } = counters.of(true);
    counters.settle("format");
    cinst.hit(1);
    counters.settle("format");
    counters.revert("format");
    expect(cinst.count).toBe(0);
    counters.settle("format");
    counters.settle("format");
    counters.revert("format");
    expect(cinst.count).toBe(0);
  });

  test("what one change took back does not come back with the other", () => {
    const counters = new TimingCounters();
    const { underflow } = counters.of(true);
    underflow.hit(1);
    counters.settle("format");
    counters.settle("format");
    underflow.hit(2);
    counters.settle("clock");
    counters.settle("clock");
    counters.revert("format");
    counters.revert("clock");
    expect(underflow).toMatchObject({ count: 1, firstNs: 1, lastNs: 1 });
    counters.revert("format");
    expect(underflow.count).toBe(1);
  });
});
