import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { PlayClock } from "./play-clock.ts";

describe("when frames are due", () => {
  test("the first at once, the others as far after it as in the capture", () => {
    const clock = new PlayClock(1);
    expect(clock.due(5e9, 1000)).toBe(1000);
    expect(clock.due(5e9 + 700, 9999)).toBe(1700);
    expect(clock.due(5e9 + 300, 9999)).toBe(1300);
  });

  test("at twice the speed in half the time", () => {
    const clock = new PlayClock(2);
    clock.due(0, 0);
    expect(clock.due(1e9, 0)).toBe(5e8);
  });

  test("a frame without a time at once, and it moves nothing", () => {
    const clock = new PlayClock(1);
    expect(clock.due(Number.NaN, 0)).toBe(Number.NEGATIVE_INFINITY);
    clock.due(0, 100);
    expect(clock.due(Number.NaN, 0)).toBe(Number.NEGATIVE_INFINITY);
    expect(clock.due(50, 0)).toBe(150);
  });

  test("a step of the capture's clock, years on or back, is not waited for", () => {
    const clock = new PlayClock(1);
    clock.due(0, 0);
    clock.due(1000, 0);
    expect(clock.due(-1.7e18, 0)).toBe(1000);
    expect(clock.due(2000, 0)).toBe(1000);
    expect(clock.due(3000, 0)).toBe(2000);
    expect(clock.steps).toBe(2);
  });

  test("an hour of silence is waited for", () => {
    const clock = new PlayClock(1);
    clock.due(0, 0);
    expect(clock.due(3600e9, 0)).toBe(3600e9);
    expect(clock.steps).toBe(0);
  });

  test("lost time moves all that follows", () => {
    const clock = new PlayClock(1);
    clock.due(0, 0);
    clock.delay(500);
    expect(clock.due(100, 0)).toBe(600);
  });

  test("whatever the times, nothing is due further on than an hour after what came before", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -2e18, max: 2e18 }), { maxLength: 50 }), (times) => {
        const clock = new PlayClock(1);
        let last = 0;
        for (const timeNs of times) {
          const due = clock.due(timeNs, 0);
          if (Number.isNaN(timeNs)) continue;
          expect(due).toBeLessThanOrEqual(last + 3600e9 + 4096);
          last = due;
        }
      }),
    );
  });
});
