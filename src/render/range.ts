import type { HistogramReport } from "../report/histogram-schema.ts";
import { formatFigures, rescaled } from "./units.ts";

/** From here on the next larger unit reads better, for durations that stand beside other durations. */
const LONG_NS = 10_000;

/** Nanoseconds in the unit that suits the largest: ns, us or ms. */
function suited(ns: readonly (number | null)[]): { values: (number | null)[]; unit: string } {
  const largest = Math.max(0, ...ns.map((value) => Math.abs(value ?? 0)));
  const [divisor, unit] =
    largest >= LONG_NS * 1000 ? [1e6, "ms"] : largest >= LONG_NS ? [1e3, "us"] : [1, "ns"];
  return { values: ns.map((value) => (value === null ? null : value / Number(divisor))), unit: String(unit) };
}

/** `1.2 to 45.6 ms, mean 40 ms, 99 % below 44 ms`. */
export function rangeText(histogram: HistogramReport): string {
  const { min, mean, max, p99 } = histogram;
  if (min === null || max === null) return "nothing measured";
  const { values, unit } = rescaled([min, max, mean, p99], histogram.unit);
  const [low, high, middle, most] = formatFigures(...values);
  return `${low} to ${high} ${unit}, mean ${middle}, 99 % below ${most}`;
}

/** `606.7 to 607.3 us, mean 607.1`, for where there are few values; nanoseconds in the unit that suits them. */
export function nsRangeText(range: {
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
}): string {
  if (range.min === null || range.max === null) return "nothing measured";
  const { values, unit } = suited([range.min, range.max, range.mean]);
  const [low, high, middle] = formatFigures(...values);
  return `${low} to ${high} ${unit}, mean ${middle}`;
}

/** One duration of nanoseconds: `77.52 us`; `-` when not known. */
export function nsText(ns: number | null): string {
  if (ns === null) return "-";
  // Whole seconds with their nanoseconds: an offset of 37 s keeps the digits that matter.
  if (Math.abs(ns) >= 1e9) return `${(ns / 1e9).toFixed(9)} s`;
  const { values, unit } = suited([ns]);
  const [text] = formatFigures(...values);
  return `${text} ${unit}`;
}
