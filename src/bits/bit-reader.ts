/**
 * Reads fields of any number of bits, most significant bit first, from a part of a buffer. Reading past the
 * end gives zero bits and sets `overrun`, so that a parser reads a whole structure and asks once at its
 * end. Reusable: `reset` points it at other octets. Not for the packet hot path, where offsets are fixed.
 */
export class BitReader {
  /** A read or skip went past the end; everything read from there on is 0. */
  overrun = false;

  #buf: Uint8Array;
  /** Bits from the start of the buffer. */
  #bit = 0;
  #start = 0;
  #end = 0;

  /** Reads from `buf[off, off + len)`, which is cut where the buffer ends. */
  constructor(buf: Uint8Array, off = 0, len = buf.length - off) {
    this.#buf = buf;
    this.reset(buf, off, len);
  }

  /** Starts again at `buf[off, off + len)`, which is cut where the buffer ends. */
  reset(buf: Uint8Array, off: number, len: number): void {
    this.#buf = buf;
    this.#start = Math.min(Math.max(off, 0), buf.length) * 8;
    this.#end = Math.max(this.#start, Math.min(off + len, buf.length) * 8);
    this.#bit = this.#start;
    this.overrun = false;
  }

  /** Bits read or skipped so far. */
  get position(): number {
    return this.#bit - this.#start;
  }

  /** Bits that are left. */
  get bitsLeft(): number {
    return this.#end - this.#bit;
  }

  /** The next `n` bits (0 to 32) as an unsigned number; 0 and `overrun` when fewer are left. */
  bits(n: number): number {
    const from = this.#bit;
    if (!this.skip(n)) return 0;
    let value = 0;
    let bit = from;
    const to = from + n;
    while (bit < to) {
      const available = 8 - (bit & 7);
      const take = Math.min(available, to - bit);
      const part = ((this.#buf[bit >>> 3] as number) >>> (available - take)) & ((1 << take) - 1);
      // Multiplication, as a shift by 32 - take would lose the sign bit's meaning.
      value = value * (1 << take) + part;
      bit += take;
    }
    return value;
  }

  /** Passes over `n` bits (0 or more). False, with `overrun` set and nothing left, when fewer are left. */
  skip(n: number): boolean {
    if (n < 0 || n > this.#end - this.#bit) {
      this.overrun = true;
      this.#bit = this.#end;
      return false;
    }
    this.#bit += n;
    return true;
  }
}
