import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type LintFault, lintPlaylist } from "./lint.ts";
import { playlistText, segmentLines } from "./test-segments.ts";

const rules = (faults: readonly LintFault[]): string[] =>
  faults.map(({ rule, segment }) => `${rule} ${segment}`);

const MASTER = `#EXTM3U
#EXT-X-VERSION:4
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English, stereo",DEFAULT=YES,URI="en.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1280000,CODECS="avc1.4d401e,mp4a.40.2",RESOLUTION=640x360,AUDIO="a"
low.m3u8
`;

describe("RFC 8216 4: what is right has no fault", () => {
  test.each([
    ["VOD", playlistText(["#EXT-X-PLAYLIST-TYPE:VOD", ...segmentLines(["a.ts", "b.ts"]), "#EXT-X-ENDLIST"])],
    [
      "line ends of both kinds, comments and empty lines",
      playlistText(["", "# a comment", ...segmentLines(["a.ts"])]).replaceAll("\n", "\r\n"),
    ],
    [
      "ranges that go on",
      playlistText([
        "#EXTINF:2,",
        "#EXT-X-BYTERANGE:10@0",
        "a.ts",
        "#EXTINF:2,",
        "#EXT-X-BYTERANGE:10",
        "a.ts",
      ]).replace("VERSION:3", "VERSION:4"),
    ],
    [
      "a key with an IV",
      playlistText([
        '#EXT-X-KEY:METHOD=AES-128,URI="k?a,b=c",IV=0x0123456789abcdef0123456789ABCDEF',
        ...segmentLines(["a.ts"]),
      ]),
    ],
    [
      "dates",
      playlistText(["#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.250+01:00", ...segmentLines(["a.ts"])]),
    ],
    [
      "dates with a zone of hours, or a decimal comma",
      playlistText([
        "#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05+00",
        ...segmentLines(["a.ts"]),
        "#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:07,000Z",
        ...segmentLines(["b.ts"]),
      ]),
    ],
    ["4.2 durations with a point at an end", playlistText(["#EXTINF:2.,", "a.ts", "#EXTINF:.5,", "b.ts"])],
    [
      "the date range of 8.10",
      playlistText([
        '#EXT-X-DATERANGE:ID="splice-6FFFFFF0",START-DATE="2014-03-05T11:15:00Z",PLANNED-DURATION=59.993,SCTE35-OUT=0xFC002F',
        ...segmentLines(["a.ts"]),
        '#EXT-X-DATERANGE:ID="splice-6FFFFFF0",DURATION=59.993,SCTE35-IN=0xFC002A',
        ...segmentLines(["b.ts"]),
        '#EXT-X-DATERANGE:ID="splice-6FFFFFF0",X-MORE="a"',
      ]),
    ],
    ["a NAME that no standard has", MASTER.replace("BANDWIDTH", "NAME=low,BANDWIDTH")],
    ["an apostrophe", MASTER.replace("English, stereo", "Director's")],
    ["master", MASTER],
    [
      "tags that we don't know",
      playlistText(["#EXT-X-CUE-OUT:30", "#EXT-X-SOMETHING:a=b", ...segmentLines(["a.ts"])]),
    ],
  ])("%s", (_, text) => {
    expect(rules(lintPlaylist(text))).toEqual([]);
  });
});

