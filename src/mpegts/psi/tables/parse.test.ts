import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { tableName } from "../table-names.ts";
import { be16, longSection, patSection } from "../test-sections.ts";
import { merged, parseTable } from "./parse.ts";

describe("sections of one table put together", () => {
  const parse = (octets: Uint8Array) => {
    const content = parseTable(octets, 0, octets.length);
    if (content === null) throw new Error("not decoded");
    return content;
  };

  test("their loops follow each other; a field that one lacks comes from another", () => {
    const first = parse(patSection([[1, 0x100]], { last: 1 }));
    const second = parse(
      patSection(
        [
          [0, 0x10],
          [2, 0x200],
        ],
        { number: 1, last: 1 },
      ),
    );
    expect(merged([first, second])).toEqual({
      table: "PAT",
      transportStreamId: 1,
      networkPid: 0x10,
      programs: [
        { programNumber: 1, programMapPid: 0x100 },
        { programNumber: 2, programMapPid: 0x200 },
      ],
    });
    // The parts stay as they were.
    expect(first).toMatchObject({ programs: [{ programNumber: 1 }] });
  });

  test("what is malformed in one is malformed in the whole", () => {
    const right = parse(patSection([[1, 0x100]]));
    const wrong = parse(longSection(0, 1, [...be16(2), 0xe2, 0, 9]));
    expect(merged([right, wrong])).toMatchObject({ malformed: "section_length" });
  });

  test("of none there is none", () => {
    expect(merged([])).toBeNull();
  });
});

test("tables without a parser, and what is no section", () => {
  expect(parseTable(longSection(0x90, 1, [1]), 0, 13)).toBeNull();
  expect(parseTable(Uint8Array.of(0), 0, 1)).toBeNull();
  expect(parseTable(patSection([[1, 0x100]]), 0, 200)).toBeNull();
});

test("each decoded table has a name of its own", () => {
  expect([0x00, 0x42, 0x4e, 0x50, 0x6f, 0x80, 0x82, 0xfc, 0x39, 0xf0].map(tableName)).toEqual([
    "PAT",
    "SDT actual",
    "EIT present/following actual",
    "EIT schedule actual",
    "EIT schedule other",
    "ECM",
    "EMM",
    "Splice information",
    "Reserved 0x39",
    "User private 0xF0",
  ]);
});

test("any content of any table: no exception, and what stands around the section does not matter", () => {
  const table = fc.oneof(
    fc.constantFrom(
      0,
      1,
      2,
      3,
      0x40,
      0x41,
      0x42,
      0x46,
      0x4a,
      0x4e,
      0x50,
      0x70,
      0x71,
      0x73,
      0x74,
      0x7e,
      0x7f,
      0xfc,
    ),
    fc.nat(255),
  );
  fc.assert(
    fc.property(table, fc.uint8Array({ maxLength: 120 }), fc.boolean(), (id, content, long) => {
      const octets = longSection(id, 0x101, content);
      if (!long) octets[1] = (octets[1] as number) & 0x7f;
      const read = (fill: number) => {
        const around = new Uint8Array(octets.length + 64).fill(fill);
        around.set(octets, 20);
        return JSON.stringify(parseTable(around, 20, octets.length));
      };
      expect(read(0)).toBe(read(0xff));
      expect(read(0)).toBe(JSON.stringify(parseTable(octets, 0, octets.length)));
    }),
    { numRuns: 2000 },
  );
});
