import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Seconds } from "./seconds.ts";

describe("Seconds", () => {
  test("the first time opens the first second; a second ends with the start of the next", () => {
    const seconds = new Seconds();
    expect([5e9, 5.999e9, 6e9, 6.5e9, 9.1e9].map((time) => seconds.advance(time))).toEqual([0, 0, 1, 0, 3]);
    expect(seconds.number).toBe(4);
  });

  test("time that goes backwards or is not known passes no time", () => {
    const seconds = new Seconds();
    // 0.6 s, then back by 100 s, then 0.5 s more: one second and 0.1 s.
    const ended = [100e9, 100.6e9, 0.6e9, Number.NaN, 1.1e9, 1.9e9].map((time) => seconds.advance(time));
    expect(ended).toEqual([0, 0, 0, 0, 1, 0]);
    expect(seconds.advance(2e9)).toBe(1);
  });

  test("any times: the seconds that end add up and never outrun the steps forward", () => {
    const time = fc.oneof(fc.nat(1e13), fc.constant(Number.NaN));
    fc.assert(
      fc.property(fc.array(time, { maxLength: 50 }), (times) => {
        const seconds = new Seconds();
        let ended = 0;
        let forward = 0;
        let last = Number.NaN;
        for (const timeNs of times) {
          ended += seconds.advance(timeNs);
          if (timeNs > last) forward += timeNs - last;
          if (!Number.isNaN(timeNs)) last = timeNs;
        }
        expect(seconds.number).toBe(ended);
        expect(ended).toBe(Math.floor(forward / 1e9));
      }),
    );
  });
});
