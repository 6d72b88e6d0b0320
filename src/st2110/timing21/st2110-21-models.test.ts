import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Cinst } from "./cinst.ts";
import { LevelCounts } from "./counts.ts";
import { floor, plus, type Rational, rational, times } from "./rational.ts";
import { ReadSchedule } from "./read-schedule.ts";
import { type Scan, type Schedule, scheduleOf } from "./schedule.ts";

const EPOCH = { seconds: 1_704_067_200, nanoseconds: 123_456_789, wallClock: true };
const EPOCH_NS = 1_704_067_200_123_456_789n;

const FORMATS: [string, Schedule][] = (
  [
    ["1080p59.94", 1080, "progressive", rational(60_000, 1001), 4320],
    ["1080i29.97", 1080, "interlaced", rational(30_000, 1001), 4320],
    ["576i25, odd NP", 576, "interlaced", rational(25), 757],
    ["a raster with a prime NP", 720, "progressive", rational(24_000, 1001), 1999],
  ] as [string, number, Scan, Rational, number][]
).map(([name, height, scan, rate, packets]) => [name, scheduleOf({ height, scan, rate, packets })]);

/** `since / step` rounded down, exactly. */
function steps(since: Rational, step: Rational): bigint {
  return floor(rational(since.num * step.den, since.den * step.num));
}

describe("Cinst against exact arithmetic", () => {
  for (const [name, { drain }] of FORMATS) {
    test(name, () => {
      const gaps = fc.array(fc.oneof(fc.nat(20_000), fc.nat(3_000_000), fc.constant(1.5e9)), {
        maxLength: 200,
      });
      fc.assert(
        fc.property(gaps, (list) => {
          const cinst = new Cinst(drain, EPOCH, 37);
          let now = 0;
          let level = 0n;
          let drained: bigint | null = null;
          for (const gap of list) {
            now += gap;
            const at = steps(rational(EPOCH_NS + 37_000_000_000n + BigInt(now)), drain);
            level = drained === null || level < at - drained ? 1n : level - (at - drained) + 1n;
            drained = at;
            expect(cinst.packet(now)).toBe(Number(level));
          }
        }),
        { numRuns: 50 },
      );
    });
  }

  test("a step back in time empties the bucket", () => {
    const [, { drain }] = FORMATS[0] as [string, Schedule];
    const cinst = new Cinst(drain, EPOCH, 0);
    for (let i = 0; i < 9; i += 1) cinst.packet(1e9);
    expect(cinst.packet(5e8)).toBe(1);
    cinst.restart();
    expect(cinst.packet(5e8)).toBe(1);
    expect(cinst.levels.max).toBe(9);
  });
});

/** Packets read before `since` after N * T, by the clauses' own formulas, counted one by one. */
function readsByClause(schedule: Schedule, gapped: boolean, since: Rational): number {
  const { period, offset, format } = schedule;
  const step = gapped ? schedule.gappedStep : schedule.linearStep;
  let reads = 0;
  for (const frame of [-2, -1, 0, 1]) {
    for (let j = 0; j < format.packets; j += 1) {
      const second = gapped && schedule.secondField !== null && j >= format.packets / 2;
      const from = second ? (schedule.secondField as Rational) : rational(0);
      const index = second ? j - Math.ceil(format.packets / 2) : j;
      const due = plus(plus(times(period, frame), offset), plus(from, times(step, index)));
      if (due.num * since.den >= since.num * due.den) break;
      reads += 1;
    }
  }
  return reads - 2 * format.packets;
}

describe("read times against the clauses, counted one by one", () => {
  for (const [name, schedule] of FORMATS.slice(2)) {
    for (const gapped of [true, false]) {
      test(`${name}, ${gapped ? "gapped" : "linear"}`, () => {
        const reads = new ReadSchedule(schedule, gapped);
        const { period } = schedule;
        const most = Number(floor(period));
        fc.assert(
          fc.property(fc.integer({ min: -most + 1, max: most * 2 - 1 }), (sinceNs) => {
            const units = sinceNs * reads.unitsPerNs;
            // Two frames before and one after are modelled here, so what lies beyond is left out.
            fc.pre(sinceNs < most);
            expect(reads.reads(units)).toBe(readsByClause(schedule, gapped, rational(sinceNs)));
          }),
          { numRuns: 40 },
        );
      });
    }
  }

  test("a frame's phase is that of N * T", () => {
    const [, schedule] = FORMATS[0] as [string, Schedule];
    const reads = new ReadSchedule(schedule, true);
    const n = 1000n;
    const at = floor(times(schedule.period, n)) + 5000n;
    expect(reads.phase(at, n, schedule.period) / reads.unitsPerNs).toBeCloseTo(5000 - 1 / 3, 0);
  });
});

describe("levels", () => {
  test("both signs, and a bound that keeps the extremes", () => {
    const levels = new LevelCounts();
    for (const level of [3, 3, -200, 500, 1_000_000, -1_000_000]) levels.add(level);
    expect(levels.list()).toEqual([
      { level: -16_384, count: 1 },
      { level: -200, count: 1 },
      { level: 3, count: 2 },
      { level: 500, count: 1 },
      { level: 16_384, count: 1 },
    ]);
    expect(levels).toMatchObject({ min: -1_000_000, max: 1_000_000, count: 6 });
    expect(new LevelCounts().mean).toBeNull();
  });
});
