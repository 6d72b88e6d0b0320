import type { Epoch } from "../../report/time.ts";
import { LevelCounts } from "./counts.ts";
import { epochNs } from "./epoch-time.ts";
import { PeriodicGrid } from "./periodic-grid.ts";
import type { Rational } from "./rational.ts";

/**
 * Cinst of ST 2110-21's network compatibility model: each packet fills a bucket when it comes, and one packet
 * leaves at each `k * TDRAIN` since the epoch. The level counts the packet that has just come. Needs no lock
 * to the frame: -20 and -22 alike.
 */
export class Cinst {
  /** Level after each packet. */
  readonly levels = new LevelCounts();
  readonly #grid: PeriodicGrid;
  readonly #epoch: Epoch;
  readonly #offsetSeconds: number;
  #level = 0;
  #anchorNs = Number.NaN;
  readonly #rangeNs: number;
  #drained = 0;

  /** `drain` is TDRAIN in nanoseconds; `offsetSeconds` what is added to the capture's time to get TAI. */
  constructor(drain: Rational, epoch: Epoch, offsetSeconds: number) {
    this.#grid = new PeriodicGrid(drain);
    this.#rangeNs = this.#grid.rangeNs;
    this.#epoch = epoch;
    this.#offsetSeconds = offsetSeconds;
  }

  /** A packet at `timeNs`, not NaN; returns the level with it. */
  packet(timeNs: number): number {
    const sinceNs = timeNs - this.#anchorNs;
    if (!(sinceNs >= 0 && sinceNs < this.#rangeNs)) this.#anchor(timeNs);
    const drained = this.#grid.index(timeNs);
    const level = this.#level - (drained - this.#drained);
    this.#drained = drained;
    const filled = Math.max(level, 0) + 1;
    this.#level = filled;
    this.levels.add(filled);
    return filled;
  }

  /** The times start anew: the bucket is empty. */
  restart(): void {
    this.#anchorNs = Number.NaN;
    this.#level = 0;
  }

  #anchor(timeNs: number): void {
    const baseNs = Math.floor(timeNs);
    const sinceNs = baseNs - this.#anchorNs;
    // A whole second holds more drains than the bucket packets; a step back in time begins anew.
    if (sinceNs >= 0 && sinceNs < 2 * this.#rangeNs) {
      this.#level = Math.max(0, this.#level - (this.#grid.index(baseNs) - this.#drained));
    } else {
      this.#level = 0;
    }
    this.#anchorNs = baseNs;
    this.#grid.anchor(baseNs, epochNs(this.#epoch, this.#offsetSeconds, baseNs));
    this.#drained = 0;
  }
}
