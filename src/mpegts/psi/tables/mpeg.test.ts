import { describe, expect, test } from "bun:test";
import { be16, descriptor, longSection, loop12, patSection, pmtSection, withCrc } from "../test-sections.ts";
import { parseCat } from "./cat.ts";
import { parsePat } from "./pat.ts";
import { parsePmt } from "./pmt.ts";
import { parseSpliceInfo } from "./splice.ts";
import { parseTsdt } from "./tsdt.ts";

const tags = (descriptors: readonly { tag: number }[]) => descriptors.map(({ tag }) => tag);

describe("ISO/IEC 13818-1 2.4.4.3 program association section", () => {
  test("programs, network_PID and transport_stream_id", () => {
    const octets = patSection(
      [
        [0, 0x10],
        [1, 0x100],
        [0xffff, 0x1ffe],
      ],
      { transportStreamId: 0x1234 },
    );
    expect(parsePat(octets, 0, octets.length)).toEqual({
      table: "PAT",
      transportStreamId: 0x1234,
      networkPid: 0x10,
      programs: [
        { programNumber: 1, programMapPid: 0x100 },
        { programNumber: 0xffff, programMapPid: 0x1ffe },
      ],
    });
  });

  test("253 programs, the most a section holds", () => {
    const octets = patSection(Array.from({ length: 253 }, (_, i) => [i + 1, 0x20 + i] as const));
    expect(octets.length).toBe(1024);
    const pat = parsePat(octets, 0, octets.length);
    expect(pat?.programs).toHaveLength(253);
    expect(pat?.programs[252]).toEqual({ programNumber: 253, programMapPid: 0x20 + 252 });
  });

  test("a length that is no whole number of programs is said", () => {
    const octets = longSection(0x00, 1, [...be16(1), ...be16(0xe100), 0x00]);
    const pat = parsePat(octets, 0, octets.length);
    expect(pat?.programs).toHaveLength(1);
    expect(pat?.malformed).toBe("section_length");
  });

  test("no PAT: another table, a cut section, a section_length that differs", () => {
    const octets = patSection([[1, 0x100]]);
    expect(parsePat(longSection(0x01, 1, [0, 1, 0xe1, 0]), 0, 16)).toBeNull();
    expect(parsePat(octets, 0, octets.length - 1)).toBeNull();
    expect(parsePat(octets, 1, octets.length)).toBeNull();
    expect(parsePat(octets.subarray(0, 10), 0, octets.length)).toBeNull();
  });
});

describe("ISO/IEC 13818-1 2.4.4.9 program map section", () => {
  test("PCR_PID, descriptors of the program, streams with theirs", () => {
    const octets = pmtSection(
      7,
      0x101,
      [
        [0x1b, 0x101],
        [0x06, 0x102, [...descriptor(0x0a, 0x66, 0x72, 0x61, 0), ...descriptor(0x6a, 0)]],
      ],
      { descriptors: descriptor(0x05, 0x47, 0x41, 0x39, 0x34) },
    );
    const pmt = parsePmt(octets, 0, octets.length);
    expect(pmt?.programNumber).toBe(7);
    expect(pmt?.pcrPid).toBe(0x101);
    expect(tags(pmt?.descriptors ?? [])).toEqual([5]);
    expect(
      pmt?.streams.map(({ streamType, elementaryPid, codec, descriptors }) => [
        streamType,
        elementaryPid,
        codec.id,
        tags(descriptors),
      ]),
    ).toEqual([
      [0x1b, 0x101, "avc", []],
      [0x06, 0x102, "ac3", [0x0a, 0x6a]],
    ]);
    expect(pmt?.malformed).toBeUndefined();
  });

  test("PCR_PID 0x1FFF: no PCR", () => {
    const octets = pmtSection(7, 0x1fff, []);
    expect(parsePmt(octets, 0, octets.length)?.pcrPid).toBeNull();
  });

  test("the CRC_32 is no stream: the last entry ends before it", () => {
    const octets = pmtSection(1, 0x100, [[0x02, 0x100]]);
    expect(parsePmt(octets, 0, octets.length)?.streams).toHaveLength(1);
  });

  test("lengths that lead out of the section are cut there, and the field is named", () => {
    const octets = pmtSection(1, 0x100, [[0x02, 0x100, descriptor(9, 1, 2, 3, 4)]]);
    const damaged = octets.slice();
    damaged[11] = 0xff; // program_info_length 4095 or less
    damaged[10] = 0xff;
    expect(parsePmt(withCrc(damaged), 0, damaged.length)?.malformed).toBe("program_info_length");
    const second = octets.slice();
    second[16] = 200; // ES_info_length
    const pmt = parsePmt(withCrc(second), 0, second.length);
    expect(pmt?.malformed).toBe("ES_info_length");
    expect(pmt?.streams).toHaveLength(1);
    const third = octets.slice();
    third[18] = 100; // descriptor_length
    expect(parsePmt(withCrc(third), 0, third.length)?.malformed).toBe("descriptor_length");
  });
});

test("ISO/IEC 13818-1 2.4.4.6 and 2.4.4.12: descriptors of CAT and TSDT", () => {
  const content = [...descriptor(9, 0x01, 0x00, 0xe2, 0x00), ...descriptor(9, 0x05, 0x00, 0xe2, 0x01)];
  const cat = longSection(0x01, 0xffff, content);
  expect(tags(parseCat(cat, 0, cat.length)?.descriptors ?? [])).toEqual([9, 9]);
  expect(parseTsdt(cat, 0, cat.length)).toBeNull();
  const tsdt = longSection(0x03, 0xffff, descriptor(0x67, 0x41));
  expect(tags(parseTsdt(tsdt, 0, tsdt.length)?.descriptors ?? [])).toEqual([0x67]);
});

describe("SCTE 35 9.6 splice_info_section", () => {
  test("the header's fields, pts_adjustment of 33 bits", () => {
    const content = [0, 0x85, 0x12, 0x34, 0x56, 0x78, 0x0a, 0xfe, 0xd0, 0x05, 0x06, 1, 2, 3, 4, 5, 0, 0];
    const octets = withCrc(Uint8Array.from([0xfc, 0x30, content.length + 4, ...content, 0, 0, 0, 0]));
    expect(parseSpliceInfo(octets, 0, octets.length)).toEqual({
      table: "splice_info",
      protocolVersion: 0,
      encryptedPacket: true,
      encryptionAlgorithm: 2,
      ptsAdjustment90k: 2 ** 32 + 0x12345678,
      cwIndex: 0x0a,
      tier: 0xfed,
      spliceCommandLength: 5,
      spliceCommandType: 6,
      spliceCommand: "time_signal",
    });
    expect(parseSpliceInfo(octets.subarray(0, 14), 0, 14)).toBeNull();
  });
});

test("loops of 12 bits are read with their reserved bits set or not", () => {
  const octets = longSection(0x02, 1, [
    ...be16(0xe100),
    0,
    0,
    0x02,
    ...be16(0x0100),
    ...loop12().map(() => 0),
  ]);
  expect(parsePmt(octets, 0, octets.length)?.streams).toHaveLength(1);
});
