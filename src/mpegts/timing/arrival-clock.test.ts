import { describe, expect, test } from "bun:test";
import { Random } from "../../../fixtures/lib/random.ts";
import { ArrivalClock } from "./arrival-clock.ts";

/** Standard deviation of a uniform jitter of `width`. */
const deviation = (width: number) => width / Math.sqrt(12);

/** A clock that is right, seen through uniform jitter, so that all it says is error. */
function seen(seed: number, points: number, widthNs: number): ArrivalClock {
  const random = new Random(seed);
  const clock = new ArrivalClock("MGF1");
  for (let i = 0; i < points; i += 1) {
    const late = (random.u32() / 2 ** 32) * widthNs;
    clock.add(i * 40e6 + late, -late);
  }
  return clock;
}

describe("how sure a clock is of its drift", () => {
  const seeds = Array.from({ length: 40 }, (_, i) => i + 1);
  const rms = (values: number[]) => Math.hypot(...values) / Math.sqrt(values.length);

  test("the error of the drift is what least squares say", () => {
    // n points over T: s / (T sqrt(n / 12)).
    const points = 1000;
    const claimed = deviation(200_000) / (points * 0.04 * Math.sqrt(points / 12)) / 1000;
    const errors = seeds.map((seed) => seen(seed, points, 200_000).driftPpm ?? Number.NaN);
    // 40 trials know their own spread within 11 %; three times that.
    expect(rms(errors) / claimed).toBeWithin(0.67, 1.33);
  });

  test("the error of the drift rate, too", () => {
    const points = 2500;
    const span = points * 0.04;
    const claimed = (2 * deviation(2000) * Math.sqrt(180 / points)) / span ** 2;
    const errors = seeds.map((seed) => seen(seed, points, 2000).driftRateMhzPerS ?? Number.NaN);
    // 27 mHz/s for each ns/s^2.
    expect(rms(errors) / (claimed * 27)).toBeWithin(0.67, 1.33);
  });

  test("null until it is sure enough", () => {
    expect(seen(1, 15, 0).driftPpm).toBeNull();
    expect(seen(1, 15, 0).driftRateMhzPerS).toBeNull();
    expect(seen(1, 16, 0).driftPpm).toBe(0);
    expect(seen(1, 100, 1_000_000).driftPpm).toBeNull();
    expect(seen(1, 100, 1_000_000).frequencyOffsetHz).toBeNull();
    expect(seen(1, 2500, 1_000_000).driftRateMhzPerS).toBeNull();
  });
});

test("nothing before the third PCR, and all times the same are no harm", () => {
  const clock = new ArrivalClock("MGF1");
  clock.add(0, 0);
  clock.add(0, 1000);
  expect(clock.overallJitterNs).toBeNull();
  for (let i = 0; i < 50; i += 1) clock.add(0, i);
  expect(clock.driftPpm).toBeNull();
  expect(clock.driftRateMhzPerS).toBeNull();
  clock.restart();
  expect(clock.overallJitterNs).toBeGreaterThan(0);
});
