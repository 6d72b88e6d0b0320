import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { MpegtsReport } from "../report/schema.ts";
import { syncOffset } from "./sync.ts";
import { analyse, joined, sendDatagrams, tsPacket, tsPackets } from "./test-packets.ts";

const CLEAN = { syncByte: 0, transportError: 0, reservedAdaptation: 0, adaptationLength: 0 };

/** `octets` cut into datagrams of `length`. */
function cut(octets: Uint8Array, length: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let off = 0; off < octets.length; off += length) parts.push(octets.subarray(off, off + length));
  return parts;
}

/** Packets with what stands around them in units of `length`. */
function inUnits(packets: readonly Uint8Array[], length: number): Uint8Array {
  const lead = new Uint8Array(syncOffset(length)).fill(0x21);
  const after = new Uint8Array(length - 188 - lead.length).fill(0x22);
  return joined(...packets.flatMap((packet) => [lead, packet, after]));
}

/** Nothing lost, nothing wrong. */
function expectClean(report: MpegtsReport, packets: number): void {
  expect(report.packets).toBe(packets);
  expect(report.passed).toBe(packets);
  expect(report.illegal).toEqual(CLEAN);
  expect(report.skippedBytes).toBe(0);
  expect(report.syncLosses).toBe(0);
  expect(report.continuity).toEqual({ errors: 0, missing: 0, duplicates: 0, discontinuities: 0 });
}

describe("whole packets in datagrams", () => {
  for (const length of [188, 192, 204]) {
    test.each([1, 2, 7, 20])(`%p units of ${length}: the bare packets come out`, (count) => {
      const { ts, output } = analyse();
      const packets = tsPackets(60);
      sendDatagrams(ts, cut(inUnits(packets, length), count * length));
      ts.end();
      expectClean(ts.report(), 60);
      expect(ts.report().packetLength as number).toBe(length);
      expect(Buffer.compare(output.octets(), joined(...packets))).toBe(0);
    });
  }

  test("a datagram of legal packets is one run", () => {
    const { ts, output } = analyse();
    sendDatagrams(ts, cut(joined(...tsPackets(14)), 1316));
    expect(output.runs).toEqual([
      { len: 1316, datagrams: 1, timeNs: 0 },
      { len: 1316, datagrams: 1, timeNs: 1e6 },
    ]);
  });

  test("TR 101 290 1.2: a wrong sync byte costs its own packet only, wherever it stands", () => {
    for (let k = 0; k < 7; k += 1) {
      const { ts, output, errors } = analyse();
      const packets = tsPackets(21);
      const bad = packets[7 + k] as Uint8Array;
      bad[0] = 0x48;
      sendDatagrams(ts, cut(joined(...packets), 1316));
      const report = ts.report();
      expect(report.packets).toBe(21);
      expect(report.passed).toBe(20);
      expect(report.illegal).toEqual({ ...CLEAN, syncByte: 1 });
      expect(report.skippedBytes).toBe(0);
      expect(report.syncLosses).toBe(0);
      expect(errors).toEqual([[7 + k + 1, 0x100, "missing", 1]]);
      expect(Buffer.compare(output.octets(), joined(...packets.filter((packet) => packet !== bad)))).toBe(0);
    }
  });

  test("a wrong sync byte in datagrams of one packet", () => {
    const { ts } = analyse();
    const packets = tsPackets(9);
    (packets[4] as Uint8Array)[0] = 0;
    sendDatagrams(ts, packets);
    expect(ts.report().illegal.syncByte).toBe(1);
    expect(ts.report().packets).toBe(9);
    expect(ts.report().skippedBytes).toBe(0);
  });

  test("passIllegal passes that packet in its place", () => {
    const { ts, output } = analyse({ passIllegal: true });
    const packets = tsPackets(7);
    (packets[3] as Uint8Array)[0] = 0x46;
    sendDatagrams(ts, [joined(...packets)]);
    expect(Buffer.compare(output.octets(), joined(...packets))).toBe(0);
    expect(output.runs.map((run) => run.datagrams)).toEqual([1, 0, 0]);
    expect(ts.report().passed).toBe(7);
    expect(ts.report().illegal.syncByte).toBe(1);
  });
});

