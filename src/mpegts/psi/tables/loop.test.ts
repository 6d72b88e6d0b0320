import { describe, expect, test } from "bun:test";
import { pmtSection, withCrc } from "../test-sections.ts";
import { LoopReader } from "./loop.ts";
import { parsePmt } from "./pmt.ts";

describe("lengths of 12 bits", () => {
  const reader = (length: number) => {
    const buf = new Uint8Array(20);
    buf.set([0xf0 | (length >> 8), length & 0xff], 4);
    return new LoopReader(buf, 4, 16);
  };

  test("up to the last octet of what contains them, and not one more", () => {
    const fits = reader(10);
    expect([fits.length12("x"), fits.at, fits.malformed]).toEqual([16, 6, null]);
    for (const length of [11, 12, 14, 4095]) {
      const cut = reader(length);
      expect([cut.length12("x"), cut.at, cut.malformed]).toEqual([16, 6, "x"]);
    }
  });

  test("the first field that does not fit is named", () => {
    const cut = reader(11);
    cut.length12("first");
    cut.fault("second");
    expect(cut.malformed).toBe("first");
  });

  test("an entry is there whole, or not at all, or said to be cut", () => {
    const part = reader(0);
    expect([part.has(12, "x"), part.malformed]).toEqual([true, null]);
    expect([part.has(13, "x"), part.malformed]).toEqual([false, "x"]);
    const end = new LoopReader(new Uint8Array(4), 4, 4);
    expect([end.has(1, "x"), end.malformed]).toEqual([false, null]);
  });
});

test("13818-1 2.4.4.9: an ES_info_length that reaches into the CRC_32 does not fit", () => {
  for (const more of [1, 2, 3, 4]) {
    const octets = pmtSection(1, 0x100, [[0x02, 0x100]]);
    octets[16] = more;
    expect([more, parsePmt(withCrc(octets), 0, octets.length)?.malformed]).toEqual([more, "ES_info_length"]);
  }
});
