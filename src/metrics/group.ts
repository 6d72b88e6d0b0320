import type { Reader } from "./read.ts";

/** What kind of metric it is: only goes up, goes up and down, or says things by its labels. */
export type MetricType = "counter" | "gauge" | "info";

/** One metric: how it is called and where it is read from. */
export interface Metric {
  /** Without the `_total` of a counter and the `_info` of an info; ends with its unit where it has one. */
  readonly name: string;
  readonly type: MetricType;
  /** One sentence, without a full stop. */
  readonly help: string;
  readonly read: Reader;
}

/** A counter; see `Metric`. */
export function counter(name: string, help: string, read: Reader): Metric {
  return { name, type: "counter", help, read };
}

/** A gauge; see `Metric`. */
export function gauge(name: string, help: string, read: Reader): Metric {
  return { name, type: "gauge", help, read };
}

/** A metric that says what it has to by its labels; its value is always 1. */
export function info(name: string, help: string): Metric {
  return { name, type: "info", help, read: () => 1 };
}

/** Rows that there is room for at first. */
const FIRST_ROWS = 16;

/** Escapes a label's value, the same in both formats. */
function escaped(value: string): string {
  return value.replaceAll(/[\\"\n]/g, (found) => (found === "\n" ? "\\n" : `\\${found}`));
}

/**
 * Metrics with the same labels: a table with a row a set of labels and a column a metric, in typed arrays. Rows come
 * when they are first written, up to a bound, and go when they were not written for a while.
 */
export class MetricGroup {
  /** Times that a set of labels found no room. */
  leftOut = 0;
  readonly name: string;
  readonly metrics: readonly Metric[];
  readonly labels: readonly string[];
  readonly #mostRows: number;
  #rows = new Map<string, number>();
  /** Labels as text of each row; empty for a row that is free. */
  #texts: string[] = [];
  /** What the counters of a row count from: another text means that they started again. */
  #epochs: string[] = [];
  #seenMs = new Float64Array(FIRST_ROWS);
  /** Figures as they are shown, and counters as they were read last; NaN for none. */
  #values: Float64Array;
  #raw: Float64Array;
  readonly #free: number[] = [];

  /** `name`, for what is left out; `labels` of every metric, in order. */
  constructor(name: string, labels: readonly string[], mostRows: number, metrics: readonly Metric[]) {
    this.name = name;
    this.metrics = metrics;
    this.labels = labels;
    this.#mostRows = mostRows;
    this.#values = new Float64Array(FIRST_ROWS * metrics.length).fill(Number.NaN);
    this.#raw = new Float64Array(FIRST_ROWS * metrics.length).fill(Number.NaN);
  }

  /** Sets of labels that there are now. */
  get size(): number {
    return this.#rows.size;
  }

  /**
   * Takes the figures in `source` for the labels `values`; the last ones may be missing. Counters that were read before go on by what was added
   * since; where `epoch` has changed they started again, and all they say was added. A counter that goes back within
   * one epoch waits until it has caught up. False when there is no room for these labels.
   */
  write(values: readonly string[], source: unknown, nowMs: number, epoch = ""): boolean {
    const labels = this.labels.slice(0, values.length);
    const text = labels.map((label, i) => `${label}="${escaped(values[i] ?? "")}"`).join(",");
    const row = this.#rows.get(text) ?? this.#newRow(text, epoch);
    if (row < 0) {
      this.leftOut++;
      return false;
    }
    this.#seenMs[row] = nowMs;
    const start = row * this.metrics.length;
    if (this.#epochs[row] !== epoch) {
      this.#epochs[row] = epoch;
      this.#raw.fill(0, start, start + this.metrics.length);
    }
    for (const [i, metric] of this.metrics.entries()) {
      const figure = metric.read(source);
      if (metric.type === "counter") this.#count(start + i, figure);
      else this.#values[start + i] = figure;
    }
    return true;
  }

  /** Drops the rows that were last written before `beforeMs`. */
  expire(beforeMs: number): void {
    for (const [text, row] of this.#rows) {
      if ((this.#seenMs[row] as number) >= beforeMs) continue;
      this.#rows.delete(text);
      this.#texts[row] = "";
      this.#free.push(row);
    }
  }

  /** Calls `sample` for each figure of the metric in column `column`, with its labels as text. */
  each(column: number, sample: (labels: string, value: number) => void): void {
    for (const [text, row] of this.#rows) {
      const value = this.#values[row * this.metrics.length + column] as number;
      if (!Number.isNaN(value)) sample(text, value);
    }
  }

  #count(place: number, figure: number): void {
    if (!Number.isFinite(figure) || figure < 0) return;
    const last = this.#raw[place] as number;
    const before = Number.isNaN(last) ? 0 : last;
    const shown = this.#values[place] as number;
    const total = Number.isNaN(shown) ? 0 : shown;
    this.#raw[place] = Math.max(before, figure);
    this.#values[place] = total + Math.max(0, figure - before);
  }

  /** A free row for `text`, or -1 when there is none. */
  #newRow(text: string, epoch: string): number {
    const row = this.#free.pop() ?? this.#texts.length;
    if (row >= this.#mostRows) return -1;
    if (row >= this.#seenMs.length) this.#grow();
    this.#rows.set(text, row);
    this.#texts[row] = text;
    this.#epochs[row] = epoch;
    const start = row * this.metrics.length;
    this.#values.fill(Number.NaN, start, start + this.metrics.length);
    this.#raw.fill(Number.NaN, start, start + this.metrics.length);
    return row;
  }

  #grow(): void {
    const rows = this.#seenMs.length * 2;
    const seen = new Float64Array(rows);
    seen.set(this.#seenMs);
    this.#seenMs = seen;
    const larger = (old: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
      const made = new Float64Array(rows * this.metrics.length).fill(Number.NaN);
      made.set(old);
      return made;
    };
    this.#values = larger(this.#values as Float64Array<ArrayBuffer>);
    this.#raw = larger(this.#raw as Float64Array<ArrayBuffer>);
  }
}