describe("TR 101 290 1.1 hysteresis, over packets of datagrams", () => {
  /** Sync losses of packets whose sync bytes are good (g) or bad (b). */
  function losses(pattern: string): number {
    const { ts } = analyse();
    const packets = [...pattern].map((c, i) => tsPacket({ cc: i & 15, sync: c === "g" ? 0x47 : 0x10 }));
    sendDatagrams(ts, packets);
    return ts.report().syncLosses;
  }

  test.each([
    ["ggggg", 0],
    ["ggggbggggg", 0],
    ["ggggbbgggg", 1],
    ["ggggbbbbbb", 1],
    ["ggggbbggggbbgg", 1],
    ["ggggbbgggggbbgg", 2],
    ["gbgbgbgbgbg", 0],
  ])("%p: %p", (pattern, count) => {
    expect(losses(pattern)).toBe(count);
  });
});

describe("packets that span datagrams", () => {
  test.each([189, 200, 564, 1000, 1024, 1300, 1315, 1317, 1472])("datagrams of %p octets", (length) => {
    const { ts, output } = analyse();
    const packets = tsPackets(200);
    // Three sync bytes are needed to see the phase of the first one.
    const octets = joined(...packets);
    sendDatagrams(ts, [octets.subarray(0, 752), ...cut(octets.subarray(752), length)]);
    ts.end();
    expectClean(ts.report(), 200);
    expect(Buffer.compare(output.octets(), octets)).toBe(0);
  });

  test("short datagrams, many to a packet", () => {
    const { ts, output } = analyse();
    const octets = joined(...tsPackets(50));
    sendDatagrams(ts, [octets.subarray(0, 800), ...cut(octets.subarray(800), 50)]);
    ts.end();
    expect(Buffer.compare(output.octets(), octets)).toBe(0);
  });

  test("units of 192 and 204 octets", () => {
    for (const length of [192, 204]) {
      const { ts, output } = analyse();
      const packets = tsPackets(100);
      sendDatagrams(ts, cut(inUnits(packets, length), 1100));
      ts.end();
      expectClean(ts.report(), 100);
      expect(Buffer.compare(output.octets(), joined(...packets))).toBe(0);
    }
  });

  test("a lost datagram costs only the packets it held a part of", () => {
    const { ts } = analyse();
    const octets = joined(...tsPackets(200));
    const parts = cut(octets, 1000);
    parts.splice(5, 1);
    sendDatagrams(ts, parts);
    ts.end();
    const report = ts.report();
    // Octets 5000 to 5999 are gone: packets 26 to 31 are not whole.
    expect(report.passed).toBe(200 - 6);
    expect(report.continuity).toMatchObject({ errors: 1, missing: 6 });
    expect(report.packets * 188 + report.skippedBytes).toBe(octets.length - 1000);
  });

  test("a stream met in the middle of a packet", () => {
    const { ts } = analyse();
    const octets = joined(...tsPackets(60)).subarray(100);
    sendDatagrams(ts, cut(octets, 1316));
    ts.end();
    expect(ts.report()).toMatchObject({ packets: 59, passed: 59, skippedBytes: 88 });
    expect(ts.report().continuity.errors).toBe(0);
  });

  test("packets stay in place until released, however many are put together", () => {
    let released = 0;
    const { ts, output } = analyse({
      release: () => {
        released += 1;
        output.bufferEnd();
      },
    });
    const octets = joined(...tsPackets(6000));
    sendDatagrams(ts, cut(octets, 1000));
    ts.end();
    expect(released).toBeGreaterThan(1);
    expect(Buffer.compare(output.octets(), octets)).toBe(0);
  });
});

describe("damage inside a datagram", () => {
  test("octets too many: sync is found again octet by octet", () => {
    const { ts, output } = analyse();
    const packets = tsPackets(21);
    const octets = joined(...packets);
    const damaged = joined(
      octets.subarray(1316, 1316 + 376),
      new Uint8Array(3),
      octets.subarray(1316 + 376, 2632),
    );
    sendDatagrams(ts, [octets.subarray(0, 1316), damaged, octets.subarray(2632)]);
    expect(ts.report()).toMatchObject({ packets: 21, passed: 21, skippedBytes: 3, syncLosses: 1 });
    expect(Buffer.compare(output.octets(), octets)).toBe(0);
  });

  test("octets missing", () => {
    const { ts } = analyse();
    const octets = joined(...tsPackets(21));
    const damaged = joined(octets.subarray(1316, 1316 + 400), octets.subarray(1316 + 420, 2632));
    sendDatagrams(ts, [octets.subarray(0, 1316), damaged, octets.subarray(2632)]);
    const report = ts.report();
    // The third packet lacks 20 octets and takes the first of the fourth: sync comes back at the fifth.
    expect(report.syncLosses).toBe(1);
    expect(report.packets).toBe(20);
    expect(report.packets * 188 + report.skippedBytes).toBe(octets.length - 20);
  });

  test("a cut datagram costs the cut packet", () => {
    const { ts } = analyse();
    const octets = joined(...tsPackets(21));
    sendDatagrams(ts, [octets.subarray(0, 1316), octets.subarray(1316, 2600), octets.subarray(2632)]);
    ts.end();
    expect(ts.report()).toMatchObject({ packets: 20, passed: 20, skippedBytes: 156, syncLosses: 0 });
    expect(ts.report().continuity).toMatchObject({ errors: 1, missing: 1 });
  });
});

