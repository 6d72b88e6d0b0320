import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Playlist, type PlaylistEntry } from "./playlist.ts";

const entry = (i: number, change: Partial<PlaylistEntry> = {}): PlaylistEntry => ({
  uri: `${i}.ts`,
  seconds: 6,
  discontinuity: false,
  dateMs: null,
  ...change,
});

/** A reader of its own, by RFC 8216 line by line; throws where the text breaks it. */
function read(text: string): {
  tags: Map<string, string>;
  segments: { uri: string; seconds: number; discontinuities: number; number: number }[];
} {
  const [first, ...lines] = text.split("\n");
  if (first !== "#EXTM3U") throw new Error("4.3.1.1: the first line is not EXTM3U");
  if (lines.pop() !== "") throw new Error("the last line does not end");
  const tags = new Map<string, string>();
  const segments: { uri: string; seconds: number; discontinuities: number; number: number }[] = [];
  let seconds: number | null = null;
  let discontinuities: number | null = null;
  for (const line of lines) {
    if (tags.has("#EXT-X-ENDLIST")) throw new Error("something comes after the end");
    if (line.startsWith("#EXTINF:")) {
      const found = /^#EXTINF:(\d+\.\d+),$/.exec(line);
      if (found === null) throw new Error(`4.3.2.1: ${line}`);
      seconds = Number(found[1]);
    } else if (line === "#EXT-X-DISCONTINUITY") {
      discontinuities = (discontinuities ?? Number(tags.get("#EXT-X-DISCONTINUITY-SEQUENCE") ?? 0)) + 1;
    } else if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:")) {
      if (Number.isNaN(Date.parse(line.slice(25)))) throw new Error(`4.3.2.6: ${line}`);
    } else if (line.startsWith("#")) {
      const [, name = "", value = ""] = /^(#EXT-X-[A-Z-]+)(?::(.*))?$/.exec(line) ?? [];
      if (name === "" || tags.has(name)) throw new Error(`unknown or twice: ${line}`);
      if (segments.length > 0 && name !== "#EXT-X-ENDLIST") throw new Error(`4.3.3: ${line} after a segment`);
      tags.set(name, value);
    } else {
      if (seconds === null) throw new Error(`a segment without EXTINF: ${line}`);
      discontinuities ??= Number(tags.get("#EXT-X-DISCONTINUITY-SEQUENCE") ?? 0);
      const number = Number(tags.get("#EXT-X-MEDIA-SEQUENCE")) + segments.length;
      segments.push({ uri: decodeURIComponent(line), seconds, discontinuities, number });
      seconds = null;
    }
  }
  const target = Number(tags.get("#EXT-X-TARGETDURATION"));
  for (const segment of segments) {
    if (Math.round(segment.seconds) > target) throw new Error("4.3.3.1: longer than the target duration");
  }
  return { tags, segments };
}

