import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { joined } from "../mpegts/test-packets.ts";
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
