import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  detectPacketLength,
  findPhase,
  findResync,
  goodCount,
  goodRun,
  NO_PHASE,
  PACKET_LENGTHS,
  syncOffset,
  syncPositions,
  wholeLength,
} from "./sync.ts";
import { joined, tsPackets } from "./test-packets.ts";

/** `count` units of `length` octets; what stands around the packets is 0x11. */
function units(count: number, length: number): Uint8Array {
  const lead = syncOffset(length);
  const before = new Uint8Array(lead).fill(0x11);
  const after = new Uint8Array(length - lead - 188).fill(0x11);
  return joined(...tsPackets(count).flatMap((packet) => [before, packet, after]));
}

describe("detectPacketLength", () => {
  for (const length of PACKET_LENGTHS) {
    test.each([1, 2, 3, 7, 40])(`%p units of ${length}`, (count) => {
      const buf = joined(Uint8Array.of(0, 0, 0), units(count, length));
      expect(detectPacketLength(buf, 3, buf.length - 3)).toBe(length);
      expect(wholeLength(buf, 3, buf.length - 3)).toBe(length);
    });

    test(`units of ${length} in any phase`, () => {
      const buf = units(9, length);
      for (let cut = 0; cut < length; cut += 1) {
        expect(detectPacketLength(buf, cut, 5 * length)).toBe(length);
        expect(findPhase(buf, cut, 5 * length, length)).toBe((length - cut) % length);
      }
    });

    test(`some wrong sync bytes among units of ${length}`, () => {
      const buf = units(7, length);
      buf[syncOffset(length)] = 0;
      buf[syncOffset(length) + 3 * length] = 0;
      expect(detectPacketLength(buf, 0, buf.length)).toBe(length);
      expect(wholeLength(buf, 0, buf.length)).toBe(0);
    });
  }

  test("other things", () => {
    expect(detectPacketLength(new Uint8Array(1316), 0, 1316)).toBe(0);
    expect(detectPacketLength(new Uint8Array(0), 0, 0)).toBe(0);
    expect(detectPacketLength(Uint8Array.of(0x47), 0, 1)).toBe(0);
    expect(detectPacketLength(new TextEncoder().encode("GGGGGG"), 0, 6)).toBe(0);
  });

  test("any octets: one of four answers, and nothing is read outside", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1500 }), (octets) => {
        const around = joined(new Uint8Array(9).fill(0x47), octets, new Uint8Array(900).fill(0x47));
        const alone = detectPacketLength(octets, 0, octets.length);
        expect([0, 188, 192, 204]).toContain(alone);
        expect(detectPacketLength(around, 9, octets.length)).toBe(alone);
      }),
    );
  });
});

describe("positions", () => {
  test("syncPositions counts those inside", () => {
    expect(syncPositions(0, 0, 188)).toBe(0);
    expect(syncPositions(5, 4, 188)).toBe(0);
    expect(syncPositions(0, 1, 188)).toBe(1);
    expect(syncPositions(0, 188, 188)).toBe(1);
    expect(syncPositions(0, 189, 188)).toBe(2);
  });

  test("goodRun stops at the first wrong one, goodCount does not", () => {
    const buf = units(5, 188);
    buf[2 * 188] = 0;
    expect(goodRun(buf, 0, 5, 188)).toBe(2);
    expect(goodCount(buf, 0, 5, 188)).toBe(4);
  });
});

describe("findResync", () => {
  test("three sync bytes, or two that end with the datagram", () => {
    const rest = units(3, 188);
    const start = new Uint8Array(77);
    expect(findResync(joined(start, rest, new Uint8Array(20)), 0, 77 + 564 + 20, 188)).toBe(NO_PHASE);
    expect(findResync(joined(start, rest), 0, 77 + 564, 188)).toBe(77);
    expect(findResync(joined(start, rest), 0, 77 + 500, 188)).toBe(77);
    expect(findResync(joined(start, units(2, 188)), 0, 77 + 376, 188)).toBe(77);
    expect(findResync(joined(start, units(2, 188)), 0, 77 + 375, 188)).toBe(NO_PHASE);
  });
});
