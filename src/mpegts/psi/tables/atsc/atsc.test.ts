import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ascii, be16, descriptor, longSection, withCrc } from "../../test-sections.ts";
import { parseTable } from "../parse.ts";
import { parseAtscEit, parseEtt } from "./event.ts";
import { mgtTableTypeName, parseMgt } from "./mgt.ts";
import { ATSC_PARSERS } from "./parse.ts";
import { parseRrt } from "./rrt.ts";
import { parseStt } from "./stt.ts";
import { parseCvct, parseTvct } from "./vct.ts";

const be32 = (value: number): number[] => [...be16(value >>> 16), ...be16(value & 0xffff)];
/** multiple_string_structure of one string without compression. */
const strings = (text: string): number[] => [1, ...ascii("eng"), 1, 0, 0, text.length, ...ascii(text)];
const withLength = (octets: number[]): number[] => [octets.length, ...octets];
const english = (text: string) => [{ languageCode: "eng", text }];
const whole = <T>(parse: (buf: Uint8Array, off: number, len: number) => T, octets: Uint8Array): T =>
  parse(octets, 0, octets.length);

const mgt = longSection(0xc7, 0, [
  0,
  ...be16(2),
  ...[...be16(0x0000), ...be16(0xfffb), 0xe1, ...be32(300), ...be16(0xf000)],
  ...[...be16(0x0103), ...be16(0xfd00), 0xff, ...be32(400), ...be16(0xf003), ...descriptor(0x80, 0)],
  ...be16(0xf000),
]);

/** One channel of 32 octets and its descriptors. */
function channel(number: readonly number[], flags: number, descriptors: number[] = []): number[] {
  const name = [..."KQED".padEnd(7, "\0")].flatMap((letter) => be16(letter.charCodeAt(0)));
  const ids = [...be32(0), ...be16(0x0801), ...be16(3)];
  return [
    ...name,
    ...number,
    4,
    ...ids,
    ...be16(flags),
    ...be16(9),
    ...be16(0xfc00 | descriptors.length),
    ...descriptors,
  ];
}

const location = descriptor(0xa1, 0xe0, 0x31, 0);
const tvct = longSection(0xc8, 0x801, [
  0,
  1,
  ...channel([0xf0, 0x24, 0x01], 0x1dc2, location),
  ...be16(0xfc00),
]);
const cvct = longSection(0xc9, 0x801, [0, 1, ...channel([0xff, 0xc0, 0x07], 0x0dc2), ...be16(0xfc00)]);
const stt = longSection(0xcd, 0, [0, ...be32(1_400_000_000), 18, 0xe5, 0x02]);
const rrt = longSection(0xca, 0xff05, [
  0,
  ...withLength(strings("US")),
  1,
  ...withLength(strings("All")),
  0xf1,
  ...withLength(strings("PG")),
  ...withLength(strings("Parental")),
  ...be16(0xfc00),
]);
const eit = longSection(0xcb, 9, [
  0,
  1,
  ...be16(0xc007),
  ...be32(1_400_000_000),
  ...[0xd0, 0x07, 0x08],
  ...withLength(strings("News")),
  ...be16(0xf000),
]);
const ett = longSection(0xcc, 1, [0, ...be16(9), ...be16((7 << 2) | 2), ...strings("All of it")]);
const all = [mgt, tvct, cvct, stt, rrt, eit, ett];

