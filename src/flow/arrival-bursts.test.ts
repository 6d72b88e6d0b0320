import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ArrivalMeter, BURST_WINDOWS_NS, MOST_ARRIVALS } from "./arrival.ts";

type Arrival = readonly [timeNs: number, octets: number];

function measured(arrivals: Iterable<Arrival>): ArrivalMeter {
  const meter = new ArrivalMeter();
  for (const [timeNs, octets] of arrivals) meter.arrival(octets, timeNs);
  return meter;
}

const most = (meter: ArrivalMeter): number[] => meter.bursts().map(({ maxOctets }) => maxOctets);

/** Arrivals from the gap before each and its octets. */
function after(steps: readonly Arrival[]): Arrival[] {
  let timeNs = 0;
  return steps.map(([gapNs, octets]): Arrival => {
    timeNs += gapNs;
    return [timeNs, octets];
  });
}

/** The most octets within each window, by adding up every one that ends with an arrival. */
function bruteForce(arrivals: readonly Arrival[]): number[] {
  return BURST_WINDOWS_NS.map((length) => {
    let largest = 0;
    for (let end = 0; end < arrivals.length; end += 1) {
      let sum = 0;
      for (let i = end; i >= 0 && (arrivals[i]?.[0] ?? 0) > (arrivals[end]?.[0] ?? 0) - length; i -= 1) {
        sum += arrivals[i]?.[1] ?? 0;
      }
      largest = Math.max(largest, sum);
    }
    return largest;
  });
}

describe("ArrivalMeter: microbursts", () => {
  test("has seen nothing at first", () => {
    expect(new ArrivalMeter().bursts()).toEqual([
      { windowMs: 1, maxOctets: 0, maxBitrate: 0 },
      { windowMs: 10, maxOctets: 0, maxBitrate: 0 },
      { windowMs: 100, maxOctets: 0, maxBitrate: 0 },
    ]);
  });

  test("even arrivals of 1316 octets each millisecond: 1, 10 and 100 of them", () => {
    const meter = measured(Array.from({ length: 1000 }, (_, i) => [i * 1e6, 1316] as const));
    expect(meter.bursts()).toEqual([
      { windowMs: 1, maxOctets: 1316, maxBitrate: 10_528_000 },
      { windowMs: 10, maxOctets: 13_160, maxBitrate: 10_528_000 },
      { windowMs: 100, maxOctets: 131_600, maxBitrate: 10_528_000 },
    ]);
  });

  test("a burst across what would be the border of two fixed windows is seen whole", () => {
    // Ten datagrams from 0.95 ms to 1.04 ms among one a millisecond.
    const arrivals: Arrival[] = [[0, 100]];
    for (let i = 0; i < 10; i += 1) arrivals.push([950_000 + i * 10_000, 1000]);
    for (let i = 2; i < 20; i += 1) arrivals.push([i * 1e6, 100]);
    // Within 1 ms: the ten, as 0 is 1.04 ms before their last; within 10 ms: nine more, from 2 to 10 ms.
    expect(most(measured(arrivals))).toEqual([10_000, 10_900, 11_900]);
  });

  test("two arrivals exactly a window apart are not in one", () => {
    expect(
      most(
        measured([
          [0, 1],
          [1e6, 2],
        ]),
      ),
    ).toEqual([2, 3, 3]);
    expect(
      most(
        measured([
          [0, 1],
          [1e6 - 1, 2],
        ]),
      ),
    ).toEqual([3, 3, 3]);
  });

  test("arrivals at the same time, and those without octets", () => {
    expect(
      most(
        measured([
          [5, 10],
          [5, 10],
          [5, 0],
          [5, 10],
        ]),
      ),
    ).toEqual([30, 30, 30]);
  });

  test("a time that goes backwards starts again: nothing before it is in a window with what follows", () => {
    expect(
      most(
        measured([
          [1e9, 10],
          [1e9, 10],
          [1e9 - 1, 15],
        ]),
      ),
    ).toEqual([20, 20, 20]);
    expect(
      most(
        measured([
          [1e9, 10],
          [0, 10],
          [1, 15],
        ]),
      ),
    ).toEqual([25, 25, 25]);
  });

  test("after a gap the most so far stays", () => {
    const meter = measured([
      [0, 30],
      [1, 10],
    ]);
    meter.gap();
    meter.arrival(20, 2);
    expect(most(meter)).toEqual([40, 40, 40]);
    meter.arrival(21, 3);
    expect(most(meter)).toEqual([41, 41, 41]);
  });

  test("memory grows to hold 100 ms of 100,000 datagrams a second", () => {
    const meter = measured(Array.from({ length: 30_000 }, (_, i) => [i * 10_000, 1] as const));
    expect(most(meter)).toEqual([100, 1000, 10_000]);
  });

  test("more arrivals than are kept: within 1.2 % of the shortest window, never more than the truth", () => {
    const gapNs = 1000;
    const meter = measured(Array.from({ length: 300_000 }, (_, i) => [i * gapNs, 1] as const));
    const [ms1, ms10, ms100] = most(meter) as [number, number, number];
    expect(100e6 / gapNs).toBeGreaterThan(MOST_ARRIVALS);
    expect(ms1).toBeLessThanOrEqual(1000);
    expect(ms1).toBeGreaterThanOrEqual(987);
    expect(ms10).toBeLessThanOrEqual(10_000);
    expect(ms10).toBeGreaterThanOrEqual(9987);
    expect(ms100).toBeLessThanOrEqual(100_000);
    expect(ms100).toBeGreaterThanOrEqual(99_987);
    // All gaps were measured, merged arrivals or not.
    expect(meter.interArrivalUs()).toMatchObject({ count: 299_999, min: 1, max: 1 });
    meter.arrival(500_000, 5);
    expect(most(meter)).toEqual([500_000, 500_000, 500_000]);
    meter.arrival(1, 6);
    expect(most(meter)).toEqual([500_001, 500_001, 500_001]);
  });

  test("any arrivals: as if every window were added up", () => {
    const gap = fc.oneof(fc.nat(2000), fc.nat(300_000), fc.nat(5e6), fc.nat(200e6), fc.constant(1e6));
    const arrival = fc.tuple(gap, fc.oneof(fc.nat(1500), fc.constant(1316)));
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 400 }), (steps) => {
        const arrivals = after(steps);
        expect(most(measured(arrivals))).toEqual(bruteForce(arrivals));
      }),
      { numRuns: 200 },
    );
  });

  test("long runs of small gaps, as if every window were added up, over growth of the memory", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60_000), { minLength: 1500, maxLength: 3000 }), (gaps) => {
        const arrivals = after(gaps.map((gapNs, i) => [gapNs, 1 + (i % 7)] as const));
        expect(most(measured(arrivals))).toEqual(bruteForce(arrivals));
      }),
      { numRuns: 5 },
    );
  });
});
