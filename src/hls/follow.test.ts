import { describe, expect, test } from "bun:test";
import { PlaylistFollower } from "./follow.ts";
import { parsePlaylist } from "./parse.ts";
import type { MediaPlaylist } from "./playlist.ts";
import { counted, playlistText, segmentLines } from "./test-segments.ts";

function media(lines: readonly string[], sequence = 0, target = 2): MediaPlaylist {
  const list = parsePlaylist(playlistText(lines, { sequence, target }));
  if (list.kind !== "media") throw new Error(list.kind);
  return list;
}

const names = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `${from + i}.ts`);
const window = (from: number, to: number): MediaPlaylist => media(segmentLines(names(from, to)), from);

/** Takes versions, asked for at these seconds and there at once; returns what was hit. */
function follow(...versions: readonly (readonly [seconds: number, list: MediaPlaylist])[]) {
  const { hit, hits } = counted();
  const follower = new PlaylistFollower(hit);
  const news = versions.map(([seconds, list]) => follower.take(list, seconds * 1000, seconds * 1000));
  return { hits, news, follower };
}

const given = (news: { segments: readonly { uri: string }[] } | undefined): string[] =>
  news?.segments.map(({ uri }) => uri) ?? [];

describe("RFC 8216 6.2, 6.3.4: a live playlist that slides", () => {
  test("gives each segment once, and breaks no rule", () => {
    const { hits, news } = follow([0, window(0, 5)], [2, window(1, 6)], [3, window(1, 6)], [4, window(3, 8)]);
    expect(news.map(given)).toEqual([names(0, 5), ["5.ts"], [], ["6.ts", "7.ts"]]);
    expect(news.map(({ changed }) => changed)).toEqual([true, true, false, true]);
    expect(hits).toEqual({});
  });

  test("is loaded again after a target duration, after half of one where nothing was new", () => {
    const { follower } = follow([0, window(0, 5)]);
    expect(follower.reloadInMs(500)).toBe(1500);
    follower.take(window(0, 5), 2000, 2100);
    expect(follower.reloadInMs(2100)).toBe(900);
    follower.failed(3000);
    expect(follower.reloadInMs(3000)).toBe(1000);
    expect(follower.reloadInMs(9000)).toBe(0);
  });

  test("says what it lists, for segments that are loaded late", () => {
    const { follower } = follow([0, window(0, 5)], [2, window(2, 7)]);
    expect([1, 2, 6, 7].map((sequence) => follower.lists(sequence))).toEqual([false, true, true, false]);
  });

  test("segments that came and went between two loads", () => {
    const { hits, news } = follow([0, window(0, 5)], [20, window(8, 13)]);
    expect(news[1]).toMatchObject({ passedOver: 3, restarted: false });
    expect(hits).toEqual({});
  });
});

describe("RFC 8216 6.2.1: the playlist must be new within 1.5 target durations", () => {
  test("not a moment too early: nobody can know when the version was made that was seen first", () => {
    expect(follow([0, window(0, 5)], [2, window(0, 5)], [3, window(0, 5)], [3.1, window(1, 6)]).hits).toEqual(
      {},
    );
  });

  test("once for each standstill", () => {
    const late = [3.1, 4.1, 5.1].map((seconds) => [seconds, window(0, 5)] as const);
    const again = [9.3, 10.3].map((seconds) => [seconds, window(1, 6)] as const);
    expect(follow([0, window(0, 5)], ...late, [6, window(1, 6)], ...again).hits).toEqual({ stale: 2 });
  });

  test("what changes without a new segment does not make it new", () => {
    const passes = [0, 1, 2, 3].map((i) => {
      const list = media(segmentLines(names(0, 5).map((name) => `${name}?t=${i}`)));
      return [i * 2, list] as const;
    });
    expect(follow(...passes).hits).toEqual({ segmentChanged: 15, stale: 1 });
    const removals = [0, 1, 2].map((i) => [i * 2, window(i, 8)] as const);
    expect(follow(...removals).hits).toEqual({ stale: 1 });
    const { follower } = follow(...removals);
    follower.take(window(2, 9), 6000, 6000);
    expect(follower.stale).toBe(false);
    const ended = media([...segmentLines(names(0, 5)), "#EXT-X-ENDLIST"]);
    expect(follow([0, window(0, 5)], [4, ended]).hits).toEqual({});
  });

  test("time in which nobody looked is none", () => {
    expect(follow([0, window(0, 5)], [60, window(3, 8)]).hits).toEqual({});
  });
});