describe("one fault each", () => {
  const cases: [clause: string, text: string, faults: string[]][] = [
    ["4.1 a byte order mark", `\uFEFF${playlistText(segmentLines(["a.ts"]))}`, ["encoding -1"]],
    ["4.1 control characters", playlistText(["# \u0007", ...segmentLines(["a.ts"])]), ["encoding -1"]],
    ["4.1 no UTF-8", playlistText(["# \uFFFD", ...segmentLines(["a.ts"])]), ["encoding -1"]],
    ["4.1 both kinds of tags", `${MASTER}#EXT-X-TARGETDURATION:6\n`, ["mixed -1"]],
    [
      "4.3.1.2 the version twice",
      playlistText(["#EXT-X-VERSION:3", ...segmentLines(["a.ts"])]),
      ["repeated -1"],
    ],
    ["4.3.2.1 no EXTINF", playlistText([...segmentLines(["a.ts"]), "b.ts"]), ["extinfMissing 1"]],
    ["4.3.2.1 EXTINF without a number", playlistText(["#EXTINF:two,", "a.ts"]), ["extinfMissing 0"]],
    [
      "4.1 a line of blanks, which is no segment",
      playlistText([...segmentLines(["a.ts"]), "   ", "b.ts"]),
      ["syntax -1", "extinfMissing 1"],
    ],
    ["4.1 blanks before a tag", playlistText([" #EXTINF:2.0,", "a.ts"]), ["syntax -1"]],
    ["4.3.2.1 EXTINF at the end", playlistText([...segmentLines(["a.ts"]), "#EXTINF:2.0,"]), ["syntax -1"]],
    ["4.3.2.1 EXTINF twice", playlistText(["#EXTINF:2.0,", "#EXTINF:2.0,", "a.ts"]), ["syntax 0"]],
    [
      "4.3.2.7 no START-DATE",
      playlistText(['#EXT-X-DATERANGE:ID="a"', ...segmentLines(["a.ts"])]),
      ["syntax 0"],
    ],
    ["4.1 a blank after the duration", playlistText(["#EXTINF:2.0 ,title", "a.ts"]), ["syntax 0"]],
    [
      "4.3.2.2 no offset",
      playlistText(["#EXTINF:2,", "#EXT-X-BYTERANGE:10", "a.ts"]).replace("VERSION:3", "VERSION:4"),
      ["rangeOffset 0"],
    ],
    [
      "4.3.2.2 no offset after another resource",
      playlistText([
        "#EXTINF:2,",
        "#EXT-X-BYTERANGE:10@0",
        "a.ts",
        "#EXTINF:2,",
        "#EXT-X-BYTERANGE:10",
        "b.ts",
      ]).replace("VERSION:3", "VERSION:4"),
      ["rangeOffset 1"],
    ],
    [
      "4.3.2.4 no address of the key",
      playlistText(["#EXT-X-KEY:METHOD=AES-128", ...segmentLines(["a.ts"])]),
      ["syntax 0"],
    ],
    [
      "4.3.2.4 a short IV",
      playlistText(['#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x01', ...segmentLines(["a.ts"])]),
      ["syntax 0"],
    ],
    [
      "4.3.2.6 no date",
      playlistText(["#EXT-X-PROGRAM-DATE-TIME:yesterday", ...segmentLines(["a.ts"])]),
      ["syntax 0"],
    ],
    [
      "4.3.3.1 no target duration",
      playlistText(segmentLines(["a.ts"])).replace(/#EXT-X-TARGETDURATION.*\n/, ""),
      ["targetMissing -1"],
    ],
    [
      "4.3.3.1 the target duration is no integer",
      playlistText(segmentLines(["a.ts"])).replace("TARGETDURATION:2", "TARGETDURATION:2.5"),
      ["syntax -1"],
    ],
    [
      "4.3.3.2 the number after a segment",
      playlistText([...segmentLines(["a.ts"]), "#EXT-X-MEDIA-SEQUENCE:0"]).replace(
        "#EXT-X-MEDIA-SEQUENCE:0\n",
        "",
      ),
      ["order -1"],
    ],
    [
      "4.3.3.3 the number after a discontinuity",
      playlistText(["#EXT-X-DISCONTINUITY", "#EXT-X-DISCONTINUITY-SEQUENCE:1", ...segmentLines(["a.ts"])]),
      ["order -1"],
    ],
    [
      "4.3.3.5 an unknown type",
      playlistText(["#EXT-X-PLAYLIST-TYPE:LIVE", ...segmentLines(["a.ts"])]),
      ["syntax -1"],
    ],
    ["4.3.4.1 a rendition without a name", MASTER.replace(',NAME="English, stereo"', ""), ["syntax 0"]],
    ["4.3.4.2 no BANDWIDTH", MASTER.replace("BANDWIDTH=1280000,", ""), ["bandwidthMissing 0"]],
    ["4.3.4.2 BANDWIDTH is no number", MASTER.replace("1280000", "fast"), ["syntax 0"]],
    ["4.3.4.2 no CODECS", MASTER.replace('CODECS="avc1.4d401e,mp4a.40.2",', ""), ["codecsMissing 0"]],
    ["4.3.4.2 no address", MASTER.replace("low.m3u8\n", ""), ["bandwidthMissing -1"]],
    ["4.2 an integer in quotes", MASTER.replace("1280000", '"1280000"'), ["syntax 0"]],
    ["4.2 a name without quotes", MASTER.replace('GROUP-ID="a"', "GROUP-ID=a"), ["syntax 0"]],
    [
      "4.2 METHOD in quotes",
      playlistText(['#EXT-X-KEY:METHOD="AES-128",URI="k"', ...segmentLines(["a.ts"])]),
      ["syntax 0"],
    ],
    [
      "4.2 a URI without quotes",
      playlistText(["#EXT-X-KEY:METHOD=AES-128,URI=k", ...segmentLines(["a.ts"])]),
      ["syntax 0"],
    ],
    [
      "4.3.2.4 NONE with a URI",
      playlistText(['#EXT-X-KEY:METHOD=NONE,URI="k"', ...segmentLines(["a.ts"])]),
      ["syntax 0"],
    ],
    [
      "4.2 no list of attributes",
      playlistText(["#EXT-X-KEY:nothing", ...segmentLines(["a.ts"])]),
      ["syntax 0"],
    ],
    [
      "4.2 an attribute twice",
      playlistText(['#EXT-X-KEY:METHOD=AES-128,METHOD=NONE,URI="k"', ...segmentLines(["a.ts"])]),
      ["syntax 0"],
    ],
    [
      "7 fractions in version 1",
      playlistText(segmentLines(["a.ts"])).replace("#EXT-X-VERSION:3\n", ""),
      ["version -1"],
    ],
    [
      "7 byte ranges in version 3",
      playlistText(["#EXTINF:2,", "#EXT-X-BYTERANGE:10@0", "a.ts"]),
      ["version -1"],
    ],
    [
      "7 EXT-X-MAP in version 5",
      playlistText(['#EXT-X-MAP:URI="i.mp4"', ...segmentLines(["a.mp4"])]).replace("VERSION:3", "VERSION:5"),
      ["version -1"],
    ],
  ];
  test.each(cases)("%s", (_, text, faults) => {
    expect(rules(lintPlaylist(text))).toEqual(faults);
  });
});

test("any text: faults of segments that are there", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "#EXTINF:2,",
      "a.ts",
      "#EXT-X-KEY:METHOD=NONE",
      "#EXT-X-BYTERANGE:5",
      "#EXT-X-STREAM-INF:BANDWIDTH=5",
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      for (const { segment } of lintPlaylist(lines.join("\n"))) {
        expect(segment).toBeGreaterThanOrEqual(-1);
        expect(segment).toBeLessThanOrEqual(lines.length);
      }
    }),
    { numRuns: 300 },
  );
});
