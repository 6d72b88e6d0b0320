import { describe, expect, test } from "bun:test";
import { codecOf, FORMAT_HDMV, isAssumed, PROGRAM_FORMAT_NONE, programFormat } from "./codec.ts";
import { streamTypeCodec } from "./stream-types.ts";
import { ascii, descriptor } from "./test-sections.ts";

const codec = (streamType: number, descriptors: number[] = [], format = PROGRAM_FORMAT_NONE) =>
  codecOf(streamType, Uint8Array.from(descriptors), 0, descriptors.length, format).id;

describe("ISO/IEC 13818-1 table 2-34 stream_type", () => {
  test("each type from 0x01 to 0x36 has a name, the others are reserved or user private", () => {
    const named = (type: number) => !/^(Reserved|User private)/.test(streamTypeCodec(type, false).name);
    const types = Array.from({ length: 0x80 }, (_, type) => type).filter(named);
    expect(types).toEqual([...Array.from({ length: 0x36 }, (_, i) => i + 1), 0x42, 0x7f]);
    expect(streamTypeCodec(0x00, false).name).toBe("Reserved 0x00");
    expect(streamTypeCodec(0xab, false).name).toBe("User private 0xAB");
    const ids = types.map((type) => streamTypeCodec(type, false).id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("the numbers of the codecs in use", () => {
    const expected: [number, string][] = [
      [0x01, "mpeg1video"],
      [0x02, "mpeg2video"],
      [0x03, "mp1"],
      [0x04, "mp2"],
      [0x05, "private-sections"],
      [0x06, "private-pes"],
      [0x0f, "aac"],
      [0x11, "aac-latm"],
      [0x15, "metadata-pes"],
      [0x1b, "avc"],
      [0x1e, "auxiliary-video"],
      [0x21, "jpeg2000"],
      [0x24, "hevc"],
      [0x28, "hevc-g"],
      [0x2d, "mpegh"],
      [0x32, "jpegxs"],
      [0x33, "vvc"],
      [0x36, "lcevc"],
      [0xea, "vc1"],
    ];
    for (const [type, id] of expected) expect([type, codec(type)]).toEqual([type, id]);
  });
});

describe("user private stream types", () => {
  test("A/53: 0x81 is AC-3, 0x87 is E-AC-3; SCTE 35: 0x86", () => {
    expect(codec(0x81)).toBe("ac3");
    expect(codec(0x87)).toBe("eac3");
    expect(codec(0x86)).toBe("scte-35");
    expect(codec(0x86, [], programFormat(Uint8Array.from(descriptor(5, ...ascii("CUEI"))), 0, 6))).toBe(
      "scte-35",
    );
  });

  test("13818-1 table 2-34: what nothing confirms is assumed", () => {
    const assumed = (type: number, descriptors: number[] = [], program: number[] = []) => {
      const format = programFormat(Uint8Array.from(program), 0, program.length);
      const octets = Uint8Array.from(descriptors);
      const found = codecOf(type, octets, 0, octets.length, format);
      return isAssumed(found, type, octets, 0, octets.length, format);
    };
    const registration = (text: string) => descriptor(5, ...ascii(text));
    expect([0x80, 0x81, 0x86, 0x87, 0xd1, 0xea].map((type) => assumed(type))).not.toContain(false);
    for (const format of ["GA94", "SCTE", "CUEI", "HDMV"]) {
      expect(assumed(0x81, [], registration(format))).toBe(false);
      expect(assumed(0x86, registration(format))).toBe(false);
    }
    expect(assumed(0x81, [], registration("NONE"))).toBe(true);
    expect(assumed(0x81, registration("AC-3"))).toBe(false);
    // The audio's own descriptor, of A/52 or DVB; not one for something else.
    expect(assumed(0x81, descriptor(0x81, 8, 8, 5))).toBe(false);
    expect(assumed(0x87, descriptor(0xcc, 0xc0, 0))).toBe(false);
    expect(assumed(0x81, descriptor(0x6a, 0))).toBe(false);
    expect(assumed(0x80, [...descriptor(0x81, 8), ...descriptor(0x6a, 0)])).toBe(true);
    // By 13818-1 itself.
    expect([0x02, 0x06, 0x1b, 0x24].map((type) => assumed(type))).not.toContain(true);
  });

  test("HDMV: other meanings, but not for the standard's own types", () => {
    const types = [0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x90, 0xa1, 0xa2];
    expect(types.map((type) => codec(type, [], FORMAT_HDMV))).toEqual([
      "lpcm",
      "ac3",
      "dts",
      "truehd",
      "eac3",
      "dts-hd",
      "dts-hd-ma",
      "pgs",
      "eac3",
      "dts-hd",
    ]);
    expect(codec(0x1b, [], FORMAT_HDMV)).toBe("avc");
  });

  test("a registration of the stream itself decides", () => {
    expect(codec(0x81, descriptor(5, ...ascii("AC-4")))).toBe("ac4");
    expect(codec(0x86, descriptor(5, ...ascii("VC-1")))).toBe("vc1");
    expect(codec(0x1b, descriptor(5, ...ascii("AC-3")))).toBe("avc");
  });
});

describe("EN 300 468 private PES streams (0x06)", () => {
  test("by descriptor", () => {
    const expected: [number[], string][] = [
      [descriptor(0x6a, 0), "ac3"],
      [descriptor(0x7a, 0), "eac3"],
      [descriptor(0x7b, 0), "dts"],
      [descriptor(0x7c, 0), "aac"],
      [descriptor(0x7f, 0x15, 0), "ac4"],
      [descriptor(0x7f, 0x0e, 0), "dts-hd"],
      [descriptor(0x7f, 0x21, 0), "dts-uhd"],
      [descriptor(0x7f, 0x20, 0), "ttml"],
      [descriptor(0x7f), "private-pes"],
      [descriptor(0x56, 0x66, 0x72, 0x61, 0x10, 0x00), "teletext"],
      [descriptor(0x59), "dvb-subtitles"],
      [descriptor(0x45), "vbi"],
      [[...descriptor(0x45), ...descriptor(0x56)], "teletext"],
      [[...descriptor(0x52, 1), ...descriptor(0x6a)], "ac3"],
      [descriptor(0xfd, 0x00, 0x08), "arib-caption"],
      [descriptor(0xfd, 0x00, 0x0d), "private-pes"],
      [[0x6a, 5, 0], "private-pes"],
    ];
    for (const [descriptors, id] of expected)
      expect([descriptors, codec(6, descriptors)]).toEqual([descriptors, id]);
  });

  test("by registration (SMPTE RA)", () => {
    const expected: [string, string][] = [
      ["Opus", "opus"],
      ["BSSD", "s302m"],
      ["KLVA", "klv"],
      ["VANC", "smpte-2038"],
      ["HEVC", "hevc"],
      ["drac", "dirac"],
      ["AV01", "av1"],
      ["DTS1", "dts"],
      ["????", "private-pes"],
    ];
    for (const [format, id] of expected) expect(codec(6, descriptor(5, ...ascii(format)))).toBe(id);
  });
});

test("private sections (0x05): AIT by TS 102 809, carousels and updates by data_broadcast_id", () => {
  expect(codec(5, descriptor(0x6f, 0, 0x10, 0))).toBe("ait");
  expect(codec(5, descriptor(0x66, 0x00, 0x0a))).toBe("ssu");
  expect(codec(5, descriptor(0x66, 0x01, 0x23))).toBe("object-carousel");
  expect(codec(5, descriptor(0x66, 0xff, 0xff))).toBe("private-sections");
});
