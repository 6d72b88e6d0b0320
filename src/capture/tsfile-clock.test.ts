import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ArrivalClock, NS_PER_TICK, PcrClock } from "./tsfile-clock.ts";

const WRAP = 2 ** 33 * 300;
const MS = 27_000;

describe("ISO/IEC 13818-1 2.4.2.2: time by PCR", () => {
  test("linear between PCRs, and before the first and after the last at the nearest rate", () => {
    const clock = new PcrClock();
    clock.pcr(100, 1000, 5_000_000);
    expect([clock.pid, clock.known]).toEqual([-1, 0]);
    clock.pcr(100, 2000, 5_000_000 + 10 * MS);
    expect([clock.pid, clock.known]).toEqual([100, 2000]);
    expect(clock.timeNs(0)).toBe(0);
    expect(clock.timeNs(1000)).toBeCloseTo(10e6, 3);
    expect(clock.timeNs(1500)).toBeCloseTo(15e6, 3);
    clock.pcr(100, 3000, 5_000_000 + 30 * MS);
    expect(clock.timeNs(2500)).toBeCloseTo(30e6, 3);
    clock.extrapolate(4000);
    expect(clock.known).toBe(4000);
    expect(clock.timeNs(3500)).toBeCloseTo(50e6, 3);
  });

  test("the counter's end is no step", () => {
    const clock = new PcrClock();
    clock.pcr(100, 0, WRAP - 5 * MS);
    clock.pcr(100, 1000, 5 * MS);
    expect(clock.timeNs(1000)).toBeCloseTo(10e6, 3);
  });

  const steps: [name: string, ticks: number, signalled: boolean][] = [
    ["signalled by discontinuity_indicator", 10 * MS, true],
    ["backward", -500 * MS, false],
    ["forward over a second", 1500 * MS, false],
  ];
  for (const [name, ticks, signalled] of steps) {
    test(`a new time base, ${name}, is bridged at the rate before`, () => {
      const clock = new PcrClock();
      const base = 10_000 * MS;
      clock.pcr(100, 0, base);
      clock.pcr(100, 1000, base + 10 * MS);
      if (signalled) clock.discontinuity(100);
      clock.pcr(100, 3000, base + 10 * MS + ticks);
      expect(clock.timeNs(2000)).toBeCloseTo(20e6, 3);
      clock.pcr(100, 4000, base + 10 * MS + ticks + 40 * MS);
      expect(clock.timeNs(3000)).toBeCloseTo(30e6, 3);
      expect(clock.timeNs(4000)).toBeCloseTo(70e6, 3);
    });
  }

  test("the first PID with two PCRs of one time base is the clock; others do not disturb it", () => {
    const clock = new PcrClock();
    clock.pcr(1, 0, 0);
    clock.discontinuity(1);
    clock.pcr(1, 100, 999 * MS);
    clock.pcr(2, 200, 77 * MS);
    clock.pcr(3, 300, 10);
    clock.pcr(2, 1200, 87 * MS);
    clock.pcr(3, 1300, 500 * MS);
    clock.pcr(1, 1400, 5);
    expect(clock.pid).toBe(2);
    expect(clock.timeNs(1100)).toBeCloseTo(11e6, 3);
  });

  test("a repeated PCR tells nothing", () => {
    const clock = new PcrClock();
    clock.pcr(1, 0, 0);
    clock.pcr(1, 1000, 10 * MS);
    clock.pcr(1, 1100, 10 * MS);
    clock.pcr(1, 2000, 20 * MS);
    expect(clock.timeNs(1500)).toBeCloseTo(15e6, 3);
  });

  test("where the PID has no more PCRs, another takes over", () => {
    const clock = new PcrClock();
    clock.pcr(1, 0, 0);
    clock.pcr(1, 1000, 10 * MS);
    clock.extrapolate(200_000);
    clock.pcr(2, 150_000, 7 * MS);
    clock.pcr(2, 151_000, 27 * MS);
    expect(clock.pid).toBe(2);
    clock.pcr(2, 210_000, 27 * MS + 900 * MS);
    expect(clock.known).toBe(210_000);
    expect(clock.timeNs(200_000)).toBeCloseTo(2e9, 3);
    expect(clock.timeNs(210_000)).toBeCloseTo((1500 + 20 + 900) * 1e6, 3);
  });

  test("times given by extrapolation are joined without going back", () => {
    const clock = new PcrClock();
    clock.pcr(1, 0, 0);
    clock.pcr(1, 1000, 10 * MS);
    clock.extrapolate(5000);
    const given = clock.timeNs(4999);
    clock.pcr(1, 6000, 20 * MS); // The rate fell: 50 ms were given out, 20 ms have passed.
    expect(clock.timeNs(5000)).toBeGreaterThanOrEqual(given);
    expect(clock.timeNs(5999)).toBeGreaterThanOrEqual(given);
    clock.pcr(1, 7000, 60 * MS);
    expect(clock.timeNs(7000)).toBeGreaterThan(given);
  });

  test("whatever the PCRs say, times never go back", () => {
    const step = fc.record({
      octets: fc.integer({ min: 1, max: 100_000 }),
      ticks: fc.oneof(fc.integer({ min: 0, max: 3_000_000 }), fc.integer({ min: -WRAP / 2, max: WRAP / 2 })),
      pid: fc.constantFrom(7, 7, 7, 8),
      kind: fc.constantFrom("pcr", "pcr", "pcr", "discontinuity", "extrapolate"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new PcrClock();
        let position = 0;
        let given = 0;
        let pcr = 0;
        let last = 0;
        for (const { octets, ticks, pid, kind } of steps) {
          position += octets;
          if (kind === "discontinuity") clock.discontinuity(pid);
          else if (kind === "extrapolate") clock.extrapolate(position);
          else {
            pcr = (((pcr + ticks) % WRAP) + WRAP) % WRAP;
            clock.pcr(pid, position, pcr);
          }
          for (; given < clock.known; given = Math.min(given + 5000, clock.known)) {
            const now = clock.timeNs(given);
            expect(now).toBeGreaterThanOrEqual(last - 1e-3);
            last = now;
          }
        }
      }),
    );
  });
});

describe("time by arrival_time_stamp", () => {
  test("starts at 0, unwraps 30 bits and ignores the copy permission above them", () => {
    const clock = new ArrivalClock();
    const start = 2 ** 30 - 13_500;
    expect(clock.timeNs(start + 3 * 2 ** 30)).toBe(0);
    expect(clock.timeNs(13_500)).toBeCloseTo(1e6, 6);
    expect(clock.timeNs(27_000 + 13_500)).toBeCloseTo(2e6, 6);
    expect(clock.lastNs).toBeCloseTo(2e6, 6);
  });

  test("a step back is bridged by the step before", () => {
    const clock = new ArrivalClock();
    clock.timeNs(1_000_000);
    clock.timeNs(1_027_000);
    expect(clock.timeNs(27)).toBeCloseTo(2e6, 6);
    expect(clock.timeNs(27 + 54_000)).toBeCloseTo(4e6, 6);
  });

  test("a tick is 37 ns", () => expect(NS_PER_TICK).toBeCloseTo(37.037, 3));
});
