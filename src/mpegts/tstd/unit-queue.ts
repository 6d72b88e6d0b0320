/** Access units that wait in a stream's buffers at most; of a second of AAC at 96 kHz there are 94. */
const MOST_UNITS = 1024;
const MASK = MOST_UNITS - 1;

/**
 * Access units in decoding order: where each starts in the elementary stream, when it arrived and when it is
 * decoded. A ring of typed arrays, 26 kB. Positions are octets of the elementary stream, times ticks of 27 MHz
 * of the program; NaN is a time that is not known yet.
 */
export class UnitQueue {
  readonly #start = new Float64Array(MOST_UNITS);
  readonly #decode = new Float64Array(MOST_UNITS);
  readonly #arrival = new Float64Array(MOST_UNITS);
  readonly #judged = new Uint8Array(MOST_UNITS);
  /** Numbers of the first unit that waits, the first that has not arrived, and the one after the last. */
  #head = 0;
  #arrived = 0;
  #tail = 0;

  get length(): number {
    return this.#tail - this.#head;
  }

  /** False, and nothing done, when there is no more room. */
  push(start: number, decodeTicks: number, judged: boolean): boolean {
    if (this.#tail - this.#head >= MOST_UNITS) return false;
    const at = this.#tail & MASK;
    this.#start[at] = start;
    this.#decode[at] = decodeTicks;
    this.#arrival[at] = Number.NaN;
    this.#judged[at] = judged ? 1 : 0;
    this.#tail += 1;
    return true;
  }

  /** Gives the `count` units before the last their times, in even steps from `from` to `to`. */
  fill(count: number, from: number, to: number): void {
    const steps = count + 1;
    for (let i = 1; i <= count; i += 1) {
      const number = this.#tail - 1 - steps + i;
      if (number >= this.#head) this.#decode[number & MASK] = from + ((to - from) * i) / steps;
    }
  }

  /** Octets before `position` have arrived by `ticks`. */
  arrive(position: number, ticks: number): void {
    while (this.#arrived < this.#tail && (this.#start[this.#arrived & MASK] as number) < position) {
      this.#arrival[this.#arrived & MASK] = ticks;
      this.#arrived += 1;
    }
  }

  /** Where the first unit that has not arrived starts; Infinity without one. */
  get expected(): number {
    return this.#arrived < this.#tail
      ? (this.#start[this.#arrived & MASK] as number)
      : Number.POSITIVE_INFINITY;
  }

  /** Where the first unit starts; Infinity without one. */
  get start(): number {
    return this.#head < this.#tail ? (this.#start[this.#head & MASK] as number) : Number.POSITIVE_INFINITY;
  }

  /** When the first unit is decoded; NaN where not known, Infinity without one. */
  get decodeTicks(): number {
    return this.#head < this.#tail ? (this.#decode[this.#head & MASK] as number) : Number.POSITIVE_INFINITY;
  }

  /** When the first octet of the first unit arrived; NaN while it has not. */
  get arrivalTicks(): number {
    return this.#arrival[this.#head & MASK] as number;
  }

  /** The first unit has a time stamp that holds it to account. */
  get judged(): boolean {
    return this.#judged[this.#head & MASK] === 1;
  }

  /** Removes the first unit. */
  shift(): void {
    if (this.#head === this.#tail) return;
    this.#head += 1;
    if (this.#arrived < this.#head) this.#arrived = this.#head;
  }

  clear(): void {
    this.#head = this.#tail;
    this.#arrived = this.#tail;
  }
}
