import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { clockState, parseClockState, TIMEX_BYTES } from "./clock-state.ts";

function timex(fields: { offset?: number; freq?: number; max?: number; status?: number; tai?: number }) {
  const octets = new Uint8Array(TIMEX_BYTES);
  const view = new DataView(octets.buffer);
  view.setBigInt64(8, BigInt(fields.offset ?? 0), true);
  view.setBigInt64(16, BigInt(fields.freq ?? 0), true);
  view.setBigInt64(24, BigInt(fields.max ?? 0), true);
  view.setInt32(40, fields.status ?? 0, true);
  view.setInt32(160, fields.tai ?? 0, true);
  return octets;
}

describe("state of the clock", () => {
  test("a clock that is kept, in nanoseconds or microseconds", () => {
    const kept = parseClockState(timex({ offset: -1500, max: 250, status: 0x2001, tai: 37 }), 0);
    expect(kept).toMatchObject({ synchronised: true, offsetNs: -1500, maxErrorNs: 250_000 });
    expect(kept.taiOffsetSeconds).toBe(37);
    expect(kept.status).toEqual(["PLL", "NANO"]);
    expect(parseClockState(timex({ offset: -1500, status: 1 }), 0).offsetNs).toBe(-1_500_000);
    expect(parseClockState(timex({ freq: -65_536 * 12 }), 0).frequencyPpm).toBe(-12);
  });

  test("one that nobody keeps, by its status or by what adjtimex returns", () => {
    expect(parseClockState(timex({ status: 0x40 }), 5)).toMatchObject({ synchronised: false });
    expect(parseClockState(timex({ status: 0x40 }), 0).status).toEqual(["UNSYNC"]);
    expect(parseClockState(timex({}), 5).synchronised).toBe(false);
  });

  test("any octets give a state", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: TIMEX_BYTES, maxLength: TIMEX_BYTES }),
        fc.nat(5),
        (octets, result) => {
          const { maxErrorNs, status } = parseClockState(octets, result);
          return Number.isFinite(maxErrorNs) && status.length <= 16;
        },
      ),
    );
  });

  test("of this machine", () => {
    const state = clockState();
    // A sandbox may forbid the call.
    if (state === null) return;
    expect(typeof state.synchronised).toBe("boolean");
    expect(state.maxErrorNs).toBeGreaterThanOrEqual(0);
    expect(state.synchronised).toBe(!state.status.includes("UNSYNC"));
  });
});
