import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { counter, gauge, MetricGroup } from "./group.ts";
import { figure } from "./read.ts";

const group = (rows = 100) =>
  new MetricGroup("g", ["name"], rows, [
    counter("packets", "Packets", figure("packets")),
    gauge("level", "Level", figure("level")),
  ]);

/** What the group shows of a column, by labels. */
function shown(of: MetricGroup, column: number): Record<string, number> {
  const all: Record<string, number> = {};
  of.each(column, (labels, value) => {
    all[labels] = value;
  });
  return all;
}

describe("a group of metrics", () => {
  test("shows counters as they were read, and gauges as they are", () => {
    const metrics = group();
    metrics.write(["a"], { packets: 5, level: 2 }, 0);
    metrics.write(["b"], { packets: 7 }, 0);
    metrics.write(["a"], { packets: 9, level: 1 }, 1);
    expect(shown(metrics, 0)).toEqual({ 'name="a"': 9, 'name="b"': 7 });
    expect(shown(metrics, 1)).toEqual({ 'name="a"': 1 });
    // A gauge that is no longer measured goes.
    metrics.write(["a"], { packets: 9, level: null }, 2);
    expect(shown(metrics, 1)).toEqual({});
  });

  test("a counter goes on when what it counts starts again", () => {
    const metrics = group();
    metrics.write(["a"], { packets: 100 }, 0, "first");
    metrics.write(["a"], { packets: 30 }, 1, "second");
    expect(shown(metrics, 0)).toEqual({ 'name="a"': 130 });
    // More than before, and yet another run: nothing is missed.
    metrics.write(["a"], { packets: 200 }, 2, "third");
    expect(shown(metrics, 0)).toEqual({ 'name="a"': 330 });
  });

  test("one that goes back in the same run waits, and counts nothing twice", () => {
    const metrics = group();
    for (const packets of [10, 8, 9, 12]) metrics.write(["a"], { packets }, 0, "run");
    expect(shown(metrics, 0)).toEqual({ 'name="a"': 12 });
  });

  test("what was not written for a while goes, and its place is used again", () => {
    const metrics = group(2);
    metrics.write(["a"], { packets: 1 }, 0);
    metrics.write(["b"], { packets: 2 }, 10);
    expect(metrics.write(["c"], { packets: 3 }, 10)).toBe(false);
    expect(metrics.leftOut).toBe(1);
    metrics.expire(5);
    expect(metrics.write(["c"], { packets: 3 }, 10)).toBe(true);
    expect(shown(metrics, 0)).toEqual({ 'name="b"': 2, 'name="c"': 3 });
    expect(metrics.size).toBe(2);
  });

  test("quotes, backslashes and line ends in labels are escaped", () => {
    const metrics = group();
    metrics.write(['a"b\\c\nd'], { packets: 1 }, 0);
    expect(Object.keys(shown(metrics, 0))).toEqual(['name="a\\"b\\\\c\\nd"']);
  });

  test("any figures: counters never go down, and add up as a plain model does", () => {
    const step = fc.record({
      name: fc.constantFrom("a", "b", "c", "d"),
      packets: fc.oneof(fc.nat(1000), fc.constantFrom(Number.NaN, -1, Number.POSITIVE_INFINITY, "5", null)),
      run: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const metrics = group();
        const model = new Map<string, { total: number; raw: number; run: number }>();
        for (const { name, packets, run } of steps) {
          const before = shown(metrics, 0)[`name="${name}"`] ?? 0;
          metrics.write([name], { packets }, 0, String(run));
          const own = model.get(name) ?? { total: 0, raw: 0, run };
          if (own.run !== run) Object.assign(own, { raw: 0, run });
          if (typeof packets === "number" && Number.isFinite(packets) && packets >= 0) {
            own.total += Math.max(0, packets - own.raw);
            own.raw = Math.max(own.raw, packets);
          }
          model.set(name, own);
          const now = shown(metrics, 0)[`name="${name}"`] ?? 0;
          expect(now).toBeGreaterThanOrEqual(before);
          expect(now).toBe(own.total);
        }
      }),
    );
  });

  test("keeps many rows", () => {
    const metrics = group(1000);
    for (let i = 0; i < 1000; i++) metrics.write([String(i)], { packets: i, level: -i }, 0);
    expect(shown(metrics, 0)['name="999"']).toBe(999);
    expect(shown(metrics, 1)['name="17"']).toBe(-17);
  });
});