describe("RFC 8216 6.2.1, 6.2.2: what must not change", () => {
  test("the address of a segment", () => {
    const other = media(segmentLines(["0.ts", "other.ts", "2.ts", "3.ts"]));
    expect(follow([0, window(0, 4)], [2, other], [3, other]).hits).toEqual({ segmentChanged: 1 });
  });

  test("segments at the end", () => {
    expect(follow([0, window(0, 6)], [2, window(0, 4)]).hits).toEqual({ segmentChanged: 2 });
  });

  test("the target duration", () => {
    const longer = media(segmentLines(names(0, 6)), 0, 3);
    expect(follow([0, window(0, 5)], [2, longer]).hits).toEqual({ targetChanged: 1 });
  });

  test("three target durations must be left", () => {
    expect(follow([0, window(0, 4)], [2, window(2, 5)]).hits).toEqual({});
    expect(follow([0, window(0, 4)], [2, window(3, 5)]).hits).toEqual({ shortPlaylist: 1 });
    const ended = media([...segmentLines(names(3, 5)), "#EXT-X-ENDLIST"], 3);
    expect(follow([0, window(0, 4)], [2, ended]).hits).toEqual({});
  });

  test("EXT-X-DISCONTINUITY-SEQUENCE goes up when a discontinuity leaves", () => {
    const lines = segmentLines(names(0, 6));
    const before = media([...lines.slice(0, 2), "#EXT-X-DISCONTINUITY", ...lines.slice(2)]);
    const rest = segmentLines(names(2, 7));
    const right = media(["#EXT-X-DISCONTINUITY-SEQUENCE:1", ...rest], 2);
    expect(follow([0, before], [2, right]).hits).toEqual({});
    expect(follow([0, before], [2, media(rest, 2)]).hits).toEqual({ discontinuitySequence: 1 });
  });

  test("EVENT", () => {
    const event = (from: number, to: number): MediaPlaylist =>
      media(["#EXT-X-PLAYLIST-TYPE:EVENT", ...segmentLines(names(from, to))], from);
    expect(follow([0, event(0, 4)], [2, event(0, 5)]).hits).toEqual({});
    expect(follow([0, event(0, 4)], [2, event(1, 5)]).hits).toEqual({ typeBroken: 1 });
  });
});

describe("RFC 8216 6.2.2: EXT-X-MEDIA-SEQUENCE went back", () => {
  test("an old copy out of a cache brings nothing", () => {
    const { hits, news } = follow([0, window(3, 8)], [2, window(2, 7)], [4, window(4, 9)]);
    expect(hits).toEqual({ sequenceBack: 1 });
    expect(news.map(given)).toEqual([names(3, 8), [], ["8.ts"]]);
  });

  test("an old copy with other passes in its queries, or from long before, brings nothing either", () => {
    const passed = (from: number, to: number, pass: string): MediaPlaylist =>
      media(segmentLines(names(from, to).map((name) => `${name}?t=${pass}`)), from);
    const { news } = follow([0, passed(10, 15, "1")], [2, passed(9, 14, "2")], [3, passed(11, 16, "3")]);
    expect(news.map(given).slice(1)).toEqual([[], ["15.ts?t=3"]]);

    const far = follow([0, window(20, 25)], [2, window(10, 15)], [3, window(21, 26)]);
    expect(far.hits).toEqual({ sequenceBack: 1 });
    expect(far.news.map(given).slice(1)).toEqual([[], ["25.ts"]]);
    expect(far.news[2]).toMatchObject({ passedOver: 0, restarted: false });

    // A cache that lags behind and goes on: all of it was there before.
    const lagging = follow([0, window(0, 5)], [8, window(4, 9)], [9, window(0, 5)], [11, window(1, 6)]);
    expect(lagging.hits).toEqual({ sequenceBack: 1 });
    expect(lagging.news.map(given).slice(2)).toEqual([[], []]);
  });

  test("an old copy with the same number, which is shorter, does not bring segments again", () => {
    const { hits, news } = follow([0, window(10, 15)], [2, window(10, 14)], [3, window(11, 16)]);
    expect(news.map(given)).toEqual([names(10, 15), [], ["15.ts"]]);
    expect(hits).toEqual({ segmentChanged: 1 });
    // Nor does one in whose place there is nothing.
    expect(follow([0, window(0, 3)], [2, window(0, 0)], [3, window(0, 4)]).news.map(given)).toEqual([
      names(0, 3),
      [],
      ["3.ts"],
    ]);
  });

  test("a packager that lists older segments again and goes on", () => {
    const { hits, news } = follow([0, window(5, 10)], [2, window(2, 11)], [4, window(3, 12)]);
    expect(hits).toEqual({ sequenceBack: 1 });
    expect(news.map(given).slice(1)).toEqual([["10.ts"], ["11.ts"]]);
    expect(news[1]?.restarted).toBe(false);
  });

  const run = (name: string, from: number, to: number): MediaPlaylist =>
    media(segmentLines(names(from, to).map((each) => `${name}-${each}`)), from);

  test("a packager that started again, once it goes on: all of its segments, which don't follow", () => {
    const fresh = run("new", 0, 2);
    const { hits, news } = follow([0, window(30, 35)], [2, fresh], [3, fresh], [4, run("new", 0, 3)]);
    expect(hits).toEqual({ sequenceBack: 1 });
    expect(news.map(given).slice(1)).toEqual([[], [], ["new-0.ts", "new-1.ts", "new-2.ts"]]);
    expect(news[3]).toMatchObject({ restarted: true, passedOver: 0 });
    const ended = media([...segmentLines(["new-0.ts"]), "#EXT-X-ENDLIST"]);
    expect(given(follow([0, window(30, 35)], [2, ended], [3, ended]).news[2])).toEqual(["new-0.ts"]);
  });

  test("a packager that started again from the same number", () => {
    const { hits, news } = follow(
      [0, run("a", 0, 6)],
      [2, run("b", 0, 2)],
      [3, run("b", 0, 3)],
      [5, run("b", 0, 4)],
    );
    expect(news.map(given).slice(1)).toEqual([[], ["b-0.ts", "b-1.ts", "b-2.ts"], ["b-3.ts"]]);
    expect(news[2]?.restarted).toBe(true);
    expect(hits).toEqual({ segmentChanged: 6 });
  });

  test("a packager that started again with the same names, told by its dates", () => {
    const dated = (day: number, from: number, to: number): MediaPlaylist =>
      media([`#EXT-X-PROGRAM-DATE-TIME:2026-01-0${day}T00:00:00Z`, ...segmentLines(names(from, to))], from);
    const { news } = follow(
      [0, dated(1, 0, 5)],
      [2, dated(1, 1, 6)],
      [4, dated(2, 0, 1)],
      [5, dated(2, 0, 2)],
    );
    expect(news.map(given).slice(2)).toEqual([[], ["0.ts", "1.ts"]]);
  });
});

