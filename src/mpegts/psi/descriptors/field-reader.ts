/** What a field of a descriptor or table may hold: plain data, ready for JSON. */
export type FieldValue = string | number | boolean | null | readonly FieldValue[] | Fields;

/** Fields of a descriptor by their names in the standard, in camel case, in the order of the standard. */
export interface Fields {
  readonly [field: string]: FieldValue | undefined;
}

/** Reads the content of one descriptor; what it leaves unread is shown as hex by the caller. */
export type Decoder = (reader: FieldReader) => Fields;

/** A descriptor_tag, the descriptor's name in its standard, and how it is decoded (hex without). */
export type DescriptorEntry = readonly [tag: number, name: string, decode?: Decoder];

/** Octets `buf[off, off + len)` in lower case hex without spaces. */
export function hex(buf: Uint8Array, off: number, len: number): string {
  return Buffer.from(buf.buffer, buf.byteOffset + off, len).toString("hex");
}

/**
 * Reads the fields of a structure in their order, bit by bit, and never past its end: there a field reads as 0
 * or empty, and `short` says so. Loops run `while (reader.more(n))`.
 */
export class FieldReader {
  readonly #buf: Uint8Array;
  #bit: number;
  readonly #endBit: number;
  #short = false;

  /** Reads `buf[off, off + len)`, which the caller has checked to be there. */
  constructor(buf: Uint8Array, off: number, len: number) {
    this.#buf = buf;
    this.#bit = off * 8;
    this.#endBit = (off + len) * 8;
  }

  /** True when a field was asked for that was not there in full. */
  get short(): boolean {
    return this.#short;
  }

  /** Whole octets not read yet. */
  get left(): number {
    return Math.max(0, (this.#endBit - this.#bit) >> 3);
  }

  /** Whether at least `bytes` (1 or more) are left; a part of them counts as `short`. */
  more(bytes = 1): boolean {
    if (this.left >= bytes) return true;
    if (this.left > 0) this.#fail();
    return false;
  }

  /** Unsigned number of `count` bits, most significant first; 1 to 53. */
  bits(count: number): number {
    if (this.#bit + count > this.#endBit) return this.#fail();
    let value = 0;
    // By multiplication: over 32 bits shifts would wrap.
    for (let left = count; left > 0; ) {
      const inOctet = 8 - (this.#bit & 7);
      const take = Math.min(inOctet, left);
      const octet = this.#buf[this.#bit >> 3] as number;
      value = value * 2 ** take + ((octet >> (inOctet - take)) & ((1 << take) - 1));
      this.#bit += take;
      left -= take;
    }
    return value;
  }

  /** One bit. */
  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** Passes over `count` bits: reserved ones. */
  skipBits(count: number): void {
    if (this.#bit + count > this.#endBit) this.#fail();
    else this.#bit += count;
  }

  u8(): number {
    return this.bits(8);
  }

  u16(): number {
    return this.bits(16);
  }

  u24(): number {
    return this.bits(24);
  }

  u32(): number {
    return this.bits(32);
  }

  /** `digits` decimal digits of 4 bits each as a number; null where one is none. */
  bcd(digits: number): number | null {
    let value: number | null = 0;
    for (let i = 0; i < digits; i++) {
      const digit = this.bits(4);
      value = value === null || digit > 9 ? null : value * 10 + digit;
    }
    return value;
  }

  /** Octets from here by offset: `use` is called with as many of the `len` as are there. */
  take<T>(len: number, use: (buf: Uint8Array, off: number, len: number) => T): T {
    const there = Math.min(len, this.left);
    const at = Math.ceil(this.#bit / 8);
    this.#bit = (at + there) * 8;
    if (there < len) this.#fail();
    return use(this.#buf, at, there);
  }

  /** The next `len` octets in hex. */
  hex(len: number): string {
    return this.take(len, hex);
  }

  /** What is left, in hex. */
  restHex(): string {
    return this.hex(this.left);
  }

  /** The next `len` octets as printable ASCII; others show as `.`. */
  ascii(len: number): string {
    return this.take(len, (buf, off, there) => {
      let text = "";
      for (let i = off; i < off + there; i++) {
        const octet = buf[i] as number;
        text += octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : ".";
      }
      return text;
    });
  }

  /** ISO_639_language_code or a country code: three characters of ISO 8859-1. */
  language(): string {
    return this.ascii(3);
  }

  /** A reader of the next `len` octets, which are passed over here. */
  sub(len: number): FieldReader {
    return this.take(len, (buf, off, there) => new FieldReader(buf, off, there));
  }

  /** What `item` reads, as often as whole `bytes` are left. */
  loop<T>(bytes: number, item: () => T): T[] {
    const items: T[] = [];
    // An item may end beyond the octets: then it was the last.
    while (this.more(bytes) && !this.#short) items.push(item());
    return items;
  }

  /** What `item` reads, `count` times; an item of fewer than `bytes` (1 or more) is not there: then it ends. */
  times<T>(count: number, bytes: number, item: () => T): T[] {
    const items: T[] = [];
    while (items.length < count && !this.#short) {
      if (this.left < bytes) this.#fail();
      else items.push(item());
    }
    return items;
  }

  /** What a nested reader could not read is missing here too. */
  noteShort(of: FieldReader): void {
    if (of.short) this.#short = true;
  }

  #fail(): number {
    this.#short = true;
    this.#bit = this.#endBit;
    return 0;
  }
}
