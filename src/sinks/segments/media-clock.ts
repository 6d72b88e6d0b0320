/** Ticks of PTS, DTS and PCR base in a second, and how many there are before they start again. */
const TICKS_A_SECOND = 90_000;
const WRAP = 2 ** 33;

/** A larger step forward, or a step back by more than a second, is another time line. */
const JUMP_SECONDS = 10;
const BACK_SECONDS = 1;

/** How far the time stamps of a stream have gone on, over wraps and jumps. */
export class MediaClock {
  /** Since the first time stamp. */
  seconds = 0;
  /** There was a time stamp. */
  known = false;
  #last = Number.NaN;
  #step = 0;

  /** The next time stamp, in ticks of 90 kHz; true when it does not go on from the one before. */
  advance(ticks: number): boolean {
    const last = this.#last;
    this.#last = ticks;
    this.known = true;
    if (Number.isNaN(last)) return false;
    let delta = ticks - last;
    if (delta < -WRAP / 2) delta += WRAP;
    else if (delta > WRAP / 2) delta -= WRAP;
    const step = delta / TICKS_A_SECOND;
    if (step > JUMP_SECONDS || step < -BACK_SECONDS) {
      this.seconds += this.#step;
      return true;
    }
    // A little out of order: the latest one counts.
    if (step < 0) this.#last = last;
    else {
      this.seconds += step;
      if (step > 0) this.#step = Math.min(step, 1);
    }
    return false;
  }

  /** Where the next time stamp is expected. */
  get expected(): number {
    return this.seconds + this.#step;
  }

  /** The time stamps that follow are of another kind: they can't be compared with those before. */
  change(): void {
    // A stream begins with some PCRs before its first access unit, from which its time counts.
    if (this.seconds < BACK_SECONDS) this.seconds = 0;
    this.#last = Number.NaN;
  }
}
