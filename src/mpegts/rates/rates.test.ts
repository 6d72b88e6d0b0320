import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ratesSchema } from "../../report/mpegts-schema.ts";
import { NULL_PID, PID_COUNT } from "../packet.ts";
import { PidTable } from "../pid-table.ts";
import { MOST_SERVICES, type RateFacts, Rates } from "./rates.ts";

const SECOND = 1e9;
const bps = (packets: number): number => packets * 1504;

/** A table that counts packets as the judge does, and rates that watch it. */
class Stream implements RateFacts {
  readonly table = new PidTable();
  readonly rates: Rates;
  readonly #services: { program: number; pids: number[] }[];

  constructor(services: { program: number; pids: number[] }[] = [], stoppedAfter?: number) {
    this.rates = new Rates(this.table, stoppedAfter);
    this.#services = services;
  }

  /** So many packets of `pid` at `timeNs`. */
  packets(timeNs: number, pid: number, count = 1): void {
    this.advance(timeNs);
    const slot = this.table.slotOf[pid] || this.table.add(pid);
    this.table.packets[slot] = (this.table.packets[slot] as number) + count;
  }

  advance(timeNs: number): void {
    this.rates.advance(timeNs, this);
  }

  typeOf(pid: number): "video" | "audio" | "si" | "null" | "other" {
    if (pid === NULL_PID) return "null";
    return pid < 0x20 ? "si" : pid === 0x100 ? "video" : pid === 0x101 ? "audio" : "other";
  }

  services(): Iterable<{ program: number; pids: number[] }> {
    return this.#services;
  }

  report(series = false) {
    const report = this.rates.report(this, this.meanBps, series);
    expect(ratesSchema.safeParse(report).success).toBe(true);
    return report;
  }

  pid(pid: number) {
    return this.rates.pid(pid, this.meanBps);
  }

  /** Not a mean, but another number for each PID: which slots are asked for is seen by it. */
  readonly meanBps = (slot: number): number => this.table.pid[slot] as number;
}

