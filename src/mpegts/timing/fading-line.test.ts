import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { DEMARCATION_HZ, fadingRate, type MeasurementFilter } from "./demarcation.ts";
import { FadingLine } from "./fading-line.ts";

/** Gain of H(z) = keep^2 (1 - 1/z)^2 / (1 - keep/z)^2 at `hz` for points `dt` apart. */
function gainOf(keep: number, hz: number, dt: number): number {
  const w = 2 * Math.PI * hz * dt;
  const numerator = keep ** 2 * (2 - 2 * Math.cos(w));
  return numerator / (1 - 2 * keep * Math.cos(w) + keep ** 2);
}

/** Largest residual for a sine of amplitude 1, after `settle` points and over whole periods. */
function measuredGain(keep: number, hz: number, dt: number, settle: number): number {
  const line = new FadingLine();
  const periods = Math.ceil(4 / (hz * dt));
  let last = 0;
  let most = 0;
  for (let i = 0; i < settle + periods; i += 1) {
    const x = Math.sin(2 * Math.PI * hz * i * dt);
    const residual = line.add(i === 0 ? 0 : dt, x - last, keep);
    last = x;
    if (i > settle) most = Math.max(most, Math.abs(residual));
  }
  return most;
}

describe("FadingLine", () => {
  test("a straight line leaves nothing, however its points lie", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 2, noNaN: true }), { minLength: 2, maxLength: 60 }),
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        (steps, slope) => {
          const line = new FadingLine();
          line.add(0, 0, 1);
          for (const du of steps) {
            expect(Math.abs(line.add(du, slope * du, Math.exp(-0.1 * du)))).toBeLessThan(
              1e-6 * (1 + Math.abs(slope)),
            );
          }
          expect(line.deviation(1, slope)).toBeCloseTo(0, 1);
        },
      ),
    );
  });

  test("weights fade: it is the weighted least squares line", () => {
    const u = [0, 1, 2.5, 3, 4.2];
    const x = [3, 1, 4, 1, 5];
    const line = new FadingLine();
    let residual = 0;
    for (let i = 0; i < u.length; i += 1) {
      const du = i === 0 ? 0 : (u[i] as number) - (u[i - 1] as number);
      const dx = i === 0 ? (x[0] as number) : (x[i] as number) - (x[i - 1] as number);
      residual = line.add(du, dx, 0.5 ** du);
    }
    const w = u.map((at) => 0.5 ** (4.2 - at));
    const sum = (f: (i: number) => number) => w.reduce((total, weight, i) => total + weight * f(i), 0);
    const n = sum(() => 1);
    const meanU = sum((i) => u[i] as number) / n;
    const meanX = sum((i) => x[i] as number) / n;
    const spread = sum((i) => ((u[i] as number) - meanU) ** 2);
    const slope = sum((i) => ((u[i] as number) - meanU) * ((x[i] as number) - meanX)) / spread;
    expect(line.slope).toBeCloseTo(slope, 10);
    expect(line.spread).toBeCloseTo(spread, 10);
    expect(residual).toBeCloseTo(5 - meanX - slope * (4.2 - meanU), 10);
    expect(line.deviation(0.8, 2)).toBeCloseTo(7 - meanX - slope * (5 - meanU), 10);
  });

  test("points at one place have no slope and do no harm", () => {
    const line = new FadingLine();
    for (let i = 0; i < 10; i += 1) line.add(0, 1, 1);
    expect(line.slope).toBe(0);
    line.reset();
    expect(line.add(1, 1, 0.5)).toBeCloseTo(0, 12);
    expect(line.spread).toBe(0);
  });
});

describe("TR 101 290 annex I: measurement filters", () => {
  for (const filter of ["MGF1", "MGF2", "MGF3"] as const satisfies readonly MeasurementFilter[]) {
    const dt = 0.02;
    const hz = DEMARCATION_HZ[filter];
    const keep = Math.exp(-fadingRate(filter) * dt);
    // Two poles at `rate`: after 12 time constants 1e-4 is left of any start.
    const settle = Math.ceil(12 / (fadingRate(filter) * dt));

    test(`${filter}: -3 dB at the demarcation frequency of ${hz} Hz`, () => {
      // Sampling takes a share of `rate` times `dt` away: the line goes through part of the newest point too.
      expect(Math.abs(gainOf(keep, hz, dt) / Math.SQRT1_2 - 1)).toBeLessThan(fadingRate(filter) * dt);
      expect(measuredGain(keep, hz, dt, settle)).toBeCloseTo(gainOf(keep, hz, dt), 2);
    });

    test(`${filter}: 40 dB a decade below it, and all of what is above`, () => {
      expect(gainOf(keep, hz / 100, dt) / gainOf(keep, hz / 1000, dt)).toBeCloseTo(100, 0);
      expect(measuredGain(keep, hz / 10, dt, settle)).toBeCloseTo(gainOf(keep, hz / 10, dt), 3);
      expect(measuredGain(keep, hz * 8, dt, settle)).toBeCloseTo(gainOf(keep, hz * 8, dt), 1);
    });
  }
});
