import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { alloc } from "../../ffi/memory.ts";
import { readPacketStatistics, ringShape, takeSocketError } from "./ring-setup.ts";

const MIB = 1 << 20;

describe("ringShape", () => {
  test("gives what was asked for where that is possible", () => {
    expect(ringShape(64 * MIB, MIB)).toEqual({ bytes: MIB, count: 64 });
    expect(ringShape(32 * MIB, 4 * MIB)).toEqual({ bytes: 4 * MIB, count: 8 });
  });

  test("rounds a block up to a power of two, and keeps at least four", () => {
    expect(ringShape(64 * MIB, 1_000_000)).toEqual({ bytes: MIB, count: 64 });
    expect(ringShape(MIB, 64 * MIB)).toEqual({ bytes: 256 * 1024, count: 4 });
    expect(ringShape(0, 0)).toEqual({ bytes: 65536, count: 4 });
  });

  test("any request: within 32-bit offsets, a power of two, four blocks or more", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1), (ringBytes, blockBytes) => {
        const { bytes, count } = ringShape(ringBytes * 4, blockBytes);
        expect(Math.log2(bytes) % 1).toBe(0);
        expect(count).toBeGreaterThanOrEqual(4);
        expect(bytes * count).toBeLessThan(2 ** 32);
      }),
    );
  });
});

test("a descriptor that is no packet socket has no statistics and no pending error", () => {
  expect(readPacketStatistics(-1, alloc(12))).toEqual({ packets: 0, drops: 0, freezes: 0 });
  expect(takeSocketError(-1)).toBe(0);
});
