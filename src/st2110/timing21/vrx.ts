import { LevelCounts } from "./counts.ts";
import { ReadSchedule } from "./read-schedule.ts";
import type { Schedule } from "./schedule.ts";

/**
 * The virtual receive buffer of ST 2110-21: packet j of frame N enters when it comes and leaves at TPRj. The level
 * counts the packet that has just come; 0 or less means that it came after it was to be read. Not reset from
 * frame to frame: what is left of the frame before counts. Holds only for a sender locked to the reference clock.
 */
export class Vrx {
  /** Level after each packet. */
  readonly levels = new LevelCounts();
  /** Packets that came after their TPRj. */
  underflows = 0;
  /** Least and most of the current frame. */
  frameMin = Number.POSITIVE_INFINITY;
  frameMax = Number.NEGATIVE_INFINITY;
  readonly #schedule: Schedule;
  readonly #reads: ReadSchedule;
  readonly #unitsPerNs: number;
  #phase = 0;
  #baseNs = 0;

  constructor(schedule: Schedule, gapped: boolean) {
    this.#schedule = schedule;
    this.#reads = new ReadSchedule(schedule, gapped);
    this.#unitsPerNs = this.#reads.unitsPerNs;
  }

  /** A frame begins: `baseNs` (an integer) is `sinceEpochNs` after the epoch, and `n` is its N. */
  frame(baseNs: number, sinceEpochNs: bigint, n: bigint): void {
    this.#baseNs = baseNs;
    this.#phase = this.#reads.phase(sinceEpochNs, n, this.#schedule.period);
    this.frameMin = Number.POSITIVE_INFINITY;
    this.frameMax = Number.NEGATIVE_INFINITY;
  }

  /** Packet `j` of the frame at `timeNs`; returns the level with it. */
  packet(j: number, timeNs: number): number {
    const level = j + 1 - this.#reads.reads((timeNs - this.#baseNs) * this.#unitsPerNs + this.#phase);
    this.levels.add(level);
    if (level < this.frameMin) this.frameMin = level;
    if (level > this.frameMax) this.frameMax = level;
    if (level < 1) this.underflows += 1;
    return level;
  }
}
