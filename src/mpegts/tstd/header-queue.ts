/** PES headers in a buffer at most; further ones count with the last. */
const MOST_HEADERS = 256;
const MASK = MOST_HEADERS - 1;

/** PES packet headers in MBn or Bn: each leaves with the octet that follows it (ISO/IEC 13818-1 2.4.2.3). 3 kB. */
export class HeaderQueue {
  /** Octets of all that wait. */
  octets = 0;
  readonly #position = new Float64Array(MOST_HEADERS);
  readonly #length = new Uint32Array(MOST_HEADERS);
  #head = 0;
  #tail = 0;

  /** A header of `octets` stands before `position` of the elementary stream. */
  push(position: number, octets: number): void {
    this.octets += octets;
    const full = this.#tail - this.#head >= MOST_HEADERS;
    // The rest of a header that went on over a packet counts with it, as does what there is no room for.
    if (full || (this.#tail > this.#head && this.#position[(this.#tail - 1) & MASK] === position)) {
      const last = (this.#tail - 1) & MASK;
      this.#position[last] = position;
      this.#length[last] = (this.#length[last] as number) + octets;
      return;
    }
    this.#position[this.#tail & MASK] = position;
    this.#length[this.#tail & MASK] = octets;
    this.#tail += 1;
  }

  /** Where the first that waits stands; Infinity without one. */
  get position(): number {
    return this.#head < this.#tail ? (this.#position[this.#head & MASK] as number) : Number.POSITIVE_INFINITY;
  }

  /** Octets of the elementary stream before `position` have left. */
  leave(position: number): void {
    while (this.#head < this.#tail && (this.#position[this.#head & MASK] as number) < position) {
      this.octets -= this.#length[this.#head & MASK] as number;
      this.#head += 1;
    }
  }

  clear(): void {
    this.#head = this.#tail;
    this.octets = 0;
  }
}
