import type { TStdEvents } from "./events.ts";

/** Keeps what the model tells, each event as a line. */
export class KeptEvents implements TStdEvents {
  readonly lines: string[] = [];

  bufferError(pid: number | null, buffer: string, kind: string, timeNs: number): void {
    this.lines.push(`${pid} ${buffer} ${kind} @${timeNs}`);
  }

  emptyBuffer(pid: number | null, buffer: string, timeNs: number): void {
    this.lines.push(`${pid} ${buffer} not empty @${timeNs}`);
  }

  dataDelay(pid: number, delayNs: number, timeNs: number): void {
    this.lines.push(`${pid} delayed ${Math.round(delayNs / 1e6)} ms @${timeNs}`);
  }
}
