import { describe, expect, test } from "bun:test";
import { gzipSync, zstdCompressSync } from "bun";
import fc from "fast-check";
import { concat } from "../../fixtures/lib/bytes.ts";
import { smallMux } from "../../fixtures/lib/mux.ts";
import { Random } from "../../fixtures/lib/random.ts";
import { pcapFile, pcapngSection } from "../../fixtures/lib/savefile.ts";
import { readFrames, temporaryFiles } from "../../tests/helpers/frames.ts";
import { RscapError } from "../report/error.ts";
import { END_OF_INPUT, FrameBatch } from "./batch.ts";
import { ZstdFrameWalker } from "./compressed-frames.ts";
import { openFile } from "./open-file.ts";

const files = temporaryFiles();
const random = new Random(3);
const FRAMES = Array.from({ length: 3000 }, (_, i) => ({
  timeNs: i * 1000,
  frame: random.bytes(300 + (i % 900)),
}));
const PCAP = pcapFile(FRAMES, {});

const FORMATS = [
  ["gzip", (octets: Uint8Array) => new Uint8Array(gzipSync(octets as Uint8Array<ArrayBuffer>))],
  ["zstd", (octets: Uint8Array) => new Uint8Array(zstdCompressSync(octets as Uint8Array<ArrayBuffer>))],
] as const;

async function read(octets: Uint8Array) {
  const source = await openFile(files.write("x", octets));
  return { source, ...(await readFrames(source)) };
}

function failure(error: unknown): RscapError {
  if (!(error instanceof RscapError)) throw error;
  expect(error.exitCode).toBe(3);
  return error;
}

async function rejection(opening: () => unknown): Promise<RscapError> {
  try {
    await opening();
  } catch (error) {
    return failure(error);
  }
  throw new Error("it opened");
}

for (const [name, compress] of FORMATS) {
  describe(name, () => {
    test("pcap, pcapng and transport streams come out as from the file itself", async () => {
      const ts = concat(smallMux(4).packets(500));
      const inside = [PCAP, pcapngSection(FRAMES.slice(0, 50), { interfaces: [{ linkType: 1 }] }), ts];
      for (const octets of inside) {
        const plain = await read(octets);
        const packed = await read(compress(octets));
        expect(packed.error).toBeNull();
        expect(packed.source.kind).toBe(plain.source.kind);
        expect(packed.frames.length).toBe(plain.frames.length);
        for (const [i, frame] of packed.frames.entries()) {
          expect(Buffer.compare(frame.octets, plain.frames[i]?.octets as Uint8Array)).toBe(0);
          expect(frame.timeNs).toBe(plain.frames[i]?.timeNs as number);
        }
      }
    });

    test("several members end to end are one content", async () => {
      const half = PCAP.length >> 1;
      const { frames, error } = await read(
        concat([compress(PCAP.subarray(0, half)), compress(PCAP.subarray(half))]),
      );
      expect([frames.length, error]).toEqual([3000, null]);
    });

    test("truncated: everything that can be decompressed comes first", async () => {
      const packed = compress(PCAP);
      const cut = Math.floor(packed.length * 0.6);
      const { frames, error } = await read(packed.subarray(0, cut));
      expect(frames.length).toBeGreaterThan(name === "gzip" ? 1700 : 1500);
      for (const [i, frame] of frames.entries()) {
        expect(Buffer.compare(frame.octets, FRAMES[i]?.frame as Uint8Array)).toBe(0);
      }
      expect(failure(error).code).toBe("file-truncated");
      expect(failure(error).message).toContain(`truncated: expected more ${name} content at byte ${cut}`);
    });

    test("truncated at its last octet", async () => {
      const packed = compress(PCAP);
      const { error } = await read(packed.subarray(0, packed.length - 1));
      expect(failure(error).code).toBe("file-truncated");
    });

    test("truncated within its first octets", async () => {
      const path = files.write("short", compress(PCAP).subarray(0, 7));
      expect((await rejection(() => openFile(path))).code).toBe("file-truncated");
    });

    test("foreign octets after the end are told", async () => {
      const { frames, error } = await read(
        concat([compress(PCAP), new TextEncoder().encode("trailing words")]),
      );
      expect(frames.length).toBeGreaterThan(2900);
      expect(failure(error).code).toBe("file-damaged");
    });

    test("compressed twice, empty, or something else inside", async () => {
      const cases: [Uint8Array, string][] = [
        [compress(compress(PCAP)), "compressed twice"],
        [compress(new Uint8Array(0)), "empty"],
        [compress(new TextEncoder().encode("hello, this is no capture")), "begins with 68 65 6c 6c 6f"],
      ];
      for (const [octets, text] of cases) {
        const path = files.write("odd", octets);
        expect((await rejection(() => openFile(path))).message).toContain(text);
      }
    });

    test("damage in the content ends in a sentence, never in another exception", async () => {
      const packed = compress(PCAP);
      const change = fc.record({ at: fc.nat(packed.length - 1), value: fc.integer({ min: 1, max: 255 }) });
      await fc.assert(
        fc.asyncProperty(change, async ({ at, value }) => {
          const octets = packed.slice();
          octets[at] = (octets[at] as number) ^ value;
          try {
            const { error } = await read(octets);
            if (error !== null) failure(error);
          } catch (error) {
            failure(error);
          }
        }),
        { numRuns: 40 },
      );
    });

    test("a bomb is read in bounded memory", async () => {
      const bomb = compress(concat([PCAP.subarray(0, 24), new Uint8Array(200_000_000)]));
      expect(bomb.length).toBeLessThan(300_000);
      const before = process.memoryUsage.rss();
      const source = await openFile(files.write("bomb", bomb));
      const batch = new FrameBatch(4096);
      let count = 0;
      for (;;) {
        const got = await source.next(batch, 100);
        if (got === END_OF_INPUT) break;
        count += got;
      }
      source.close();
      expect(count).toBe(12_500_000);
      expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000);
    });
  });
}

