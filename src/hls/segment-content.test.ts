import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { packed, patSection, pmtSection } from "../mpegts/psi/test-sections.ts";
import { joined } from "../mpegts/test-packets.ts";
import { pesHeader, pesPacket } from "../mpegts/timing/test-pes.ts";
import { SegmentContent, segmentFormat, stampDifference, stampSeconds } from "./segment-content.ts";
import { segmentOctets } from "./test-segments.ts";

function contentOf(octets: Uint8Array): SegmentContent {
  const content = new SegmentContent();
  content.push(octets);
  return content;
}

describe("RFC 8216 3.1: the format of a segment", () => {
  const latin = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.padEnd(300, "."), "latin1"));
  test.each([
    ["transport stream", segmentOctets()],
    ["transport stream", segmentOctets({ pictures: 0 }).subarray(0, 376)],
    ["fragmented MP4", latin("\0\0\0\x18ftypiso5")],
    ["fragmented MP4", latin("\0\0\0\x18moof")],
    ["packed audio", latin("ID3\x04")],
    ["packed audio", latin("\xff\xf1P")],
    ["WebVTT subtitles", latin("WEBVTT\n")],
    ["a page of HTML or XML", latin("<html>404")],
    ["of a format that is not known", latin("hello")],
    ["empty", new Uint8Array(0)],
  ])("%s", (format, octets) => {
    expect(segmentFormat(octets, octets.length)).toBe(format);
  });
});

describe("what a segment holds", () => {
  test("tables, streams and times by the decoding time stamps", () => {
    const content = contentOf(segmentOctets({ start: 100, pictures: 50, picturesPerSecond: 25 }));
    expect(content).toMatchObject({ programs: 1, streams: "256:27", late: false, packets: 152 });
    expect(content.times()).toEqual({
      pid: 0x100,
      firstSeconds: 100,
      presentedSeconds: 100.04,
      durationSeconds: 2,
      shownSeconds: 2,
      stepSeconds: 0.04,
    });
    expect(content).toMatchObject({ pictures: 50, entryPoints: 1 });
  });

  test("3.2: no tables, late tables, several programs", () => {
    expect(contentOf(segmentOctets({ tables: "none" }))).toMatchObject({ programs: 0, streams: null });
    expect(contentOf(segmentOctets({ tables: "late" }))).toMatchObject({ programs: 1, late: true });
    const two = segmentOctets({
      programs: [
        [1, 0x1000],
        [2, 0x1001],
      ],
    });
    expect(contentOf(two).programs).toBe(2);
  });

  test("time stamps that wrap around within it", () => {
    const wrap = 2 ** 33 / 90_000;
    const times = contentOf(segmentOctets({ start: wrap - 1 })).times();
    expect(times?.durationSeconds).toBeCloseTo(2, 6);
    const next = contentOf(segmentOctets({ start: 1 })).times();
    expect(stampSeconds(next?.firstSeconds ?? 0, (times?.firstSeconds ?? 0) + 2)).toBeCloseTo(0, 4);
  });

  describe("RFC 8216 3, 4.3.2.3: what comes without a pause tells the time", () => {
    const ID3 = 0x102;
    const AUDIO = 0x101;
    const pes = (pid: number, streamId: number, seconds: number): Uint8Array => {
      const packet = pesPacket(pesHeader({ streamId, pts: seconds * 90_000 }));
      packet[1] = 0x40 | (pid >> 8);
      packet[2] = pid & 0xff;
      return packet;
    };
    /** One stream of metadata or subtitles before 20 frames of audio. */
    const segment = (streams: readonly (readonly [number, number])[] | null): SegmentContent => {
      const psi =
        streams === null
          ? []
          : [...packed([patSection([[1, 0x1000]])], 0), ...packed([pmtSection(1, AUDIO, streams)], 0x1000)];
      const frames = Array.from({ length: 20 }, (_, i) => pes(AUDIO, 0xc0, 10 + i / 10));
      return contentOf(joined(...psi, pes(ID3, 0xbd, 10.3), ...frames));
    };

    test.each([
      [
        "ID3 as metadata (0x15) before audio",
        [
          [0x0f, AUDIO],
          [0x15, ID3],
        ],
      ],
      [
        "private data (0x06) without a descriptor",
        [
          [0x06, ID3],
          [0x0f, AUDIO],
        ],
      ],
      [
        "audio whose type is user private",
        [
          [0xcf, AUDIO],
          [0x15, ID3],
        ],
      ],
      ["no tables", null],
    ] as const)("%s", (_, streams) => {
      const times = segment(streams).times();
      expect(times).toMatchObject({ pid: AUDIO, firstSeconds: 10 });
      expect(times?.durationSeconds).toBeCloseTo(2, 6);
    });

    test("metadata alone tells none", () => {
      expect(
        segment([
          [0x15, AUDIO],
          [0x15, ID3],
        ]).times(),
      ).toBeNull();
    });
  });

  test("RFC 8216 4.3.2.3: the order of the PMT is not of the streams", () => {
    const one = segmentOctets({
      streams: [
        [0x1b, 0x100],
        [0x0f, 0x101],
      ],
    });
    const other = segmentOctets({
      streams: [
        [0x0f, 0x101],
        [0x1b, 0x100],
      ],
    });
    expect(contentOf(other).streams).toBe(contentOf(one).streams);
  });

  test("one picture tells no duration", () => {
    expect(contentOf(segmentOctets({ pictures: 1 })).times()).toMatchObject({
      durationSeconds: Number.NaN,
      shownSeconds: Number.NaN,
    });
    expect(contentOf(segmentOctets({ pictures: 0 })).times()).toBeNull();
  });

  test("pieces may be cut anywhere, and damage in between is passed over", () => {
    const octets = segmentOctets();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 40 }), (cuts) => {
        const content = new SegmentContent();
        let at = 0;
        for (const cut of cuts) {
          content.push(octets.subarray(at, at + cut));
          at += cut;
        }
        content.push(octets.subarray(at));
        expect(content.packets).toBe(octets.length / 188);
        expect(content.times()?.durationSeconds).toBe(2);
      }),
    );
    const damaged = contentOf(joined(octets.subarray(0, 376), new Uint8Array(33), octets.subarray(376)));
    expect(damaged.times()?.durationSeconds).toBe(2);
  });

  test("any octets: counted, never an exception", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 })), (pieces) => {
        const content = new SegmentContent();
        for (const piece of pieces) content.push(piece);
        expect(content.octets).toBe(pieces.reduce((sum, { length }) => sum + length, 0));
        expect(content.packets * 188).toBeLessThanOrEqual(content.octets);
        content.times();
      }),
      { numRuns: 300 },
    );
  });
});

test("time stamps: the nearer way round", () => {
  expect(stampDifference(5, 2 ** 33 - 5)).toBe(10);
  expect(stampDifference(2 ** 33 - 5, 5)).toBe(-10);
  expect(stampDifference(7, 7)).toBe(0);
});
