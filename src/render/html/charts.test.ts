import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Histogram } from "../../report/histogram.ts";
import type { SeriesReport } from "../../report/mpegts-schema.ts";
import { histogramChart } from "./histogram-chart.ts";
import { rateChart } from "./rate-chart.ts";
import { linearScale, scaleFor } from "./scale.ts";
import { tablesSection } from "./tree.ts";

function histogramOf(values: readonly number[]): ReturnType<Histogram["toReport"]> {
  const histogram = new Histogram("ns");
  for (const value of values) histogram.add(value);
  return histogram.toReport();
}

/** Every figure of a drawing; none may be NaN or infinite. */
function expectFinite(text: string): void {
  expect(text).not.toMatch(/NaN|Infinity|undefined/);
}

describe("scales", () => {
  test("marks at 1, 2 and 5 times a power of ten", () => {
    expect(linearScale(0, 26, 10).ticks).toEqual([0, 5, 10, 15, 20, 25]);
    expect(linearScale(33.9, 45.4, 8).ticks).toEqual([34, 36, 38, 40, 42, 44]);
    expect(linearScale(5, 5, 8).ticks).toEqual([]);
    expect(scaleFor(1, 1000, 8).ticks).toEqual([1, 3, 10, 30, 100, 300, 1000]);
    expect(scaleFor(1, 1000, 8).kind).toBe("logarithmic");
    expect(scaleFor(-5, 1000, 8).kind).toBe("linear");
  });

  test("positions keep to 0 and 1 and go up with the value; marks stand between the ends", () => {
    const value = fc.double({ min: -1e12, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(value, value, value, value, (a, b, c, d) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const scale = scaleFor(from, to, 8);
        const low = scale.position(Math.min(c, d));
        const high = scale.position(Math.max(c, d));
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(high);
        expect(scale.ticks.length).toBeLessThan(80);
        expect(scale.ticks).toEqual(scale.ticks.toSorted((x, y) => x - y));
      }),
    );
  });
});

describe("histogram", () => {
  test("a bar a bin, its count in words, the figures below", () => {
    const chart = histogramChart("PCR interval", histogramOf([33, 40, 40, 40])).text;
    expect(chart.match(/<rect class="bar"/g)).toHaveLength(2);
    expect(chart).toContain("40 to 44 ns: 3");
    expect(chart).toContain("<i>values</i> 4");
    expect(histogramChart("none", histogramOf([])).text).toBe("");
  });

  test("a bell around zero has its top in the middle, and far values are counted, not drawn", () => {
    const values: number[] = [];
    for (let i = 1; i < 2000; i++) values.push(Math.sin(i * 12.9898) * Math.sin(i * 78.233) * 100);
    values.push(1e9);
    const chart = histogramChart("jitter", histogramOf(values)).text;
    expect(chart).toContain("1 value beyond the axis");
    const bars = [...chart.matchAll(/x="([\d.]+)" y="[\d.]+" width="[\d.]+" height="([\d.]+)"/g)];
    const tallest = bars.toSorted((a, b) => Number(b[2]) - Number(a[2]))[0];
    expect(Math.abs(Number(tallest?.[1]) - 300)).toBeLessThan(60);
  });

  test("any values: no figure is out of bounds, no value is lost", () => {
    const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 60 });
    fc.assert(
      fc.property(values, (list) => {
        const chart = histogramChart("x", histogramOf(list)).text;
        expectFinite(chart.replace(/aria-label="x"/, ""));
        for (const [, y] of chart.matchAll(/<rect class="bar" x="[\d.]+" y="([\d.]+)"/g)) {
          expect(Number(y)).toBeGreaterThanOrEqual(7);
        }
      }),
    );
  });
});

describe("bit rate over time", () => {
  const series = (pids: number, steps: number): SeriesReport => ({
    stepSeconds: 1,
    startOffsetSeconds: 0,
    total: new Array(steps).fill(pids * 1e6),
    pids: Array.from({ length: pids }, (_, pid) => ({
      pid: pid === 0 ? 8191 : pid,
      bitrate: new Array(steps).fill(1e6),
    })),
  });

  test("a layer a PID, the smaller ones together, null packets on top", () => {
    expect(rateChart(series(4, 10), []).text.match(/<path class="(s\d|rest|null)"/g)).toEqual([
      '<path class="s0"',
      '<path class="s1"',
      '<path class="s2"',
      '<path class="null"',
    ]);
    const many = rateChart(series(100, 10), []).text;
    expect(many.match(/<path class="(s\d|rest|null)"/g)).toHaveLength(9);
    expect(many).toContain("92 smaller PIDs");
  });

  test("an hour is averaged down; a step, none, and series of unlike lengths do no harm", () => {
    expect(rateChart(series(9, 3600), []).text.length).toBeLessThan(250_000);
    expectFinite(rateChart(series(1, 1), []).text);
    expect(rateChart(series(0, 0), []).text).toBe("");
    expect(rateChart(null, []).text).toBe("");
    expectFinite(rateChart({ ...series(2, 3), pids: [{ pid: 1, bitrate: [5] }] }, []).text);
  });
});

describe("tables", () => {
  const table = { pid: 18, tableId: 0x4e, name: "EIT", extension: 1, version: 0, current: true, sections: 1 };

  test("many of one name become one branch; a huge one is cut, and says so", () => {
    const few = tablesSection([{ ...table, content: {} }]).text;
    expect(few.match(/<details class="table">/g)).toHaveLength(1);
    const many = tablesSection(new Array(9).fill({ ...table, content: { a: [1] } })).text;
    expect(many.match(/<details class="table">/g)).toHaveLength(10);
    const huge = { ...table, content: { list: Array.from({ length: 10_000 }, (_, i) => i) } };
    expect(tablesSection([huge]).text).toContain("More of this table than is shown.");
    expect(tablesSection([]).text).toBe("");
  });

  test("content of any shape, however deep", () => {
    let deep: ReturnType<typeof JSON.parse> = 1;
    for (let i = 0; i < 500; i++) deep = [deep];
    expect(tablesSection([{ ...table, content: deep }]).text.length).toBeLessThan(10_000);
    fc.assert(
      fc.property(fc.jsonValue(), (content) => {
        const text = tablesSection([{ ...table, content: JSON.parse(JSON.stringify(content)) }]).text;
        expect(text.split("<details").length).toBe(text.split("</details>").length);
      }),
    );
  });
});
