import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { detectTsLayout, findSync, syncsInRow, TS_DETECT_OCTETS } from "./tsfile-layout.ts";

function packets(count: number, stride: number, syncOffset: number, before = 0): Uint8Array {
  const out = new Uint8Array(before + count * stride);
  for (let i = 0; i < count; i++) out[before + i * stride + syncOffset] = 0x47;
  return out;
}

const detect = (octets: Uint8Array) => detectTsLayout(octets, 0, octets.length);

describe("the layout of a transport stream file", () => {
  test("188, 192 with the stamp before the sync byte, 204", () => {
    expect(detect(packets(9, 188, 0))).toEqual({ stride: 188, syncOffset: 0, first: 0 });
    expect(detect(packets(9, 192, 4))).toEqual({ stride: 192, syncOffset: 4, first: 0 });
    expect(detect(packets(9, 204, 0))).toEqual({ stride: 204, syncOffset: 0, first: 0 });
  });

  test("short files: one packet alone, or all there are", () => {
    expect(detect(packets(1, 188, 0))?.stride).toBe(188);
    expect(detect(packets(2, 204, 0))?.stride).toBe(204);
    expect(detect(packets(1, 188, 0).subarray(0, 187))).toBeNull();
    expect(detect(new Uint8Array([0x47, 0x49, 0x46, 0x38, ...new Uint8Array(300)]))).toBeNull();
    expect(detect(new Uint8Array(0))).toBeNull();
  });

  test("a start in the midst of a packet, and foreign octets before", () => {
    expect(detect(packets(6, 188, 0, 100))).toEqual({ stride: 188, syncOffset: 0, first: 100 });
    expect(detect(packets(6, 192, 4, 50))).toEqual({ stride: 192, syncOffset: 4, first: 50 });
    expect(detect(packets(7, 192, 4).subarray(2))).toEqual({ stride: 192, syncOffset: 4, first: 190 });
    expect(detect(packets(4, 188, 0, 100))).toBeNull();
    expect(detect(packets(6, 188, 0, TS_DETECT_OCTETS))).toBeNull();
  });

  test("any octets: what it says is so", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat(50), (octets, off) => {
        const start = Math.min(off, octets.length);
        const layout = detectTsLayout(octets, start, octets.length);
        if (layout === null) return;
        expect(octets[start + layout.first + layout.syncOffset]).toBe(0x47);
      }),
    );
  });
});

test("syncsInRow stops at the end", () => {
  const octets = packets(3, 188, 0);
  expect(syncsInRow(octets, 0, octets.length, 188, 3)).toBe(true);
  expect(syncsInRow(octets, 0, octets.length, 188, 4)).toBe(false);
  expect(syncsInRow(octets, 0, 188, 188, 2)).toBe(false);
});

test("findSync prefers the packet after a damaged one to a chance value", () => {
  const octets = packets(5, 188, 0);
  octets[0] = 0;
  octets[20] = 0x47;
  octets[208] = 0x47;
  expect(findSync(octets, 0, octets.length, 188)).toBe(188);
  octets[376] = 0;
  expect(findSync(octets, 0, octets.length, 188)).toBe(20);
  expect(findSync(octets, 600, octets.length, 188)).toBe(-1);
});
