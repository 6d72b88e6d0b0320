import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { MpegtsReport } from "../report/schema.ts";
import { syncOffset } from "./sync.ts";
import { analyse, joined, tsPacket, tsPackets } from "./test-packets.ts";

/** What comes out of `octets` given in chunks of the lengths `cuts` in turn, `buffers` of them in one buffer. */
function inChunks(
  octets: Uint8Array,
  cuts: readonly number[],
  perBuffer = 3,
): { report: MpegtsReport; passed: Uint8Array } {
  const { ts, output } = analyse({ clock: "none" });
  let buf = octets.slice();
  let off = 0;
  for (let i = 0; off < octets.length; i += 1) {
    const len = Math.min(cuts[i % cuts.length] as number, octets.length - off);
    ts.chunk(buf, off, len, Number.NaN);
    off += len;
    if (i % perBuffer === perBuffer - 1) {
      output.bufferEnd();
      ts.bufferEnd();
      buf.fill(0x47);
      buf = octets.slice();
    }
  }
  ts.end();
  return { report: ts.report(), passed: output.octets() };
}

/** In one piece. */
function atOnce(octets: Uint8Array): ReturnType<typeof inChunks> {
  return inChunks(octets, [Math.max(octets.length, 1)]);
}

function inUnits(packets: readonly Uint8Array[], length: number): Uint8Array {
  const lead = new Uint8Array(syncOffset(length)).fill(0x21);
  const after = new Uint8Array(length - 188 - lead.length).fill(0x22);
  return joined(...packets.flatMap((packet) => [lead, packet, after]));
}

describe("files", () => {
  for (const length of [188, 192, 204]) {
    test.each([1, 2, 4, 5, 300])(`%p units of ${length}`, (count) => {
      const packets = tsPackets(count);
      for (const cuts of [[7 * length], [100], [1, 999, 188]]) {
        const { report, passed } = inChunks(inUnits(packets, length), cuts);
        expect(report).toMatchObject({ packets: count, passed: count, skippedBytes: 0, syncLosses: 0 });
        expect(report.packetLength as number).toBe(length);
        expect(Buffer.compare(passed, joined(...packets))).toBe(0);
      }
    });

    test(`units of ${length}: garbage before, half a packet after`, () => {
      const packets = tsPackets(40);
      const file = joined(new Uint8Array(333), inUnits(packets, length), tsPacket().subarray(0, 90));
      const { report, passed } = atOnce(file);
      expect(report).toMatchObject({ packets: 40, passed: 40, skippedBytes: 333 + 90, syncLosses: 0 });
      expect(Buffer.compare(passed, joined(...packets))).toBe(0);
    });
  }

  test("chunks of whole packets are passed as one run each, and none is copied", () => {
    const { ts, output } = analyse();
    const octets = joined(...tsPackets(21));
    for (let off = 0; off < octets.length; off += 1316) ts.chunk(octets, off, 1316, off);
    // The first wait for the fifth sync byte is over within the chunk.
    expect(output.runs).toEqual([
      { len: 1316, datagrams: 1, timeNs: 0 },
      { len: 1316, datagrams: 1, timeNs: 1316 },
      { len: 1316, datagrams: 1, timeNs: 2632 },
    ]);
  });

  test("no packet at all", () => {
    expect(atOnce(new Uint8Array(5000)).report).toMatchObject({ packets: 0, skippedBytes: 5000 });
    expect(atOnce(new Uint8Array(0)).report).toMatchObject({
      packets: 0,
      skippedBytes: 0,
      packetLength: 188,
    });
  });
});

