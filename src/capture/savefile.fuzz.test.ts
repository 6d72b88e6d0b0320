import { expect, test } from "bun:test";
import fc from "fast-check";
import { concat } from "../../fixtures/lib/bytes.ts";
import { Random } from "../../fixtures/lib/random.ts";
import { pcapFile, pcapngSection } from "../../fixtures/lib/savefile.ts";
import { readFrames, temporaryFiles } from "../../tests/helpers/frames.ts";
import { EXIT, RscapError } from "../report/error.ts";
import { openFile } from "./open-file.ts";

const files = temporaryFiles();
const random = new Random(77);
const FRAMES = Array.from({ length: 12 }, (_, i) => ({ timeNs: i * 1e6, frame: random.bytes(20 + i * 3) }));
const SEEDS = [
  pcapFile(FRAMES, {}),
  pcapFile(FRAMES, { bigEndian: true, nanoseconds: true }),
  concat([
    pcapngSection(FRAMES, { otherBlocks: true, interfaces: [{ linkType: 1, tsresol: 9, tsoffset: -5 }] }),
    pcapngSection(
      FRAMES.map((captured, i) => ({ ...captured, simple: i % 2 === 0 })),
      {
        bigEndian: true,
        interfaces: [{ linkType: 101, tsresol: 0x94 }],
      },
    ),
  ]),
];

const interesting = fc.constantFrom(0, 1, 3, 4, 0x7f, 0x80, 0xfe, 0xff);
const change = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  octets: fc.array(fc.oneof(interesting, fc.nat(255)), { minLength: 1, maxLength: 5 }),
  cut: fc.nat(8),
});

/** Reads the octets as a file: whatever they are, frames lie inside, and only our own errors end it. */
async function survives(octets: Uint8Array): Promise<void> {
  try {
    const source = await openFile(files.write("fuzzed", octets));
    const { frames, error } = await readFrames(source, 5);
    const { packets, bytes, filtered } = source.stats();
    expect(packets).toBe(frames.length);
    expect(bytes).toBe(frames.reduce((sum, frame) => sum + frame.wireLength, 0));
    expect(filtered).toBe(0);
    for (const frame of frames) {
      expect(frame.wireLength).toBeGreaterThanOrEqual(frame.octets.length);
      expect(frame.timeNs).not.toBe(Number.POSITIVE_INFINITY);
    }
    if (error !== null) throw error;
  } catch (error) {
    if (!(error instanceof RscapError)) throw error;
    expect(error.exitCode).toBe(EXIT.input);
    expect(error.message.length).toBeGreaterThan(20);
  }
}

for (const [i, seed] of SEEDS.entries()) {
  test(`a valid file, changed anywhere (seed file ${i})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
        let octets: Uint8Array = seed.slice();
        for (const { at, octets: some, cut } of changes) {
          const start = Math.floor(at * octets.length);
          if (cut === 0) octets = octets.slice(0, start);
          else if (cut === 1)
            octets = concat([octets.subarray(0, start), octets.subarray(start + some.length)]);
          else octets.set(some.slice(0, octets.length - start), start);
        }
        await survives(octets);
      }),
      { numRuns: 400 },
    );
  });
}

test("any octets after a valid beginning", async () => {
  const beginning = fc.constantFrom(...SEEDS.map((seed) => seed.subarray(0, 28)), new Uint8Array(0));
  await fc.assert(
    fc.asyncProperty(beginning, fc.uint8Array({ maxLength: 400 }), async (start, rest) => {
      await survives(concat([start, rest]));
    }),
    { numRuns: 300 },
  );
});
