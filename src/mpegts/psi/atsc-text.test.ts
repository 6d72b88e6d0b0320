import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readMultipleString } from "./atsc-text.ts";
import { FieldReader } from "./descriptors/field-reader.ts";
import { ascii } from "./test-sections.ts";

const read = (...octets: number[]) =>
  readMultipleString(new FieldReader(Uint8Array.from(octets), 0, octets.length));
/** A segment: compression_type, mode, its octets. */
const segment = (compression: number, mode: number, ...octets: number[]): number[] => [
  compression,
  mode,
  octets.length,
  ...octets,
];

describe("A/65 6.10: multiple_string_structure", () => {
  test("strings by language, segments one after the other", () => {
    const octets = [
      2,
      ...ascii("eng"),
      2,
      ...segment(0, 0, ...ascii("Six ")),
      ...segment(0, 0, ...ascii("PM")),
    ];
    octets.push(...ascii("spa"), 1, ...segment(0, 0, ...ascii("Las"), 0xe9));
    expect(read(...octets)).toEqual([
      { languageCode: "eng", text: "Six PM" },
      { languageCode: "spa", text: "Lasé" },
    ]);
  });

  test("mode is the high octet of the characters, or UTF-16", () => {
    const cyrillic = segment(0, 0x04, 0x16, 0x30);
    const utf16 = segment(0, 0x3f, 0x4e, 0x2d);
    expect(read(1, ...ascii("rus"), 2, ...cyrillic, ...utf16)).toEqual([
      { languageCode: "rus", text: "Жа中" },
    ]);
  });

  test("Huffman and Unicode compression are shown in hex", () => {
    const octets = [
      1,
      ...ascii("eng"),
      3,
      ...segment(1, 0, 0xab),
      ...segment(0, 0x3e, 0xcd),
      ...segment(0, 0, 0x41),
    ];
    expect(read(...octets)).toEqual([
      {
        languageCode: "eng",
        text: "A",
        undecoded: [
          { compressionType: 1, mode: 0, hex: "ab" },
          { compressionType: 0, mode: 0x3e, hex: "cd" },
        ],
      },
    ]);
  });

  test("control codes go, line ends stay", () => {
    expect(read(1, ...ascii("eng"), 1, ...segment(0, 0, 0x41, 0x0d, 0x0a, 0x1b, 0x42))).toEqual([
      { languageCode: "eng", text: "A\nB" },
    ]);
  });

  test("any octets: no exception, bounded", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        const strings = readMultipleString(new FieldReader(octets, 0, octets.length));
        expect(JSON.stringify(strings).length).toBeLessThan(200 + octets.length * 40);
        for (const { text } of strings) expect(text.isWellFormed()).toBe(true);
      }),
    );
  });
});
