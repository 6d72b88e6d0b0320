import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { CLOCK_RATES_HZ, RtpClock } from "./clock.ts";

/** `packets` timestamps of a clock of `hz` from `start`, every `stepNs`, up to `jitterNs` late in turn. */
function run(hz: number, stepNs: number, packets: number, start = 0, jitterNs = 0): RtpClock {
  const clock = new RtpClock();
  for (let i = 0; i < packets; i += 1) {
    const ticks = start + Math.floor((i * stepNs * hz) / 1e9);
    clock.packet(ticks % 2 ** 32, i * stepNs + (i % 3) * (jitterNs / 2));
  }
  return clock;
}

describe("rate of the RTP clock", () => {
  test("each rate in use, also over the wrap and off by 1.9 %", () => {
    for (const rate of CLOCK_RATES_HZ) {
      expect(run(rate, 1e6, 200).rateHz).toBe(rate);
      expect(run(rate, 1e6, 200, 2 ** 32 - rate / 20).rateHz).toBe(rate);
      expect(run(rate * 1.019, 1e6, 200).rateHz).toBe(rate);
      expect(run(rate * 0.98 - rate * 0.001, 1e6, 200).rateHz).toBeNull();
    }
  });

  test("a few frames with jitter do", () => {
    expect(run(90_000, 1e9 / 24, 12, 0, 2e6).rateHz).toBe(90_000);
    expect(run(90_000, 1e9 / 59.94, 10, 0, 100_000).rateHz).toBe(90_000);
  });

  test("too little, a clock that stands still, jumps back or has no times", () => {
    expect(run(90_000, 20e6, 3).rateHz).toBeNull();
    expect(run(0, 20e6, 100).rateHz).toBeNull();
    const clock = run(48_000, 1e6, 100);
    clock.packet(5, 100e6);
    expect(clock.changes).toBe(0);
    clock.packet(7, Number.NaN);
    expect(clock.rateHz).toBeNull();
  });

  test("any timestamps and times", () => {
    const packet = fc.tuple(fc.nat(0xffff_ffff), fc.oneof(fc.double(), fc.integer({ min: 0 })));
    fc.assert(
      fc.property(fc.array(packet), (packets) => {
        const clock = new RtpClock();
        for (const [timestamp, timeNs] of packets) clock.packet(timestamp, timeNs);
        const { rateHz } = clock;
        expect(rateHz === null || CLOCK_RATES_HZ.includes(rateHz)).toBe(true);
      }),
    );
  });
});
