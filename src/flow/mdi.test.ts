import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { networkSchema } from "../report/mpegts-schema.ts";
import { Mdi } from "./mdi.ts";

const MS = 1e6;

/** 1000 octets a millisecond, so that octets are microseconds of media. */
const MEDIA_RATE = 8_000_000;

/** Packets of 1000 octets at these milliseconds. */
function measured(timesMs: Iterable<number>, rate: number | null = MEDIA_RATE): Mdi {
  const mdi = new Mdi();
  mdi.mediaRate(rate);
  for (const ms of timesMs) mdi.packet(1000, ms * MS);
  return mdi;
}

/** `count` times from `from`, `step` apart. */
const even = (from: number, count: number, step = 1): number[] =>
  Array.from({ length: count }, (_, i) => from + i * step);

const delayFactor = (mdi: Mdi) => mdi.report()?.delayFactorMs;

describe("RFC 4445 3.1 delay factor", () => {
  test("an even stream needs to buffer one packet: DF is the packet's time at the media rate", () => {
    // VB(1,pre) = -1000, VB(1,post) = 0, and so on: DF = 1000 octets = 1 ms.
    const mdi = measured(even(0, 2001));
    expect(mdi.report()?.mediaRate).toBe(MEDIA_RATE);
    expect(delayFactor(mdi)?.current).toBeCloseTo(1, 9);
    expect(delayFactor(mdi)?.max).toBeCloseTo(1, 9);
  });

  test("packets in pairs: two packets' time", () => {
    // At 2, 2, 4, 4 ... ms: pre -2000, post -1000, pre -1000, post 0.
    const mdi = measured([0, ...even(1, 500).flatMap((n) => [2 * n, 2 * n]), 1002]);
    expect(delayFactor(mdi)?.current).toBeCloseTo(2, 9);
  });

  test("a delay of 50 ms and the burst that follows: 51 ms, where it starts and ends", () => {
    // Packets of 100 to 150 ms all come at 150 ms: before them VB = 99000 - 150000 = -51000, after them 0.
    const times = [...even(0, 100), ...Array<number>(51).fill(150), ...even(151, 900)];
    const mdi = measured(times);
    expect(delayFactor(mdi)?.max).toBeCloseTo(51, 9);
  });

  test("packets too early fill the buffer: a burst of 10 ahead of time", () => {
    // 1 to 10 at 0.5 ms: pre -500, post 9500; then even from 11 ms on: pre 10000 - 11000 = -1000.
    const mdi = measured([0, ...Array<number>(10).fill(0.5), ...even(11, 1000)]);
    expect(delayFactor(mdi)?.max).toBeCloseTo(10.5, 9);
  });

  test("a sender slower than the media rate empties the buffer all the interval long", () => {
    // 1000 octets each 1.25 ms: before the last packet of the interval, the 799th, VB = 798000 - 998750 = -200750.
    const mdi = measured(even(0, 802, 1.25));
    expect(delayFactor(mdi)?.current).toBeCloseTo(200.75, 6);
  });

  test("each interval starts with an empty buffer; current, mean and largest of them", () => {
    // First second even, second one with 10 ms of silence and a burst, third even.
    const times = [...even(0, 1500), ...Array<number>(10).fill(1509), ...even(1510, 1500)];
    const report = delayFactor(measured(times));
    expect(report?.current).toBeCloseTo(1, 6);
    expect(report?.max).toBeCloseTo(10, 6);
    // Intervals end with the packets of 999, 1999 and 2999 ms.
    expect(report?.mean).toBeCloseTo((1 + 10 + 1) / 3, 6);
  });

  test("an interval goes from the last packet of a period to the last of the next: a silence of 3 s counts whole", () => {
    // Last packet of the first period at 500 ms, the next at 3500 ms; then even again.
    const mdi = measured([...even(0, 501), ...even(3500, 1501)]);
    // From 500 ms on: VB(pre) at 3500 ms is -3000000, the least; the most is the start, 0.
    expect(delayFactor(mdi)?.max).toBeCloseTo(3000, 6);
  });

  test("nothing before the first whole interval, without a rate, or without times", () => {
    expect(measured(even(0, 1000)).report()).toBeNull();
    expect(measured(even(0, 5000), null).report()).toBeNull();
    expect(measured(even(0, 5000), 0).report()).toBeNull();
    expect(measured(Array(50).fill(Number.NaN)).report()).toBeNull();
  });

  test("the rate counts from the next interval on", () => {
    const mdi = measured(even(0, 500), null);
    mdi.mediaRate(MEDIA_RATE);
    for (const ms of even(500, 501)) mdi.packet(1000, ms * MS);
    expect(mdi.report()).toBeNull();
    for (const ms of even(1001, 1001)) mdi.packet(1000, ms * MS);
    expect(delayFactor(mdi)?.mean).toBeCloseTo(1, 9);
    mdi.mediaRate(null);
    for (const ms of even(2002, 2500)) mdi.packet(1000, ms * MS);
    expect(mdi.report()?.mediaRate).toBe(MEDIA_RATE);
  });

  test("time that goes backwards, and a gap of the input, give up the interval", () => {
    const mdi = measured([...even(0, 500), ...even(-5000, 800), ...even(9000, 999)]);
    // The step from -4201 to 9000 ms is a silence; the interval from -5000 ms is whole.
    expect(mdi.report()?.delayFactorMs.max).toBeCloseTo(1, 9);
    const other = measured(even(0, 900));
    other.gap();
    for (const ms of even(5000, 1001)) other.packet(1000, ms * MS);
    expect(other.report()?.delayFactorMs.max).toBeCloseTo(1, 9);
  });
});

