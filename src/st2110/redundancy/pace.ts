/** A stream's timestamps may be rebased after so many ticks, well before a difference of two wraps. */
const REBASE_TICKS = 2 ** 30;
/** Packets of a tick differ where there are more or fewer in a frame: so many times as many are believed. */
const MOST_UNEVEN = 2;

/** How RTP timestamps and sequence numbers of one stream go on together. */
export class Pace {
  /** RTP timestamp of the packet with the highest number. */
  newest = 0;
  /** Packets for each tick; NaN before the timestamp has changed twice. */
  packetsPerTick = Number.NaN;
  /** Where the timestamp first became another; -1 before. */
  #changeExt = -1;
  #changeTimestamp = 0;
  /** Ticks of the last change: those of a frame. */
  #step = 0;

  /** Another numbering begins. */
  begin(): void {
    this.#changeExt = -1;
    this.packetsPerTick = Number.NaN;
  }

  /** The highest number is now `ext`. A frame has many packets of one timestamp: what counts is where it changes. */
  advance(ext: number, timestamp: number): void {
    if (timestamp === this.newest) return;
    this.#step = Math.abs((timestamp - this.newest) | 0);
    this.newest = timestamp;
    const ticks = (timestamp - this.#changeTimestamp) | 0;
    if (this.#changeExt >= 0 && ticks > 0) this.packetsPerTick = (ext - this.#changeExt) / ticks;
    if (this.#changeExt >= 0 && ticks <= REBASE_TICKS) return;
    this.#changeExt = ext;
    this.#changeTimestamp = timestamp;
  }

  /** Ticks from the newest timestamp to this one. */
  since(timestamp: number): number {
    return (timestamp - this.newest) | 0;
  }

  /** The most packets that `ticks` can have, and the rest of the frame that they begin in. */
  mostIn(ticks: number): number {
    const most = MOST_UNEVEN * this.packetsPerTick * (ticks + this.#step);
    return Number.isNaN(most) ? Number.POSITIVE_INFINITY : most;
  }
}
