/** Sequence numbers that are remembered, back from the highest. */
export const HISTORY_LENGTH = 8192;

/**
 * Which of the last HISTORY_LENGTH RTP sequence numbers have come: one bit each, 1 KiB. Numbers are 16 bits and
 * wrap; the caller says how they follow each other.
 */
export class SequenceHistory {
  readonly #bits = new Uint32Array(HISTORY_LENGTH / 32);

  /** Forgets everything. */
  clear(): void {
    this.#bits.fill(0);
  }

  /** True when `sequence`, one of the last HISTORY_LENGTH, has come. */
  has(sequence: number): boolean {
    const bit = sequence % HISTORY_LENGTH;
    return (((this.#bits[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1;
  }

  /** `sequence` has come. */
  add(sequence: number): void {
    const bit = sequence % HISTORY_LENGTH;
    this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] as number) | (1 << (bit & 31));
  }

  /** The `count` numbers from `first` on are new ones that have not come: their bits still tell of older ones. */
  open(first: number, count: number): void {
    if (count >= HISTORY_LENGTH) {
      this.clear();
      return;
    }
    for (let i = 0; i < count; ) {
      const bit = (first + i) % HISTORY_LENGTH;
      const word = bit >>> 5;
      if ((bit & 31) === 0 && count - i >= 32) {
        this.#bits[word] = 0;
        i += 32;
      } else {
        this.#bits[word] = (this.#bits[word] as number) & ~(1 << (bit & 31));
        i++;
      }
    }
  }
}
