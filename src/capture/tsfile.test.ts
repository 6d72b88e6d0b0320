import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { concat } from "../../fixtures/lib/bytes.ts";
import { smallMux } from "../../fixtures/lib/mux.ts";
import { Random } from "../../fixtures/lib/random.ts";
import { type ReadFrame, readFrames, temporaryFiles } from "../../tests/helpers/frames.ts";
import { needsShared, testWith } from "../../tests/helpers/skip.ts";
import { sharedData } from "../../tests/shared-data.ts";
import { LINKTYPE_TS } from "../net/linktype.ts";
import { NO_WALL_CLOCK } from "../report/time.ts";
import { openFile } from "./open-file.ts";
import { detectTsLayout } from "./tsfile-layout.ts";

const files = temporaryFiles();
const PACKETS = smallMux(9).packets(3000);
const PLAIN = concat(PACKETS);
const BITRATE_BPS = 1_504_000;

async function read(octets: Uint8Array) {
  const source = await openFile(files.write("x", octets));
  const told = source.timestampSource;
  const result = await readFrames(source);
  // Whoever reads must know from the start what the times are worth.
  expect(source.timestampSource).toBe(told);
  return { source, ...result };
}

function m2ts(stamp: (i: number) => number): Uint8Array {
  return concat(
    PACKETS.map((packet, i) => {
      const out = new Uint8Array(192);
      new DataView(out.buffer).setUint32(0, stamp(i));
      out.set(packet, 4);
      return out;
    }),
  );
}

function expectAllOctets(frames: readonly ReadFrame[], octets: Uint8Array): void {
  expect(Buffer.compare(concat(frames.map((frame) => frame.octets)), octets)).toBe(0);
}

/** Time of the octet at `position`, between the frames that it lies between. */
function timeAt(frames: readonly ReadFrame[], position: number): number {
  let start = 0;
  for (const [i, { octets, timeNs }] of frames.entries()) {
    if (position < start + octets.length) {
      const next = frames[i + 1]?.timeNs ?? Number.NaN;
      return position === start ? timeNs : timeNs + ((next - timeNs) * (position - start)) / octets.length;
    }
    start += octets.length;
  }
  return Number.NaN;
}

function spanNs(frames: readonly ReadFrame[]): number {
  return (frames.at(-1)?.timeNs ?? Number.NaN) - (frames[0]?.timeNs ?? Number.NaN);
}

