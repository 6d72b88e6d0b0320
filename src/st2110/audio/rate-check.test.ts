import { describe, expect, test } from "bun:test";
import { ruleCounters } from "../../report/finding.ts";
import { HeldBreaches, RateCheck } from "./rate-check.ts";
import { AUDIO_RULES } from "./rules.ts";

/** Packets of 48 samples at `hz`, from `fromNs` on for `seconds`. */
function feed(check: RateCheck, hz: number, seconds: number, fromNs = 0): number {
  const count = Math.round((seconds * hz) / 48);
  for (let i = 1; i <= count; i++) {
    if (check.packet((fromNs / 1e6 + i) * 48, fromNs + (i * 48e9) / hz)) return i;
  }
  return -1;
}

describe("a sampling rate that was measured in a hurry", () => {
  test("is right after a second that shows it", () => {
    const check = new RateCheck(48_000);
    feed(check, 48_000, 1.1);
    expect([check.verdict, check.rateHz]).toEqual(["right", 48_000]);
  });

  test("is another when a span says so, and for sure when the next one does too", () => {
    const check = new RateCheck(44_100);
    expect(feed(check, 48_000, 1.5)).toBe(1001);
    expect([check.verdict, check.rateHz]).toEqual(["open", 48_000]);
    feed(check, 48_000, 1, 1.5e9);
    expect([check.verdict, check.rateHz]).toEqual(["right", 48_000]);
  });

  test("is none of audio when the timestamps never fit one", () => {
    const check = new RateCheck(48_000);
    feed(check, 46_000, 15.9);
    expect(check.verdict).toBe("open");
    feed(check, 46_000, 0.4, 16e9);
    expect([check.verdict, check.rateHz]).toEqual(["none", 48_000]);
  });

  test.each([
    ["too short to say anything", 44_100, 48_000, 0.3, "right", 44_100],
    ["another", 44_100, 48_000, 0.6, "open", 48_000],
    ["the same", 48_000, 48_000, 0.6, "right", 48_000],
    ["none of them", 48_000, 46_000, 0.6, "open", 48_000],
  ] as const)("at the end, all there was shows it: %s", (_name, taken, hz, seconds, verdict, rateHz) => {
    const check = new RateCheck(taken);
    feed(check, hz, seconds);
    check.end();
    expect([check.verdict, check.rateHz]).toEqual([verdict, rateHz]);
    check.end();
    expect([check.verdict, check.rateHz]).toEqual([verdict, rateHz]);
  });

  test("at the end, within the second span, the first one counts too", () => {
    const check = new RateCheck(44_100);
    feed(check, 48_000, 1.52);
    expect([check.verdict, check.rateHz]).toEqual(["open", 48_000]);
    check.end();
    expect(check.verdict).toBe("right");
  });

  test("a jump begins it anew, and little after it shows nothing", () => {
    const check = new RateCheck(48_000);
    feed(check, 48_000, 0.5);
    check.gap();
    check.packet(5, 3e9);
    expect(check.packet(99, Number.NaN)).toBe(false);
    check.end();
    expect(check.verdict).toBe("right");
    const other = new RateCheck(48_000);
    feed(other, 46_000, 1.1);
    other.gap();
    other.packet(5, 3e9);
    other.end();
    expect(other.verdict).toBe("open");
  });
});

test("breaches that were held back count when they are released, with their first and last time", () => {
  const counters = ruleCounters(AUDIO_RULES);
  const held = new HeldBreaches("tsDf");
  held.release(counters);
  expect(counters.tsDf.count).toBe(0);
  held.add(5, 2);
  held.add(9, 1);
  held.release(counters);
  expect([counters.tsDf.count, counters.tsDf.firstNs, counters.tsDf.lastNs]).toEqual([3, 5, 9]);
  held.add(11, 1);
  held.drop();
  held.release(counters);
  expect(counters.tsDf.count).toBe(3);
});
