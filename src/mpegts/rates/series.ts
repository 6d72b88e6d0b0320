import type { SeriesReport } from "../../report/mpegts-schema.ts";
import { TS_PACKET_BITS } from "../packet.ts";

/** Points of a series; when they are used up, two become one. */
export const SERIES_POINTS = 1024;
/** PIDs with a series of their own, those seen first; packets of others are in the total only. */
export const SERIES_PIDS = 256;

const FIRST_POINTS = 64;

/**
 * Bit rate over time, in total and for each PID.
 *
 * It starts with a point a second; when all points are used up the step doubles, so that the series always
 * spans the whole time in 512 to 1024 points. Memory: 4 kB for each PID, 1 MB at most.
 */
export class RateSeries {
  /** Seconds of a point. */
  stepSeconds = 1;
  /** Packets of each point: first all PIDs together, then those of `#pids`. */
  readonly #rows: Float32Array<ArrayBuffer>[] = [new Float32Array(FIRST_POINTS)];
  readonly #pids: number[] = [];
  /** Row of each PID, 0 for none. */
  readonly #rowOf = new Map<number, number>();
  #capacity = FIRST_POINTS;

  /** Makes room for second number `second`, from 0; due before the second's `add`. */
  reach(second: number): void {
    while (Math.floor(second / this.stepSeconds) >= this.#capacity) {
      if (this.#capacity < SERIES_POINTS) this.#grow();
      else this.#halve();
    }
  }

  /** Adds `packets` of `pid` to second number `second`, which `reach` has made room for. */
  add(second: number, pid: number, packets: number): void {
    const point = Math.floor(second / this.stepSeconds);
    const total = this.#rows[0] as Float32Array;
    total[point] = (total[point] as number) + packets;
    const row = this.#rows[this.#rowOf.get(pid) ?? this.#newRow(pid)];
    if (row !== undefined && row !== total) row[point] = (row[point] as number) + packets;
  }

  /** The series of the first `seconds` seconds; null while there are none. */
  report(seconds: number): SeriesReport | null {
    if (seconds === 0) return null;
    const points = Math.ceil(seconds / this.stepSeconds);
    const inLast = seconds - (points - 1) * this.stepSeconds;
    const bitrate = (row: number): number[] =>
      Array.from({ length: points }, (_, point) => {
        const packets = this.#rows[row]?.[point] ?? 0;
        return (packets * TS_PACKET_BITS) / (point === points - 1 ? inLast : this.stepSeconds);
      });
    const pids = this.#pids.map((pid, i) => ({ pid, bitrate: bitrate(i + 1) }));
    return {
      stepSeconds: this.stepSeconds,
      startOffsetSeconds: 0,
      total: bitrate(0),
      pids: pids.sort((a, b) => a.pid - b.pid),
    };
  }

  #newRow(pid: number): number {
    const row = this.#pids.length < SERIES_PIDS ? this.#rows.length : 0;
    this.#rowOf.set(pid, row);
    if (row === 0) return 0;
    this.#pids.push(pid);
    this.#rows.push(new Float32Array(this.#capacity));
    return row;
  }

  #grow(): void {
    this.#capacity *= 2;
    for (let i = 0; i < this.#rows.length; i += 1) {
      const bigger = new Float32Array(this.#capacity);
      bigger.set(this.#rows[i] as Float32Array);
      this.#rows[i] = bigger;
    }
  }

  #halve(): void {
    this.stepSeconds *= 2;
    const half = this.#capacity / 2;
    for (const row of this.#rows) {
      for (let i = 0; i < half; i += 1) row[i] = (row[2 * i] as number) + (row[2 * i + 1] as number);
      row.fill(0, half);
    }
  }
}
