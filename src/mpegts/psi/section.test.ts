import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { tsPacket } from "../test-packets.ts";
import * as fields from "./fields.ts";
import {
  type KnownSections,
  MAX_SECTION_BYTES,
  SectionAssembler,
  type SectionFault,
  type SectionHandler,
} from "./section.ts";
import { longSection, packed, sectionPacket, shortSection, withCrc } from "./test-sections.ts";

/** What an assembler told, in order. */
class Told {
  sections: { octets: Uint8Array; changed: boolean; timeNs: number }[] = [];
  crcErrors: number[] = [];
  malformed: [table: number, reason: SectionFault][] = [];
  readonly assembler: SectionAssembler;

  constructor(known: KnownSections | null = null) {
    const handler: SectionHandler = {
      section: (pid, buf, off, len, timeNs, changed) => {
        expect(pid).toBe(0x100);
        this.sections.push({ octets: buf.slice(off, off + len), changed, timeNs });
      },
      crcError: (_pid, table) => this.crcErrors.push(table),
      malformed: (_pid, table, _timeNs, reason) => this.malformed.push([table, reason]),
    };
    this.assembler = new SectionAssembler(0x100, handler, known);
  }

  get malformedCount(): number {
    return this.malformed.length;
  }
}

const section = longSection;

const packetOf = (payload: Uint8Array, start: boolean): Uint8Array => sectionPacket(payload, start);

function give(told: Told, packets: readonly Uint8Array[]): void {
  packets.forEach((packet, i) => {
    told.assembler.packet(packet, 0, false, i);
  });
}

const content = (length: number, fill = 1) => new Uint8Array(length).fill(fill);

describe("ISO/IEC 13818-1 2.4.4 sections in packets", () => {
  test("fields", () => {
    const octets = section(0x42, 0x1234, content(3), { version: 21, current: 0 });
    expect(fields.tableId(octets, 0)).toBe(0x42);
    expect(fields.longForm(octets, 0)).toBe(true);
    expect(fields.sectionLength(octets, 0)).toBe(12);
    expect(fields.tableIdExtension(octets, 0)).toBe(0x1234);
    expect(fields.versionNumber(octets, 0)).toBe(21);
    expect(fields.currentNextIndicator(octets, 0)).toBe(0);
    expect(fields.sectionNumber(octets, 0)).toBe(0);
    expect(fields.lastSectionNumber(octets, 0)).toBe(0);
    expect(fields.maxSectionLength(0x02)).toBe(1021);
    expect(fields.maxSectionLength(0x42)).toBe(4093);
  });

  test("sections of any length, packed end to end, come out as they went in", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4084 }), { minLength: 1, maxLength: 12 }), (lengths) => {
        const sections = lengths.map((length, i) => section(0x80, i, content(length, i)));
        const told = new Told();
        give(told, packed(sections));
        expect(told.sections.map(({ octets }) => Buffer.from(octets).toString("base64"))).toEqual(
          sections.map((octets) => Buffer.from(octets).toString("base64")),
        );
        expect(told.crcErrors).toEqual([]);
        expect(told.malformedCount).toBe(0);
        expect(told.assembler.pending).toBe(0);
      }),
    );
  });

  test("a header split between packets, after one and after two octets", () => {
    for (const first of [1, 2]) {
      const told = new Told();
      const octets = section(0x42, 7, content(20));
      const filler = section(0x40, 1, content(183 - first - 12));
      give(told, packed([filler, octets]));
      expect(told.sections).toHaveLength(2);
    }
  });

  test("the short form has no CRC_32; the time offset table has", () => {
    const told = new Told();
    give(told, packed([shortSection(0x70, content(5)), shortSection(0x73, content(10))]));
    expect(told.sections.map(({ octets }) => octets[0])).toEqual([0x70]);
    expect(told.crcErrors).toEqual([0x73]);
    give(told, packed([withCrc(shortSection(0x73, content(14))), withCrc(shortSection(0xfc, content(15)))]));
    expect(told.sections.map(({ octets }) => octets[0])).toEqual([0x70, 0x73, 0xfc]);
  });

  test("stuffing ends a packet", () => {
    const told = new Told();
    give(told, [packetOf(Uint8Array.of(0, 0xff, 0x42, 0xf0, 0x00), true)]);
    expect(told.sections).toEqual([]);
    expect(told.malformedCount).toBe(0);
  });

  test("joined in the middle of a section: nothing until one starts", () => {
    const told = new Told();
    const packets = packed([section(0x80, 1, content(1000)), section(0x80, 2, content(50))]);
    give(told, packets.slice(1));
    expect(told.sections.map(({ octets }) => fields.tableIdExtension(octets, 0))).toEqual([2]);
    expect(told.malformedCount).toBe(0);
  });
});

