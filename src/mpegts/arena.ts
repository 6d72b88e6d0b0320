/**
 * Memory for packets that had to be put together from two buffers. An output may keep the address of a
 * packet until the end of the buffer, so memory is used once and only starts again after `release`.
 */
export class Arena {
  static readonly BYTES = 65_536;

  /** The memory; allocated when first needed, as most streams never are. */
  buf: Uint8Array = new Uint8Array(new ArrayBuffer(0));
  #used = 0;
  readonly #release: () => void;

  /** `release` is called before memory is used again: whoever holds octets in it copies them out then. */
  constructor(release: () => void) {
    this.#release = release;
  }

  /** Offset in `buf` of `bytes` octets (at most BYTES) that nobody holds. */
  take(bytes: number): number {
    if (this.buf.length === 0) this.buf = new Uint8Array(new ArrayBuffer(Arena.BYTES));
    if (this.#used + bytes > Arena.BYTES) {
      this.#release();
      this.#used = 0;
    }
    const off = this.#used;
    this.#used += bytes;
    return off;
  }
}
