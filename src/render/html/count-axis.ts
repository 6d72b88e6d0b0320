import { formatCount } from "../units.ts";
import { linearScale } from "./scale.ts";
import { html, type Markup } from "./template.ts";

/** From this ratio of the largest to the smallest count on, the heights are logarithmic. */
const LOG_RATIO = 200;

/** Where a chart is drawn in its picture, in pixels. */
export interface Plot {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A vertical axis of counts, from 0 to the largest. */
export interface CountAxis {
  readonly logarithmic: boolean;
  /** How high a count stands, 0 to 1. */
  height(count: number): number;
  /** Marks with their lines across the plot. */
  readonly marks: readonly Markup[];
}

/** The axis for bars of these `counts`. */
export function countAxis(counts: readonly number[], plot: Plot): CountAxis {
  const most = Math.max(...counts);
  const logarithmic = most / Math.max(1, Math.min(...counts)) >= LOG_RATIO;
  const height = (count: number): number =>
    logarithmic ? Math.log10(1 + count) / Math.log10(1 + most) : count / most;
  const ticks = logarithmic
    ? [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9].filter((tick) => tick <= most)
    : linearScale(0, most, 4).ticks.filter(Number.isInteger);
  const marks = ticks.map((tick) => {
    const y = (plot.top + plot.height * (1 - height(tick))).toFixed(1);
    const text = tick >= 1e6 ? `${tick / 1e6} M` : tick >= 1e4 ? `${tick / 1e3} k` : formatCount(tick);
    return html`<line class="grid" x1="${plot.left}" x2="${plot.left + plot.width}" y1="${y}" y2="${y}"/><text x="${plot.left - 6}" y="${y}" dy="4" text-anchor="end">${text}</text>`;
  });
  return { logarithmic, height, marks };
}

/** Names and values in a line, below a chart. */
export function figuresLine(pairs: readonly (readonly [string, string])[]): Markup {
  return html`<p class="figures">${pairs.map(([name, value]) => html`<span><i>${name}</i> ${value}</span> `)}</p>`;
}
