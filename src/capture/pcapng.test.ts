import { describe, expect, test } from "bun:test";
import { concat, Writer } from "../../fixtures/lib/bytes.ts";
import { type CapturedFrame, FIXTURE_EPOCH_SECONDS, pcapngSection } from "../../fixtures/lib/savefile.ts";
import { readFrames, temporaryFiles } from "../../tests/helpers/frames.ts";
import { RscapError } from "../report/error.ts";
import { openFile } from "./open-file.ts";
import type { MakeFilter } from "./savefile-filter.ts";

const files = temporaryFiles();
const frame = (...octets: number[]): Uint8Array => Uint8Array.from(octets);
const FRAMES: CapturedFrame[] = [
  { timeNs: 250_000_000, frame: frame(1, 2, 3) },
  { timeNs: 1_750_000_000, frame: frame(4, 5, 6, 7, 8), captured: 2 },
  { timeNs: 2_000_000_000, frame: frame(9) },
];

async function read(octets: Uint8Array, makeFilter?: MakeFilter) {
  const source = await openFile(
    files.write("x.pcapng", octets),
    makeFilter === undefined ? {} : { makeFilter },
  );
  return { source, ...(await readFrames(source, 2)) };
}

function damage(error: unknown): RscapError {
  if (!(error instanceof RscapError)) throw error;
  expect(error.exitCode).toBe(3);
  return error;
}

function block(little: boolean, type: number, body: Uint8Array): Uint8Array {
  const length = body.length + 12;
  return new Writer(little).u32(type).u32(length).raw(body).u32(length).done();
}

const SECTION = pcapngSection([], { interfaces: [] });

function interfaceBlock(linkType: number, snaplen: number, options: Uint8Array = frame()): Uint8Array {
  return block(true, 1, new Writer(true).u16(linkType).u16(0).u32(snaplen).raw(options).done());
}

function enhanced(
  id: number,
  captured: number,
  wire: number,
  data: Uint8Array,
  high = 0,
  low = 0,
): Uint8Array {
  const body = new Writer(true).u32(id).u32(high).u32(low).u32(captured).u32(wire).padded(data).done();
  return block(true, 6, body);
}

