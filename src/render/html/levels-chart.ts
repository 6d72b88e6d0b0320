import { formatCount, formatFigure } from "../units.ts";
import { countAxis, figuresLine, type Plot } from "./count-axis.ts";
import { linearScale } from "./scale.ts";
import { html, type Markup, NOTHING } from "./template.ts";

const WIDTH = 560;
const HEIGHT = 200;
const LEFT = 54;
const RIGHT = 14;
const TOP = 22;
const BOTTOM = 30;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;
const PLOT: Plot = { left: LEFT, top: TOP, width: PLOT_WIDTH, height: PLOT_HEIGHT };

/** A level that was seldom seen stays visible. */
const LEAST_HEIGHT = 2;

/** Bars that are drawn; more levels than that share them. */
const MOST_BARS = 120;

/** A limit further off than this many times what was seen would squeeze the bars together: it is told below. */
const FAR = 4;

/** How often each level of a buffer was seen. */
export type Levels = readonly { readonly level: number; readonly count: number }[];

/** A level that must not be passed. */
export interface Limit {
  readonly name: string;
  readonly level: number;
}

/** Neighbouring levels, all counted together. */
interface Bar {
  readonly from: number;
  readonly to: number;
  count: number;
}

function barsOf(levels: Levels, low: number, high: number): Bar[] {
  const size = Math.max(1, Math.ceil((high - low + 1) / MOST_BARS));
  const bars = new Map<number, Bar>();
  for (const { level, count } of levels) {
    const place = Math.floor((level - low) / size);
    const bar = bars.get(place);
    if (bar === undefined) {
      const from = low + place * size;
      bars.set(place, { from, to: Math.min(high, from + size - 1), count });
    } else {
      bar.count += count;
    }
  }
  return [...bars.values()];
}

/** A bar for each level of a buffer, in `unit`, with the limits as lines; nothing where nothing was measured. */
export function levelsChart(title: string, levels: Levels, limits: readonly Limit[], unit: string): Markup {
  const seen = levels.filter(({ count }) => count > 0);
  if (seen.length === 0) return NOTHING;
  const low = Math.min(...seen.map(({ level }) => level));
  const high = Math.max(...seen.map(({ level }) => level));
  const total = seen.reduce((sum, { count }) => sum + count, 0);
  const mean = seen.reduce((sum, { level, count }) => sum + level * count, 0) / total;
  const near = limits.filter(({ level }) => level <= Math.max(high, 1) * FAR);
  const start = Math.min(0, low);
  const end = Math.max(high, ...near.map(({ level }) => level)) + 1;
  const scale = linearScale(start - 0.5, end - 0.5, 10);
  const x = (level: number): number => LEFT + scale.position(level) * PLOT_WIDTH;
  const bars = barsOf(seen, low, high);
  const counts = bars.map(({ count }) => count);
  const axis = countAxis(counts, PLOT);
  const drawn = bars.map(({ from, to, count }) => {
    const left = x(from - 0.5);
    const width = Math.max(1, x(to + 0.5) - left - 1);
    const tall = Math.max(LEAST_HEIGHT, axis.height(count) * PLOT_HEIGHT);
    const label = `${from === to ? from : `${from} to ${to}`} ${unit}: ${formatCount(count)} times`;
    return html`<rect class="bar" x="${left.toFixed(1)}" y="${(TOP + PLOT_HEIGHT - tall).toFixed(1)}" width="${width.toFixed(1)}" height="${tall.toFixed(1)}"><title>${label}</title></rect>`;
  });
  const xMarks = scale.ticks.filter(Number.isInteger).map((tick) => {
    return html`<text x="${x(tick).toFixed(1)}" y="${HEIGHT - 12}" text-anchor="middle">${formatCount(tick)}</text>`;
  });
  const lines = near.map(({ name, level }) => {
    // Between the last level that is allowed and the first that is not.
    const at = x(level + 0.5);
    const anchor = at > LEFT + PLOT_WIDTH / 2 ? "end" : "start";
    return html`<line class="limit" x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="${TOP}" y2="${TOP + PLOT_HEIGHT}"/><text x="${(at + (anchor === "end" ? 2 : -2)).toFixed(1)}" y="${TOP - 8}" text-anchor="${anchor}">${name} ${level}</text>`;
  });
  const figures: readonly (readonly [string, string])[] = [
    ["values", formatCount(total)],
    ["min", formatCount(low)],
    ["mean", formatFigure(mean)],
    ["max", formatCount(high)],
    ...limits
      .filter((limit) => !near.includes(limit))
      .map(({ name, level }) => [name, formatCount(level)] as const),
  ];
  const remarks = [unit, axis.logarithmic ? "count, logarithmic" : "count"].join("; ");
  return html`<figure class="chart"><figcaption>${title} <small>${remarks}</small></figcaption>
<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${axis.marks}${xMarks}${drawn}${lines}<line class="axis" x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${TOP + PLOT_HEIGHT}" y2="${TOP + PLOT_HEIGHT}"/></svg></div>
${figuresLine(figures)}</figure>`;
}