describe("ATSC A/65: tables", () => {
  test("6.2 MGT", () => {
    expect(whole(parseMgt, mgt)).toEqual({
      table: "MGT",
      protocolVersion: 0,
      tables: [
        {
          tableType: 0,
          tableTypeName: "Terrestrial VCT, current",
          tableTypePid: 0x1ffb,
          tableTypeVersionNumber: 1,
          numberBytes: 300,
          descriptors: [],
        },
        {
          tableType: 0x103,
          tableTypeName: "EIT-3",
          tableTypePid: 0x1d00,
          tableTypeVersionNumber: 31,
          numberBytes: 400,
          descriptors: [{ tag: 0x80, name: "stuffing_descriptor", hex: "00" }],
        },
      ],
      descriptors: [],
    });
    const names = [0x0004, 0x0201, 0x0301, 0x0400, 0x1402, 0x0fff, 0x2000].map(mgtTableTypeName);
    expect(names).toEqual([
      "Channel ETT",
      "Event ETT-1",
      "RRT of region 1",
      "user private",
      "DCCT 2",
      "user private",
      "reserved",
    ]);
  });

  test("6.3.1 terrestrial VCT", () => {
    expect(whole(parseTvct, tvct)).toEqual({
      table: "TVCT",
      protocolVersion: 0,
      transportStreamId: 0x801,
      channels: [
        {
          shortName: "KQED",
          majorChannelNumber: 9,
          minorChannelNumber: 1,
          modulationMode: 4,
          modulationModeName: "8-VSB",
          carrierFrequencyHz: 0,
          channelTsid: 0x801,
          programNumber: 3,
          etmLocation: 0,
          accessControlled: false,
          hidden: true,
          hideGuide: false,
          serviceType: 2,
          serviceTypeName: "ATSC digital television",
          sourceId: 9,
          descriptors: [{ tag: 0xa1, name: "service_location_descriptor", pcrPid: 0x31, elements: [] }],
        },
      ],
      additionalDescriptors: [],
    });
  });

  test("6.3.2 cable VCT: one-part numbers, path and band", () => {
    const [read] = whole(parseCvct, cvct)?.channels ?? [];
    expect(read).toMatchObject({
      majorChannelNumber: 7,
      minorChannelNumber: null,
      pathSelect: 1,
      outOfBand: true,
      hideGuide: false,
    });
    expect(whole(parseTvct, cvct)).toBeNull();
  });

  test("6.1 STT", () => {
    expect(whole(parseStt, stt)).toEqual({
      table: "STT",
      protocolVersion: 0,
      systemTimeSeconds: 1_400_000_000,
      gpsUtcOffsetSeconds: 18,
      utcTime: "2024-05-17T16:53:02Z",
      daylightSaving: true,
      daylightSavingDay: 5,
      daylightSavingHour: 2,
      descriptors: [],
    });
  });

  test("6.4 RRT", () => {
    expect(whole(parseRrt, rrt)).toEqual({
      table: "RRT",
      protocolVersion: 0,
      ratingRegion: 5,
      ratingRegionName: english("US"),
      dimensions: [
        {
          dimensionName: english("All"),
          graduatedScale: true,
          values: [{ abbreviation: english("PG"), ratingValue: english("Parental") }],
        },
      ],
      descriptors: [],
    });
  });

  test("6.5 EIT", () => {
    expect(whole(parseAtscEit, eit)).toEqual({
      table: "ATSC EIT",
      protocolVersion: 0,
      sourceId: 9,
      events: [
        {
          eventId: 7,
          startTimeSeconds: 1_400_000_000,
          startTime: "2024-05-17T16:53:02Z",
          etmLocation: 1,
          lengthSeconds: 1800,
          title: english("News"),
          descriptors: [],
        },
      ],
    });
  });

  test("6.6 ETT: of an event, of a channel", () => {
    expect(whole(parseEtt, ett)).toEqual({
      table: "ETT",
      protocolVersion: 0,
      sourceId: 9,
      eventId: 7,
      extendedTextMessage: english("All of it"),
    });
    const ofChannel = longSection(0xcc, 1, [0, ...be16(9), ...be16(0), ...strings("Channel")]);
    expect(whole(parseEtt, ofChannel)?.eventId).toBeNull();
  });

  test("each is found by its table_id", () => {
    const tables = all.map((octets) => parseTable(octets, 0, octets.length)?.table);
    expect(tables).toEqual(["MGT", "TVCT", "CVCT", "STT", "RRT", "ATSC EIT", "ETT"]);
  });

  test("a number of entries, or a length, that does not fit is said", () => {
    const more = mgt.slice();
    more[10] = 3;
    expect(whole(parseMgt, withCrc(more))).toMatchObject({ malformed: "section_length" });
    const left = longSection(0xc7, 0, [0, ...be16(0), ...be16(0xf000), 0x55]);
    expect(whole(parseMgt, left)).toMatchObject({ malformed: "section_length", tables: [] });
    expect(whole(parseMgt, longSection(0xc7, 0, []))).toBeNull();
  });

  test("any octets in any place: no exception, nothing outside, bounded, plain", () => {
    const spoilt = fc.record({
      base: fc.constantFrom(...all),
      changes: fc.array(fc.tuple(fc.nat({ max: 120 }), fc.nat({ max: 255 })), { maxLength: 12 }),
      pad: fc.nat({ max: 40 }),
    });
    fc.assert(
      fc.property(spoilt, ({ base, changes, pad }) => {
        const octets = base.slice();
        // table_id and section_length stay: without them there is nothing to read.
        for (const [at, value] of changes) if (at >= 3 && at < octets.length) octets[at] = value;
        const alone = parseTable(octets, 0, octets.length);
        const within = new Uint8Array(octets.length + 2 * pad).fill(0xff);
        within.set(octets, pad);
        expect(parseTable(within, pad, octets.length)).toEqual(alone);
        const json = JSON.stringify(alone);
        expect(JSON.parse(json)).toStrictEqual(alone);
        expect(json.length).toBeLessThan(20_000);
      }),
      { numRuns: 1000 },
    );
  });

  test("every length of octets that is too short gives null", () => {
    for (const [tableId, parse] of ATSC_PARSERS) {
      for (let len = 0; len < 12; len++) {
        const octets = new Uint8Array(len).fill(0xff);
        if (len > 0) octets[0] = tableId;
        expect(parse(octets, 0, len)).toBeNull();
      }
    }
  });
});
