import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  alignedOctets,
  alignmentIsZero,
  checksumWord,
  isForbidden,
  parityOk,
  unpackWords,
  withParity,
  wordAt,
} from "./words.ts";

const word = fc.nat(1023);

/** Words end to end, filled up to 32 bits with zeros. */
function pack(words: readonly number[]): Uint8Array {
  const octets = new Uint8Array(alignedOctets(words.length));
  words.forEach((value, index) => {
    for (let bit = 0; bit < 10; bit += 1) {
      if (((value >>> (9 - bit)) & 1) === 0) continue;
      const at = index * 10 + bit;
      octets[at >>> 3] = (octets[at >>> 3] as number) | (0x80 >>> (at & 7));
    }
  });
  return octets;
}

describe("ST 291-1 words", () => {
  test("parity: b8 makes an even number of ones, b9 is its inverse", () => {
    expect(withParity(0x61)).toBe(0x161);
    expect(withParity(0x60)).toBe(0x260);
    expect(withParity(0x01)).toBe(0x101);
    const right = Array.from({ length: 1024 }, (_, value) => value).filter(parityOk);
    expect(right).toHaveLength(256);
    expect(new Set(right.map((value) => value & 0xff)).size).toBe(256);
  });

  test("no forbidden value has right parity", () => {
    const forbidden = Array.from({ length: 1024 }, (_, value) => value).filter(isForbidden);
    expect(forbidden).toEqual([0, 1, 2, 3, 0x3fc, 0x3fd, 0x3fe, 0x3ff]);
    expect(forbidden.filter(parityOk)).toEqual([]);
  });

  test("checksum: the sum of b8 to b0, b9 the inverse of b8", () => {
    expect(checksumWord(Uint16Array.of(0x161, 0x101, 0x200), 3)).toBe(0x262);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 258 }), (words) => {
        const sum = words.reduce((total, value) => total + (value & 0x1ff), 0) & 0x1ff;
        const checksum = checksumWord(Uint16Array.from(words), words.length);
        expect(checksum & 0x1ff).toBe(sum);
        expect((checksum >>> 9) & 1).toBe(1 - (sum >>> 8));
      }),
    );
  });
});

describe("RFC 8331 packing", () => {
  test("what was packed comes out again", () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 4, maxLength: 259 }), (words) => {
        const octets = pack(words);
        const out = new Uint16Array(words.length);
        unpackWords(octets, 0, words.length, out);
        expect([...out]).toEqual(words);
        expect(wordAt(octets, 0, words.length - 1)).toBe(words[words.length - 1] as number);
      }),
    );
  });

  test("each bit of the fill is looked at, and none before it", () => {
    for (let words = 4; words < 40; words += 1) {
      const octets = pack(new Array(words).fill(0));
      for (let bit = 0; bit < octets.length * 8; bit += 1) {
        octets[bit >>> 3] = 0x80 >>> (bit & 7);
        expect(alignmentIsZero(octets, 0, words)).toBe(bit < words * 10);
        octets[bit >>> 3] = 0;
      }
    }
  });
});