describe("a transport stream file", () => {
  test("188: a millisecond a frame, timed by PCR, exact at a constant bit rate", async () => {
    const { source, frames, error } = await read(PLAIN);
    expect(error).toBeNull();
    expect([source.kind, source.epoch, source.timestampSource.kind]).toEqual(["ts", NO_WALL_CLOCK, "pcr"]);
    expect(frames.every(({ linkType }) => linkType === LINKTYPE_TS)).toBe(true);
    expect(frames[0]?.octets.length).toBe(188);
    expectAllOctets(frames, PLAIN);
    expect(frames[0]?.timeNs).toBe(0);
    const lastStart = PLAIN.length - (frames.at(-1)?.octets.length ?? 0);
    expect(((lastStart * 8) / spanNs(frames)) * 1e9).toBeCloseTo(BITRATE_BPS, 0);
    expect(source.stats()).toMatchObject({ packets: frames.length, bytes: PLAIN.length });
  });

  test("seven packets a frame where they take less than a millisecond", async () => {
    const mux = smallMux(9, { bitrateBps: 15_040_000 });
    const { frames } = await read(concat(mux.packets(3000)));
    expect(frames.slice(0, -1).every(({ octets }) => octets.length === 1316)).toBe(true);
  });

  test("204: the parity octets stay with their packets", async () => {
    const random = new Random(1);
    const octets = concat(PACKETS.map((packet) => concat([packet, random.bytes(16)])));
    const { frames, source } = await read(octets);
    expect(frames[0]?.octets.length).toBe(204);
    expectAllOctets(frames, octets);
    expect(source.timestampSource.kind).toBe("pcr");
  });

  test("192: timed by its arrival time stamps", async () => {
    const octets = m2ts((i) => (i * 27_000 + 2 ** 30 - 1_000_000) % 2 ** 30);
    const { frames, source } = await read(octets);
    expectAllOctets(frames, octets);
    expect(source.timestampSource.kind).toBe("m2ts");
    let packets = 0;
    for (const { timeNs, octets } of frames) {
      expect(timeNs).toBeCloseTo(packets * 1e6, 2);
      packets += octets.length / 192;
    }
  });

  test("192: arrival time stamps that do not count are replaced by the PCRs", async () => {
    const { frames, source } = await read(m2ts(() => 0));
    expect(source.timestampSource.kind).toBe("pcr");
    expect(spanNs(frames)).toBeGreaterThan(2.9e9);
  });

  test("without two PCRs there are no times", async () => {
    const octets = concat(PACKETS.filter((packet) => ((packet[3] as number) & 0x20) === 0));
    const { frames, source } = await read(octets);
    expect(source.timestampSource).toEqual({ kind: "none", resolutionNs: 0 });
    expect(frames.every(({ timeNs }) => Number.isNaN(timeNs))).toBe(true);
    expectAllOctets(frames, octets);
  });

  test("garbage before, within and after: every octet is handed out, frames start on packets again", async () => {
    const garbage = new Random(5).bytes(1000).map((octet) => (octet === 0x47 ? 0 : octet));
    const octets = concat([
      garbage,
      PLAIN.subarray(0, 188 * 1000),
      garbage.subarray(0, 333),
      PLAIN.subarray(188 * 1000),
      garbage,
    ]);
    const { frames } = await read(octets);
    expectAllOctets(frames, octets);
    expect(frames.filter((frame) => frame.octets[0] === 0x47).length).toBeGreaterThan(420);
    const times = frames.map(({ timeNs }) => timeNs);
    expect(times.every((timeNs, i) => i === 0 || timeNs >= (times[i - 1] as number))).toBe(true);
    expect(spanNs(frames)).toBeGreaterThan(2.9e9);
  });

  test("one damaged sync byte moves no frame", async () => {
    const octets = PLAIN.slice();
    octets[188 * 700] = 0;
    const { frames } = await read(octets);
    expect(frames.every(({ octets }, i) => octets.length === 188 || i === frames.length - 1)).toBe(true);
  });

  test("a long part without PCRs is bridged at the last rate in bounded memory", async () => {
    const gap = new Uint8Array(188).fill(0xff);
    gap.set([0x47, 0x1f, 0xff, 0x10]);
    const nulls = concat(new Array(60_000).fill(gap));
    const { frames } = await read(concat([PLAIN, nulls, PLAIN]));
    const times = frames.map(({ timeNs }) => timeNs);
    expect(times.every((timeNs, i) => i === 0 || timeNs >= (times[i - 1] as number))).toBe(true);
    expect(spanNs(frames) / 66_000e6).toBeCloseTo(1, 2);
  });

  test("any change to it: no exception, every octet handed out", async () => {
    const some = PLAIN.subarray(0, 188 * 60);
    const change = fc.record({ at: fc.nat(some.length - 1), value: fc.nat(255), cut: fc.nat(300) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 8 }), async (changes) => {
        let octets: Uint8Array = some.slice();
        for (const { at, value, cut } of changes) {
          if (cut > 150) octets = concat([octets.subarray(0, at), octets.subarray(at + cut)]);
          else octets[at % octets.length] = value;
        }
        if (detectTsLayout(octets, 0, octets.length) === null) return;
        const { frames, error } = await read(octets);
        expect(error).toBeNull();
        expectAllOctets(frames, octets);
      }),
      { numRuns: 60 },
    );
  });
});

describe("shared captures", () => {
  testWith(
    needsShared("ts/tsduck-072.ts"),
    "tsduck-072: TSDuck's bit rate, 1,213,134 b/s, within 1e-6",
    async () => {
      const source = await openFile(sharedData("ts/tsduck-072.ts") as string);
      const { frames } = await readFrames(source);
      const octets = concat(frames.map((frame) => frame.octets));
      // The first and the last PCR are in packets 2 and 9649.
      expect(octets.length).toBe(1_822_096);
      const bitrate = ((1_814_012 - 376) * 8e9) / (timeAt(frames, 1_814_012) - timeAt(frames, 376));
      expect(Math.abs(bitrate / 1_213_134 - 1)).toBeLessThan(1e-6);
    },
  );

  testWith(needsShared("ts/tsduck-025.ts"), "tsduck-025: 86 PCR intervals, 2.897448 s in all", async () => {
    const source = await openFile(sharedData("ts/tsduck-025.ts") as string);
    const { frames } = await readFrames(source);
    // PCR 518603407302 at octet 21056, 518681638406 at 1819464.
    const lastPcrNs = ((518_681_638_406 - 518_603_407_302) * 1000) / 27;
    expect(timeAt(frames, 1_819_464) - timeAt(frames, 21_056) - lastPcrNs).toBeCloseTo(0, -2);
    expect(Math.abs((lastPcrNs * 1e-9 * 4_963_330) / ((1_819_464 - 21_056) * 8) - 1)).toBeLessThan(5e-4);
  });
});
