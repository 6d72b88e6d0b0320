import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { tsPacket } from "../test-packets.ts";
import { hasPesHeader, PES, pesStart, readPesStart, startsPes } from "./pes.ts";
import { pesHeader } from "./test-pes.ts";

const read = (octets: Uint8Array, len = octets.length, off = 0) => {
  const out = pesStart();
  return { result: readPesStart(octets, off, len, out), ...out };
};

describe("ISO/IEC 13818-1 2.4.3.7: PES header", () => {
  test("PTS and DTS of 33 bits, at any offset", () => {
    const header = pesHeader({ pts: 2 ** 33 - 1, dts: 0x1_2345_6789, streamId: 0xe0 });
    const moved = new Uint8Array([0xff, 0xff, ...header]);
    expect(read(moved, header.length, 2)).toEqual({
      result: PES.header,
      streamId: 0xe0,
      packetLength: 0,
      scrambling: 0,
      headerBytes: 19,
      pts: 2 ** 33 - 1,
      dts: 0x1_2345_6789,
    });
  });

  test("PES_scrambling_control", () => {
    for (let control = 0; control < 4; control += 1) {
      const header = pesHeader({ pts: 1 });
      header[6] = 0x88 | (control << 4);
      expect(read(header)).toMatchObject({ result: PES.header, scrambling: control, pts: 1 });
    }
  });

  test("PTS alone, and no time stamp at all", () => {
    expect(read(pesHeader({ pts: 90_000 }))).toMatchObject({
      result: PES.header,
      pts: 90_000,
      headerBytes: 14,
    });
    const bare = read(pesHeader({}));
    expect(bare.result).toBe(PES.header);
    expect(bare.pts).toBeNaN();
    expect(bare.headerBytes).toBe(9);
  });

  test("every value comes back", () => {
    const stamp = fc.integer({ min: 0, max: 2 ** 33 - 1 });
    fc.assert(
      fc.property(stamp, stamp, (pts, dts) => {
        expect(read(pesHeader({ pts, dts }))).toMatchObject({ result: PES.header, pts, dts });
      }),
    );
  });

  test("a header that goes on in the next packet is short", () => {
    const header = pesHeader({ pts: 1, dts: 2 });
    for (let len = 0; len < 19; len += 1) expect(read(header, len).result).toBe(PES.short);
    expect(read(header, 19).result).toBe(PES.header);
  });

  test("Table 2-21: streams without a header", () => {
    const without = [0xbc, 0xbe, 0xbf, 0xf0, 0xf1, 0xf2, 0xf8, 0xff];
    for (let id = 0xbc; id < 0x100; id += 1) expect(hasPesHeader(id)).toBe(!without.includes(id));
    expect(hasPesHeader(0xb9)).toBe(false);
    expect(read(new Uint8Array([0, 0, 1, 0xbe, 0, 9]))).toMatchObject({ result: PES.bare, packetLength: 9 });
  });

  test("a PES_packet_length that ends in the header is no reason to distrust the time stamps", () => {
    expect(read(pesHeader({ pts: 5, packetLength: 2 }))).toMatchObject({ result: PES.header, pts: 5 });
  });

  const broken: [name: string, at: number, value: number][] = [
    ["'10' before the flags", 6, 0x40],
    ["PTS_DTS_flags 01", 7, 0x40],
    ["a header too short for its time stamps", 8, 9],
    ["the prefix of the PTS", 9, 0x21],
    ["a marker bit of the PTS", 9, 0x30],
    ["the second marker bit", 11, 0],
    ["the third marker bit", 13, 0],
    ["the prefix of the DTS", 14, 0x31],
    ["a marker bit of the DTS", 16, 0],
  ];
  for (const [name, at, value] of broken) {
    test(`${name}: broken, and no time stamp is given out`, () => {
      const header = pesHeader({ pts: 0, dts: 0 });
      header[at] = value;
      const { result, pts, dts } = read(header);
      expect(result).toBe(PES.broken);
      expect([pts, dts]).toEqual([Number.NaN, Number.NaN]);
    });
  }

  test("no packet_start_code_prefix", () => {
    expect(read(new Uint8Array([0, 0, 2])).result).toBe(PES.none);
    expect(read(new Uint8Array([1])).result).toBe(PES.none);
  });

  test("any octets: nothing is thrown or read past the end", () => {
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 40 }).map((rest) => new Uint8Array([0, 0, 1, 0xe0, 0, 0, 0x80, ...rest])),
    );
    fc.assert(
      fc.property(octets, fc.nat(40), (buf, cut) => {
        const len = Math.min(cut, buf.length);
        const whole = read(buf, len);
        // What stands behind the end makes no difference.
        const other = new Uint8Array(64).fill(0xff);
        other.set(buf.subarray(0, len));
        expect(read(other, len)).toEqual(whole);
        if (!Number.isNaN(whole.pts)) expect(whole.pts).toBeWithin(0, 2 ** 33);
      }),
    );
  });
});

test("a PES packet starts with payload_unit_start_indicator, and is not looked for where it is scrambled", () => {
  const packet = tsPacket();
  expect(startsPes(packet, 0)).toBe(false);
  packet[1] = 0x41;
  expect(startsPes(packet, 0)).toBe(true);
  packet[3] = 0x90;
  expect(startsPes(packet, 0)).toBe(false);
});
