/** Longest answer that is believed: that of a cluster with thousands of partitions stays under a megabyte. */
export const ANSWER_MAX_OCTETS = 4 * 1024 * 1024;

/** The number that tells an answer from another stands first in it. */
const ANSWER_MIN_OCTETS = 4;

const LENGTH_OCTETS = 4;

/**
 * Walks the answers of one connection to a broker, each a length (32 bits, big-endian) and that many octets, as they
 * come in pieces. What is not a possible length ends the connection before anybody waits for gigabytes.
 */
export class FrameGuard {
  /** Octets of the answer at hand that have not come. */
  #left = 0;
  #length = 0;
  #lengthOctets = 0;

  /** False when a length in `chunk` is impossible; the rest of the connection then means nothing. */
  accepts(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, chunk.length - at);
        this.#left -= skipped;
        at += skipped;
        continue;
      }
      this.#length = this.#length * 256 + (chunk[at] ?? 0);
      at++;
      if (++this.#lengthOctets < LENGTH_OCTETS) continue;
      if (this.#length < ANSWER_MIN_OCTETS || this.#length > ANSWER_MAX_OCTETS) return false;
      this.#left = this.#length;
      this.#length = 0;
      this.#lengthOctets = 0;
    }
    return true;
  }
}
