import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  CONTINUITY,
  continuityState,
  judgeContinuity,
  missingPackets,
  NO_COUNTER,
  sameButPcr,
} from "./continuity.ts";
import { tsPacket } from "./test-packets.ts";

describe("TR 101 290 1.4 continuity_counter", () => {
  test("the first packet of a PID has nothing to compare with", () => {
    for (let cc = 0; cc < 16; cc += 1) {
      expect(judgeContinuity(NO_COUNTER, cc, true, false)).toBe(CONTINUITY.ok);
      expect(judgeContinuity(NO_COUNTER, cc, false, false)).toBe(CONTINUITY.ok);
    }
  });

  test("with payload: one up, modulo 16; anything else but a repeat is an error", () => {
    for (let last = 0; last < 16; last += 1) {
      for (let cc = 0; cc < 16; cc += 1) {
        const expected = cc === (last + 1) % 16 ? CONTINUITY.ok : CONTINUITY.missing;
        expect(judgeContinuity(continuityState(last, 0), cc, true, false)).toBe(expected);
      }
    }
  });

  test("without payload the counter must not move, and standing still is no repeat", () => {
    for (let last = 0; last < 16; last += 1) {
      for (let cc = 0; cc < 16; cc += 1) {
        const expected = cc === last ? CONTINUITY.ok : CONTINUITY.moved;
        expect(judgeContinuity(continuityState(last, 2), cc, false, true)).toBe(expected);
      }
    }
  });

  test("ISO/IEC 13818-1 2.4.3.3: two, and only two", () => {
    expect(judgeContinuity(continuityState(4, 0), 4, true, true)).toBe(CONTINUITY.duplicate);
    expect(judgeContinuity(continuityState(4, 1), 4, true, true)).toBe(CONTINUITY.repeated);
    expect(judgeContinuity(continuityState(4, 2), 4, true, true)).toBe(CONTINUITY.repeated);
    expect(continuityState(4, 9)).toBe(continuityState(4, 2));
  });

  test("missing packets, modulo 16", () => {
    expect(missingPackets(4, 5)).toBe(0);
    expect(missingPackets(4, 8)).toBe(3);
    expect(missingPackets(15, 0)).toBe(0);
    expect(missingPackets(14, 1)).toBe(2);
    expect(missingPackets(6, 6)).toBe(15);
    expect(missingPackets(6, 5)).toBe(14);
  });
});

describe("ISO/IEC 13818-1 2.4.3.3 duplicate packets", () => {
  test("the PCR may differ, nothing else", () => {
    const a = tsPacket({ pcr: 1000, cc: 3 });
    const b = tsPacket({ pcr: 99_999_999, cc: 3 });
    expect(sameButPcr(a, 0, b, 0)).toBe(true);
    for (let i = 0; i < 188; i += 1) {
      const changed = b.slice();
      changed[i] = (changed[i] as number) ^ 1;
      expect(sameButPcr(a, 0, changed, 0)).toBe(i >= 6 && i < 12);
    }
  });

  test("without a PCR every octet counts", () => {
    const a = tsPacket({ cc: 3 });
    for (let i = 0; i < 188; i += 1) {
      const changed = a.slice();
      changed[i] = (changed[i] as number) ^ 1;
      expect(sameButPcr(a, 0, changed, 0)).toBe(false);
    }
    expect(sameButPcr(a, 0, a.slice(), 0)).toBe(true);
  });

  test("packets without payload are no duplicates", () => {
    const a = tsPacket({ control: 2 });
    expect(sameButPcr(a, 0, a, 0)).toBe(false);
  });

  test("symmetric over any packets", () => {
    const octets = fc.uint8Array({ minLength: 188, maxLength: 188 });
    fc.assert(
      fc.property(octets, octets, (a, b) => {
        expect(sameButPcr(a, 0, b, 0)).toBe(sameButPcr(b, 0, a, 0));
        expect(sameButPcr(a, 0, a.slice(), 0)).toBe(((a[3] as number) & 0x10) !== 0);
      }),
    );
  });
});
