import { describe, expect, test } from "bun:test";
import { playlistText, segmentLines, segmentOctets } from "./test-segments.ts";
import { END, read, SessionRoom } from "./test-session.ts";

const room = new SessionRoom();
const { server } = room;
const sessionAt = room.sessionAt.bind(room);

describe("a live playlist", () => {
  test("is followed to its end, from the first segment or from near the end", async () => {
    for (let i = 0; i < 12; i++) server.pages.set(`/${i}.ts`, segmentOctets({ start: 10 + i, pictures: 25 }));
    const versions = [
      [0, 6],
      [2, 8],
      [4, 10],
      [6, 12],
    ] as const;
    const sliding = (_: Request, times: number): Response => {
      const [from, to] = versions[Math.min(times, versions.length) - 1] ?? [0, 0];
      const names = Array.from({ length: to - from }, (__, i) => `${from + i}.ts`);
      const lines = [...segmentLines(names, 1), ...(times >= versions.length ? [END] : [])];
      return new Response(playlistText(lines, { target: 1, sequence: from }), {
        headers: { "content-type": "audio/mpegurl" },
      });
    };
    server.pages.set("/x.m3u8", sliding);
    const { runs, hls, findings } = await read(sessionAt("/x.m3u8"));
    expect(findings).toEqual({});
    expect(runs).toHaveLength(1);
    expect(hls).toMatchObject({
      type: "live",
      ended: true,
      mediaSequence: 11,
      segments: { loaded: 12 },
      playlistLoads: 4,
    });

    server.asked.length = 0;
    const joining = await read(sessionAt("/x.m3u8", { live: true }));
    expect(joining.hls.segments.loaded).toBe(9);
    expect(server.asked).not.toContain("/2.ts");
  }, 20_000);

  test("a playlist that stays away ends a replay, with what was there before it", async () => {
    for (let i = 0; i < 3; i++) server.pages.set(`/${i}.ts`, segmentOctets({ start: 10 + i, pictures: 25 }));
    const lines = segmentLines(["0.ts", "1.ts", "2.ts"], 1);
    server.pages.set("/x.m3u8", (_, times) =>
      times === 1 ? new Response(playlistText(lines, { target: 1 })) : new Response("", { status: 503 }),
    );
    const said: string[] = [];
    const session = sessionAt("/x.m3u8", { log: (level, message) => said.push(`${level} ${message}`) });
    await expect(read(session)).rejects.toThrow(
      "the playlist can't be loaded any more: the server answered 503",
    );
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(
      "can't be loaded: the server answered 503 Service Unavailable. It is tried again.",
    );
    const { findings } = session.report({ seconds: 0, nanoseconds: 0, wallClock: false });
    expect(findings.map(({ code, count }) => [code, count])).toEqual([["hls-playlist-unavailable", 6]]);
  }, 20_000);

  test("4.1 addresses are relative to the version that lists them, whatever a later load was redirected to", async () => {
    const names = ["0.ts", "1.ts", "2.ts"];
    for (const [i, name] of names.entries()) {
      const octets = segmentOctets({ start: 10 + i, pictures: 25 });
      // The first keeps the others waiting until the page has come.
      server.pages.set(`/${name}`, async () => {
        while (i === 0 && !server.asked.includes("/error/page.html")) await Bun.sleep(10);
        return new Response(octets);
      });
    }
    server.pages.set("/error/page.html", "<html>try later");
    const text = (end: readonly string[]): string =>
      playlistText([...segmentLines(names, 1), ...end], { target: 1 });
    server.pages.set("/x.m3u8", (_, times) =>
      times === 2 ? Response.redirect("/error/page.html", 302) : new Response(text(times > 2 ? [END] : [])),
    );
    const { hls, findings } = await read(sessionAt("/x.m3u8"));
    expect(hls.segments).toMatchObject({ loaded: 3, failed: 0 });
    expect(findings).toMatchObject({ "hls-playlist-unreadable": 1 });
    expect(findings).not.toHaveProperty("hls-segment-unavailable");
    expect(findings).not.toHaveProperty("hls-content-type");
  }, 20_000);

  test("a segment, key or playlist that we ourselves end in the middle is no fault of the server", async () => {
    const never = (): Promise<Response> => new Promise(() => {});
    const text = (...lines: readonly string[]): string =>
      playlistText([...lines, ...segmentLines(["0.ts"], 1)], { target: 1 });
    for (const [path, lines] of [
      ["/0.ts", []],
      ["/key", ['#EXT-X-KEY:METHOD=AES-128,URI="key"']],
      ["/x.m3u8", []],
    ] as const) {
      server.asked.length = 0;
      server.pages.set("/0.ts", segmentOctets({ pictures: 25 }));
      server.pages.set(path, never);
      server.pages.set("/x.m3u8", (_, times) =>
        path === "/x.m3u8" && times > 1 ? never() : new Response(text(...lines)),
      );
      const session = sessionAt("/x.m3u8");
      await session.start();
      const asked = (): number => server.asked.filter((each) => each === path).length;
      while (asked() < (path === "/x.m3u8" ? 2 : 1)) await Bun.sleep(5);
      session.close();
      await Bun.sleep(50);
      const { hls, findings } = session.report({ seconds: 0, nanoseconds: 0, wallClock: false });
      expect(findings).toEqual([]);
      expect(hls).toMatchObject({ segments: { failed: 0, leftOut: 0 }, playlistFailures: 0 });
    }
  }, 20_000);

  test("segments that came slower than they last: the short ones together with those after them", async () => {
    const slowness = async (...segments: readonly (readonly [seconds: number, waitMs: number])[]) => {
      server.asked.length = 0;
      const lines = segments.flatMap(([seconds, waitMs], i) => {
        server.pages.set(`/${i}.ts`, async () => {
          await Bun.sleep(waitMs);
          return new Response(segmentOctets({ pictures: Math.round(seconds * 25) }));
        });
        return segmentLines([`${i}.ts`], seconds);
      });
      const last = `/${segments.length - 1}.ts`;
      // Live until the last segment was asked for.
      server.pages.set("/x.m3u8", () => {
        const end = server.asked.includes(last) ? [END] : [];
        return new Response(playlistText([...lines, ...end], { target: 1 }));
      });
      return (await read(sessionAt("/x.m3u8"))).findings["hls-slow-download"] ?? 0;
    };
    expect(await slowness([0.04, 60], [5, 0])).toBe(0);
    expect(await slowness([0.2, 350], [0.3, 350], [5, 0])).toBe(2);
    expect(await slowness([0.5, 800], [5, 0])).toBe(1);
  }, 20_000);

  test("faults of a line count once, however often it is loaded", async () => {
    for (let i = 0; i < 3; i++) server.pages.set(`/${i}.ts`, segmentOctets({ start: 10 + i, pictures: 25 }));
    const text = (times: number): string =>
      playlistText(
        [
          "#EXT-X-VERSION:3",
          "#EXT-X-KEY:METHOD=NONE,METHOD=NONE",
          ...segmentLines(["0.ts", "1.ts", "2.ts"].slice(0, times), 1),
          ...(times > 2 ? [END] : []),
        ],
        { target: 1 },
      );
    server.pages.set(
      "/x.m3u8",
      (_, times) => new Response(text(times), { headers: { "content-type": "audio/mpegurl" } }),
    );
    const { findings, hls } = await read(sessionAt("/x.m3u8"));
    expect(hls.playlistLoads).toBe(3);
    expect(findings).toEqual({ "hls-tag-repeated": 1, "hls-syntax": 1 });
  }, 20_000);

  test("and once with old copies out of a cache in between; those of a packager that started again count, too", async () => {
    const bad = (from: number, to: number, name = ""): string[] =>
      Array.from({ length: to - from }, (_, i) => ["#EXTINF:x,", `${name}${from + i}.ts`]).flat();
    const versions: [sequence: number, lines: string[]][] = [
      [5, bad(5, 9)],
      [4, bad(4, 8)],
      [5, bad(5, 9)],
      [1, bad(1, 3, "new-")],
      [1, [...bad(1, 4, "new-"), END]],
    ];
    for (const name of ["5", "6", "7", "8", "new-1", "new-2", "new-3"])
      server.pages.set(`/${name}.ts`, segmentOctets());
    server.pages.set("/x.m3u8", (_, times) => {
      const [sequence, lines] = versions[Math.min(times, versions.length) - 1] ?? [0, []];
      return new Response(playlistText(lines, { target: 1, sequence }));
    });
    const { findings, hls } = await read(sessionAt("/x.m3u8"));
    expect(hls.segments).toMatchObject({ loaded: 7, failed: 0 });
    expect(findings).toMatchObject({ "hls-extinf-missing": 7, "hls-media-sequence-back": 2 });
  }, 20_000);
});
