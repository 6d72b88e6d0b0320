import { expect, test } from "bun:test";
import fc from "fast-check";
import { parsePlaylist } from "./parse.ts";
import { durationSeconds } from "./playlist.ts";

test("a media playlist: segments with numbers, ranges, keys, dates and discontinuities", () => {
  const list = parsePlaylist(`#EXTM3U
#EXT-X-VERSION:4
#EXT-X-TARGETDURATION:6
#EXT-X-MEDIA-SEQUENCE:2680
#EXT-X-DISCONTINUITY-SEQUENCE:3
#EXT-X-PLAYLIST-TYPE:EVENT
#EXT-X-KEY:METHOD=AES-128,URI="key.bin",IV=0x000102030405060708090a0b0c0d0e0f
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.250Z
#EXTINF:5.96,Ein Titel, mit Ümlaut und 中文
a.ts
#EXT-X-DISCONTINUITY
#EXT-X-KEY:METHOD=NONE
#EXTINF:6,
#EXT-X-BYTERANGE:1000@500
all.ts
#EXTINF:6,
#EXT-X-BYTERANGE:2000
all.ts
#EXT-X-GAP
#EXTINF:6,
gone.ts
#EXT-X-ENDLIST
`);
  if (list.kind !== "media") throw new Error(JSON.stringify(list));
  expect(list).toMatchObject({
    targetSeconds: 6,
    mediaSequence: 2680,
    discontinuitySequence: 3,
    ended: true,
    type: "EVENT",
    iFramesOnly: false,
  });
  const [a, b, c, gone] = list.segments;
  expect(a).toMatchObject({
    uri: "a.ts",
    mediaSequence: 2680,
    discontinuitySequence: 3,
    durationSeconds: 5.96,
    range: null,
  });
  expect(a?.dateMs).toBe(Date.UTC(2026, 0, 2, 3, 4, 5, 250));
  expect(a?.key).toMatchObject({ method: "AES-128", uri: "key.bin", format: "identity" });
  expect([...(a?.key?.iv ?? [])]).toEqual(Array.from({ length: 16 }, (_, i) => i));
  expect(b).toMatchObject({
    discontinuity: true,
    discontinuitySequence: 4,
    key: null,
    range: { offset: 500, length: 1000 },
  });
  expect(c).toMatchObject({
    mediaSequence: 2682,
    discontinuity: false,
    discontinuitySequence: 4,
    range: { offset: 1500, length: 2000 },
  });
  expect(gone).toMatchObject({ gap: true });
  expect(list.segments.map(({ wholeSeconds }) => wholeSeconds)).toEqual([false, true, true, true]);
  expect(durationSeconds(list.segments)).toBeCloseTo(23.96, 9);
});

test("a master playlist: its variants, without those for fast forward, and the renditions apart", () => {
  const list = parsePlaylist(`#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",URI="en.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1280000,AVERAGE-BANDWIDTH=1000000,RESOLUTION=640x360,CODECS="avc1.4d401e,mp4a.40.2",AUDIO="a"
low.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=7680000
high.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=86000,URI="i.m3u8"
`);
  expect(list).toEqual({
    kind: "master",
    variants: [
      {
        uri: "low.m3u8",
        bandwidthBps: 1280000,
        averageBandwidthBps: 1000000,
        codecs: "avc1.4d401e,mp4a.40.2",
        width: 640,
        height: 360,
        frameRate: 0,
      },
      {
        uri: "high.m3u8",
        bandwidthBps: 7680000,
        averageBandwidthBps: 0,
        codecs: "",
        width: 0,
        height: 0,
        frameRate: 0,
      },
    ],
    renditions: ["AUDIO English"],
  });
});

test.each([
  ["", "empty"],
  ["<!DOCTYPE html><html>", "HTML"],
  ["#EXTINF:6,\na.ts\n", "#EXTM3U"],
  ["\n#EXTM3U\n", "#EXTM3U"],
])("no playlist: %j", (text, why) => {
  const list = parsePlaylist(text);
  expect(list.kind).toBe("unreadable");
  if (list.kind === "unreadable") expect(list.why).toContain(why);
});

test("a duration that is no number is none", () => {
  const list = parsePlaylist("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-DISCONTINUITY\na.ts\n");
  expect(list).toMatchObject({ kind: "media", segments: [{ uri: "a.ts", durationSeconds: Number.NaN }] });
});

const TAGS = [
  "#EXTINF:",
  "#EXT-X-BYTERANGE:",
  "#EXT-X-KEY:METHOD=AES-128,IV=0x",
  "#EXT-X-MAP:URI=",
  "#EXT-X-STREAM-INF:",
  "#EXT-X-MEDIA:",
  "#EXT-X-MEDIA-SEQUENCE:",
  "#EXT-X-DISCONTINUITY",
  '#EXT-X-DATERANGE:ID="a",START-DATE="2026-01-01T00:00:00Z",',
  "#EXT-X-PART:DURATION=1,URI=",
  "#EXT-X-SKIP:SKIPPED-SEGMENTS=",
  "#EXT-X-SERVER-CONTROL:",
  "#EXT-X-PRELOAD-HINT:TYPE=MAP,URI=",
  "#EXT-X-DEFINE:",
  "#EXT-X-SESSION-KEY:",
  "#EXT-X-RENDITION-REPORT:",
  "#EXT-X-PROGRAM-DATE-TIME:",
  "seg.ts",
];

test("any lines: a playlist of sound fields or none, never an exception", () => {
  const line = fc
    .tuple(
      fc.constantFrom(...TAGS),
      fc.oneof(fc.string(), fc.integer().map(String), fc.string({ unit: "binary" })),
    )
    .map(([tag, rest]) => tag + rest);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const list = parsePlaylist(`#EXTM3U\n${lines.join("\n")}`);
      if (list.kind !== "media") return;
      for (const { uri, durationSeconds: seconds, mediaSequence, range } of list.segments) {
        expect(uri).not.toBe("");
        expect(Number.isNaN(seconds) || seconds >= 0).toBe(true);
        expect(Number.isSafeInteger(mediaSequence)).toBe(true);
        if (range !== null) expect(Math.min(range.offset, range.length)).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 500 },
  );
});
