import { expect, test } from "bun:test";
import fc from "fast-check";
import { PCR_MODULUS } from "../packet.ts";
import { DEMARCATION_HZ, fadingRate } from "./demarcation.ts";
import { NS_PER_TICK, PTS_MODULUS, pcrStep, ptsStep } from "./pcr-time.ts";

test("ISO/IEC 13818-1 2.4.3.5: the shortest way, over the wrap", () => {
  const value = fc.integer({ min: 0, max: PCR_MODULUS - 1 });
  fc.assert(
    fc.property(value, fc.integer({ min: 1 - PCR_MODULUS / 2, max: PCR_MODULUS / 2 - 1 }), (from, by) => {
      expect(pcrStep(from, (from + by + PCR_MODULUS) % PCR_MODULUS)).toBe(by);
    }),
  );
  expect(ptsStep(PTS_MODULUS - 1, 1)).toBe(2);
  expect(ptsStep(1, PTS_MODULUS - 1)).toBe(-2);
  expect(pcrStep(Number.NaN, 1)).toBeNaN();
  expect(27_000_000 * NS_PER_TICK).toBe(1e9);
});

test("TR 101 290 annex I: MGF1 is where the limits on accuracy and drift rate meet", () => {
  // A sine of 500 ns whose frequency changes by at most 75 mHz a second.
  const hz = Math.sqrt(0.075 / (27e6 * 500e-9)) / (2 * Math.PI);
  expect(DEMARCATION_HZ.MGF1).toBeCloseTo(hz, 2);
  expect(fadingRate("MGF1") / fadingRate("MGF3")).toBeCloseTo(0.01, 12);
});
