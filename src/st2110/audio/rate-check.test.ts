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
    expect([check.verdict, check.holds]).toEqual(["right", true]);
  });

  test("is another when two spans say so, one after the other", () => {
    const check = new RateCheck(44_100);
    expect(feed(check, 48_000, 1.5)).toBe(-1);
    expect([check.verdict, check.otherHz]).toEqual(["open", 48_000]);
    feed(check, 48_000, 1, 1.5e9);
    expect([check.verdict, check.otherHz]).toEqual(["other", 48_000]);
  });

  test("is none of audio when the timestamps never fit one", () => {
    const check = new RateCheck(48_000);
    feed(check, 46_000, 15.9);
    expect(check.verdict).toBe("open");
    feed(check, 46_000, 0.4, 16e9);
    expect(check.verdict).toBe("none");
  });

  test("at the end holds unless what there was speaks against it", () => {
    const early = new RateCheck(44_100);
    feed(early, 48_000, 0.3);
    expect(early.holds).toBe(true);
    feed(early, 48_000, 0.3, 0.3e9);
    expect(early.holds).toBe(false);
    const jumped = new RateCheck(48_000);
    feed(jumped, 48_000, 0.5);
    jumped.gap();
    jumped.packet(5, 3e9);
    expect([jumped.verdict, jumped.holds]).toEqual(["open", true]);
    expect(jumped.packet(99, Number.NaN)).toBe(false);
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