test("damaged gzip: what stands well before the damage is handed out", async () => {
  const packed = new Uint8Array(gzipSync(PCAP));
  packed.fill(0xff, packed.length - 100_000, packed.length - 99_000);
  const { frames, error } = await read(packed);
  expect(frames.length).toBeGreaterThan(2500);
  expect(failure(error).message).toMatch(/damaged at .*before it (is|are) used\.$/);
});

describe("RFC 8878 frame structure", () => {
  const packed = new Uint8Array(zstdCompressSync(PCAP));
  const skippable = new Uint8Array([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9]);
  const content = concat([skippable, packed, skippable, packed]);

  test("complete only at the ends of frames, however the octets come", () => {
    const ends = [11, 11 + packed.length, 22 + packed.length, content.length];
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1, maxLength: 30 }), (sizes) => {
        const walker = new ZstdFrameWalker();
        let at = 0;
        for (const size of sizes) {
          const end = Math.min(at + size, content.length);
          walker.push(content, at, end);
          at = end;
          expect(walker.complete).toBe(at === 0 || ends.includes(at));
        }
      }),
    );
  });

  test("checksum, single segment, dictionary and RLE blocks", () => {
    const magic = [0x28, 0xb5, 0x2f, 0xfd];
    // Single segment, 2-octet size, 1-octet dictionary, checksum; an RLE block, then the last, raw, of 2 octets.
    const frame = [...magic, 0b0110_0101, 7, 1, 0, 0b1010, 0, 0, 0xaa, 0b0001_0001, 0, 0, 1, 2, 1, 2, 3, 4];
    const walker = new ZstdFrameWalker();
    for (const [i, octet] of frame.entries()) {
      expect(walker.complete).toBe(i === 0);
      walker.push(Uint8Array.of(octet), 0, 1);
    }
    expect(walker.complete).toBe(true);
  });

  test("foreign octets never look complete", () => {
    const walker = new ZstdFrameWalker();
    walker.push(Uint8Array.of(1, 2, 3, 4), 0, 4);
    expect([walker.complete, walker.foreign]).toEqual([false, true]);
    walker.push(content, 0, content.length);
    expect(walker.complete).toBe(false);
  });
});