describe("draft-ietf-opsawg-pcapng", () => {
  for (const bigEndian of [false, true]) {
    test(`4.1 ${bigEndian ? "big" : "little"}-endian section, unknown blocks skipped`, async () => {
      const octets = pcapngSection(FRAMES, { bigEndian, otherBlocks: true, interfaces: [{ linkType: 1 }] });
      const { source, frames, error } = await read(octets);
      expect(error).toBeNull();
      expect(source.kind).toBe("pcapng");
      expect(source.epoch).toEqual({ seconds: FIXTURE_EPOCH_SECONDS, nanoseconds: 0, wallClock: true });
      expect(source.timestampSource).toEqual({ kind: "savefile", resolutionNs: 1000 });
      expect(frames.map(({ timeNs }) => timeNs)).toEqual([250_000_000, 1_750_000_000, 2_000_000_000]);
      expect(frames.map(({ octets }) => [...octets])).toEqual([[1, 2, 3], [4, 5], [9]]);
      expect(frames.map(({ wireLength }) => wireLength)).toEqual([3, 5, 1]);
      expect(source.stats()).toMatchObject({ packets: 3, bytes: 9 });
    });
  }

  const resolutions: [name: string, tsresol: number, resolutionNs: number][] = [
    ["10^0", 0, 1e9],
    ["10^-3", 3, 1e6],
    ["10^-9", 9, 1],
    ["10^-10", 10, 0.1],
    ["2^-10", 0x80 | 10, 1e9 / 1024],
    ["2^-30", 0x80 | 30, 1e9 / 2 ** 30],
  ];
  for (const [name, tsresol, resolutionNs] of resolutions) {
    test(`4.2 if_tsresol ${name}`, async () => {
      const { source, frames } = await read(
        pcapngSection(FRAMES, { interfaces: [{ linkType: 1, tsresol }] }),
      );
      expect(source.timestampSource.resolutionNs).toBe(resolutionNs);
      const expected = [250_000_000, 1_750_000_000, 2_000_000_000];
      for (const [i, { timeNs }] of frames.entries()) {
        const full =
          tsresol === 0 ? Math.floor((expected[i] as number) / 1e9) * 1e9 : (expected[i] as number);
        expect(timeNs).toBe(full);
      }
    });
  }

  test("4.2 nanoseconds stay exact over a hundred days", async () => {
    const late = 99 * 86_400 * 1e9 + 123_456_789;
    const frames = [FRAMES[0] as CapturedFrame, { timeNs: late, frame: frame(1) }];
    const got = await read(pcapngSection(frames, { interfaces: [{ linkType: 1, tsresol: 9 }] }));
    expect(got.frames[1]?.timeNs).toBe(late);
  });

  test("4.2 if_tsoffset, also negative, and each interface its own link type and clock", async () => {
    const frames = FRAMES.map((captured, i) => ({ ...captured, interfaceId: i }));
    const interfaces = [
      { linkType: 1, tsresol: 9, tsoffset: 3600 },
      { linkType: 101, tsresol: 6, tsoffset: -86_400 },
      { linkType: 276, tsresol: 0x80 | 20 },
    ];
    const got = await read(pcapngSection(frames, { interfaces }));
    expect(got.source.epoch.seconds).toBe(FIXTURE_EPOCH_SECONDS);
    expect(got.frames.map(({ timeNs }) => timeNs)).toEqual([250_000_000, 1_750_000_000, 2_000_000_000]);
    expect(got.frames.map(({ linkType }) => linkType)).toEqual([1, 101, 276]);
  });

  test("4.4 Simple Packet Blocks have no time and are cut at the snap length", async () => {
    const simple = block(
      true,
      3,
      new Writer(true)
        .u32(9)
        .padded(frame(1, 2, 3, 4))
        .done(),
    );
    const octets = concat([SECTION, interfaceBlock(1, 4), simple, enhanced(0, 1, 1, frame(5), 0, 7_000_000)]);
    const { source, frames, error } = await read(octets);
    expect(error).toBeNull();
    expect(frames.map(({ octets }) => [...octets])).toEqual([[1, 2, 3, 4], [5]]);
    expect(frames.map(({ wireLength }) => wireLength)).toEqual([9, 1]);
    expect(frames.map(({ timeNs }) => timeNs)).toEqual([Number.NaN, 0]);
    expect(source.epoch.seconds).toBe(7);
  });

  test("4.1 every section has interfaces of its own, in its own byte order", async () => {
    const octets = concat([
      pcapngSection(FRAMES.slice(0, 1), { interfaces: [{ linkType: 1, tsresol: 9 }] }),
      pcapngSection(FRAMES.slice(1), { bigEndian: true, interfaces: [{ linkType: 101 }] }),
    ]);
    const { frames, error } = await read(octets);
    expect(error).toBeNull();
    expect(frames.map(({ linkType }) => linkType)).toEqual([1, 101, 101]);
    expect(frames.map(({ timeNs }) => timeNs)).toEqual([250_000_000, 1_750_000_000, 2_000_000_000]);
  });

  test("A.1 the obsolete Packet Block", async () => {
    const body = new Writer(true)
      .u16(0)
      .u16(3)
      .u32(0)
      .u32(5_000_001)
      .u32(2)
      .u32(2)
      .padded(frame(8, 9))
      .done();
    const { frames, error } = await read(concat([SECTION, interfaceBlock(1, 0), block(true, 2, body)]));
    expect(error).toBeNull();
    expect(frames.map(({ octets, timeNs }) => [...octets, timeNs])).toEqual([[8, 9, 1000]]);
  });

  test("an unknown block larger than any buffer is passed over", async () => {
    const big = block(true, 0x1234, new Uint8Array(20 * 1024 * 1024));
    const octets = concat([SECTION, interfaceBlock(1, 0), big, enhanced(0, 1, 1, frame(5))]);
    const { frames, error } = await read(octets);
    expect([frames.length, error]).toEqual([1, null]);
  });

  test("a packet of an interface that was not described is counted as unreadable", async () => {
    const { source, frames, error } = await read(concat([SECTION, enhanced(3, 1, 1, frame(5))]));
    expect([frames.length, error]).toEqual([0, null]);
    expect(source.stats().unreadable).toBe(1);
  });

  test("a filter is made for each link type, once, when a packet needs it", async () => {
    const made: number[] = [];
    const frames = [...FRAMES, ...FRAMES].map((captured, i) => ({ ...captured, interfaceId: i % 2 }));
    const interfaces = [{ linkType: 1 }, { linkType: 101 }, { linkType: 189 }];
    const got = await read(pcapngSection(frames, { interfaces }), (linkType) => {
      made.push(linkType);
      return linkType === 1 ? (_buf, _off, captured) => (captured > 1 ? 1 : 0) : null;
    });
    expect(made).toEqual([1, 101]);
    expect(got.frames.map(({ octets }) => [...octets])).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    expect(got.source.stats()).toMatchObject({ packets: 2, filtered: 1, unreadable: 3 });
  });
});

