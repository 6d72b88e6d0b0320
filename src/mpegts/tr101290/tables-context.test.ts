import { describe, expect, test } from "bun:test";
import { crc32Mpeg2 } from "../../bits/crc32.ts";
import { NO_WALL_CLOCK } from "../../report/time.ts";
import { lastSectionNumber, sectionNumber, tableId } from "../psi/fields.ts";
import { PidMap } from "../psi/pid-map.ts";
import { subTableKey } from "../psi/sub-table.ts";
import { type PidContext, REFERENCE } from "./context.ts";
import { profileLimits } from "./limits.ts";
import { TablesContext } from "./tables-context.ts";
import { Tr101290 } from "./tr101290.ts";

/** A section of the long form with its CRC_32. */
function section(table: number, extension: number, body: number[], number = 0, last = 0): Uint8Array {
  const length = body.length + 9;
  const head = [
    table,
    0xb0 | (length >> 8),
    length & 0xff,
    extension >> 8,
    extension & 0xff,
    0xc1,
    number,
    last,
  ];
  const octets = Uint8Array.from([...head, ...body, 0, 0, 0, 0]);
  new DataView(octets.buffer).setUint32(octets.length - 4, crc32Mpeg2(octets, 0, octets.length - 4));
  return octets;
}

const PAT = section(0x00, 1, [0, 1, 0xe1, 0x00]);
// H.264 on 0x101, still-picture MPEG-2 on 0x102, MPEG audio on 0x103, private sections on 0x104; ECM on 0x105.
const PMT = section(0x02, 1, [
  ...[0xe1, 0x01, 0xf0, 6, 0x09, 4, 0x0d, 0x00, 0xe1, 0x05],
  ...[0x1b, 0xe1, 0x01, 0xf0, 0],
  ...[0x02, 0xe1, 0x02, 0xf0, 3, 0x02, 1, 0x01],
  ...[0x03, 0xe1, 0x03, 0xf0, 0],
  ...[0x05, 0xe1, 0x04, 0xf0, 0],
]);
const CAT = section(0x01, 0xffff, [0x09, 4, 0x0d, 0x00, 0xe1, 0x06]);

/** Tells `tr` of a section of the long form. */
function feedSection(tr: Tr101290, pid: number, octets: Uint8Array, timeNs: number): void {
  const key = subTableKey(octets, 0, octets.length);
  tr.section(pid, tableId(octets, 0), key, sectionNumber(octets, 0), lastSectionNumber(octets, 0), timeNs);
}

describe("what the tables say", () => {
  const map = new PidMap();
  const context = new TablesContext(map, false);
  const tr = new Tr101290(profileLimits("dvb"), context);
  const give = (pid: number, octets: Uint8Array, timeNs: number): void => {
    tr.packet(pid, timeNs, false);
    map.section(pid, octets, 0, octets.length);
    feedSection(tr, pid, octets, timeNs);
  };

  test("PAT, PMT and CAT name their PIDs", () => {
    const before = context.generation;
    give(0x000, PAT, 0);
    give(0x100, PMT, 1e6);
    give(0x001, CAT, 2e6);
    expect(context.generation).toBeGreaterThan(before);
    const { programMap, component, pcr, audioVideo, stillPictures, cat, other } = REFERENCE;
    expect(
      [0x100, 0x101, 0x102, 0x103, 0x104, 0x105, 0x106, 0x107].map((pid) => context.referenceOf(pid)),
    ).toEqual([
      programMap,
      component | pcr | audioVideo,
      component | audioVideo | stillPictures,
      component | audioVideo,
      component,
      other,
      cat,
      0,
    ]);
  });

  test("13818-1 table 2-34: user private types are video or audio where that is confirmed, or in ATSC", () => {
    const streams = (registered: number[]): Uint8Array =>
      section(0x02, 1, [
        ...[0xff, 0xff, 0xf0, registered.length, ...registered],
        ...[0x80, 0xe1, 0x01, 0xf0, 0],
        ...[0x81, 0xe1, 0x02, 0xf0, 6, 0x05, 4, 0x41, 0x43, 0x2d, 0x33],
      ]);
    const named = (pmt: Uint8Array, atsc: boolean): number[] => {
      const other = new PidMap();
      other.section(0, PAT, 0, PAT.length);
      other.section(0x100, pmt, 0, pmt.length);
      return [0x101, 0x102].map((pid) => new TablesContext(other, atsc).referenceOf(pid));
    };
    const { component, audioVideo } = REFERENCE;
    const both = [component | audioVideo, component | audioVideo];
    expect(named(streams([]), false)).toEqual([component, component | audioVideo]);
    expect(named(streams([]), true)).toEqual(both);
    expect(named(streams([0x05, 4, 0x47, 0x41, 0x39, 0x34]), false)).toEqual(both);
  });

  test("so what is missing is found on them", () => {
    for (let ms = 10; ms < 1000; ms += 10) {
      for (const pid of [0x105, 0x106, 0x107]) tr.packet(pid, ms * 1e6, false);
      if (ms % 100 === 0) give(0x000, PAT, ms * 1e6);
    }
    const rows = tr.report(1e9, NO_WALL_CLOCK).filter(({ state }) => state === "error");
    expect(rows.map(({ number, count, lastPid }) => [number, count, lastPid])).toEqual([
      ["1.5", 1, 0x100],
      ["1.5.a", 1, 0x100],
      ["2.3", 1, 0x101],
      ["2.3.a", 1, 0x101],
      ["3.4", 1, 0x107],
      ["3.4.a", 1, 0x107],
    ]);
  });

  test("section_number and what tells sub-tables apart are taken from the section", () => {
    const announcing: PidContext = {
      generation: 0,
      programs: [],
      terrestrial: false,
      announces: () => true,
      referenceOf: () => 0,
    };
    const si = new Tr101290(profileLimits("dvb"), announcing);
    const eit = (stream: number): Uint8Array => section(0x4f, 5, [0, stream, 0, 1, 0, 0x4f], 1, 1);
    const give = (stream: number, seconds: number): void => {
      si.packet(0x12, seconds * 1e9, false);
      feedSection(si, 0x12, eit(stream), seconds * 1e9);
    };
    const count = (seconds: number): number | undefined =>
      si.report(seconds * 1e9, NO_WALL_CLOCK).find(({ number }) => number === "3.6.b")?.count;
    // The same service_id in two streams: two sub-tables, each with 10 s of its own.
    give(1, 0);
    give(2, 1);
    give(1, 9);
    expect(count(10.5)).toBe(0);
    expect(count(11.5)).toBe(1);
  });
});
