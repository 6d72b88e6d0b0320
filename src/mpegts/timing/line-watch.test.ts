import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Random } from "../../../fixtures/lib/random.ts";
import { fadingRate } from "./demarcation.ts";
import { FRESH_POINTS, LineWatch } from "./line-watch.ts";

/** Numbers and errors that a watch told of, for points a unit of u and 40 ms apart on the line x = 400 u. */
function watch(offNs: (i: number) => number, points: number, straightNs = 25_000) {
  const line = new LineWatch(straightNs, fadingRate("MGF1"));
  const told: [number: number, errorNs: number][] = [];
  const locked: boolean[] = [];
  for (let i = 0; i < points; i += 1) {
    line.add(i, 400 * i + offNs(i), i * 0.04, i * 1e6, i);
    for (let j = 0; j < line.fresh; j += 1) {
      told.push([line.number[j] as number, line.errorNs[j] as number]);
      expect(line.timeNs[j]).toBe((line.number[j] as number) * 1e6);
    }
    locked.push(line.locked);
  }
  return { line, told, locked };
}

describe("LineWatch", () => {
  test("tells of sixteen points with the sixteenth, then of each", () => {
    const { line, told, locked } = watch(() => 0, 18);
    expect(told.map(([number]) => number)).toEqual(Array.from({ length: 18 }, (_, i) => i));
    expect(locked.indexOf(true)).toBe(15);
    expect(line.fresh).toBe(1);
    line.restart();
    expect([line.locked, line.fresh]).toEqual([false, 0]);
  });

  test("an outlier is told of when a point on the line comes after it", () => {
    expect(watch((i) => (i === 20 ? 7000 : 0), 21).told.length).toBe(20);
    const { told } = watch((i) => (i === 20 ? 7000 : 0), 22);
    expect(told.slice(20).map(([number, error]) => [number, Math.round(error) + 0])).toEqual([
      [20, 7000],
      [21, 0],
    ]);
  });

  test("it bends the line by nothing", () => {
    const { told } = watch((i) => (i === 20 ? 1e9 : 0), 60);
    expect(Math.max(...told.filter(([i]) => i !== 20).map(([, error]) => Math.abs(error)))).toBeLessThan(
      1e-6,
    );
  });

  test("a step is told of eight times, another slope never", () => {
    const step = watch((i) => (i < 30 ? 0 : 3000), 60);
    expect(step.told.filter(([, error]) => Math.abs(error) > 500).map(([i]) => i)).toEqual([
      30, 31, 32, 33, 34, 35, 36, 37,
    ]);
    expect(step.locked[37]).toBe(false);
    // Sixteen points after that it is found again.
    expect(step.locked.indexOf(true, 38)).toBe(53);
    const slope = watch((i) => Math.max(0, i - 30) * 2000, 60);
    expect(slope.told.length).toBe(60 - 8);
    expect(slope.told.every(([, error]) => Math.abs(error) <= 500)).toBe(true);
  });

  test("a step too large for an error of points is not told of", () => {
    const { told } = watch((i) => (i < 30 ? 0 : 30_000), 60);
    expect(told.length).toBe(60 - 8);
    expect(told.every(([, error]) => Math.abs(error) < 1)).toBe(true);
  });

  test("points all over are no line, and points that become so are none any more", () => {
    const random = new Random(1);
    const wild = () => random.below(1_000_000);
    expect(watch(wild, 200).told).toEqual([]);
    const { locked } = watch((i) => (i < 40 ? 0 : wild()), 200);
    expect(locked[39]).toBe(true);
    expect(locked[199]).toBe(false);
  });

  test("more noise than the limit is measured as it is", () => {
    const random = new Random(2);
    const { told } = watch(() => random.below(10_000) - 5000, 200);
    expect(told.length).toBe(200);
    const largest = Math.max(...told.map(([, error]) => Math.abs(error)));
    expect(largest).toBeGreaterThan(4500);
    expect(largest).toBeLessThan(8000);
  });

  test("given up for being off its line more often than not", () => {
    // Off by 300 ns in turns is no outlier, but more than the 250 ns that count as straight.
    const { locked } = watch((i) => (i < 32 ? 0 : i % 2 === 0 ? 450 : -450), 300, 250);
    expect(locked[31]).toBe(true);
    expect(locked[299]).toBe(false);
  });

  test("any points: each is told of once at most, in order, and never too many at a time", () => {
    const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.oneof(fc.constant(0), fc.double())), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(points, (list) => {
        const line = new LineWatch(250, 0.04);
        let u = 0;
        let last = -1;
        list.forEach(([du, x], i) => {
          u += du;
          line.add(u, x, u, Number.NaN, i);
          expect(line.fresh).toBeLessThanOrEqual(FRESH_POINTS);
          for (let j = 0; j < line.fresh; j += 1) {
            expect(line.number[j]).toBeGreaterThan(last);
            last = line.number[j] as number;
          }
        });
      }),
    );
  });
});
