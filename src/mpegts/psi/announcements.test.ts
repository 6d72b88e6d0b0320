import { describe, expect, test } from "bun:test";
import { Announcements, type NamedPrograms } from "./announcements.ts";
import { subTableKey } from "./sub-table.ts";
import { be16, longSection, loop12, type SectionFields } from "./test-sections.ts";

const ONID = 9;

/** A NIT actual with these streams. */
const nit = (streams: number[], fields: SectionFields = {}): Uint8Array => {
  const entries = streams.flatMap((stream) => [...be16(stream), ...be16(ONID), ...loop12(0x5a, 0)]);
  return longSection(0x40, 1, [...loop12(0x40, 1, 0x41), ...loop12(...entries)], fields);
};

/** An SDT with services: service_id and EIT flags. */
const sdt = (table: number, stream: number, services: number[][], fields: SectionFields = {}): Uint8Array => {
  const entries = services.flatMap(([id = 0, flags = 0]) => [...be16(id), 0xfc | flags, 0x80, 2, 0x7f, 0]);
  return longSection(table, stream, [...be16(ONID), 0xff, ...entries], fields);
};

/** The key of an EIT section. */
const eit = (table: number, service: number, stream: number): number => {
  const octets = longSection(table, service, [...be16(stream), ...be16(ONID), 0, table]);
  return subTableKey(octets, 0, octets.length);
};

const keyOf = (octets: Uint8Array): number => subTableKey(octets, 0, octets.length);

/** A PAT of transport stream 1 with programs 1 and 2. */
const PAT: NamedPrograms = { transportStreamId: 1, hasProgram: (program) => program === 1 || program === 2 };

function taken(...sections: readonly (readonly [pid: number, octets: Uint8Array])[]) {
  const announcements = new Announcements();
  const take = (pid: number, octets: Uint8Array) => announcements.section(pid, octets, 0, octets.length);
  for (const [pid, octets] of sections) take(pid, octets);
  return { announcements, take, has: (table: number, key: number) => announcements.has(table, key, PAT) };
}

describe("EN 300 468 5.2: which tables others announce", () => {
  test("5.2.1: SDT other, by the streams of the NIT actual on PID 0x10", () => {
    const other = keyOf(sdt(0x46, 2, []));
    expect(taken().has(0x46, other)).toBe(false);
    const { has, take } = taken([0x10, nit([1, 2])]);
    expect(has(0x46, other)).toBe(true);
    expect(has(0x46, keyOf(sdt(0x46, 3, [])))).toBe(false);
    expect(take(0x11, nit([3], { version: 1 }))).toBe(false);
    expect(take(0x10, nit([1], { version: 1 }))).toBe(true);
    expect(has(0x46, other)).toBe(false);
  });

  test("6.2.13, 6.4.6: the NIT actual says whether the network is terrestrial", () => {
    const network = (descriptors: number[], version = 0): Uint8Array => {
      const entry = [...be16(1), ...be16(ONID), ...loop12(...descriptors)];
      return longSection(0x40, 1, [...loop12(), ...loop12(...entry)], { version });
    };
    const { announcements, take } = taken();
    const says = (descriptors: number[], version: number): boolean => {
      expect(take(0x10, network(descriptors, version))).toBe(true);
      return announcements.terrestrial;
    };
    expect(says([0x43, 1, 0x5a], 1)).toBe(false);
    expect(says([0x41, 0, 0x5a, 1, 0], 2)).toBe(true);
    expect(says([0x7f, 1, 0x05], 3)).toBe(false);
    expect(says([0x7f, 1, 0x04], 4)).toBe(true);
    expect(says([0x7f, 0], 5)).toBe(false);
    expect(says([0x5a, 0], 6)).toBe(true);
    announcements.clear();
    expect(announcements.terrestrial).toBe(false);
  });

  test("5.2.3: EIT of this stream, by the flags of its SDT, and by the PAT", () => {
    const services = [
      [1, 1],
      [2, 2],
      [7, 3],
    ];
    const { has } = taken([0x11, sdt(0x42, 1, services)]);
    expect([1, 2, 3, 7].map((id) => has(0x4e, eit(0x4e, id, 1)))).toEqual([true, false, false, false]);
    expect([1, 2, 3, 7].map((id) => has(0x50, eit(0x50, id, 1)))).toEqual([false, true, false, false]);
    expect(has(0x4e, eit(0x4e, 1, 2))).toBe(false);
    // Before the SDT comes the PAT alone speaks.
    expect([1, 3].map((id) => taken().has(0x4e, eit(0x4e, id, 1)))).toEqual([true, false]);
  });

  test("5.2.3: EIT of other streams, by their SDT and the NIT", () => {
    const other = sdt(0x46, 2, [[5, 3]]);
    const { has, take } = taken([0x11, other]);
    expect(has(0x4f, eit(0x4f, 5, 2))).toBe(false);
    take(0x10, nit([2]));
    expect([5, 6].map((id) => has(0x4f, eit(0x4f, id, 2)))).toEqual([true, false]);
    expect(has(0x60, eit(0x60, 5, 2))).toBe(true);
    expect(take(0x11, other)).toBe(false);
  });

  test("NIT other and BAT are announced nowhere; what a stream has to have is no matter of this", () => {
    const { has } = taken();
    expect([0x41, 0x4a, 0x40, 0x42, 0x70, 0xc7].map((table) => has(table, 65536))).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  test("sections that the next version has no longer announce nothing", () => {
    const { has, take } = taken(
      [0x11, sdt(0x42, 1, [[1, 1]], { number: 0, last: 1 })],
      [0x11, sdt(0x42, 1, [[2, 1]], { number: 1, last: 1 })],
    );
    expect([1, 2].map((id) => has(0x4e, eit(0x4e, id, 1)))).toEqual([true, true]);
    take(0x11, sdt(0x42, 1, [[1, 1]], { version: 1 }));
    expect([1, 2].map((id) => has(0x4e, eit(0x4e, id, 1)))).toEqual([true, false]);
  });

  test("lengths beyond the section, and more than is kept", () => {
    const { announcements, has, take } = taken();
    for (let length = 0; length < 12; length += 1)
      take(0x10, longSection(0x40, 1, new Array(length).fill(0xff)));
    for (let length = 0; length < 12; length += 1)
      take(0x11, longSection(0x42, 1, new Array(length).fill(0xff)));
    take(0x10, nit([1, 2]));
    for (let i = 0; i < 5000; i += 1) take(0x11, sdt(0x46, 1000 + i, [[1, 1]]));
    // Full: it is not known, and so not announced, and no change each time it comes.
    expect(take(0x11, sdt(0x46, 2, [[1, 1]]))).toBe(false);
    expect(has(0x4f, eit(0x4f, 1, 2))).toBe(false);
    announcements.clear();
    expect(take(0x11, sdt(0x46, 2, [[1, 1]]))).toBe(true);
  });
});
