import type { HistogramReport } from "./histogram-schema.ts";

/** Count, minimum, mean, maximum, 50, 90, 99 and 99.9 %. */
type Figures = readonly [
  number,
  number | null,
  number | null,
  number | null,
  number | null,
  number | null,
  number | null,
  number | null,
];

/** A histogram by its count, minimum, mean, maximum and percentiles, and its bins. */
export function histogram(
  unit: string,
  figures: Figures,
  bins: readonly (readonly [number, number, number])[],
): HistogramReport {
  const [count, min, mean, max, p50, p90, p99, p999] = figures;
  return {
    unit,
    count,
    min,
    mean,
    max,
    p50,
    p90,
    p99,
    p999,
    bins: bins.map(([from, to, inBin]) => ({ from, to, count: inBin })),
  };
}

/** How often each level was seen. */
export function levels(pairs: readonly (readonly [number, number])[]): { level: number; count: number }[] {
  return pairs.map(([level, count]) => ({ level, count }));
}
