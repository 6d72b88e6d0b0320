import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { seeded, withPauses } from "../../tests/helpers/arrivals.ts";
import { SAMPLE_RATES_HZ } from "./audio/format.ts";
import { RateFit } from "./rate-fit.ts";

/** `times` are those of packets `samples` ticks apart. */
function fitted(times: readonly number[], samples: number): RateFit {
  const fit = new RateFit(SAMPLE_RATES_HZ);
  for (const [i, timeNs] of times.entries()) {
    if (i === 0) fit.start(timeNs);
    else fit.add(i * samples, timeNs);
  }
  return fit;
}

describe("the rate of a clock whose packets come late", () => {
  test.each([...SAMPLE_RATES_HZ])("%d Hz, in time and up to 1.5 %% off", (rateHz) => {
    for (const off of [1, 0.985, 1.015]) {
      const times = Array.from({ length: 200 }, (_, i) => (i * 48e9) / rateHz / off);
      const fit = fitted(times, 48);
      expect([fit.rateHz, fit.likelyHz]).toEqual([rateHz, rateHz]);
    }
  });

  test("pauses of up to 40 ms, after which the sender catches up, hide it from nobody", () => {
    const random = seeded(7);
    let hidden = 0;
    for (let run = 0; run < 300; run++) {
      const rateHz = SAMPLE_RATES_HZ[run % 3] as number;
      const samples = [6, 12, 48, 96][run % 4] as number;
      const times = withPauses(Math.ceil((0.4 * rateHz) / samples), (samples * 1e9) / rateHz, 40e6, random);
      const fit = fitted(times, samples);
      expect(fit.likelyHz).toBe(rateHz);
      if (fit.rateHz === null) hidden++;
      else expect(fit.rateHz).toBe(rateHz);
    }
    // A pause at the end: then the mean differs, and nothing is claimed.
    expect(hidden).toBeGreaterThan(0);
    expect(hidden).toBeLessThan(100);
  });

  test("a rate of none of them, a clock that stands still, too little", () => {
    const at = (hz: number, count: number): number[] =>
      Array.from({ length: count }, (_, i) => (i * 48e9) / hz);
    expect(fitted(at(46_000, 500), 48).likelyHz).toBeNull();
    expect(fitted(at(48_000, 500), 0).likelyHz).toBeNull();
    expect(fitted([0], 48).rateHz).toBeNull();
    expect(new RateFit(SAMPLE_RATES_HZ).likelyHz).toBeNull();
  });

  test("any ticks and times", () => {
    const packet = fc.tuple(fc.integer(), fc.oneof(fc.double(), fc.integer({ min: 0 })));
    fc.assert(
      fc.property(fc.array(packet), (packets) => {
        const fit = new RateFit([48_000]);
        fit.start(0);
        for (const [ticks, timeNs] of packets) {
          if (Number.isFinite(timeNs)) fit.add(ticks, timeNs);
        }
        expect([null, 48_000]).toContain(fit.rateHz);
        expect([null, 48_000]).toContain(fit.likelyHz);
      }),
    );
  });
});
