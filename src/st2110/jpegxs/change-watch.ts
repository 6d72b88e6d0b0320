import type { FindingCounter } from "../../report/finding.ts";

/** So many values in a row that are alike, and others than before, are a change of the format and no faults. */
export const CHANGED = 4;

/** One figure that is the same in all pictures of a stream: each value that is not counts, unless it goes on with it. */
export class ChangeWatch {
  readonly #counter: FindingCounter;
  readonly #tolerance: number;
  /** Other values since the last right one, and how many of the last ones are alike. */
  #count = 0;
  #alike = 0;
  #value = 0;
  #sum = 0;
  #fromNs = Number.NaN;
  #lastNs = Number.NaN;

  /** Other values count in `counter`; those no further apart than `tolerance` are alike. */
  constructor(counter: FindingCounter, tolerance: number) {
    this.#counter = counter;
    this.#tolerance = tolerance;
  }

  /** No value is waiting. */
  get quiet(): boolean {
    return this.#count === 0;
  }

  /** Sum of the last ones that are alike: CHANGED of them when `other` has said so. */
  get sum(): number {
    return this.#sum;
  }

  /** A value that is not as before; true when as many as CHANGED are alike. */
  other(value: number, timeNs: number): boolean {
    if (this.#alike > 0 && Math.abs(value - this.#value) > this.#tolerance) {
      // Where the change is, one value may be of neither format.
      if (this.#count > 1) this.commit();
      this.#alike = 0;
    }
    if (this.#count === 0) this.#fromNs = timeNs;
    if (this.#alike === 0) {
      this.#value = value;
      this.#sum = 0;
    }
    this.#sum += value;
    this.#lastNs = timeNs;
    this.#count += 1;
    this.#alike += 1;
    return this.#alike >= CHANGED;
  }

  /** They were faults: the value is as before again, or nothing more comes. */
  commit(): void {
    const count = this.#count;
    if (count > 1) this.#counter.hit(this.#fromNs, count - 1);
    if (count > 0) this.#counter.hit(this.#lastNs);
    this.drop();
  }

  /** They were of another format. */
  drop(): void {
    this.#count = 0;
    this.#alike = 0;
  }
}
