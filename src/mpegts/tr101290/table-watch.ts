import { GapTimer } from "./gap.ts";

/**
 * The timer of a table that a stream has to have only where it has its PID: until then it expects nothing.
 */
export class TableWatch extends GapTimer {
  /** The table has to come. */
  expected = false;

  /** The table has to come, from `timeNs` on. */
  expectFrom(timeNs: number): void {
    if (this.expected) return;
    this.expected = true;
    this.expect(timeNs);
  }

  /** It came at `timeNs`: what was there once has to come again. */
  override seen(timeNs: number): number {
    this.expected = true;
    return super.seen(timeNs);
  }

  /** The table need not come: its PID is another's. */
  withdraw(): void {
    this.expected = false;
    this.fromNs = Number.NaN;
  }

  /** Starts afresh at `timeNs`. */
  restart(timeNs: number): void {
    this.fromNs = this.expected ? timeNs : Number.NaN;
  }
}
