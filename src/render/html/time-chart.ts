import { nsText } from "../range.ts";
import { formatSeconds } from "../units.ts";
import { linearScale } from "./scale.ts";
import { html, type Markup, NOTHING } from "./template.ts";

const WIDTH = 1120;
const HEIGHT = 240;
const LEFT = 84;
const RIGHT = 14;
const TOP = 16;
const BOTTOM = 34;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;

/** Steps that are drawn; more than that share one, with the least and the largest of them. */
const MOST_STEPS = 560;

/** Room above and below the values. */
const ROOM = 0.15;

/** The least and the largest duration within one step of time. */
export interface Span {
  readonly minNs: number;
  readonly maxNs: number;
}

/** A series of durations in steps of the same length; a step without a value is null. */
export interface TimeSeries {
  readonly title: string;
  readonly startSeconds: number;
  readonly stepSeconds: number;
  readonly spans: readonly (Span | null)[];
  /** A line for a duration that means something. */
  readonly limit?: { readonly name: string; readonly ns: number };
}

function joined(spans: readonly (Span | null)[], size: number): (Span | null)[] {
  if (size === 1) return [...spans];
  const groups: (Span | null)[] = [];
  for (let at = 0; at < spans.length; at += size) {
    const group = spans.slice(at, at + size).filter((span) => span !== null);
    groups.push(
      group.length === 0
        ? null
        : {
            minNs: Math.min(...group.map(({ minNs }) => minNs)),
            maxNs: Math.max(...group.map(({ maxNs }) => maxNs)),
          },
    );
  }
  return groups;
}

/** Durations over time: a block a step, from the least to the largest; nothing where nothing was measured. */
export function timeChart(series: TimeSeries): Markup {
  const size = Math.max(1, Math.ceil(series.spans.length / MOST_STEPS));
  const spans = joined(series.spans, size);
  const known = spans.filter((span) => span !== null);
  if (known.length === 0) return NOTHING;
  const limits = series.limit === undefined ? [] : [series.limit];
  const least = Math.min(...known.map(({ minNs }) => minNs), ...limits.map(({ ns }) => ns));
  const most = Math.max(...known.map(({ maxNs }) => maxNs), ...limits.map(({ ns }) => ns));
  const room = Math.max(1, (most - least) * ROOM);
  const [low, high] = [least - (least === 0 ? 0 : room), most + room];
  const y = (ns: number): number => TOP + PLOT_HEIGHT * (1 - (ns - low) / (high - low));
  const x = (step: number): number => LEFT + (step / spans.length) * PLOT_WIDTH;
  const stepSeconds = series.stepSeconds * size;
  const blocks = spans.map((span, i) => {
    if (span === null) return NOTHING;
    const top = y(span.maxNs) - 1;
    const tall = y(span.minNs) + 1 - top;
    const at = formatSeconds(series.startSeconds + i * stepSeconds);
    const range =
      span.minNs === span.maxNs ? nsText(span.minNs) : `${nsText(span.minNs)} to ${nsText(span.maxNs)}`;
    return html`<rect class="bar" x="${x(i).toFixed(1)}" y="${top.toFixed(1)}" width="${Math.max(1, x(i + 1) - x(i) - 0.5).toFixed(1)}" height="${tall.toFixed(1)}"><title>${at}: ${range}</title></rect>`;
  });
  const yMarks = linearScale(low, high, 5).ticks.map((tick) => {
    const at = y(tick).toFixed(1);
    return html`<line class="grid" x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${at}" y2="${at}"/><text x="${LEFT - 8}" y="${at}" dy="4" text-anchor="end">${nsText(tick)}</text>`;
  });
  const time = linearScale(series.startSeconds, series.startSeconds + spans.length * stepSeconds, 10);
  const xMarks = time.ticks.map((tick) => {
    const at = (LEFT + time.position(tick) * PLOT_WIDTH).toFixed(1);
    return html`<text x="${at}" y="${HEIGHT - 14}" text-anchor="middle">${tick === 0 ? "0" : formatSeconds(tick)}</text>`;
  });
  const lines = limits.map(({ name, ns }) => {
    const at = y(ns).toFixed(1);
    return html`<line class="limit" x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${at}" y2="${at}"/><text x="${LEFT + PLOT_WIDTH}" y="${at}" dy="-4" text-anchor="end">${ns === 0 ? name : `${name} ${nsText(ns)}`}</text>`;
  });
  return html`<figure class="chart wide"><figcaption>${series.title} <small>each step ${formatSeconds(stepSeconds)}</small></figcaption>
<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${series.title}">${yMarks}${blocks}${lines}${xMarks}<line class="axis" x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${TOP + PLOT_HEIGHT}" y2="${TOP + PLOT_HEIGHT}"/></svg></div></figure>`;
}
