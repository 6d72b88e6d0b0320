import { u8, u32le } from "../bits/read.ts";

/** First octets of a Zstandard frame, read little-endian (RFC 8878, 3.1.1). */
const ZSTD_MAGIC = 0xfd2fb528;
/** Skippable frames have the magic numbers 0x184D2A50 to 0x184D2A5F (RFC 8878, 3.1.2). */
const SKIPPABLE_MAGIC = 0x184d2a50;

/** What the walker puts together next, and of how many octets. */
const FIELD_OCTETS = { magic: 4, descriptor: 1, block: 3, skipLength: 4 } as const;

/** True for the first four octets of Zstandard content. */
export function isZstdMagic(magic: number): boolean {
  return magic === ZSTD_MAGIC || (magic & ~15) >>> 0 === SKIPPABLE_MAGIC;
}

/**
 * Follows the frame structure of Zstandard content without decompressing it, to know whether it ended at
 * the end of a frame: the decompressor itself is silent when its input stops short (Bun 1.4.5).
 */
export class ZstdFrameWalker {
  #field: keyof typeof FIELD_OCTETS = "magic";
  readonly #octets = new Uint8Array(4);
  #have = 0;
  /** Octets to pass over before `#field` begins. */
  #pass = 0;
  #checksumOctets = 0;

  /** What came where a frame should begin was none. */
  get foreign(): boolean {
    return this.#pass === Number.POSITIVE_INFINITY;
  }

  /** True at the end of a frame, where the content may end. */
  get complete(): boolean {
    return this.#field === "magic" && this.#have === 0 && this.#pass === 0;
  }

  /** Takes the next octets of the compressed content, `buf[off, end)`. */
  push(buf: Uint8Array, off: number, end: number): void {
    for (let p = off; p < end; ) {
      if (this.#pass > 0) {
        const some = Math.min(this.#pass, end - p);
        this.#pass -= some;
        p += some;
        continue;
      }
      this.#octets[this.#have++] = u8(buf, p++);
      if (this.#have === FIELD_OCTETS[this.#field]) {
        this.#take(u32le(this.#octets, 0));
        this.#have = 0;
        this.#octets.fill(0);
      }
    }
  }

  #take(value: number): void {
    switch (this.#field) {
      case "magic":
        if (value === ZSTD_MAGIC) this.#field = "descriptor";
        else if (isZstdMagic(value)) this.#field = "skipLength";
        else this.#pass = Number.POSITIVE_INFINITY;
        return;
      case "descriptor": {
        // RFC 8878, 3.1.1.1.1: window descriptor, dictionary id and content size follow.
        const single = (value >> 5) & 1;
        const dictionary = [0, 1, 2, 4][value & 3] as number;
        const size = [single, 2, 4, 8][value >> 6] as number;
        this.#checksumOctets = (value & 4) !== 0 ? 4 : 0;
        this.#pass = 1 - single + dictionary + size;
        this.#field = "block";
        return;
      }
      case "block": {
        // RFC 8878, 3.1.1.2: last block (1 bit), type (2), size (21); an RLE block holds one octet.
        const isRle = ((value >> 1) & 3) === 1;
        this.#pass = isRle ? 1 : value >> 3;
        if ((value & 1) === 0) return;
        this.#pass += this.#checksumOctets;
        this.#field = "magic";
        return;
      }
      default:
        this.#pass = value;
        this.#field = "magic";
    }
  }
}
