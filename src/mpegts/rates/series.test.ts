import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { RateSeries, SERIES_PIDS, SERIES_POINTS } from "./series.ts";

/** Bits per second of so many packets a second. */
const bps = (packets: number): number => packets * 1504;

function add(series: RateSeries, second: number, pid: number, packets: number): void {
  series.reach(second);
  series.add(second, pid, packets);
}

describe("RateSeries", () => {
  test("says nothing of no time", () => {
    expect(new RateSeries().report(0)).toBeNull();
  });

  test("a point a second, PIDs ascending, seconds without packets zero", () => {
    const series = new RateSeries();
    add(series, 0, 0x101, 10);
    add(series, 0, 0x100, 1);
    add(series, 2, 0x101, 20);
    expect(series.report(3)).toEqual({
      stepSeconds: 1,
      startOffsetSeconds: 0,
      total: [bps(11), 0, bps(20)],
      pids: [
        { pid: 0x100, bitrate: [bps(1), 0, 0] },
        { pid: 0x101, bitrate: [bps(10), 0, bps(20)] },
      ],
    });
  });

  test("past the last point two points become one: the mean of both", () => {
    const series = new RateSeries();
    for (let second = 0; second <= SERIES_POINTS; second += 1)
      add(series, second, 7, second % 2 === 0 ? 10 : 30);
    const report = series.report(SERIES_POINTS + 1);
    expect(report?.stepSeconds).toBe(2);
    expect(report?.total.length).toBe(SERIES_POINTS / 2 + 1);
    expect(report?.total[0]).toBe(bps(20));
    // The last point has one second so far.
    expect(report?.total.at(-1)).toBe(bps(10));
    expect(report?.pids[0]?.bitrate).toEqual(report?.total as number[]);
  });

  test("a jump over years costs as many doublings, no memory", () => {
    const series = new RateSeries();
    add(series, 0, 1, 8);
    add(series, 1e8, 1, 8);
    const report = series.report(1e8 + 1);
    expect(report?.stepSeconds).toBe(2 ** 17);
    expect(report?.total.length).toBeLessThanOrEqual(SERIES_POINTS);
  });

  test("PIDs past the bound are in the total", () => {
    const series = new RateSeries();
    series.reach(0);
    for (let pid = 0; pid < 8192; pid += 1) series.add(0, pid, 1);
    const report = series.report(1);
    expect(report?.pids.length).toBe(SERIES_PIDS);
    expect(report?.total).toEqual([bps(8192)]);
  });

  test("any seconds, ascending: no packet is lost by doubling the step", () => {
    const step = fc.record({
      skip: fc.oneof(fc.nat(3), fc.nat(3000)),
      pid: fc.nat(3),
      packets: fc.integer({ min: 1, max: 1000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const series = new RateSeries();
        let second = 0;
        let sent = 0;
        for (const { skip, pid, packets } of steps) {
          second += skip;
          add(series, second, pid, packets);
          sent += packets;
        }
        const report = series.report(second + 1);
        if (report === null) throw new Error("no report");
        const { stepSeconds, total, pids } = report;
        const inLast = second + 1 - (total.length - 1) * stepSeconds;
        const packetsOf = (bitrate: readonly number[]): number =>
          bitrate.reduce(
            (sum, rate, i) => sum + rate * (i === bitrate.length - 1 ? inLast : stepSeconds),
            0,
          ) / 1504;
        expect(packetsOf(total)).toBeCloseTo(sent, 6);
        expect(pids.reduce((sum, { bitrate }) => sum + packetsOf(bitrate), 0)).toBeCloseTo(sent, 6);
        expect(total.length).toBeLessThanOrEqual(SERIES_POINTS);
      }),
    );
  });
});
