import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { RtpJitter } from "./rtp-jitter.ts";

const MS = 1e6;
/** Ticks of 90 kHz in a millisecond. */
const TICKS = 90;

type Packet = readonly [timestamp: number, timeNs: number];

function measured(packets: Iterable<Packet>, ssrc = 1): RtpJitter {
  const jitter = new RtpJitter();
  for (const [timestamp, timeNs] of packets) jitter.packet(timestamp, ssrc, timeNs);
  return jitter;
}

/** The calculation of RFC 3550 A.8, in integers, as it stands there; in ticks. */
function appendixA8(packets: readonly Packet[]): number {
  let transit = 0;
  let jitter = 0;
  packets.forEach(([timestamp, timeNs], i) => {
    const arrival = Math.round((timeNs * TICKS) / MS);
    const now = (arrival - timestamp) | 0;
    const d = Math.abs((now - transit) | 0);
    transit = now;
    if (i > 0) jitter += d - ((jitter + 8) >> 4);
  });
  return jitter >> 4;
}

describe("RFC 3550 6.4.1 interarrival jitter", () => {
  test("not known before two packets", () => {
    expect(new RtpJitter().jitterMs).toBeNull();
    expect(measured([[0, 0]]).jitterMs).toBeNull();
  });

  test("packets that come as they were stamped have none", () => {
    expect(
      measured(Array.from({ length: 50 }, (_, i) => [i * TICKS * 7, i * 7 * MS] as const)).jitterMs,
    ).toBe(0);
  });

  test("J += (|D| - J) / 16: one packet 16 ms late, the next one 10 ms", () => {
    // D(1,2) = 16 ms: J = 16 / 16. D(2,3) = 10 - 16 = -6 ms: J = 1 + (6 - 1) / 16.
    const packets: Packet[] = [
      [0, 0],
      [10 * TICKS, 26 * MS],
      [20 * TICKS, 20 * MS + 10 * MS],
    ];
    expect(measured(packets.slice(0, 2)).jitterMs).toBeCloseTo(1, 9);
    expect(measured(packets).jitterMs).toBeCloseTo(1 + 5 / 16, 9);
  });

  test("the timestamp wraps at 32 bits", () => {
    const start = 2 ** 32 - 5 * TICKS;
    const packets = Array.from({ length: 20 }, (_, i) => [(start + i * TICKS) % 2 ** 32, i * MS] as const);
    expect(measured(packets).jitterMs).toBe(0);
  });

  test("a new SSRC is counted and starts at none", () => {
    const jitter = measured([
      [0, 0],
      [0, 5 * MS],
    ]);
    jitter.packet(1_000_000, 2, 6 * MS);
    expect([jitter.ssrcChanges, jitter.jitterMs]).toEqual([1, null]);
    jitter.packet(1_000_000, 2, 6 * MS);
    expect(jitter.jitterMs).toBe(0);
    jitter.packet(7, 1, 7 * MS);
    expect(jitter.ssrcChanges).toBe(2);
  });

  test("no comparison over a time that goes backwards, without a time, or over a gap", () => {
    const jitter = measured([
      [0, 100 * MS],
      [TICKS, 1 * MS],
    ]);
    expect(jitter.jitterMs).toBeNull();
    jitter.packet(2 * TICKS, 1, Number.NaN);
    jitter.gap();
    jitter.packet(9 * TICKS, 1, 50 * MS);
    expect(jitter.jitterMs).toBeNull();
    jitter.packet(10 * TICKS, 1, 51 * MS);
    expect(jitter.jitterMs).toBe(0);
  });
});

test("RFC 3550 A.8: any stream, within the rounding of its integers", () => {
  const step = fc.record({ stamped: fc.nat(2000), lateTicks: fc.nat(3000) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 300 }), fc.nat(2 ** 32 - 1), (steps, first) => {
      let ticks = 0;
      const packets: Packet[] = [];
      let arrivalTicks = 0;
      for (const { stamped, lateTicks } of steps) {
        ticks += stamped;
        arrivalTicks = Math.max(arrivalTicks, ticks + lateTicks);
        packets.push([(first + ticks) % 2 ** 32, (arrivalTicks * MS) / TICKS]);
      }
      const ms = measured(packets).jitterMs as number;
      expect(Math.abs(ms * TICKS - appendixA8(packets))).toBeLessThan(2);
    }),
  );
});
