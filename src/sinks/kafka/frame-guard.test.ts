import { expect, test } from "bun:test";
import fc from "fast-check";
import { ANSWER_MAX_OCTETS, FrameGuard } from "./frame-guard.ts";

/** An answer of `length` octets. */
function answer(length: number): Uint8Array {
  const octets = new Uint8Array(4 + length);
  new DataView(octets.buffer).setUint32(0, length);
  return octets;
}

/** True when a guard takes all `pieces` of a connection. */
function takes(pieces: readonly Uint8Array[]): boolean {
  const guard = new FrameGuard();
  return pieces.every((piece) => guard.accepts(piece));
}

test("answers of possible lengths pass, however they are cut", () => {
  const lengths = fc.array(fc.integer({ min: 4, max: 300 }), { maxLength: 8 });
  fc.assert(
    fc.property(lengths, fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }), (each, cuts) => {
      const all = Buffer.concat(each.map(answer));
      const pieces: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < all.length; turn++) {
        const size = cuts[turn % cuts.length] ?? 1;
        pieces.push(all.subarray(at, at + size));
        at += size;
      }
      expect(takes(pieces)).toBe(true);
    }),
  );
});

test("an impossible length is refused as soon as it is whole", () => {
  const header = (length: number): Uint8Array =>
    answer(0)
      .fill(0)
      .with(0, length >>> 24)
      .with(1, (length >> 16) & 255)
      .with(2, (length >> 8) & 255)
      .with(3, length & 255);
  for (const length of [0, 3, ANSWER_MAX_OCTETS + 1, 0x7fffffff, -1]) {
    expect(takes([answer(4), header(length)])).toBe(false);
    expect(takes([header(length).subarray(0, 3)])).toBe(true);
  }
  for (const length of [4, ANSWER_MAX_OCTETS]) expect(takes([header(length)])).toBe(true);
});

test("any octets: an answer or none", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array()), (pieces) => expect(typeof takes(pieces)).toBe("boolean")));
});
