import { describe, expect, test } from "bun:test";
import { boundedPlaylist, MAX_SEGMENTS } from "./bounds.ts";
import { playlistText, segmentLines } from "./test-segments.ts";

const why = (text: string): string => {
  const list = boundedPlaylist(text);
  return list.kind === "failed" ? list.why : list.kind;
};

describe("a playlist that lists too much is refused before it is read", () => {
  const variant = "#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n";

  test("variants and renditions", () => {
    expect(why(`#EXTM3U\n${variant.repeat(1000)}`)).toBe("master");
    expect(why(`#EXTM3U\n${variant.repeat(1001)}`)).toBe("it lists more than 1000 variants and renditions");
    const rendition = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="b"\n';
    expect(why(`#EXTM3U\n${rendition.repeat(500)}${variant.repeat(501)}`)).toContain("more than 1000");
    expect(why(`#EXTM3U\n${variant}${"# x\n".repeat(300_000)}`)).toContain("more than 1048576 characters");
  });

  test("segments", () => {
    const segments = (count: number): string => playlistText(["#EXTINF:2,\na.ts\n".repeat(count)]);
    expect(why(segments(1000))).toBe("media");
    expect(why(segments(MAX_SEGMENTS + 1))).toBe("it lists more than 302400 segments");
  });
});

test("date ranges are not read, which would take the square of their number", () => {
  const range = '#EXT-X-DATERANGE:ID="a",CLASS="c",START-DATE="2026-01-01T00:00:00Z"';
  const lines = segmentLines(["a.ts", "b.ts"]);
  const text = playlistText([...lines.slice(0, 2), range, range, ...lines.slice(2)]);
  expect(boundedPlaylist(text)).toEqual(boundedPlaylist(playlistText(lines)));
});