describe("stray datagrams", () => {
  test("any octets among the stream's: counted, and the stream is not disturbed", () => {
    const octets = joined(...tsPackets(70));
    const parts = cut(octets, 1316);
    fc.assert(
      fc.property(
        // Zero bits at the front: what looks like a packet by its sync byte is a packet.
        fc.uint8Array({ minLength: 1, maxLength: 1472 }).map((a) => a.map((v) => (v === 0x47 ? 0x48 : v))),
        fc.nat(9),
        (stray, at) => {
          const { ts, output } = analyse();
          sendDatagrams(ts, parts.slice(0, at));
          ts.datagram(stray, 0, stray.length, at * 1e6);
          sendDatagrams(ts, parts.slice(at), at);
          ts.end();
          const report = ts.report();
          expect(report.passed).toBe(70);
          expect(report.continuity.errors).toBe(0);
          expect(report.illegal.syncByte * 188 + report.skippedBytes).toBe(stray.length);
          expect(Buffer.compare(output.octets(), octets)).toBe(0);
        },
      ),
    );
  });

  test("two in a row that have the length of packets lose synchronisation", () => {
    const { ts } = analyse();
    const packets = tsPackets(21);
    const junk = new Uint8Array(1316);
    sendDatagrams(ts, [...cut(joined(...packets.slice(0, 7)), 1316), junk, junk, junk]);
    expect(ts.report()).toMatchObject({ syncLosses: 1, skippedBytes: 3 * 1316, packets: 7 });
    sendDatagrams(ts, cut(joined(...packets.slice(7)), 1316));
    expect(ts.report()).toMatchObject({ syncLosses: 1, packets: 21, passed: 21 });
  });

  test("a stray one that looks like another packet length does not change the stream's for good", () => {
    const { ts, output } = analyse();
    const octets = joined(...tsPackets(20));
    const stray = tsPacket({ pid: 0x1abc });
    const parts = cut(octets, 376);
    sendDatagrams(ts, [...parts.slice(0, 5), joined(stray, new Uint8Array(16)), ...parts.slice(5)]);
    const stream = joined(octets.subarray(0, 5 * 376), stray, octets.subarray(5 * 376));
    expect(Buffer.compare(output.octets(), stream)).toBe(0);
    expect(ts.report().packetLength).toBe(188);
  });

  test("an empty datagram is nothing", () => {
    const { ts } = analyse();
    ts.datagram(new Uint8Array(0), 0, 0, 0);
    expect(ts.report().skippedBytes).toBe(0);
  });
});

test("any octets in any datagrams: every one is in a counted packet or skipped", () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 700 }),
    fc.integer({ min: 1, max: 8 }).map((count) => joined(...tsPackets(count))),
    fc.constantFrom(188, 192, 204).map((length) => inUnits(tsPackets(4), length)),
    fc.array(fc.constantFrom(0x47, 0, 0x1f), { maxLength: 900 }).map((a) => Uint8Array.from(a)),
    fc.tuple(fc.nat(500), fc.nat(500)).map(([a, b]) => joined(...tsPackets(6)).subarray(a, 1128 - b)),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const { ts, output } = analyse();
      // Length may change in mid-stream: what a packet counts for is known from the run that delivers it.
      let octets = 0;
      for (const data of parts) {
        const around = joined(Uint8Array.of(0x47), data, new Uint8Array(210).fill(0x47));
        ts.datagram(around, 1, data.length, 0);
        ts.bufferEnd();
        output.bufferEnd();
        around.fill(0);
        octets += data.length;
      }
      ts.end();
      const report = ts.report();
      expect(report.packets * 188 + report.skippedBytes).toBeLessThanOrEqual(octets);
      expect(report.packets * 204 + report.skippedBytes).toBeGreaterThanOrEqual(octets);
      const illegal = Object.values(report.illegal).reduce((sum, count) => sum + count, 0);
      expect(report.passed + illegal).toBe(report.packets);
      expect(output.octets().length).toBe(report.passed * 188);
      const inPids = report.pids.reduce((sum, pid) => sum + pid.packets, 0);
      expect(inPids + report.illegal.syncByte + report.illegal.transportError).toBe(report.packets);
    }),
    { numRuns: 300 },
  );
});
