import { expect, test } from "bun:test";
import fc from "fast-check";
import { MediaClock } from "./media-clock.ts";

test("it adds up the steps, over the wrap of 33 bits", () => {
  const clock = new MediaClock();
  const start = 2 ** 33 - 90_000;
  for (let i = 0; i <= 50; i++) expect(clock.advance((start + i * 3600) % 2 ** 33)).toBe(false);
  expect(clock.seconds).toBeCloseTo(2, 9);
  expect(clock.expected).toBeCloseTo(2.04, 9);
});

test("a jump is told and counts as one step; a little disorder is none", () => {
  const clock = new MediaClock();
  for (const ticks of [0, 3600, 7200]) clock.advance(ticks);
  expect(clock.advance(7200 + 11 * 90_000)).toBe(true);
  expect(clock.seconds).toBeCloseTo(0.12, 9);
  expect(clock.advance(7200 + 11 * 90_000 - 3600)).toBe(false);
  expect(clock.advance(7200 + 11 * 90_000 + 3600)).toBe(false);
  expect(clock.seconds).toBeCloseTo(0.16, 9);
  expect(clock.advance(0)).toBe(true);
});

test("PCRs before the first access unit do not count", () => {
  const clock = new MediaClock();
  for (const ticks of [0, 3600, 7200]) clock.advance(ticks);
  clock.change();
  clock.advance(90_000);
  expect(clock.seconds).toBe(0);
});

test("any time stamps: it never goes back", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 33 - 1 })), (stamps) => {
      const clock = new MediaClock();
      let before = 0;
      for (const ticks of stamps) {
        clock.advance(ticks);
        expect(clock.seconds).toBeGreaterThanOrEqual(before);
        before = clock.seconds;
      }
    }),
  );
});
