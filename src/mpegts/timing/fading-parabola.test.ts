import { describe, expect, test } from "bun:test";
import { FadingParabola } from "./fading-parabola.ts";

describe("FadingParabola", () => {
  test("finds the curvature of a parabola, however its points lie", () => {
    const curve = new FadingParabola();
    let u = 0;
    let x = 0;
    for (let i = 0; i < 500; i += 1) {
      const du = i === 0 ? 0 : 0.02 + (i % 7) * 0.01;
      u += du;
      const next = 7 + 300 * u - 1.25 * u * u;
      curve.add(du, i === 0 ? 0 : next - x, Math.exp(-0.01 * du));
      x = next;
    }
    expect(curve.curvature).toBeCloseTo(-2.5, 6);
  });

  test("its standard error is that of least squares", () => {
    // For n even points over T, weights all 1, the curvature's is 2 s sqrt(180 / n) / T^2.
    const curve = new FadingParabola();
    const points = 1000;
    for (let i = 0; i < points; i += 1) curve.add(i === 0 ? 0 : 0.1, 0, 1);
    const expected = (2 * 5 * Math.sqrt(180 / points)) / 100 ** 2;
    expect(curve.curvatureError(5) / expected).toBeCloseTo(1, 1);
  });

  test("two points settle nothing", () => {
    const curve = new FadingParabola();
    expect(curve.curvature).toBeNaN();
    curve.add(0, 0, 1);
    curve.add(1, 5, 1);
    expect(curve.curvature).toBeNaN();
    expect(curve.curvatureError(1)).toBeNaN();
    curve.add(1, 7, 1);
    expect(curve.curvature).toBeCloseTo(2, 9);
    curve.reset();
    expect(curve.curvature).toBeNaN();
  });
});
