/** Shown where a figure is not known. */
export const UNKNOWN = "-";

const PREFIXES = ["", "k", "M", "G", "T"] as const;

/** `value` with a decimal prefix and at most four digits: 4963330 → `4.963 M`. */
function withPrefix(value: number): string {
  let scaled = value;
  let index = 0;
  while (scaled >= 999.95 && index < PREFIXES.length - 1) {
    scaled /= 1000;
    index++;
  }
  const whole = index === 0 && Number.isInteger(value);
  const decimals = whole ? 0 : scaled >= 100 ? 1 : scaled >= 10 ? 2 : 3;
  return `${scaled.toFixed(decimals)} ${PREFIXES[index]}`;
}

/** Bits per second: `4.963 Mb/s`; `-` when not known. */
export function formatBitrate(bitsPerSecond: number | null): string {
  return bitsPerSecond === null ? UNKNOWN : `${withPrefix(Math.round(bitsPerSecond))}b/s`;
}

/** Octets: `16.84 MB`, in powers of 1000 as on the wire. */
export function formatOctets(octets: number): string {
  return `${withPrefix(octets)}B`;
}

/** A whole number with commas: `1,234,567`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A measured value with at most four digits, three decimals at the most from 0.001 on; `-` when not known. */
export function formatFigure(value: number | null): string {
  if (value === null) return UNKNOWN;
  const size = Math.abs(value);
  if (size >= 1e6) return value.toExponential(2).replace("e+", "e");
  if (size >= 1000) return `${value < 0 ? "-" : ""}${formatCount(Math.round(size))}`;
  if (size < 1) return String(Number(size < 0.001 ? value.toPrecision(2) : value.toFixed(3)));
  return String(Number(value.toPrecision(4)));
}

/**
 * Measured values of one quantity, all with the decimals of the largest so that they can be compared at a
 * glance: four digits of it, at most three decimals. `-` for each that is not known.
 */
export function formatFigures(...values: readonly (number | null)[]): string[] {
  const known = values.filter((value) => value !== null);
  const largest = Math.max(0, ...known.map(Math.abs));
  if (largest < 0.001 || largest >= 1000 || known.every(Number.isInteger)) return values.map(formatFigure);
  const decimals = largest >= 100 ? 1 : largest >= 10 ? 2 : 3;
  return values.map((value) => (value === null ? UNKNOWN : value.toFixed(decimals)));
}

/** Units of time, each a thousandth of the next. */
const TIME_UNITS: readonly string[] = ["ns", "us", "ms", "s"];

/** From here on the next larger unit of time reads better. */
const LONG = 100_000;

/** `values` in `unit` or, where that is one of time and they are large, in the next larger one that suits them. */
export function rescaled(
  values: readonly (number | null)[],
  unit: string,
): { values: readonly (number | null)[]; unit: string } {
  const place = TIME_UNITS.indexOf(unit);
  const next = TIME_UNITS[place + 1];
  if (place < 0 || next === undefined || values.every((value) => Math.abs(value ?? 0) < LONG))
    return { values, unit };
  return rescaled(
    values.map((value) => (value === null ? null : value / 1000)),
    next,
  );
}

/** `1 error`, `2 errors`, `1,234 packets`. */
export function formatNumber(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Seconds: `0.533 ms`, `26.5 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Number((seconds * 1000).toFixed(3))} ms`;
  if (seconds < 60) return `${Number(seconds.toFixed(3))} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A report's time as milliseconds and the nanoseconds beyond them; null when it is none. */
function splitTime(time: string): { ms: number; ns: number } | null {
  const sinceStart = /^([+-])(\d+)\.(\d{9})s$/.exec(time);
  if (sinceStart !== null) {
    const sign = sinceStart[1] === "-" ? -1 : 1;
    return { ms: sign * Number(sinceStart[2]) * 1000, ns: sign * Number(sinceStart[3]) };
  }
  const wall = /^(.+T\d\d:\d\d:\d\d)\.(\d{9})Z$/.exec(time);
  const ms = wall === null ? Number.NaN : Date.parse(`${wall[1]}Z`);
  return Number.isNaN(ms) ? null : { ms, ns: Number(wall?.[2]) };
}

/** Seconds between two times of a report; null when one is missing. */
export function secondsBetween(first: string | null, last: string | null): number | null {
  const from = first === null ? null : splitTime(first);
  const to = last === null ? null : splitTime(last);
  if (from === null || to === null) return null;
  return (to.ms - from.ms) / 1000 + (to.ns - from.ns) / 1e9;
}

/**
 * A report's time for reading: `2026-03-01 10:00:00.123 UTC`, or `+12.500 s` since the start without a wall
 * clock. It has three, six or nine decimals, as many as there are figures.
 */
export function formatReportTime(time: string): string {
  if (splitTime(time) === null) return time;
  const short = time.slice(0, -1).replace(/(\.\d{3})(\d{3})??(?:000)+$/, "$1$2");
  return time.endsWith("Z") ? `${short.replace("T", " ")} UTC` : `${short} s`;
}
