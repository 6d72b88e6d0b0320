import type { SeriesReport } from "../../report/mpegts-schema.ts";
import type { PidReport } from "../../report/schema.ts";
import { formatBitrate, formatSeconds } from "../units.ts";
import { linearScale } from "./scale.ts";
import { html, type Markup, NOTHING, pidText } from "./template.ts";

const WIDTH = 1120;
const HEIGHT = 300;
const LEFT = 84;
const RIGHT = 14;
const TOP = 12;
const BOTTOM = 34;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;

/** PIDs with a colour of their own; the smaller ones are one layer. */
const MOST_LAYERS = 8;

/** Steps drawn; longer series are averaged down to it. */
const MOST_STEPS = 560;

const NULL_PID = 0x1fff;

interface Layer {
  readonly name: string;
  /** CSS class that colours it. */
  readonly colour: string;
  readonly bitrate: readonly number[];
  readonly mean: number;
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** `values` in groups of `size`, each its mean. */
function averaged(values: readonly number[], size: number): number[] {
  if (size === 1) return [...values];
  const groups: number[] = [];
  for (let at = 0; at < values.length; at += size) groups.push(meanOf(values.slice(at, at + size)));
  return groups;
}

function sumOf(series: readonly (readonly number[])[], steps: number): number[] {
  return Array.from({ length: steps }, (_, i) => series.reduce((sum, one) => sum + (one[i] ?? 0), 0));
}

function nameOf(pid: number, pids: ReadonlyMap<number, PidReport>): string {
  const known = pids.get(pid);
  const what = known?.codec ?? known?.kind;
  return what === undefined || what === null ? pidText(pid) : `${pidText(pid)} ${what}`;
}

/** The layers from the bottom up: largest first, small ones together, null packets on top. */
function layersOf(series: SeriesReport, size: number, pids: ReadonlyMap<number, PidReport>): Layer[] {
  const steps = Math.ceil(series.total.length / size);
  const all = series.pids
    .map(({ pid, bitrate }) => ({ pid, bitrate: averaged(bitrate, size), mean: meanOf(bitrate) }))
    .toSorted((a, b) => b.mean - a.mean);
  const nulls = all.filter(({ pid }) => pid === NULL_PID);
  const others = all.filter(({ pid }) => pid !== NULL_PID);
  const shown = others.length > MOST_LAYERS ? others.slice(0, MOST_LAYERS - 1) : others;
  const rest = others.slice(shown.length);
  const layers = shown.map(
    ({ pid, bitrate, mean }, i): Layer => ({ name: nameOf(pid, pids), colour: `s${i}`, bitrate, mean }),
  );
  if (rest.length > 0) {
    const bitrate = sumOf(
      rest.map((one) => one.bitrate),
      steps,
    );
    const mean = rest.reduce((sum, one) => sum + one.mean, 0);
    layers.push({ name: `${rest.length} smaller PIDs`, colour: "rest", bitrate, mean });
  }
  for (const { pid, bitrate, mean } of nulls) {
    layers.push({ name: `${pidText(pid)} null`, colour: "null", bitrate, mean });
  }
  return layers;
}

/** The outline of one layer between `low` and `high`, in steps. */
function stepPath(
  low: readonly number[],
  high: readonly number[],
  x: (step: number) => number,
  y: (value: number) => number,
): string {
  let path = "";
  for (let i = 0; i < high.length; i++) {
    path += `${i === 0 ? "M" : "V"}${i === 0 ? `${x(0).toFixed(1)} ` : ""}${y(high[i] as number).toFixed(1)}H${x(i + 1).toFixed(1)}`;
  }
  for (let i = high.length - 1; i >= 0; i--) path += `V${y(low[i] as number).toFixed(1)}H${x(i).toFixed(1)}`;
  return `${path}Z`;
}

/** Bit rate over time, stacked by PID, with a legend; nothing without a series. */
export function rateChart(series: SeriesReport | null, pids: readonly PidReport[]): Markup {
  if (series === null || series.total.length === 0) return NOTHING;
  const size = Math.ceil(series.total.length / MOST_STEPS);
  const total = averaged(series.total, size);
  const steps = total.length;
  const layers = layersOf(series, size, new Map(pids.map((pid) => [pid.pid, pid])));
  const stacked = sumOf(
    layers.map(({ bitrate }) => bitrate),
    steps,
  );
  const most = Math.max(1, ...total, ...stacked) * 1.05;
  const x = (step: number): number => LEFT + (step / steps) * PLOT_WIDTH;
  const y = (value: number): number => TOP + PLOT_HEIGHT * (1 - value / most);
  let low: number[] = new Array(steps).fill(0);
  const areas = layers.map((layer) => {
    const base = low;
    low = base.map((value, i) => value + (layer.bitrate[i] ?? 0));
    const label = `${layer.name}: ${formatBitrate(layer.mean)} on average`;
    return html`<path class="${layer.colour}" d="${stepPath(base, low, x, y)}"><title>${label}</title></path>`;
  });
  const outline = total
    .map(
      (value, i) => `${i === 0 ? `M${x(0).toFixed(1)} ` : "V"}${y(value).toFixed(1)}H${x(i + 1).toFixed(1)}`,
    )
    .join("");
  const seconds = steps * size * series.stepSeconds;
  const time = linearScale(series.startOffsetSeconds, series.startOffsetSeconds + seconds, 10);
  const xMarks = time.ticks.map((tick) => {
    const at = (LEFT + time.position(tick) * PLOT_WIDTH).toFixed(1);
    return html`<text x="${at}" y="${HEIGHT - 14}" text-anchor="middle">${tick === 0 ? "0" : formatSeconds(tick)}</text>`;
  });
  const yMarks = linearScale(0, most, 5).ticks.map((tick) => {
    const at = y(tick).toFixed(1);
    return html`<line class="grid" x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${at}" y2="${at}"/><text x="${LEFT - 8}" y="${at}" dy="4" text-anchor="end">${formatBitrate(tick)}</text>`;
  });
  const legend = layers.map(
    ({ name, colour, mean }) =>
      html`<li><svg viewBox="0 0 12 12" aria-hidden="true"><rect class="${colour}" width="12" height="12" rx="2"/></svg>${name} <small>${formatBitrate(mean)}</small></li>`,
  );
  return html`<figure class="chart wide"><figcaption>Bit rate over time, by PID <small>each step ${formatSeconds(size * series.stepSeconds)}</small></figcaption>
<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Bit rate over time, stacked by PID">${yMarks}${areas}<path class="outline" d="${outline}"/>${xMarks}<line class="axis" x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${TOP + PLOT_HEIGHT}" y2="${TOP + PLOT_HEIGHT}"/></svg></div>
<ul class="legend">${legend}</ul></figure>`;
}
