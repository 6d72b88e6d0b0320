import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parsePlaylist } from "./parse.ts";
import { durationSeconds, type Segment } from "./playlist.ts";

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

/** The segments of a media playlist with `lines`. */
function segmentsOf(...lines: string[]): readonly Segment[] {
  const list = parsePlaylist(["#EXTM3U", "#EXT-X-TARGETDURATION:6", ...lines].join("\n"));
  if (list.kind !== "media") throw new Error(JSON.stringify(list));
  return list.segments;
}

test("4.2 an apostrophe is no quote", () => {
  const iv = "09".repeat(16);
  const [a] = segmentsOf(`#EXT-X-KEY:METHOD=AES-128,URI="key?n=o'neill",IV=0x${iv}`, "#EXTINF:6,", "it's.ts");
  expect(a?.uri).toBe("it's.ts");
  expect(a?.key).toMatchObject({ uri: "key?n=o'neill", iv: new Uint8Array(16).fill(9) });
  const master = parsePlaylist(`#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Director's comment",LANGUAGE="en",URI="a.m3u8"
#EXT-X-STREAM-INF:NAME="Producer's",BANDWIDTH=100,CODECS="avc1",AUDIO="a"
producer's.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=50,CODECS="avc1"
n.m3u8
`);
  expect(master).toMatchObject({
    variants: [{ uri: "producer's.m3u8", bandwidthBps: 100 }, { bandwidthBps: 50 }],
    renditions: ["AUDIO Director's comment"],
  });
});

describe("4.3.2.4 keys of different KEYFORMAT apply together", () => {
  const identity = '#EXT-X-KEY:METHOD=AES-128,URI="key",KEYFORMAT="identity"';
  const other = '#EXT-X-KEY:METHOD=AES-128,URI="data:x",KEYFORMAT="com.microsoft.playready"';
  const keys = (...lines: string[]): (string | undefined)[] =>
    segmentsOf(...lines).map(({ key }) => key?.uri);
  const a = ["#EXTINF:6,", "a.ts"];

  test.each([
    ["identity first", [identity, other, ...a], ["key"]],
    ["identity last", [other, identity, ...a], ["key"]],
    ["no identity", [other, ...a], ["data:x"]],
    ["the next of the same", [identity, other, ...a, identity.replace('"key"', '"2"'), ...a], ["key", "2"]],
    [
      "METHOD=NONE ends all",
      [identity, other, ...a, "#EXT-X-KEY:METHOD=NONE", ...a, other, ...a],
      ["key", undefined, "data:x"],
    ],
  ])("%s", (_, lines, uris) => {
    expect(keys(...lines)).toEqual(uris);
  });
});

test("6.2.1 each EXT-X-DISCONTINUITY counts, two in a row too", () => {
  const gap = "#EXT-X-DISCONTINUITY";
  const a = ["#EXTINF:6,", "a.ts"];
  const segments = segmentsOf("#EXT-X-DISCONTINUITY-SEQUENCE:3", ...a, gap, gap, ...a, ...a, gap, ...a);
  expect(segments.map(({ discontinuitySequence }) => discontinuitySequence)).toEqual([3, 5, 5, 6]);
  expect(segments.map(({ discontinuity }) => discontinuity)).toEqual([false, true, false, true]);
});

test("4.3.2.1 durations as they are written, and none where there is no number", () => {
  const written = ["2.", ".5", "2.25 ", "6", "x", "-1", "2s", ""];
  const segments = segmentsOf(...written.flatMap((each) => [`#EXTINF:${each},`, "a.ts"]), "b.ts");
  const { NaN: none } = Number;
  expect(segments.map((each) => each.durationSeconds)).toEqual([
    2,
    0.5,
    2.25,
    6,
    none,
    none,
    none,
    none,
    none,
  ]);
  expect(segments.map((each) => each.wholeSeconds).slice(0, 4)).toEqual([true, false, false, true]);
});

test("4.3.2.1 a million digits are read in one pass", () => {
  expect(segmentsOf(`#EXTINF:${"1".repeat(1_000_000)}x,`, "a.ts")).toMatchObject([
    { durationSeconds: Number.NaN },
  ]);
});

test("4.3.2.6 dates of ISO 8601", () => {
  const written = [
    "2020-01-01T00:00:00.5+00",
    "2020-01-01T00:00:00,500Z",
    "20200101T010000.5+0100",
    "2020-01-01T00:00:00.5",
  ];
  const segments = segmentsOf(
    ...written.flatMap((each) => [`#EXT-X-PROGRAM-DATE-TIME:${each}`, "#EXTINF:6,", "a.ts"]),
  );
  expect(segments.map(({ dateMs }) => dateMs)).toEqual(Array(4).fill(Date.UTC(2020, 0, 1, 0, 0, 0, 500)));
});

test("4.3.2.5 EXT-X-MAP, in force until the next, with the key that is in force there", () => {
  const segments = segmentsOf(
    "#EXTINF:6,",
    "a.ts",
    '#EXT-X-KEY:METHOD=AES-128,URI="k"',
    '#EXT-X-MAP:URI="init.ts",BYTERANGE="376@10"',
    "#EXT-X-KEY:METHOD=NONE",
    "#EXTINF:6,",
    "b.ts",
    "#EXTINF:6,",
    "c.ts",
  );
  const map = { uri: "init.ts", range: { offset: 10, length: 376 }, key: { uri: "k" } };
  expect(segments).toMatchObject([{ map: null }, { map, key: null }, { map }]);
});

test("4.1 addresses without any tag of HLS are no playlist", () => {
  const list = parsePlaylist("#EXTM3U\na.ts\nb.ts\n");
  expect(list).toEqual({ kind: "unreadable", why: "it has no tag of a media or a master playlist" });
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
      // Each address is a segment of its own, whatever the library makes of the lines around it.
      const addresses = lines.flatMap((each) => each.split("\n")).map((each) => each.trim());
      expect(list.segments.map(({ uri }) => uri)).toEqual(
        addresses.filter((each) => each !== "" && !each.startsWith("#")),
      );
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
