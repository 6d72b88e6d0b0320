import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Finding } from "../../report/finding.ts";
import { type FindingGroup, FindingWatch, type WatchOptions } from "./finding-watch.ts";

const OPTIONS: WatchOptions = { severity: "warning", groupMs: 1000, repeatMs: 60_000, recoveryMs: 5000 };

const finding = (count: number, change: Partial<Finding> = {}): Finding => ({
  code: "ts-continuity",
  clause: "TR 101 290 1.4",
  severity: "error",
  stream: "s",
  count,
  first: null,
  last: null,
  text: "A sentence.",
  ...change,
});

/** A watch that gets `findings` at `nowMs`. */
function watching(options: Partial<WatchOptions> = {}) {
  const watch = new FindingWatch({ ...OPTIONS, ...options });
  const report = (nowMs: number, findings: Finding[], probe = "p", timeMs = Number.NaN) =>
    watch.report(probe, { findings, timeMs }, nowMs);
  return { watch, report };
}

const short = (groups: readonly FindingGroup[]) =>
  groups.map(({ probe, stream, changes }) => [
    `${probe}/${stream}`,
    ...changes.map(({ status, finding: { code, count }, added }) => `${status} ${code} ${added}/${count}`),
  ]);

describe("what is told of findings", () => {
  test("changes of one stream go together, once the time of the group is over", () => {
    const { watch, report } = watching();
    report(0, [finding(1), finding(4, { code: "other", stream: "t" })]);
    report(900, [finding(3), finding(2, { code: "more" }), finding(4, { code: "other", stream: "t" })]);
    expect(watch.due(999)).toEqual([]);
    expect(short(watch.due(1000))).toEqual([
      ["p/s", "firing ts-continuity 3/3", "firing more 2/2"],
      ["p/t", "firing other 4/4"],
    ]);
    expect(watch.due(9999)).toEqual([]);
  });

  test("one that goes on is told again after the repeat time, with what is new", () => {
    const { watch, report } = watching({ repeatMs: 20_000 });
    for (let ms = 0; ms <= 45_000; ms += 1000) report(ms, [finding(1 + ms / 1000)]);
    const told: string[][] = [];
    const { watch: again, report: tell } = watching({ repeatMs: 20_000 });
    for (let ms = 0; ms <= 45_000; ms += 1000) {
      tell(ms, [finding(1 + ms / 1000)]);
      told.push(...short(again.due(ms)));
    }
    expect(told).toEqual([
      ["p/s", "firing ts-continuity 2/2"],
      ["p/s", "firing ts-continuity 21/23"],
      ["p/s", "firing ts-continuity 21/44"],
    ]);
    expect(short(watch.due(46_000))).toEqual([["p/s", "firing ts-continuity 46/46"]]);
  });

  test("one that does not grow any more is over, comes back, and a silent probe proves nothing", () => {
    const { watch, report } = watching();
    report(0, [finding(2)]);
    expect(short(watch.due(1000))).toEqual([["p/s", "firing ts-continuity 2/2"]]);
    expect(watch.due(20_000)).toEqual([]);
    report(20_000, [finding(2)]);
    expect(short(watch.due(21_000))).toEqual([["p/s", "resolved ts-continuity 0/2"]]);
    report(22_000, [finding(5)]);
    expect(short(watch.due(23_000))).toEqual([["p/s", "firing ts-continuity 3/5"]]);
    // The probe has forgotten the stream, which is an end too.
    report(30_000, []);
    expect(short(watch.due(31_000))).toEqual([["p/s", "resolved ts-continuity 0/5"]]);
    report(32_000, []);
    report(33_000, [finding(1)]);
    expect(short(watch.due(34_000))).toEqual([["p/s", "firing ts-continuity 1/1"]]);
  });

  test("what came and went within the group is told as over", () => {
    const { watch, report } = watching({ groupMs: 10_000 });
    report(0, [finding(3)]);
    report(6000, [finding(3)]);
    expect(short(watch.due(10_000))).toEqual([["p/s", "resolved ts-continuity 3/3"]]);
  });

  test("the count of a probe that started again is new", () => {
    const { watch, report } = watching();
    report(0, [finding(50)]);
    watch.due(1000);
    report(2000, [finding(4)]);
    report(9000, [finding(4)]);
    expect(short(watch.due(10_000))).toEqual([["p/s", "resolved ts-continuity 4/4"]]);
  });

  test("what was over before the client came is not told; what is less severe neither", () => {
    const { watch, report } = watching();
    const old = finding(7, { last: "2026-01-01T00:00:00.000000000Z" });
    const now = Date.parse("2026-01-01T00:00:10Z");
    report(0, [old, finding(1, { severity: "info", code: "told" })], "p", now);
    report(7000, [old], "p", now + 7000);
    expect(watch.due(9000)).toEqual([]);
    report(9000, [{ ...old, count: 8 }], "p", now + 9000);
    expect(short(watch.due(10_000))).toEqual([["p/s", "firing ts-continuity 1/8"]]);
    // In a later report of a probe that is known, each is new, however old its last time.
    report(11_000, [old, finding(1, { code: "late", last: old.last })], "p", now + 11_000);
    expect(short(watch.due(12_000)).flat()).toContain("firing late 1/1");
  });

  test("the same of two probes is told twice; too many are counted", () => {
    const { watch, report } = watching();
    report(0, [finding(1)], "a");
    report(0, [finding(1)], "b");
    expect(short(watch.due(0, true)).map(([where]) => where)).toEqual(["a/s", "b/s"]);
    report(
      1,
      Array.from({ length: 12_000 }, (_, i) => finding(1, { pid: i })),
      "c",
    );
    expect(watch.unwatched).toBe(2002);
  });

  test("any reports: all that was added is told once, as far as it was told", () => {
    const counts = fc.array(fc.tuple(fc.integer({ min: 0, max: 8000 }), fc.nat(5)));
    fc.assert(
      fc.property(counts, (steps) => {
        const { watch, report } = watching();
        let [now, count, told] = [0, 0, 0];
        for (const [waitMs, more] of steps) {
          now += waitMs;
          count += more;
          report(now, count === 0 ? [] : [finding(count)]);
          for (const { changes } of watch.due(now)) for (const { added } of changes) told += added;
        }
        expect(told).toBeLessThanOrEqual(count);
        // Its end tells the rest.
        report(now + 10_000, count === 0 ? [] : [finding(count)]);
        for (const { changes } of watch.due(now + 20_000)) for (const { added } of changes) told += added;
        expect(told).toBe(count);
      }),
    );
  });
});
