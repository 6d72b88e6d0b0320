import { describe, expect, test } from "bun:test";
import { ascii, be16, descriptor, longSection, loop12, shortSection, withCrc } from "../test-sections.ts";
import { parseAit } from "./ait.ts";
import { parseEit } from "./eit.ts";
import { parseBat, parseNit } from "./nit.ts";
import { parseRst } from "./rst.ts";
import { parseSdt } from "./sdt.ts";
import { parseDit, parseSit } from "./sit.ts";
import { parseTdt, parseTot } from "./time.ts";

const tags = (descriptors: readonly { tag: number }[]) => descriptors.map(({ tag }) => tag);

/** 1993-10-13 12:45:00, the example of EN 300 468 5.2.5. */
const UTC = [0xc0, 0x79, 0x12, 0x45, 0x00];

describe("EN 300 468 5.2.1 and 5.2.2: NIT and BAT", () => {
  const content = [
    ...loop12(...descriptor(0x40, ...ascii("Net"))),
    ...loop12(
      ...be16(0x1111),
      ...be16(0x2222),
      ...loop12(...descriptor(0x41, 0, 1, 1)),
      ...be16(0x3333),
      ...be16(0x4444),
      ...loop12(),
    ),
  ];

  test("network and its transport streams", () => {
    for (const table of [0x40, 0x41]) {
      const octets = longSection(table, 0x3085, content);
      const nit = parseNit(octets, 0, octets.length);
      expect(nit?.actual).toBe(table === 0x40);
      expect(nit?.networkId).toBe(0x3085);
      expect(tags(nit?.descriptors ?? [])).toEqual([0x40]);
      expect(
        nit?.transportStreams.map((ts) => [ts.transportStreamId, ts.originalNetworkId, tags(ts.descriptors)]),
      ).toEqual([
        [0x1111, 0x2222, [0x41]],
        [0x3333, 0x4444, []],
      ]);
      expect(nit?.malformed).toBeUndefined();
    }
  });

  test("bouquet", () => {
    const octets = longSection(0x4a, 0x0085, content);
    const bat = parseBat(octets, 0, octets.length);
    expect(bat?.bouquetId).toBe(0x0085);
    expect(bat?.transportStreams).toHaveLength(2);
    expect(parseNit(octets, 0, octets.length)).toBeNull();
  });

  test("octets after the loop, and a loop longer than the section", () => {
    const longer = longSection(0x40, 1, [...content, 0xaa]);
    expect(parseNit(longer, 0, longer.length)?.malformed).toBe("transport_stream_loop_length");
    const cut = longSection(0x40, 1, [...loop12(), 0xf0, 0x40, ...be16(1), ...be16(2), ...loop12()]);
    const nit = parseNit(cut, 0, cut.length);
    expect(nit?.malformed).toBe("transport_stream_loop_length");
    expect(nit?.transportStreams).toHaveLength(1);
    const inner = longSection(0x40, 1, [...loop12(), ...loop12(...be16(1), ...be16(2), 0xf0, 9)]);
    expect(parseNit(inner, 0, inner.length)?.malformed).toBe("transport_descriptors_length");
    const none = longSection(0x40, 1, []);
    expect(parseNit(none, 0, none.length)?.transportStreams).toEqual([]);
  });
});

test("EN 300 468 5.2.3: SDT actual and other", () => {
  const content = [
    ...be16(0x20fa),
    0xff,
    ...be16(0x0101),
    0xfe, // EIT_schedule, no EIT_present_following
    0x90, // running, free_CA_mode
    0,
    ...be16(0x0102),
    0xfd,
    0x20 | 0,
    5,
    ...descriptor(0x48, 1, 0, 0),
  ];
  const octets = longSection(0x42, 1, content);
  expect(parseSdt(octets, 0, octets.length)).toMatchObject({
    actual: true,
    transportStreamId: 1,
    originalNetworkId: 0x20fa,
    services: [
      {
        serviceId: 0x101,
        eitSchedule: true,
        eitPresentFollowing: false,
        runningStatus: "running",
        freeCaMode: true,
      },
      {
        serviceId: 0x102,
        eitSchedule: false,
        eitPresentFollowing: true,
        runningStatus: "not running",
        freeCaMode: false,
        descriptors: [{ tag: 0x48 }],
      },
    ],
  });
  const other = longSection(0x46, 1, content);
  expect(parseSdt(other, 0, other.length)?.actual).toBe(false);
  const short = longSection(0x42, 1, [0x20]);
  expect(parseSdt(short, 0, short.length)).toBeNull();
});

