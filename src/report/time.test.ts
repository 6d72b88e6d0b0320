import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Epoch, formatTime, NO_WALL_CLOCK, nanosecondsBeyond, parseTime, wholeSeconds } from "./time.ts";

const EPOCH: Epoch = { seconds: 1_700_000_000, nanoseconds: 999_999_999, wallClock: true };

test("a time of the wall clock is exact to the nanosecond, and carries into the second", () => {
  expect(formatTime(EPOCH, 0)).toBe("2023-11-14T22:13:20.999999999Z");
  expect(formatTime(EPOCH, 1)).toBe("2023-11-14T22:13:21.000000000Z");
  expect(formatTime(EPOCH, -1_000_000_000)).toBe("2023-11-14T22:13:19.999999999Z");
});

test("without a wall clock it counts from the start, and before it backwards", () => {
  expect(formatTime(NO_WALL_CLOCK, 0)).toBe("+0.000000000s");
  expect(formatTime(NO_WALL_CLOCK, 12_345_678_901.5)).toBe("+12.345678901s");
  expect(formatTime(NO_WALL_CLOCK, -250_000_000)).toBe("-0.250000000s");
  expect(formatTime(NO_WALL_CLOCK, -1_000_000_000)).toBe("-1.000000000s");
  expect(formatTime(NO_WALL_CLOCK, -1_750_000_000)).toBe("-1.750000000s");
});

test("less than a nanosecond before a second is its last nanosecond", () => {
  expect(formatTime({ seconds: 1, nanoseconds: 0, wallClock: true }, -5e-324)).toBe(
    "1970-01-01T00:00:00.999999999Z",
  );
  expect(formatTime(NO_WALL_CLOCK, -0.5)).toBe("-0.000000001s");
  fc.assert(
    fc.property(fc.double({ min: -9e15, max: 9e15, noNaN: true }), (ns) => {
      expect(BigInt(wholeSeconds(ns)) * 1_000_000_000n + BigInt(nanosecondsBeyond(ns))).toBe(
        BigInt(Math.floor(ns)),
      );
    }),
  );
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (ns) => {
      expect(nanosecondsBeyond(ns)).toBeWithin(0, 1_000_000_000);
    }),
  );
});

test("a year that no calendar has is still a text", () => {
  expect(formatTime({ seconds: 1e15, nanoseconds: 0, wallClock: true }, 0)).toBe(
    "1000000000000000.000000000",
  );
});

test("what was written is read again, to the nanosecond", () => {
  const whole = fc.integer({ min: -1_000_000, max: 1_000_000 });
  const part = fc.integer({ min: 0, max: 999_999_999 });
  fc.assert(
    fc.property(whole, part, fc.boolean(), (seconds, nanoseconds, wall) => {
      const at = wall ? 1_700_000_000 + seconds : seconds;
      const text = formatTime({ seconds: at, nanoseconds, wallClock: wall }, 0);
      expect(parseTime(text)).toEqual({ seconds: at + 0, nanoseconds, wall });
    }),
  );
});

test("what is no time is none, whatever it is", () => {
  for (const text of [null, "", "2023-99-14T22:13:20.999999999Z", "1000000000000000.000000000", "+1.5s"]) {
    expect(parseTime(text)).toBeNull();
  }
  fc.assert(fc.property(fc.string(), (text) => void parseTime(text)));
});