describe("RFC 8216", () => {
  test("live: the last segments, numbered on, and the end", () => {
    const playlist = new Playlist("live", 6, 3);
    for (let i = 0; i < 5; i++) playlist.add(entry(i));
    expect(playlist.render()).toBe(
      [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        "#EXT-X-TARGETDURATION:6",
        "#EXT-X-MEDIA-SEQUENCE:2",
        ...["#EXTINF:6.000000,", "2.ts", "#EXTINF:6.000000,", "3.ts", "#EXTINF:6.000000,", "4.ts", ""],
      ].join("\n"),
    );
    playlist.ended = true;
    expect(playlist.render()).toEndWith("4.ts\n#EXT-X-ENDLIST\n");
    expect(playlist.next).toBe(5);
  });

  test("4.3.3.5: a list that grows is EVENT, at the end VOD, and neither when it loses its front", () => {
    const playlist = new Playlist("vod", 6, 3);
    for (let i = 0; i < 9; i++) playlist.add(entry(i));
    expect(read(playlist.render()).tags.get("#EXT-X-PLAYLIST-TYPE")).toBe("EVENT");
    playlist.ended = true;
    expect(read(playlist.render()).tags.get("#EXT-X-PLAYLIST-TYPE")).toBe("VOD");
    expect(playlist.forget("2.ts")).toBe(true);
    expect(playlist.forget("2.ts")).toBe(false);
    const { tags, segments } = read(playlist.render());
    expect(tags.has("#EXT-X-PLAYLIST-TYPE")).toBe(false);
    expect(segments.map(({ number }) => number)).toEqual([3, 4, 5, 6, 7, 8]);
  });

  test("4.3.3.1: the target duration grows with the longest segment", () => {
    const playlist = new Playlist("live", 5.2, 3);
    expect(read(playlist.render()).tags.get("#EXT-X-TARGETDURATION")).toBe("6");
    playlist.add(entry(0, { seconds: 9.6 }));
    expect(read(playlist.render()).tags.get("#EXT-X-TARGETDURATION")).toBe("10");
  });

  test("names with blanks and other letters are URIs", () => {
    const playlist = new Playlist("vod", 6, 3);
    playlist.add(entry(0, { uri: "2026/11 Zürich 100%.ts" }));
    expect(playlist.render()).toContain("2026/11%20Z%C3%BCrich%20100%25.ts");
    expect(read(playlist.render()).segments[0]?.uri).toBe("2026/11 Zürich 100%.ts");
  });

  test("RFC 3986 4.2: a name never leads elsewhere, and is known again after a restart", () => {
    for (const uri of ["tv:0908.ts", "09:08:07.ts", "#1.ts", "a?b.ts", "100%/a&b=c;d+e.ts", "%3A.ts"]) {
      const playlist = new Playlist("vod", 6, 3);
      playlist.add(entry(0, { uri }));
      const line = playlist.render().split("\n").at(-2) ?? "";
      const { origin, pathname, search, hash } = new URL(line, "http://tv.example/a/index.m3u8");
      expect([origin, search, hash]).toEqual(["http://tv.example", "", ""]);
      expect(decodeURIComponent(pathname)).toBe(`/a/${uri}`);
      const again = new Playlist("vod", 6, 3);
      again.restore(playlist.render());
      expect(again.entries[0]?.uri).toBe(uri);
    }
  });

  test("a line that a loss of power cut is not known again", () => {
    const playlist = new Playlist("vod", 6, 3);
    playlist.restore("#EXTM3U\n#EXTINF:6,\n000000.ts\n\n\n#EXTINF:6,\n0000");
    expect(playlist.entries.map((each) => each.uri)).toEqual(["000000.ts"]);
  });

  test("a playlist of an earlier release, with reserved letters as they are, is known again", () => {
    const playlist = new Playlist("vod", 6, 3);
    playlist.restore("#EXTM3U\n#EXTINF:6,\na&b=c;d+e%20100%25.ts\n");
    expect(playlist.entries[0]?.uri).toBe("a&b=c;d+e 100%.ts");
  });
});

const entries = fc.array(
  fc.record({
    seconds: fc.integer({ min: 0, max: 40_000_000 }).map((us) => us / 1e6),
    discontinuity: fc.boolean(),
    dateMs: fc.option(fc.integer({ min: 0, max: 4e12 })),
  }),
  { maxLength: 40 },
);

test("6.2.2: whatever comes and goes, each segment keeps its number and its discontinuity sequence", () => {
  fc.assert(
    fc.property(
      entries,
      fc.constantFrom("live", "vod" as const),
      fc.array(fc.nat(40)),
      fc.array(fc.boolean()),
      (all, type, forgotten, restarts) => {
        let playlist = new Playlist(type, 6, 4);
        const known = new Map<string, string>();
        for (const [i, one] of all.entries()) {
          playlist.add({ ...one, uri: `${i}.ts` });
          if (forgotten[i] !== undefined && forgotten[i] <= i) playlist.forget(`${forgotten[i]}.ts`);
          if (restarts[i] === true) {
            const text = playlist.render();
            playlist = new Playlist(type, 6, 4);
            playlist.restore(text);
            expect(playlist.render()).toBe(text);
          }
          for (const { uri, number, discontinuities } of read(playlist.render()).segments) {
            const said = `${number} ${discontinuities}`;
            expect(known.get(uri) ?? said).toBe(said);
            known.set(uri, said);
          }
        }
        expect(playlist.next).toBe(all.length);
      },
    ),
  );
});

test("any text is restored without an exception, and gives a playlist that can be read", () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "#EXTM3U",
      "#EXTINF:5,",
      "a.ts",
      "#EXT-X-MEDIA-SEQUENCE:9",
      "#EXT-X-DISCONTINUITY",
      "%ZZ",
    ),
    fc.constantFrom(
      "#EXT-X-PROGRAM-DATE-TIME:x",
      "#EXT-X-TARGETDURATION:-1",
      "#EXTINF:-1,",
      "#EXT-X-ENDLIST",
    ),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const playlist = new Playlist("live", 6, 4);
      playlist.restore(["#EXTM3U", ...lines].join("\n"));
      expect(playlist.entries.length).toBeLessThanOrEqual(4);
      playlist.render();
    }),
  );
});
