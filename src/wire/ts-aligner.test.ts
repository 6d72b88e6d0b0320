import { expect, test } from "bun:test";
import fc from "fast-check";
import { viewAt } from "../../ffi/memory.ts";
import { tsPackets } from "../../tests/helpers/wire.ts";
import { TsAligner } from "./ts-aligner.ts";

/** Feeds `octets` cut into pieces of the given lengths, over and over; what comes out. */
function align(aligner: TsAligner, octets: Uint8Array, lengths: readonly number[]): Uint8Array {
  const out: Uint8Array[] = [];
  let piece = 0;
  for (let off = 0; off < octets.length; piece++) {
    const length = Math.min(lengths[piece % lengths.length] as number, octets.length - off);
    viewAt(aligner.roomAddress, Math.max(1, length)).set(octets.subarray(off, off + length));
    aligner.take(length);
    for (let run = aligner.next(); run > 0; run = aligner.next()) {
      expect(run % 188).toBe(0);
      out.push(viewAt(aligner.runAddress, run).slice());
    }
    off += length;
  }
  aligner.reset();
  return Buffer.concat(out);
}

test("messages of whole packets pass as they are, from the first one", () => {
  const aligner = new TsAligner(4096);
  const octets = tsPackets(50);
  expect(align(aligner, octets, [188, 1316, 376])).toEqual(Buffer.from(octets));
  expect(aligner.skippedBytes).toBe(0);
});

test("packets cut anywhere are put together again", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4096 }), { minLength: 1, maxLength: 20 }), (lengths) => {
      const aligner = new TsAligner(4096);
      const octets = tsPackets(60);
      const out = align(aligner, octets, lengths);
      // The very last packets may wait for a confirmation that does not come any more.
      expect(Buffer.compare(out, octets.subarray(0, out.length))).toBe(0);
      expect(out.length + aligner.skippedBytes).toBe(octets.length);
      expect(out.length).toBeGreaterThanOrEqual(octets.length - 3 * 188);
    }),
  );
});

test("a beginning in the middle of a packet is passed over", () => {
  const aligner = new TsAligner(4096);
  const octets = tsPackets(30).subarray(100);
  expect(align(aligner, octets, [1000])).toEqual(Buffer.from(tsPackets(30).subarray(188)));
  expect(aligner.skippedBytes).toBe(88);
});

test("octets that were lost cost the packets around them, no more", () => {
  const aligner = new TsAligner(8192);
  const octets = tsPackets(40);
  const damaged = Buffer.concat([octets.subarray(0, 1980), octets.subarray(2000)]);
  const out = align(aligner, damaged, [3000]);
  expect(out.length).toBe(octets.length - 188);
  expect(aligner.skippedBytes).toBe(168);
});

test("one wrong sync byte does not cost the packet its place", () => {
  const aligner = new TsAligner(8192);
  const octets = tsPackets(40);
  octets[10 * 188] = 0;
  expect(align(aligner, octets, [1000])).toEqual(Buffer.from(octets));
  expect(aligner.badSyncs).toBe(1);
});

test("any octets in any pieces: whole packets out, and every octet accounted for", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(0x47), fc.nat({ max: 255 })), { maxLength: 3000 }),
      fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 10 }),
      (octets, lengths) => {
        const aligner = new TsAligner(1000);
        const out = align(aligner, Uint8Array.from(octets), lengths);
        expect(out.length + aligner.skippedBytes).toBe(octets.length);
      },
    ),
  );
});