describe("RFC 4445 3.2 media loss rate", () => {
  test("packets lost in an interval over its length in seconds", () => {
    const mdi = measured(even(0, 500));
    mdi.lost(7);
    for (const ms of even(500, 501)) mdi.packet(1000, ms * MS);
    // The interval is from 0 to 999 ms.
    expect(mdi.report()?.mediaLossRate.current).toBeCloseTo(7 / 0.999, 9);
    for (const ms of even(1001, 1000)) mdi.packet(1000, ms * MS);
    expect(mdi.report()?.mediaLossRate).toEqual({ current: 0, mean: 7 / 0.999 / 2, max: 7 / 0.999 });
  });
});

test("any packets at any times: figures are finite, DF is at least the largest packet's time", () => {
  const packet = fc.record({
    gapMs: fc.oneof(fc.nat(30), fc.nat(3000), fc.integer({ min: -500, max: -1 }), fc.constant(Number.NaN)),
    octets: fc.nat(1500),
    lost: fc.nat(3),
  });
  const rate = fc.oneof(fc.constant(null), fc.double({ min: 1e5, max: 1e9, noNaN: true }));
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 150 }), rate, (packets, mediaRate) => {
      const mdi = new Mdi();
      mdi.mediaRate(mediaRate);
      let ms = 0;
      for (const { gapMs, octets, lost } of packets) {
        if (!Number.isNaN(gapMs)) ms += gapMs;
        mdi.packet(octets, Number.isNaN(gapMs) ? gapMs : ms * MS);
        mdi.lost(lost);
      }
      const report = mdi.report();
      expect(networkSchema.shape.mdi.safeParse(report).success).toBe(true);
      if (report === null) return;
      const { delayFactorMs, mediaLossRate } = report;
      expect(delayFactorMs.current).toBeGreaterThanOrEqual(0);
      expect(delayFactorMs.max).toBeGreaterThanOrEqual(delayFactorMs.current);
      expect(mediaLossRate.max).toBeGreaterThanOrEqual(mediaLossRate.mean - 1e-9);
    }),
    { numRuns: 200 },
  );
});
