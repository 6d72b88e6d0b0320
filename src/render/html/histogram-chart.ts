import type { HistogramReport } from "../../report/histogram-schema.ts";
import { formatCount, formatFigure, formatNumber } from "../units.ts";
import { countAxis, figuresLine, type Plot } from "./count-axis.ts";
import { scaleFor } from "./scale.ts";
import { html, type Markup, NOTHING } from "./template.ts";

const WIDTH = 560;
const HEIGHT = 200;
const LEFT = 54;
/** Room for half of the last mark. */
const RIGHT = 26;
const TOP = 10;
const BOTTOM = 30;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;
const PLOT: Plot = { left: LEFT, top: TOP, width: PLOT_WIDTH, height: PLOT_HEIGHT };

/** A bin with few values next to one with many stays visible. */
const LEAST_HEIGHT = 2;
const LEAST_WIDTH = 1.5;

/** Bars of a histogram on both sides of zero. */
const EVEN_BARS = 48;

/** Share of the values at each end that may lie beyond the axis. */
const OUTLIERS = 0.002;

/** Marks nearer than this would run into one another. */
const LEAST_TICK_PIXELS = 42;

/** Minimum, mean, percentiles and maximum in a line. */
function histogramFigures(histogram: HistogramReport): Markup {
  const { count, min, mean, p50, p99, p999, max, unit } = histogram;
  const pairs: readonly (readonly [string, string])[] = [
    ["values", formatCount(count)],
    ["min", formatFigure(min)],
    ["mean", formatFigure(mean)],
    ["50 %", formatFigure(p50)],
    ["99 %", formatFigure(p99)],
    ["99.9 %", formatFigure(p999)],
    ["max", `${formatFigure(max)} ${unit}`],
  ];
  return figuresLine(pairs);
}

/** Marks along the horizontal axis, those left out that would run into the one before. */
function xMarks(ticks: readonly number[], position: (value: number) => number): Markup[] {
  let last = Number.NEGATIVE_INFINITY;
  const marks: Markup[] = [];
  for (const tick of ticks) {
    const x = LEFT + position(tick) * PLOT_WIDTH;
    if (x - last < LEAST_TICK_PIXELS) continue;
    last = x;
    marks.push(
      html`<line class="grid" x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${TOP}" y2="${TOP + PLOT_HEIGHT}"/><text x="${x.toFixed(1)}" y="${HEIGHT - 12}" text-anchor="middle">${formatFigure(tick)}</text>`,
    );
  }
  return marks;
}

/** What is drawn: bars, and how many values lie beyond them. */
interface Bars {
  readonly bins: HistogramReport["bins"];
  readonly from: number;
  readonly to: number;
  readonly beyond: number;
}

/** The value that a share `q` of all values lies below, by the bins. */
function quantile(bins: HistogramReport["bins"], total: number, q: number): number {
  let before = 0;
  for (const { from, to, count } of bins) {
    if (before + count >= q * total) return from + ((to - from) * (q * total - before)) / count;
    before += count;
  }
  return bins.at(-1)?.to ?? 0;
}

/**
 * Values on both sides of zero: the bins grow with the distance from zero, so bars of equal width are made
 * of them, or a bell would look like two. Few far values must not squeeze the others together: they are
 * counted.
 */
function evenBars(bins: HistogramReport["bins"], total: number, low: number, high: number): Bars {
  const room = (quantile(bins, total, 1 - OUTLIERS) - quantile(bins, total, OUTLIERS)) / 5;
  const from = Math.max(low, quantile(bins, total, OUTLIERS) - room);
  const to = Math.min(high, quantile(bins, total, 1 - OUTLIERS) + room);
  const width = (to - from) / EVEN_BARS;
  if (!(width > 0)) return { bins, from: low, to: high, beyond: 0 };
  const counts = new Float64Array(EVEN_BARS);
  let drawn = 0;
  for (const bin of bins) {
    const start = Math.max(low, bin.from);
    const end = Math.min(high, bin.to);
    const span = end - start;
    const firstBar = Math.max(0, Math.floor((start - from) / width));
    const lastBar = Math.min(EVEN_BARS - 1, Math.floor((end - from) / width));
    for (let bar = firstBar; bar <= lastBar; bar++) {
      const shared = Math.min(end, from + (bar + 1) * width) - Math.max(start, from + bar * width);
      const count = span > 0 ? bin.count * Math.min(1, Math.max(0, shared / span)) : bin.count;
      counts[bar] = (counts[bar] as number) + count;
      drawn += count;
      if (span <= 0) break;
    }
  }
  const even = [...counts].map((count, i) => ({ from: from + i * width, to: from + (i + 1) * width, count }));
  return {
    bins: even.filter(({ count }) => count > 0),
    from,
    to,
    beyond: Math.max(0, Math.round(total - drawn)),
  };
}

function barsOf(histogram: HistogramReport): Bars | null {
  const { bins, count, min, max } = histogram;
  const first = bins[0];
  const last = bins.at(-1);
  if (first === undefined || last === undefined || count === 0) return null;
  // The first and the last bin reach beyond the values in them.
  const from = Math.min(first.to, Math.max(first.from, min ?? first.from));
  const to = Math.max(last.from, Math.min(last.to, max ?? last.to));
  if (!(from < to)) return { bins, from: first.from, to: last.to, beyond: 0 };
  return from < 0 ? evenBars(bins, count, from, to) : { bins, from, to, beyond: 0 };
}

/** A histogram with its figures below; nothing where nothing was measured. */
export function histogramChart(title: string, histogram: HistogramReport): Markup {
  const drawn = barsOf(histogram);
  if (drawn === null) return NOTHING;
  const { bins, from, to, beyond } = drawn;
  const { unit } = histogram;
  const x = scaleFor(from, to, 8);
  const counts = bins.map(({ count }) => count);
  const axis = countAxis(counts, PLOT);
  const bars = bins.map((bin) => {
    const start = x.position(bin.from);
    const width = Math.max(LEAST_WIDTH, (x.position(bin.to) - start) * PLOT_WIDTH - 0.5);
    const tall = Math.max(LEAST_HEIGHT, axis.height(bin.count) * PLOT_HEIGHT);
    const label = `${formatFigure(bin.from)} to ${formatFigure(bin.to)} ${unit}: ${formatCount(Math.round(bin.count))}`;
    return html`<rect class="bar" x="${(LEFT + start * PLOT_WIDTH).toFixed(1)}" y="${(TOP + PLOT_HEIGHT - tall).toFixed(1)}" width="${width.toFixed(1)}" height="${tall.toFixed(1)}"><title>${label}</title></rect>`;
  });
  const remarks = [
    x.kind === "linear" ? unit : `${unit}, logarithmic`,
    axis.logarithmic ? "count, logarithmic" : "count",
    ...(beyond > 0 ? [`${formatNumber(beyond, "value")} beyond the axis`] : []),
  ].join("; ");
  return html`<figure class="chart"><figcaption>${title} <small>${remarks}</small></figcaption>
<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${axis.marks}${xMarks(x.ticks, x.position)}${bars}<line class="axis" x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${TOP + PLOT_HEIGHT}" y2="${TOP + PLOT_HEIGHT}"/></svg></div>
${histogramFigures(histogram)}</figure>`;
}