describe("EN 300 468 5.2.4: EIT", () => {
  const event = [...be16(0x0bad), ...UTC, 0x01, 0x45, 0x30, 0x80, 0];
  const content = [
    ...be16(2),
    ...be16(3),
    1,
    0x4e,
    ...event,
    ...be16(9),
    ...Array<number>(8).fill(0xff),
    0,
    0,
  ];

  test("present/following: start, duration, undefined times", () => {
    const octets = longSection(0x4e, 0x101, content, { last: 1 });
    expect(parseEit(octets, 0, octets.length)).toEqual({
      table: "EIT",
      actual: true,
      kind: "present/following",
      serviceId: 0x101,
      transportStreamId: 2,
      originalNetworkId: 3,
      segmentLastSectionNumber: 1,
      lastTableId: 0x4e,
      events: [
        {
          eventId: 0x0bad,
          startTime: "1993-10-13T12:45:00Z",
          durationSeconds: 3600 + 45 * 60 + 30,
          runningStatus: "running",
          freeCaMode: false,
          descriptors: [],
        },
        {
          eventId: 9,
          startTime: null,
          durationSeconds: null,
          runningStatus: "undefined",
          freeCaMode: false,
          descriptors: [],
        },
      ],
    });
  });

  test("actual or other, present/following or schedule, by table_id", () => {
    const kinds = [0x4e, 0x4f, 0x50, 0x5f, 0x60, 0x6f].map((table) => {
      const octets = longSection(table, 1, content);
      const eit = parseEit(octets, 0, octets.length);
      return [eit?.actual, eit?.kind];
    });
    expect(kinds).toEqual([
      [true, "present/following"],
      [false, "present/following"],
      [true, "schedule"],
      [true, "schedule"],
      [false, "schedule"],
      [false, "schedule"],
    ]);
  });

  test("an event cut by the end of the section is not told, but said", () => {
    const octets = longSection(0x4e, 1, content.slice(0, -3));
    const eit = parseEit(octets, 0, octets.length);
    expect(eit?.events).toHaveLength(1);
    expect(eit?.malformed).toBe("section_length");
  });
});

describe("EN 300 468 5.2.5 to 5.2.7: the short form", () => {
  test("TDT", () => {
    const octets = shortSection(0x70, UTC);
    expect(parseTdt(octets, 0, octets.length)).toEqual({ table: "TDT", utcTime: "1993-10-13T12:45:00Z" });
    expect(parseTdt(shortSection(0x70, UTC.slice(1)), 0, 7)).toBeNull();
  });

  test("TOT, with its descriptors and before its CRC_32", () => {
    const octets = withCrc(shortSection(0x73, [...UTC, ...loop12(...descriptor(0x58)), 0, 0, 0, 0]));
    const tot = parseTot(octets, 0, octets.length);
    expect(tot?.utcTime).toBe("1993-10-13T12:45:00Z");
    expect(tags(tot?.descriptors ?? [])).toEqual([0x58]);
    expect(tot?.malformed).toBeUndefined();
    const longer = withCrc(shortSection(0x73, [...UTC, ...loop12(), 0xaa, 0, 0, 0, 0]));
    expect(parseTot(longer, 0, longer.length)?.malformed).toBe("descriptors_loop_length");
  });

  test("RST", () => {
    const octets = shortSection(0x71, [...be16(1), ...be16(2), ...be16(3), ...be16(4), 0xfc]);
    expect(parseRst(octets, 0, octets.length)?.events).toEqual([
      { transportStreamId: 1, originalNetworkId: 2, serviceId: 3, eventId: 4, runningStatus: "running" },
    ]);
    const part = shortSection(0x71, [1, 2, 3]);
    expect(parseRst(part, 0, part.length)?.malformed).toBe("section_length");
  });
});

test("EN 300 468 7.1: DIT and SIT of partial transport streams", () => {
  expect(parseDit(shortSection(0x7e, [0x80]), 0, 4)).toEqual({ table: "DIT", transition: true });
  const octets = longSection(0x7f, 0xffff, [
    ...loop12(...descriptor(0x63, 1)),
    ...be16(7),
    0xc0,
    3,
    ...descriptor(0x4d, 1),
  ]);
  expect(parseSit(octets, 0, octets.length)).toMatchObject({
    descriptors: [{ tag: 0x63 }],
    services: [{ serviceId: 7, runningStatus: "running", descriptors: [{ tag: 0x4d }] }],
  });
  const none = longSection(0x7f, 0xffff, []);
  expect(parseSit(none, 0, none.length)?.services).toEqual([]);
});

test("TS 102 809 5.3.4: AIT", () => {
  const content = [
    ...loop12(),
    ...loop12(0, 0, 0, 0x19, 0, 1, 1, ...loop12(...descriptor(0x00, 1)), 0, 0, 0, 0x19, 0, 2, 2, ...loop12()),
  ];
  const octets = longSection(0x74, 0x8010, content);
  expect(parseAit(octets, 0, octets.length)).toMatchObject({
    applicationType: 0x10,
    testApplication: true,
    applications: [
      { organisationId: 0x19, applicationId: 1, applicationControlCode: 1, descriptors: [{ tag: 0 }] },
      { organisationId: 0x19, applicationId: 2, applicationControlCode: 2 },
    ],
  });
  const longer = longSection(0x74, 0x10, [...content, 1]);
  expect(parseAit(longer, 0, longer.length)?.malformed).toBe("application_loop_length");
  const none = longSection(0x74, 0x10, loop12());
  expect(parseAit(none, 0, none.length)?.applications).toEqual([]);
});
