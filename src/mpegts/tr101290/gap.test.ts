import { describe, expect, test } from "bun:test";
import { GapTimer, isPast, limitNs } from "./gap.ts";
import { TableWatch } from "./table-watch.ts";

describe("timers", () => {
  test("a limit in nanoseconds; 0 is none", () => {
    expect([limitNs(0.5), limitNs(500), limitNs(0)]).toEqual([
      500_000,
      500_000_000,
      Number.POSITIVE_INFINITY,
    ]);
  });

  test("times are exact to a microsecond", () => {
    expect([isPast(5000, 4000), isPast(5001, 4000), isPast(Number.NaN, 0), isPast(1, Number.NaN)]).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });

  test("tells when the limit ran out, not when it is seen", () => {
    const timer = new GapTimer(1e6);
    expect([timer.seen(0), timer.seen(1e6), timer.expired(2e6), timer.expired(3e6), timer.seen(9e6)]).toEqual(
      [Number.NaN, Number.NaN, Number.NaN, 2e6, 2e6],
    );
  });

  test("time that goes back, and none, are no interval", () => {
    const timer = new GapTimer(1e6);
    timer.seen(5e6);
    expect([timer.seen(1e6), timer.seen(Number.NaN), timer.seen(1.5e6)]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
    expect(timer.fromNs).toBe(1.5e6);
  });

  test("a table is missed only once it is expected", () => {
    const watch = new TableWatch(1e6);
    watch.restart(0);
    expect(watch.expired(9e6)).toBeNaN();
    watch.expectFrom(2e6);
    watch.expectFrom(5e6);
    expect(watch.expired(9e6)).toBe(3e6);
    watch.restart(7e6);
    expect(watch.expired(9e6)).toBe(8e6);
  });
});
