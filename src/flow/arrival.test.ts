import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { networkSchema } from "../report/mpegts-schema.ts";
import { ArrivalMeter } from "./arrival.ts";

function measured(timesNs: readonly number[], octets = 1316): ArrivalMeter {
  const meter = new ArrivalMeter();
  for (const timeNs of timesNs) meter.arrival(octets, timeNs);
  return meter;
}

describe("ArrivalMeter", () => {
  test("time between datagrams in microseconds", () => {
    const report = measured([0, 1_000_000, 1_500_000, 4_000_000]).interArrivalUs();
    expect(report).toMatchObject({ unit: "us", count: 3, min: 500, max: 2500 });
    expect(report.mean).toBeCloseTo(4000 / 3, 9);
    expect(report.bins.map(({ count }) => count)).toEqual([1, 1, 1]);
  });

  test("datagrams of the same time are no time apart", () => {
    expect(measured([7, 7]).interArrivalUs()).toMatchObject({ count: 1, min: 0, max: 0 });
  });

  test("a time that goes backwards is not measured; the next one is, from there", () => {
    const report = measured([5e9, 5e9 + 1000, 1e9, 1e9 + 3000]).interArrivalUs();
    expect(report).toMatchObject({ count: 2, min: 1, max: 3 });
  });

  test("without a time nothing is measured, and the last time stays", () => {
    const meter = measured([Number.NaN, 1000, Number.NaN, 3000]);
    expect(meter.interArrivalUs()).toMatchObject({ count: 1, min: 2 });
    expect(meter.bursts()[0]?.maxOctets).toBe(2 * 1316);
  });

  test("across a gap of the input nothing is measured", () => {
    const meter = measured([1000]);
    meter.gap();
    meter.arrival(1316, 2000);
    expect(meter.interArrivalUs().count).toBe(0);
    expect(meter.bursts().map(({ maxOctets }) => maxOctets)).toEqual([1316, 1316, 1316]);
  });

  test("any times: one gap for each step that is not backwards", () => {
    const time = fc.oneof(fc.double({ min: 0, max: 1e12, noNaN: true }), fc.constant(Number.NaN));
    fc.assert(
      fc.property(fc.array(time, { maxLength: 100 }), (times) => {
        const meter = measured(times, 100);
        const known = times.filter((each) => !Number.isNaN(each));
        const forward = known.filter((each, i) => i > 0 && each >= (known[i - 1] as number)).length;
        expect(meter.interArrivalUs().count).toBe(forward);
        for (const { maxOctets } of meter.bursts()) {
          expect(maxOctets).toBeLessThanOrEqual(100 * known.length);
          expect(maxOctets > 0).toBe(known.length > 0);
        }
        expect(networkSchema.shape.interArrivalUs.safeParse(meter.interArrivalUs()).success).toBe(true);
      }),
    );
  });
});
