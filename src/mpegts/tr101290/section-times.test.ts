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
    expect([first?.timeOf(0), first?.timeOf(200), first?.timeOf(1)]).toEqual([5, 6, Number.NaN]);
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

  test("what is not in force yet has no time in which it must come again", () => {
    const entry = new SectionTimes().of(0x42, 1, 0, false);
    entry?.seen(0, 0, 5);
    expect(entry?.expired(0, 10, 1e9)).toBeNaN();
  });

  test("what is announced nowhere was taken out where it stays away for ten limits; else it is late", () => {
    const late = (announced: boolean, tableId = 0x46): (number | undefined)[] => {
      const entry = new SectionTimes(() => announced).of(tableId, 1, 0);
      entry?.seen(0, 0, 0);
      return [99_999, 100_000, 100_001].map((t) => entry?.expiredWhenSeen(0, 10_000, t));
    };
    expect(late(true)).toEqual([10_000, 10_000, 10_000]);
    expect(late(false)).toEqual([10_000, 10_000, Number.NaN]);
    expect(late(true, 0x50)).toEqual([10_000, 10_000, Number.NaN]);
  });

  test("what is announced no longer has ended", () => {
    let announced = true;
    const times = new SectionTimes(() => announced);
    const entry = times.of(0x4e, 1, 0);
    entry?.seen(0, 1, 5);
    times.review();
    expect([entry?.isBound, entry?.timeOf(0)]).toEqual([true, 5]);
    announced = false;
    times.review();
    expect([entry?.isBound, entry?.timeOf(0)]).toEqual([false, Number.NaN]);
    announced = true;
    times.review();
    expect([entry?.isBound, entry?.timeOf(0)]).toEqual([true, Number.NaN]);
  });

  test("a stream has one NIT and one SDT of its own: another extension is in its place", () => {
    const times = new SectionTimes();
    for (const id of [0x42, 0x4e]) times.of(id, 1, 0)?.seen(0, 0, 5);
    times.of(0x42, 3, 0, false);
    expect(times.of(0x42, 1, 0)?.timeOf(0)).toBe(5);
    for (const id of [0x42, 0x4e]) times.of(id, 2, 0)?.seen(0, 0, 6);
    expect([...times.all()].map((entry) => entry.timeOf(0))).toEqual([Number.NaN, Number.NaN, 6, 5, 6]);
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
