import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ANCILLARY_STREAM } from "../../report/fixture-st2110-other.ts";
import { Histogram } from "../../report/histogram.ts";
import type { SeriesReport } from "../../report/mpegts-schema.ts";
import { ancillaryMap } from "./ancillary-map.ts";
import { histogramChart } from "./histogram-chart.ts";
import { levelsChart } from "./levels-chart.ts";
import { rateChart } from "./rate-chart.ts";
import { linearScale, scaleFor } from "./scale.ts";
import { timeChart } from "./time-chart.ts";
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

describe("levels of a buffer", () => {
  test("a bar a level, near limits as lines, far ones in words", () => {
    const levels = [
      { level: 1, count: 90 },
      { level: 3, count: 10 },
    ];
    const limits = [
      { name: "CMAX N", level: 4 },
      { name: "CMAX W", level: 16 },
    ];
    const chart = levelsChart("Cinst", levels, limits, "packets").text;
    expect(chart.match(/<rect class="bar"/g)).toHaveLength(2);
    expect(chart).toContain("3 packets: 10 times");
    expect(chart.match(/class="limit"/g)).toHaveLength(1);
    expect(chart).toContain("<i>CMAX W</i> 16");
    expect(chart).toContain("<i>mean</i> 1.2");
    expect(levelsChart("Cinst", [], limits, "packets").text).toBe("");
  });

  test("any levels: none is lost, no bar is out of bounds", () => {
    const level = fc.record({
      level: fc.integer({ min: -1e6, max: 1e6 }),
      count: fc.integer({ min: 0, max: 1e9 }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(level, { selector: (one) => one.level, maxLength: 300 }), (levels) => {
        const chart = levelsChart("VRX", levels, [{ name: "full", level: 8 }], "packets").text;
        expectFinite(chart);
        const sum = levels.reduce((total, { count }) => total + count, 0);
        const told = [...chart.matchAll(/: ([\d,]+) times/g)].map(([, text]) =>
          Number(text?.replaceAll(",", "")),
        );
        expect(told.reduce((total, count) => total + count, 0)).toBe(sum);
        for (const [, x, width] of chart.matchAll(
          /<rect class="bar" x="([-\d.]+)" y="[-\d.]+" width="([\d.]+)"/g,
        )) {
          expect(Number(x)).toBeGreaterThanOrEqual(53);
          expect(Number(x) + Number(width)).toBeLessThanOrEqual(548);
        }
      }),
    );
  });
});

describe("durations over time", () => {
  const series = { title: "Margin", startSeconds: 2, stepSeconds: 1 };

  test("a block a step, none where nothing was measured, a line for the limit", () => {
    const spans = [{ minNs: 1000, maxNs: 2000 }, null, { minNs: -50, maxNs: -50 }];
    const chart = timeChart({ ...series, spans, limit: { name: "none left", ns: 0 } }).text;
    expect(chart.match(/<rect class="bar"/g)).toHaveLength(2);
    expect(chart).toContain("<title>2 s: 1,000 ns to 2,000 ns</title>");
    expect(chart).toContain("<title>4 s: -50 ns</title>");
    expect(chart).toContain(">none left</text>");
    expect(timeChart({ ...series, spans: [null, null] }).text).toBe("");
    expect(timeChart({ ...series, spans: [] }).text).toBe("");
  });

  test("a long one keeps its least and largest values", () => {
    const spans = Array.from({ length: 6000 }, (_, i) => ({
      minNs: i === 777 ? -9 : 5,
      maxNs: i === 4000 ? 99 : 10,
    }));
    const chart = timeChart({ ...series, spans }).text;
    expect(chart.match(/<rect class="bar"/g)?.length).toBeLessThanOrEqual(560);
    expect(chart).toContain("-9 ns to 10 ns");
    expect(chart).toContain("5 ns to 99 ns");
    expectFinite(chart);
  });
});

describe("the ancillary map", () => {
  const subStreams = ANCILLARY_STREAM.st2110?.ancillary?.subStreams ?? [];

  test("a row a line, a block a place, as long as the packet", () => {
    const map = ancillaryMap(subStreams).text;
    for (const line of ["line 9<", "line 10<", "line 571<", "line 572<", "line 575<"])
      expect(map).toContain(line);
    expect(map).toContain("0x60/0x60 time code (ATC): line 9, from word 1964, 25 packets");
    expect(map.match(/<title>/g)).toHaveLength(7);
    expectFinite(map);
    expect(ancillaryMap([]).text).toBe("");
  });

  test("packets that name no place stand apart, and too many lines are counted", () => {
    const [sub] = subStreams;
    const [place] = sub?.locations ?? [];
    if (sub === undefined || place === undefined) throw new Error("no sub-stream");
    const nowhere = {
      ...place,
      line: 2047,
      lineMeaning: "no line",
      horizontalOffset: 4095,
      offsetMeaning: "anywhere",
    };
    expect(ancillaryMap([{ ...sub, locations: [nowhere] }]).text).toContain("no line, anywhere, 25 packets");
    const many = Array.from({ length: 100 }, (_, line) => ({ ...place, line }));
    const map = ancillaryMap([{ ...sub, locations: many }]).text;
    expect(map).toContain("40 more lines are not drawn.");
  });
});