describe("faults", () => {
  test("packets missing: the unfinished section is dropped, the next is found", () => {
    const told = new Told();
    const packets = packed([section(0x80, 1, content(1000)), section(0x80, 2, content(50))]);
    packets.forEach((packet, i) => {
      if (i !== 2) told.assembler.packet(packet, 0, i === 3, 0);
    });
    expect(told.sections.map(({ octets }) => fields.tableIdExtension(octets, 0))).toEqual([2]);
    expect(told.crcErrors).toEqual([]);
  });

  test("TR 101 290 2.2: a wrong CRC_32 in each octet is seen", () => {
    const octets = section(0x42, 9, content(30));
    for (let i = 3; i < octets.length; i += 1) {
      const told = new Told();
      const damaged = octets.slice();
      damaged[i] = (damaged[i] as number) ^ 0x10;
      give(told, packed([damaged]));
      expect(told.crcErrors).toEqual([0x42]);
      expect(told.sections).toEqual([]);
    }
  });

  test("lengths that are not allowed, and pointers outside the packet", () => {
    const cases: [number[], number, SectionFault][] = [
      [[0, 0x00, 0xb3, 0xfe], 0x00, "section_length"], // 1022 in a PAT
      [[0, 0x42, 0xff, 0xfe], 0x42, "section_length"], // 4094
      [[0, 0x42, 0xf0, 0x08], 0x42, "section_length"], // long form without room for its fields
      [[0, 0x73, 0x70, 0x03], 0x73, "section_length"], // time offset table without room for its CRC_32
      [[0, 0xfc, 0x30, 0x03], 0xfc, "section_length"], // splice information without room for its CRC_32
      [[183], -1, "pointer_field"],
      [[255], -1, "pointer_field"],
    ];
    for (const [payload, table, reason] of cases) {
      const told = new Told();
      give(told, [packetOf(Uint8Array.from(payload), true)]);
      expect(told.malformed).toEqual([[table, reason]]);
      expect(told.assembler.pending).toBe(0);
    }
  });

  test("a length not allowed whose header spans two packets", () => {
    const told = new Told();
    const filler = section(0x40, 1, content(183 - 1 - 12));
    give(told, packed([filler, Uint8Array.of(0x42, 0xff, 0xff, 1)]));
    expect(told.sections).toHaveLength(1);
    expect(told.malformedCount).toBe(1);
  });

  test("a section cut short by the start of the next", () => {
    const told = new Told();
    const [first] = packed([section(0x80, 1, content(500))]);
    give(told, [first as Uint8Array, ...packed([section(0x80, 2, content(20))])]);
    expect(told.malformed).toEqual([[0x80, "cut"]]);
    expect(told.sections).toHaveLength(1);
  });

  test("section_number beyond last_section_number", () => {
    const told = new Told();
    give(told, packed([section(0x42, 9, content(3), { number: 1 })]));
    expect(told.malformed).toEqual([[0x42, "section_number"]]);
    expect(told.sections).toEqual([]);
  });

  test("scrambled packets and packets without payload say nothing", () => {
    const told = new Told();
    const scrambled = packetOf(Uint8Array.of(0, ...section(0x42, 1, content(3))), true);
    scrambled[3] = 0x90;
    give(told, [scrambled, tsPacket({ control: 2 })]);
    expect(told.sections).toEqual([]);
    expect(told.malformedCount).toBe(0);
  });
});

describe("known sections", () => {
  test("need no CRC_32, and are told of as unchanged", () => {
    const octets = section(0x42, 1, content(5));
    const damaged = octets.slice();
    damaged[9] = (damaged[9] as number) ^ 1;
    const known: KnownSections = {
      same: (pid, buf, off, len) =>
        pid === 0x100 && Buffer.from(buf.slice(off, off + len)).equals(Buffer.from(octets)),
    };
    const told = new Told(known);
    give(told, packed([octets, damaged, octets]));
    expect(told.sections.map(({ changed }) => changed)).toEqual([false, false]);
    expect(told.crcErrors).toEqual([0x42]);
  });

  test("without memory of them, all are changed", () => {
    const told = new Told();
    const octets = section(0x42, 1, content(5));
    give(told, packed([octets, octets]));
    expect(told.sections.map(({ changed }) => changed)).toEqual([true, true]);
  });
});

test("any packets: no exception, nothing read outside the packet, memory bounded", () => {
  const header = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
  fc.assert(
    fc.property(fc.array(fc.tuple(header, fc.nat(255), fc.boolean()), { maxLength: 40 }), (parts) => {
      const inside = new Told();
      const alone = new Told();
      for (const [start, fill, broken] of parts) {
        const packet = tsPacket({ fill });
        packet.set(start, 3);
        packet[1] = start[1] as number;
        const around = new Uint8Array(400).fill(0x33);
        around.set(packet, 100);
        inside.assembler.packet(around, 100, broken, 0);
        alone.assembler.packet(packet, 0, broken, 0);
        expect(alone.assembler.pending).toBeLessThanOrEqual(MAX_SECTION_BYTES);
      }
      expect(inside.sections).toEqual(alone.sections);
      expect(inside.malformedCount).toBe(alone.malformedCount);
      expect(inside.crcErrors).toEqual(alone.crcErrors);
    }),
    { numRuns: 300 },
  );
});
