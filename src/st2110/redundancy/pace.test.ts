import { expect, test } from "bun:test";
import { Pace } from "./pace.ts";

test("packets for each tick, and the most that fit", () => {
  const pace = new Pace();
  expect(pace.mostIn(0)).toBe(Number.POSITIVE_INFINITY);
  for (let ext = 0; ext < 300; ext++) pace.advance(ext, Math.floor(ext / 100) * 50);
  expect(pace.packetsPerTick).toBe(2);
  // Of the frame that was begun, and of one more after it, twice as many as on average.
  expect(pace.mostIn(0)).toBe(200);
  expect(pace.mostIn(50)).toBe(400);
  expect(pace.since(90)).toBe(-10);
});

test("still right when the timestamps have wrapped", () => {
  const pace = new Pace();
  const [step, frames] = [2 ** 24, 600];
  for (let frame = 0; frame < frames; frame++) pace.advance(frame * 10, (frame * step) >>> 0);
  expect(pace.packetsPerTick).toBe(10 / step);
  expect(pace.since((frames * step) >>> 0)).toBe(step);
});
