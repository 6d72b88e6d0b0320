import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NO_WALL_CLOCK } from "../../report/time.ts";
import { alignRtp } from "./alignment.ts";

const SECONDS = 1_700_000_000;

/** Timestamp of `rateHz` for this moment of TAI (ST 2110-10 7.4). */
function timestamp(taiSeconds: number, taiNs: number, rateHz: number): number {
  const ns = BigInt(taiSeconds) * 1_000_000_000n + BigInt(taiNs);
  return Number(((ns * BigInt(rateHz)) / 1_000_000_000n) & 0xffffffffn);
}

describe("ST 2110-10 7.4: RTP time against the capture's clock", () => {
  const epoch = { seconds: SECONDS, nanoseconds: 500, wallClock: true };

  test("a capture in TAI", () => {
    // Sent at a whole tick, 1 us before it arrived.
    const sent = timestamp(SECONDS, 0, 48_000);
    expect(alignRtp(epoch, 500, sent, 48_000)).toEqual({ alignment: "tai", deltaNs: 1000, offsetNs: 1000 });
  });

  test("a capture in UTC is 37 s behind", () => {
    const sent = timestamp(SECONDS + 37, 0, 48_000);
    expect(alignRtp(epoch, 500, sent, 48_000)).toEqual({
      alignment: "utc",
      deltaNs: 1000,
      offsetNs: 1000 - 37e9,
    });
  });

  test("a free-running clock has an offset and no delta", () => {
    const sent = timestamp(SECONDS + 1000, 0, 48_000);
    const aligned = alignRtp(epoch, 500, sent, 48_000);
    expect(aligned.alignment).toBe("free-running");
    expect(aligned.deltaNs).toBeNull();
    expect(aligned.offsetNs).toBe(1000 - 1000e9);
  });

  test("without wall clock, times or rate nothing is known", () => {
    for (const [base, timeNs, rate] of [
      [NO_WALL_CLOCK, 0, 48_000],
      [epoch, Number.NaN, 48_000],
      [epoch, 0, null],
    ] as const) {
      expect(alignRtp(base, timeNs, 0, rate)).toEqual({
        alignment: "unknown",
        deltaNs: null,
        offsetNs: null,
      });
    }
  });

  test("any delay below a second is found again, to a tick", () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 31 - 1),
        fc.nat(999_999_999),
        fc.nat(900_000_000),
        fc.constantFrom(44_100, 48_000, 90_000, 96_000),
        (seconds, nanoseconds, delayNs, rate) => {
          const sent = timestamp(seconds, nanoseconds, rate);
          const { alignment, deltaNs } = alignRtp(
            { seconds, nanoseconds, wallClock: true },
            delayNs,
            sent,
            rate,
          );
          expect(alignment).toBe("tai");
          expect((deltaNs as number) - delayNs).toBeGreaterThanOrEqual(0);
          expect((deltaNs as number) - delayNs).toBeLessThanOrEqual(1e9 / rate);
        },
      ),
    );
  });
});