describe("ISO/IEC 13818-1 annex G.1 hysteresis", () => {
  test("one wrong sync byte costs its packet only", () => {
    const packets = tsPackets(30);
    (packets[12] as Uint8Array)[0] = 0;
    const { report } = atOnce(joined(...packets));
    expect(report).toMatchObject({ packets: 30, passed: 29, skippedBytes: 0, syncLosses: 0 });
    expect(report.illegal.syncByte).toBe(1);
    expect(report.continuity).toMatchObject({ errors: 1, missing: 1 });
  });

  test("two in a row lose the lock; found again in phase, they are packets all the same", () => {
    const packets = tsPackets(30);
    for (const k of [12, 13, 14]) (packets[k] as Uint8Array)[0] = 0;
    const { report } = atOnce(joined(...packets));
    expect(report).toMatchObject({ packets: 30, passed: 27, skippedBytes: 0, syncLosses: 1 });
    expect(report.illegal.syncByte).toBe(3);
    expect(report.continuity).toMatchObject({ errors: 1, missing: 3 });
  });

  test("octets put in between packets cost no packet", () => {
    const packets = tsPackets(30);
    const garbage = new Uint8Array(1000);
    const file = joined(...packets.slice(0, 12), garbage, ...packets.slice(12));
    const { report, passed } = atOnce(file);
    expect(report).toMatchObject({ packets: 30, passed: 30, skippedBytes: 1000, syncLosses: 1 });
    expect(report.continuity.errors).toBe(0);
    expect(Buffer.compare(passed, joined(...packets))).toBe(0);
  });

  test("octets put into a packet spoil that packet", () => {
    const octets = joined(...tsPackets(30));
    const file = joined(octets.subarray(0, 2000), new Uint8Array(77), octets.subarray(2000));
    const { report } = atOnce(file);
    expect(report).toMatchObject({ packets: 30, skippedBytes: 77, syncLosses: 1 });
  });

  test("octets missing from a packet spoil it and the next", () => {
    const octets = joined(...tsPackets(30));
    const file = joined(octets.subarray(0, 2000), octets.subarray(2050));
    const { report } = atOnce(file);
    expect(report).toMatchObject({ packets: 29, skippedBytes: 138, syncLosses: 1 });
    expect(report.continuity).toMatchObject({ errors: 1, missing: 1 });
  });

  test("four sync bytes make no lock in the middle of a file, five do", () => {
    const junk = new Uint8Array(1000);
    const file = (count: number) => joined(junk, ...tsPackets(count), junk);
    expect(atOnce(file(4)).report.packets).toBe(0);
    expect(atOnce(file(5)).report.packets).toBe(5);
  });

  test("at the end of the file fewer must do", () => {
    const start = joined(...tsPackets(10), new Uint8Array(500));
    expect(atOnce(joined(start, ...tsPackets(2, { cc: 10 }))).report).toMatchObject({
      packets: 12,
      skippedBytes: 500,
    });
    const last = tsPackets(10);
    (last[9] as Uint8Array)[0] = 0;
    expect(atOnce(joined(...last)).report).toMatchObject({ packets: 10, passed: 9, skippedBytes: 0 });
  });
});

/** Streams with damage of all kinds. */
const damaged = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 12 }).map((count) => joined(...tsPackets(count))) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) },
      { weight: 1, arbitrary: fc.constant(tsPacket({ sync: 0 })) },
      { weight: 1, arbitrary: fc.nat(187).map((len) => tsPacket().subarray(0, len)) },
      { weight: 1, arbitrary: fc.constantFrom(192, 204).map((length) => inUnits(tsPackets(7), length)) },
    ),
    { maxLength: 10 },
  )
  .map((parts) => joined(...parts));

test("any octets in any chunks: the same result, and every octet is in a counted packet or skipped", () => {
  fc.assert(
    fc.property(
      damaged,
      fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 5 }),
      (octets, cuts, perBuffer) => {
        const whole = atOnce(octets);
        expect(whole.report.packets * whole.report.packetLength + whole.report.skippedBytes).toBe(
          octets.length,
        );
        const parts = inChunks(octets, cuts, perBuffer);
        expect(parts.report).toEqual(whole.report);
        expect(Buffer.compare(parts.passed, whole.passed)).toBe(0);
        expect(whole.passed.length).toBe(whole.report.passed * 188);
      },
    ),
    { numRuns: 300 },
  );
});

test("octet by octet", () => {
  const octets = joined(new Uint8Array(50), ...tsPackets(9), new Uint8Array(401), ...tsPackets(7, { cc: 9 }));
  const single = inChunks(octets, [1], 2);
  expect(single.report).toEqual(atOnce(octets).report);
  expect(single.report).toMatchObject({ packets: 16, passed: 16, skippedBytes: 451, syncLosses: 1 });
});
