import { describe, expect, test } from "bun:test";
import { MOST_SECTIONS, MOST_SUB_TABLES, SectionTimes } from "./section-times.ts";

describe("times of sections", () => {
  test("each section of each sub-table has its own", () => {
    const times = new SectionTimes();
    const first = times.of(0x4e, 1, 0);
    first?.seen(0, 1, 5);
    times.of(0x4e, 1, 200)?.seen(200, 200, 6);
    times.of(0x4f, 1, 0)?.seen(0, 0, 7);
    expect(times.of(0x4e, 1, 3)).toBe(first);
    expect([first?.timeOf(0), first?.timeOf(200), first?.timeOf(1), first?.lastNs]).toEqual([
      5,
      6,
      Number.NaN,
      6,
    ]);
    expect([...times.all()].map(({ tableId }) => tableId)).toEqual([0x4e, 0x4f]);
    expect([...times.all(0x4f, 0x60)]).toHaveLength(1);
    times.clear();
    expect([...times.all()]).toEqual([]);
  });

  test("sections beyond the last are forgotten", () => {
    const entry = new SectionTimes().of(0x41, 1, 3);
    entry?.seen(3, 3, 5);
    entry?.seen(0, 2, 6);
    expect(entry?.timeOf(3)).toBeNaN();
    // Beyond what clocks are exact to, 1 us.
    expect(entry?.expired(0, 10, 1017)).toBe(16);
    expect(entry?.expired(0, 10, 1016)).toBeNaN();
    expect(entry?.expired(3, 10, 9999)).toBeNaN();
  });

  test("too soon is less than the least gap, never time that went back", () => {
    const entry = new SectionTimes().of(0x41, 1, 0);
    expect(entry?.tooSoon(5000, 25_000)).toBe(false);
    entry?.seen(0, 0, 100_000);
    expect([100_000, 123_999, 124_000, 99_999].map((t) => entry?.tooSoon(t, 25_000))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test("memory is bounded, and what does not fit is counted", () => {
    const many = new SectionTimes();
    for (let key = 0; key < MOST_SUB_TABLES + 10; key += 1) many.of(0x50, key, 0);
    expect(many.unwatched).toBe(10);
    expect([...many.all()]).toHaveLength(MOST_SUB_TABLES);
    const long = new SectionTimes();
    for (let key = 0; key < 1000; key += 1) long.of(0x50, key, 255);
    expect([...long.all()].reduce((sum, { times }) => sum + times.length, 0)).toBeLessThanOrEqual(
      MOST_SECTIONS,
    );
    expect(long.unwatched).toBeGreaterThan(480);
  });
});