describe("RFC 8216 4.3: what segments say", () => {
  test("4.3.3.1 EXTINF rounded is at most the target duration", () => {
    expect(follow([0, media(segmentLines(["a.ts"], 2.499))]).hits).toEqual({});
    expect(follow([0, media(segmentLines(["a.ts", "b.ts"], 2.5))]).hits).toEqual({ overTarget: 2 });
  });

  test("4.3.2.6 dates go on with the durations", () => {
    const dated = (second: string, between: readonly string[] = []): MediaPlaylist =>
      media([
        "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z",
        ...segmentLines(["a.ts", "b.ts"]),
        ...between,
        `#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:${second}Z`,
        ...segmentLines(["c.ts"]),
      ]);
    expect(follow([0, dated("04.4")]).hits).toEqual({});
    expect(follow([0, dated("04.6")]).hits).toEqual({ dateJump: 1 });
    expect(follow([0, dated("03.4")]).hits).toEqual({ dateJump: 1 });
    expect(follow([0, dated("30", ["#EXT-X-DISCONTINUITY"])]).hits).toEqual({});
  });

  test("4.3.2.6 dates after segments that came and went between two loads are compared with none before", () => {
    const dated = (from: number): MediaPlaylist =>
      media(
        [`#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:${from * 2}Z`, ...segmentLines(names(from, from + 5))],
        from,
      );
    expect(follow([0, dated(5)], [40, dated(25)]).hits).toEqual({});
  });
});

describe("RFC 8216 6.2.1: what applies to a listed segment stays", () => {
  const versions = (before: string, after: string) =>
    follow(
      [0, media([before, ...segmentLines(names(0, 5))])],
      [2, media([after, ...segmentLines(names(0, 6))])],
    );
  const key = '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x00000000000000000000000000000001';
  const map = '#EXT-X-MAP:URI="i.ts",BYTERANGE="376@0"';

  test.each([
    ["key", key, key.replace('"k"', '"l"')],
    ["IV", key, key.replace(/1$/, "2")],
    ["key gone", key, "# none"],
    ["EXT-X-MAP", map, map.replace("i.ts", "j.ts")],
    ["range of EXT-X-MAP", map, map.replace("376", "564")],
  ])("%s", (_, before, after) => {
    expect(versions(before, after).hits).toEqual({ segmentChanged: 5 });
    expect(given(versions(before, after).news[1])).toEqual(["5.ts"]);
  });

  test("the same again", () => {
    expect(versions(key, key).hits).toEqual({});
    expect(versions(map, map).hits).toEqual({});
  });
});
