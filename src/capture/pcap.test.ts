import { describe, expect, test } from "bun:test";
import { concat } from "../../fixtures/lib/bytes.ts";
import { type CapturedFrame, FIXTURE_EPOCH_SECONDS, pcapFile } from "../../fixtures/lib/savefile.ts";
import { readFrames, temporaryFiles } from "../../tests/helpers/frames.ts";
import { RscapError } from "../report/error.ts";
import { openFile } from "./open-file.ts";

const files = temporaryFiles();
const FRAMES: CapturedFrame[] = [
  { timeNs: 123_456_000, frame: Uint8Array.of(1, 2, 3) },
  { timeNs: 1_999_999_000, frame: Uint8Array.of(4, 5, 6, 7, 8), captured: 2 },
  { timeNs: 1_500_000_000, frame: new Uint8Array(0) },
];

async function read(octets: Uint8Array, capacity?: number) {
  const source = await openFile(files.write("x.pcap", octets));
  return { source, ...(await readFrames(source, capacity)) };
}

function damage(error: unknown): { code: string; exitCode: number; message: string } {
  if (!(error instanceof RscapError)) throw error;
  return error;
}

describe("draft-ietf-opsawg-pcap", () => {
  for (const bigEndian of [false, true]) {
    for (const nanoseconds of [false, true]) {
      test(`${bigEndian ? "big" : "little"}-endian, ${nanoseconds ? "nano" : "micro"}seconds`, async () => {
        const octets = pcapFile(FRAMES, { bigEndian, nanoseconds, linkType: 113 });
        const { source, frames, error } = await read(octets, 2);
        expect(error).toBeNull();
        expect(source.kind).toBe("pcap");
        expect(source.epoch).toEqual({ seconds: FIXTURE_EPOCH_SECONDS, nanoseconds: 0, wallClock: true });
        expect(source.timestampSource).toEqual({ kind: "savefile", resolutionNs: nanoseconds ? 1 : 1000 });
        expect(frames.map(({ timeNs }) => timeNs)).toEqual([123_456_000, 1_999_999_000, 1_500_000_000]);
        expect(frames.map(({ octets }) => [...octets])).toEqual([[1, 2, 3], [4, 5], []]);
        expect(frames.map(({ wireLength }) => wireLength)).toEqual([3, 5, 0]);
        expect(frames.every(({ linkType }) => linkType === 113)).toBe(true);
        expect(source.stats()).toMatchObject({ packets: 3, bytes: 8, filtered: 0, unreadable: 0 });
      });
    }
  }

  test("the frame check sequence bits are no part of the link type", async () => {
    const octets = pcapFile(FRAMES.slice(0, 1), {});
    new DataView(octets.buffer).setUint32(20, 0x24000001, true);
    expect((await read(octets)).frames[0]?.linkType).toBe(1);
  });

  test("no link type of a file is taken for our mark of transport stream octets", async () => {
    const { frames } = await read(pcapFile(FRAMES.slice(0, 1), { linkType: 0xffff }));
    expect(frames[0]?.linkType).toBe(0xfffe);
  });

  test("a wire length below the captured one counts as the captured one", async () => {
    const octets = pcapFile(FRAMES.slice(0, 1), {});
    new DataView(octets.buffer).setUint32(36, 0, true);
    expect((await read(octets)).frames[0]?.wireLength).toBe(3);
  });

  test("a version other than 2 is damage", async () => {
    const octets = pcapFile(FRAMES, {});
    octets[4] = 7;
    const { frames, error } = await read(octets);
    expect(frames).toEqual([]);
    expect(damage(error)).toMatchObject({ code: "pcap-version", exitCode: 3 });
  });
});

describe("a truncated file gives every whole record before the cut", () => {
  const whole = pcapFile(FRAMES, {});
  const ends = [24, 24 + 19, 24 + 19 + 18, whole.length];
  test("at every octet", async () => {
    for (let length = 24; length <= whole.length; length++) {
      const { frames, error } = await read(whole.slice(0, length));
      expect(frames.length).toBe(ends.filter((end) => end > 24 && end <= length).length);
      if (ends.includes(length)) {
        expect(error).toBeNull();
      } else {
        const offset = ends.findLast((end) => end < length);
        expect(damage(error)).toMatchObject({ code: "file-truncated", exitCode: 3 });
        expect(damage(error).message).toContain(`damaged at byte ${offset}: expected a record`);
      }
    }
  });
});

test("a captured length beyond any packet is damage, not a wait for more", async () => {
  const bad = pcapFile(FRAMES, {});
  new DataView(bad.buffer).setUint32(24 + 19 + 8, 0xfffffff0, true);
  const { frames, error } = await read(bad);
  expect(frames.length).toBe(1);
  expect(damage(error).code).toBe("pcap-record-length");
  expect(damage(error).message).toContain(
    "damaged at byte 43: expected a record of at most 262144 octets, found one that says 4294967280. " +
      "The packet before it is used.",
  );
});

test("records of every size cross the borders of reads unharmed", async () => {
  const frames: CapturedFrame[] = [];
  for (let i = 0; i < 120; i++) {
    const frame = new Uint8Array((i * 7919) % 65_536).fill(i);
    frames.push({ timeNs: i * 1000, frame });
  }
  frames.push({ timeNs: 0, frame: new Uint8Array(262_144).fill(7) });
  const got = await read(concat([pcapFile(frames, {})]), 16);
  expect(got.error).toBeNull();
  expect(got.frames.length).toBe(frames.length);
  for (const [i, { octets }] of got.frames.entries()) {
    expect(Buffer.compare(octets, frames[i]?.frame as Uint8Array)).toBe(0);
  }
});

test("a filter decides which records come out, and is told both lengths", async () => {
  const asked: number[][] = [];
  const source = await openFile(files.write("f.pcap", pcapFile(FRAMES, { linkType: 101 })), {
    makeFilter: (linkType) => (buf, off, captured, wire) => {
      asked.push([linkType, captured, wire]);
      return captured > 0 && buf[off] === 4 ? 65_535 : 0;
    },
  });
  const { frames } = await readFrames(source);
  expect(frames.map(({ octets }) => [...octets])).toEqual([[4, 5]]);
  expect(asked).toEqual([
    [101, 3, 3],
    [101, 2, 5],
    [101, 0, 0],
  ]);
  expect(source.stats()).toMatchObject({ packets: 1, bytes: 5, filtered: 2 });
});

test("records of a link type the filter has no meaning for are counted as unreadable", async () => {
  const source = await openFile(files.write("u.pcap", pcapFile(FRAMES, {})), { makeFilter: () => null });
  const { frames, error } = await readFrames(source);
  expect([frames.length, error]).toEqual([0, null]);
  expect(source.stats()).toMatchObject({ packets: 0, unreadable: 3 });
});