describe("damage is told with its place, after what stands before it", () => {
  const good = concat([SECTION, interfaceBlock(1, 0), enhanced(0, 1, 1, frame(5))]);
  const cases: [name: string, octets: Uint8Array, code: string, text: string][] = [
    ["a block length of 0", new Writer(true).u32(6).u32(0).u32(0).done(), "pcapng-block-length", "found 0"],
    [
      "a block length that is no multiple of 4",
      new Writer(true).u32(6).u32(33).raw(new Uint8Array(40)).done(),
      "pcapng-block-length",
      "found 33",
    ],
    [
      "a negative block length",
      new Writer(true).u32(6).u32(0xfffffffc).raw(new Uint8Array(40)).done(),
      "pcapng-block-length",
      "at most 16777216 octets",
    ],
    [
      "another length at the end",
      new Writer(true).u32(6).u32(32).raw(new Uint8Array(20)).u32(36).done(),
      "pcapng-block-length",
      "32, again at its end, found 36",
    ],
    [
      "another length at the end of an unknown block",
      new Writer(true).u32(99).u32(16).u32(0).u32(20).done(),
      "pcapng-block-length",
      "16, again at its end, found 20",
    ],
    [
      "a packet longer than its block",
      enhanced(0, 9, 9, frame(1, 2, 3, 4)),
      "pcapng-packet-length",
      "found 9",
    ],
    [
      "a simple packet longer than its block",
      block(true, 3, new Writer(true).u32(99).u32(0).done()),
      "pcapng-packet-length",
      "found 99",
    ],
    [
      "a packet beyond any size",
      enhanced(0, 300_000, 300_000, new Uint8Array(300_000)),
      "pcapng-packet-length",
      "at most 262144 octets",
    ],
    [
      "a packet block without room for its header",
      block(true, 6, new Uint8Array(8)),
      "pcapng-block-length",
      "at least 20 octets, found 8",
    ],
    [
      "an interface block without room",
      block(true, 1, new Uint8Array(4)),
      "pcapng-block-length",
      "at least 8 octets, found 4",
    ],
    [
      "a simple block without room",
      block(true, 3, new Uint8Array(0)),
      "pcapng-block-length",
      "at least 4 octets, found 0",
    ],
    [
      "a section of version 2",
      block(true, 0x0a0d0d0a, new Writer(true).u32(0x1a2b3c4d).u16(2).u16(0).u64(-1n).done()),
      "pcapng-version",
      "found version 2",
    ],
    [
      "a section without byte order",
      block(true, 0x0a0d0d0a, new Uint8Array(16)),
      "pcapng-byte-order",
      "found 0x00000000",
    ],
    [
      "a section block without room",
      block(true, 0x0a0d0d0a, new Writer(true).u32(0x1a2b3c4d).done()),
      "pcapng-block-length",
      "at least 16 octets, found 4",
    ],
  ];
  for (const [name, octets, code, text] of cases) {
    test(name, async () => {
      const { frames, error } = await read(concat([good, octets]));
      expect(frames.map(({ octets }) => [...octets])).toEqual([[5]]);
      expect(damage(error).code).toBe(code);
      expect(damage(error).message).toContain(
        `at byte ${good.length}`.slice(0, code.includes("order") || code.includes("version") ? 7 : 99),
      );
      expect(damage(error).message).toContain(text);
      expect(damage(error).message).toContain("The packet before it is used.");
    });
  }

  test("truncated at every octet", async () => {
    const whole = pcapngSection(FRAMES, { otherBlocks: true, interfaces: [{ linkType: 1 }] });
    let most = 0;
    let cleanEnds = 0;
    for (let length = SECTION.length; length <= whole.length; length++) {
      const { frames, error } = await read(whole.slice(0, length));
      expect(frames.length).toBeGreaterThanOrEqual(most);
      most = frames.length;
      if (error === null) cleanEnds++;
      else expect(damage(error).code).toBe("file-truncated");
    }
    // The ends of 1 section header, 1 interface, 3 packets and 3 other blocks.
    expect([most, cleanEnds]).toEqual([3, 8]);
  });

  test("more interfaces than anyone has", async () => {
    const octets = concat([SECTION, ...Array.from({ length: 65_537 }, () => interfaceBlock(1, 0))]);
    expect(damage((await read(octets)).error).code).toBe("pcapng-interfaces");
  });

  test("options that run over the end of their block end the options", async () => {
    const options = new Writer(true)
      .u16(9)
      .u16(200)
      .raw(frame(6, 0, 0, 0))
      .done();
    const octets = concat([SECTION, interfaceBlock(1, 0, options), enhanced(0, 1, 1, frame(5))]);
    expect((await read(octets)).frames.length).toBe(1);
  });

  test("resolutions beyond sense give finite times", async () => {
    for (const tsresol of [127, 0x80 | 127, 20, 0x80 | 64]) {
      const options = new Writer(true).u16(9).u16(1).padded(frame(tsresol)).done();
      const packets = [enhanced(0, 1, 1, frame(5), 0xffffffff, 0xffffffff), enhanced(0, 1, 1, frame(5))];
      const { frames } = await read(concat([SECTION, interfaceBlock(1, 0, options), ...packets]));
      expect(frames.every(({ timeNs }) => Number.isFinite(timeNs))).toBe(true);
    }
  });
});