describe("Rates", () => {
  test("says nothing before a whole second is over", () => {
    const stream = new Stream();
    stream.packets(0, 0x100, 50);
    stream.packets(0.99 * SECOND, 0x100, 50);
    expect(stream.pid(0x100)).toEqual({ current: null, mean: 0x100, min: null, max: null });
    expect(stream.pid(0x999).mean).toBeNull();
    const report = stream.report(true);
    expect(report.total).toEqual({ current: null, mean: 0x100, min: null, max: null });
    expect(report.series).toBeNull();
  });

  test("packets belong to the second of their time; least, most and last of whole seconds", () => {
    const stream = new Stream();
    const perSecond = [30, 10, 20];
    perSecond.forEach((count, second) => {
      for (let i = 0; i < count; i += 1) stream.packets((second + i / count) * SECOND, 0x100);
    });
    stream.packets(3 * SECOND, 0x100, 1000); // the second that runs
    expect(stream.pid(0x100)).toEqual({ current: bps(20), mean: 0x100, min: bps(10), max: bps(30) });
    expect(stream.report(true).series?.total).toEqual([bps(30), bps(10), bps(20)]);
  });

  test("by type and in total, PIDs of no table included: the sum is the mux rate", () => {
    const stream = new Stream();
    for (const [pid, count] of [
      [0, 2],
      [0x100, 70],
      [0x101, 8],
      [0x777, 5],
      [NULL_PID, 15],
    ] as const) {
      stream.packets(0, pid, count);
    }
    stream.advance(SECOND);
    const { total, byType } = stream.report();
    expect(total.current).toBe(bps(100));
    expect(byType.video).toEqual({ current: bps(70), mean: 0x100, min: bps(70), max: bps(70) });
    expect(byType.null.current).toBe(bps(15));
    expect(byType.other.current).toBe(bps(5));
    expect(byType.data).toEqual({ current: 0, mean: 0, min: 0, max: 0 });
    const sum = Object.values(byType).reduce((all, { current }) => all + (current ?? Number.NaN), 0);
    expect(sum).toBe(total.current as number);
  });

  test("a mean that is not known makes the sum unknown", () => {
    const stream = new Stream();
    stream.packets(0, 0x100, 10);
    stream.advance(SECOND);
    const { total } = stream.rates.report(stream, () => null, false);
    expect(total).toEqual({ current: bps(10), mean: null, min: bps(10), max: bps(10) });
  });

  test("the second in which a PID appears is not its lowest, but for the stream's first", () => {
    const stream = new Stream();
    stream.packets(0.5 * SECOND, 0x100, 40);
    stream.packets(1.5 * SECOND, 0x100, 50);
    stream.packets(2.4 * SECOND, 0x101, 3);
    stream.packets(2.45 * SECOND, 0x100, 60);
    stream.advance(2.5 * SECOND);
    expect(stream.pid(0x101)).toMatchObject({ current: bps(3), min: null, max: bps(3) });
    stream.packets(2.6 * SECOND, 0x101, 9);
    stream.advance(3.5 * SECOND);
    expect(stream.pid(0x101)).toMatchObject({ current: bps(9), min: bps(9), max: bps(9) });
    expect(stream.pid(0x100)).toMatchObject({ current: 0, min: 0, max: bps(110) });
  });

  test("a PID that stopped has rate zero and is said to have stopped after the period", () => {
    const stream = new Stream([], 3);
    for (let second = 0; second < 10; second += 1) {
      stream.packets(second * SECOND, 0x100, 10);
      if (second < 2) stream.packets(second * SECOND, 0x101, 5);
      if (second < 2) stream.packets(second * SECOND, NULL_PID, 5);
      stream.advance((second + 1) * SECOND);
      // Silent in seconds 2, 3 and 4: three whole seconds.
      expect(stream.report().stoppedPids).toEqual(second >= 4 ? [0x101] : []);
      expect(stream.pid(0x101).current).toBe(second < 2 ? bps(5) : 0);
    }
    expect(stream.rates.stopped(0x555)).toBe(false);
    stream.packets(10.1 * SECOND, 0x101);
    expect(stream.rates.stopped(0x101)).toBe(false);
  });

  test("a stream that stopped as a whole: all rates zero, and the series says when", () => {
    const stream = new Stream([{ program: 1, pids: [0x100] }]);
    stream.packets(0, 0x100, 10);
    stream.advance(7 * SECOND);
    const report = stream.report(true);
    expect(report.total).toEqual({ current: 0, mean: 0x100, min: 0, max: bps(10) });
    expect(report.byType.video).toEqual({ current: 0, mean: 0x100, min: 0, max: bps(10) });
    expect(report.series?.total).toEqual([bps(10), 0, 0, 0, 0, 0, 0]);
    expect(report.stoppedPids).toEqual([0x100]);
    expect(stream.pid(0x100)).toEqual({ current: 0, mean: 0x100, min: 0, max: bps(10) });
    expect(stream.rates.service(1, [0x100], stream.meanBps)).toMatchObject({
      current: 0,
      min: 0,
      max: bps(10),
    });
  });

  test("a service has the packets of all its PIDs; a shared PID counts for each", () => {
    const services = [
      { program: 1, pids: [0x100, 0x101] },
      { program: 2, pids: [0x101, 0x102] },
    ];
    const stream = new Stream(services);
    stream.packets(0, 0x100, 10);
    stream.packets(0, 0x101, 2);
    stream.packets(SECOND, 0x100, 30);
    stream.advance(2 * SECOND);
    expect(stream.rates.service(1, [0x100, 0x101], stream.meanBps)).toEqual({
      current: bps(30),
      mean: 0x201,
      min: bps(12),
      max: bps(30),
    });
    expect(stream.rates.service(2, [0x101, 0x102], stream.meanBps)).toEqual({
      current: 0,
      mean: 0x101,
      min: 0,
      max: bps(2),
    });
    expect(stream.rates.service(3, [0x100], stream.meanBps)).toMatchObject({ current: null, mean: 0x100 });
  });

  test("services past the bound have a mean alone", () => {
    const services = Array.from({ length: MOST_SERVICES + 1 }, (_, program) => ({ program, pids: [0x100] }));
    const stream = new Stream(services);
    stream.packets(0, 0x100, 10);
    stream.advance(SECOND);
    expect(stream.rates.service(MOST_SERVICES - 1, [0x100], stream.meanBps).current).toBe(bps(10));
    expect(stream.rates.service(MOST_SERVICES, [0x100], stream.meanBps)).toEqual({
      current: null,
      mean: 0x100,
      min: null,
      max: null,
    });
  });

  test("all 8192 PIDs at once", () => {
    const stream = new Stream();
    for (let pid = 0; pid < PID_COUNT; pid += 1) stream.packets(0, pid, 2);
    stream.advance(SECOND);
    expect(stream.report().total.current).toBe(bps(2 * PID_COUNT));
    expect(stream.pid(8190).current).toBe(bps(2));
  });

  test("any packets at any times: no packet is counted twice or lost, reports change nothing", () => {
    const event = fc.record({
      time: fc.oneof(fc.double({ min: 0, max: 2e10, noNaN: true }), fc.constant(Number.NaN)),
      pid: fc.nat(40),
      count: fc.nat(50),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const stream = new Stream([{ program: 1, pids: [1, 2, 3] }]);
        let counted = 0;
        let last = 0;
        for (const { time, pid, count } of events) {
          stream.packets(time, pid, count);
          counted += count;
          if (time >= last) last = time;
        }
        stream.advance(last + 1);
        stream.advance(last + 1 + SECOND);
        const report = stream.report(true);
        expect(stream.report(true)).toEqual(report);
        const { series } = report;
        const bits = (rates: readonly number[]): number => rates.reduce((sum, rate) => sum + rate, 0);
        expect(bits(series?.total ?? []) / 1504).toBeCloseTo(counted, 6);
        const { current, min, max } = report.total;
        expect(min as number).toBeLessThanOrEqual(current as number);
        expect(max as number).toBeGreaterThanOrEqual(current as number);
      }),
      { numRuns: 50 },
    );
  });
});
