import { describe, expect, test } from "bun:test";
import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { joined } from "../mpegts/test-packets.ts";
import { RscapError } from "../report/error.ts";
import { playlistText, segmentLines, segmentOctets } from "./test-segments.ts";
import { ranged } from "./test-server.ts";
import { END, read, SessionRoom } from "./test-session.ts";

const room = new SessionRoom();
const { server } = room;
const sessionAt = room.sessionAt.bind(room);
const serve = room.serve.bind(room);

describe("a complete playlist", () => {
  test("its segments are one stream, octet for octet, and break no rule", async () => {
    const segments = serve(4);
    const { runs, times, hls, findings } = await read(sessionAt("/x.m3u8"));
    expect(findings).toEqual({});
    expect(runs).toHaveLength(1);
    expect(runs[0]).toEqual(joined(...segments));
    expect(Math.abs((times[0]?.[1] ?? 0) - 8)).toBeLessThan(0.1);
    expect(hls).toMatchObject({
      type: "vod",
      ended: true,
      mediaSequence: 3,
      segments: { loaded: 4, failed: 0 },
      playlistLoads: 1,
    });
    expect(server.asked).toEqual(["/x.m3u8", "/0.ts", "/1.ts", "/2.ts", "/3.ts"]);
  });

  test("6.3.4 one of type VOD is complete without EXT-X-ENDLIST, and is not loaded again", async () => {
    serve(2, { lines: ["#EXT-X-PLAYLIST-TYPE:VOD", ...segmentLines(["0.ts", "1.ts"])] });
    const { hls, findings } = await read(sessionAt("/x.m3u8"));
    expect(findings).toEqual({});
    expect(hls).toMatchObject({ type: "vod", ended: true, playlistLoads: 1, segments: { loaded: 2 } });
  });

  test("4 a playlist is told by its own name, or the one it was redirected to, or its Content-Type", async () => {
    serve(1);
    const text = playlistText([...segmentLines(["0.ts"]), END]);
    const typed = (type: string) => () => new Response(text, { headers: { "content-type": type } });
    const redirected = (path: string) => () => Response.redirect(path, 302);
    server.pages.set("/plain", typed("text/plain"));
    server.pages.set("/typed", typed("audio/mpegurl"));
    server.pages.set("/x.m3u8", redirected("/plain"));
    server.pages.set("/y", redirected("/z.m3u8"));
    server.pages.set("/z.m3u8", typed("text/plain"));
    for (const path of ["/x.m3u8", "/y", "/typed"])
      expect((await read(sessionAt(path))).findings).toEqual({});
    expect((await read(sessionAt("/plain"))).findings).toEqual({ "hls-content-type": 1 });
  });

  test("ranges of one resource", async () => {
    const whole = joined(segmentOctets({ start: 10 }), segmentOctets({ start: 12 }));
    const half = whole.length / 2;
    server.pages.set("/all.ts", ranged(whole));
    const lines = [
      "#EXTINF:2.0,",
      `#EXT-X-BYTERANGE:${half}@0`,
      "all.ts",
      "#EXTINF:2.0,",
      `#EXT-X-BYTERANGE:${half}`,
      "all.ts",
      END,
    ];
    server.pages.set("/x.m3u8", playlistText(lines).replace("VERSION:3", "VERSION:4"));
    const { runs, findings } = await read(sessionAt("/x.m3u8"));
    expect(runs[0]).toEqual(whole);
    expect(findings).toEqual({});
  });

  test("AES-128 by the number of the segment, and by an IV", async () => {
    const key = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
    const encrypted = (octets: Uint8Array, iv: Uint8Array): Uint8Array => {
      const cipher = createCipheriv("aes-128-cbc", key, iv);
      return joined(cipher.update(octets), cipher.final());
    };
    const byNumber = new Uint8Array(16);
    byNumber[15] = 7;
    const segments = [segmentOctets({ start: 10 }), segmentOctets({ start: 12 })];
    server.pages.set("/key", key);
    server.pages.set("/0.ts", encrypted(segments[0] as Uint8Array, byNumber));
    server.pages.set("/1.ts", encrypted(segments[1] as Uint8Array, new Uint8Array(16).fill(9)));
    const lines = [
      '#EXT-X-KEY:METHOD=AES-128,URI="key"',
      ...segmentLines(["0.ts"]),
      `#EXT-X-KEY:METHOD=AES-128,URI="key",IV=0x${"09".repeat(16)}`,
      ...segmentLines(["1.ts"]),
      END,
    ];
    server.pages.set("/x.m3u8", playlistText(lines, { sequence: 7 }));
    const { runs, findings } = await read(sessionAt("/x.m3u8"));
    expect(findings).toEqual({});
    expect(runs[0]).toEqual(joined(...segments));
    expect(server.asked.filter((path) => path === "/key")).toHaveLength(1);
  });
});

describe("what does not go on", () => {
  test("4.3.2.3 EXT-X-DISCONTINUITY: a part of its own, whose time goes on", async () => {
    serve(4, {
      lines: [
        ...segmentLines(["0.ts", "1.ts"]),
        "#EXT-X-DISCONTINUITY",
        ...segmentLines(["2.ts", "3.ts"]),
        END,
      ],
      change: (i) => segmentOctets({ start: i < 2 ? 10 + 2 * i : 5000 + 2 * i }),
    });
    const { runs, times, hls, findings } = await read(sessionAt("/x.m3u8"));
    expect(findings).toEqual({});
    expect(runs).toHaveLength(2);
    expect(hls.segments.discontinuities).toBe(1);
    expect(times[1]?.[0]).toBeCloseTo(4, 1);
    expect(Math.abs((times[1]?.[1] ?? 0) - 8)).toBeLessThan(0.1);
  });

  test("a segment that is gone: counted, its time left empty", async () => {
    serve(4, { change: (i) => (i === 1 ? null : segmentOctets({ start: 10 + 2 * i })) });
    const { runs, times, hls, findings } = await read(sessionAt("/x.m3u8"));
    expect(findings).toEqual({ "hls-segment-unavailable": 1 });
    expect(hls.segments).toMatchObject({ loaded: 3, failed: 1 });
    expect(runs).toHaveLength(2);
    expect(times[1]?.[0]).toBeCloseTo(4, 1);
  });

  test("EXT-X-GAP is not asked for", async () => {
    serve(3, { lines: [...segmentLines(["0.ts"]), "#EXT-X-GAP", ...segmentLines(["1.ts", "2.ts"]), END] });
    const { hls, findings } = await read(sessionAt("/x.m3u8"));
    expect(findings).toEqual({ "hls-gap": 1 });
    expect(hls.segments).toMatchObject({ loaded: 2, gaps: 1 });
    expect(server.asked).not.toContain("/1.ts");
  });
});

describe("faults of segments", () => {
  const cases: [
    clause: string,
    change: (i: number) => Uint8Array | null,
    findings: Record<string, number>,
  ][] = [
    [
      "3.2 no PAT and PMT",
      (i) => segmentOctets({ start: 10 + 2 * i, tables: i === 1 ? "none" : "first" }),
      { "hls-segment-tables": 1 },
    ],
    [
      "3 no picture to begin with",
      (i) => segmentOctets({ start: 10 + 2 * i, entryPoint: i !== 1 }),
      { "hls-segment-entry-point": 1 },
    ],
    [
      "3.2 PAT and PMT late",
      (i) => segmentOctets({ start: 10 + 2 * i, tables: i === 1 ? "late" : "first" }),
      { "hls-segment-tables-late": 1 },
    ],
    [
      "3.2 two programs",
      (i) =>
        segmentOctets({
          start: 10 + 2 * i,
          ...(i === 1
            ? {
                programs: [
                  [1, 0x1000],
                  [2, 0x1001],
                ] as const,
              }
            : {}),
        }),
      { "hls-several-programs": 1 },
    ],
    [
      "4.3.2.1 longer than EXTINF",
      (i) => segmentOctets({ start: 10 + 2 * i + (i > 1 ? 0.2 : 0), pictures: i === 1 ? 55 : 50 }),
      { "hls-extinf-wrong": 1 },
    ],
    [
      "4.3.2.1 pictures of a group that are decoded after its first and shown before it count for the segment before",
      (i) =>
        i === 0
          ? segmentOctets({ start: 10, pictures: 47 })
          : segmentOctets({ start: 9.88 + 2 * i, pictures: i === 3 ? 55 : 50, firstShownAfter: 0.16 }),
      { "hls-extinf-wrong": 1 },
    ],
    [
      "4.3.2.3 time stamps jump",
      (i) => segmentOctets({ start: 10 + 2 * i + (i > 1 ? 100 : 0) }),
      { "hls-timestamp-jump": 1 },
    ],
    [
      "4.3.2.3 time stamps go back",
      (i) => segmentOctets({ start: 10 + 2 * i - (i > 1 ? 5 : 0) }),
      { "hls-timestamp-jump": 1 },
    ],
    [
      "4.3.2.3 other streams",
      (i) =>
        segmentOctets({
          start: 10 + 2 * i,
          ...(i > 1
            ? {
                streams: [
                  [0x1b, 0x100],
                  [0x0f, 0x101],
                ] as const,
              }
            : {}),
        }),
      { "hls-streams-changed": 1 },
    ],
    [
      "3.1 fragmented MP4 in between",
      (i) =>
        i === 1 ? Buffer.from(`\0\0\0\x18styp${"x".repeat(2000)}`) : segmentOctets({ start: 10 + 2 * i }),
      { "hls-segment-format": 1 },
    ],
    [
      "time stamps that wrap around are right",
      (i) => segmentOctets({ start: 2 ** 33 / 90_000 - 3 + 2 * i }),
      {},
    ],
  ];
  test.each(cases)("%s", async (_, change, findings) => {
    serve(4, { change });
    expect((await read(sessionAt("/x.m3u8"))).findings).toEqual(findings);
  });

  test("EXTINF in whole seconds may be rounded", async () => {
    serve(2, {
      lines: ["#EXTINF:3,", "0.ts", "#EXTINF:3,", "1.ts", END],
      change: (i) => segmentOctets({ start: 10 + 2.56 * i, pictures: 64 }),
    });
    expect((await read(sessionAt("/x.m3u8"))).findings).toEqual({ "hls-target-duration-exceeded": 2 });
  });

  test("5: a wrong key", async () => {
    serve(1, {
      lines: [
        '#EXT-X-KEY:METHOD=AES-128,URI="key"',
        ...segmentLines(["0.ts", "0.ts"]),
        "#EXT-X-KEY:METHOD=NONE",
        ...segmentLines(["0.ts"]),
        END,
      ],
    });
    server.pages.set("/key", new Uint8Array(16));
    const { findings, hls } = await read(sessionAt("/x.m3u8"));
    expect(findings).toEqual({ "hls-key": 2 });
    expect(hls.segments).toMatchObject({ loaded: 1, leftOut: 2 });
    server.pages.set("/key", new Uint8Array(15));
    expect((await read(sessionAt("/x.m3u8"))).findings).toEqual({ "hls-key": 2 });
  });

  test("encrypted in other ways", async () => {
    serve(2, {
      lines: [
        '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x"',
        ...segmentLines(["0.ts"]),
        "#EXT-X-KEY:METHOD=NONE",
        '#EXT-X-KEY:METHOD=AES-128,URI="k",KEYFORMAT="com.example"',
        ...segmentLines(["1.ts"]),
        END,
      ],
    });
    const { findings, hls } = await read(sessionAt("/x.m3u8"));
    expect(findings).toEqual({ "hls-sample-aes": 1, "hls-segment-format": 1, "hls-version": 1 });
    expect(hls.foreign).toBe("encrypted by AES-128 with keys of the form com.example");
  });
});

describe("a master playlist", () => {
  const master = (attributes: string): string =>
    `#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",URI="en.m3u8"\n` +
    `#EXT-X-STREAM-INF:BANDWIDTH=100,CODECS="avc1"\nnowhere.m3u8\n#EXT-X-STREAM-INF:${attributes},CODECS="avc1",RESOLUTION=640x360,AUDIO="a"\nx.m3u8\n`;

  test("the highest variant, its renditions named", async () => {
    serve(2);
    server.pages.set("/m.m3u8", master("BANDWIDTH=1000000"));
    const { hls, findings, all } = await read(sessionAt("/m.m3u8"));
    expect(hls.variant).toEqual({
      number: 2,
      of: 2,
      bandwidthBps: 1_000_000,
      averageBandwidthBps: 0,
      resolution: "640x360",
      codecs: "avc1",
    });
    expect(hls.playlist).toBe(server.url("/x.m3u8").href);
    expect(hls.renditions).toEqual(["AUDIO English"]);
    expect(findings).toEqual({ "hls-renditions": 1 });
    expect(all[0]?.severity).toBe("info");
  });

  test("4.3.4.2 segments above BANDWIDTH and AVERAGE-BANDWIDTH", async () => {
    const [segment = new Uint8Array(0)] = serve(2);
    const bps = (segment.length * 8) / 2;
    server.pages.set("/m.m3u8", master(`BANDWIDTH=${Math.ceil(bps)},AVERAGE-BANDWIDTH=${Math.ceil(bps)}`));
    expect((await read(sessionAt("/m.m3u8"))).findings).toEqual({ "hls-renditions": 1 });
    server.pages.set(
      "/m.m3u8",
      master(`BANDWIDTH=${Math.floor(bps) - 1},AVERAGE-BANDWIDTH=${Math.floor(bps) - 1}`),
    );
    expect((await read(sessionAt("/m.m3u8"))).findings).toEqual({
      "hls-renditions": 1,
      "hls-bandwidth-exceeded": 2,
      "hls-average-bandwidth-exceeded": 1,
    });
  });

  test("4.3.4.2 BANDWIDTH must be the peak of a complete playlist, and should be a likely one of a live one", async () => {
    serve(2);
    server.pages.set("/m.m3u8", master("BANDWIDTH=1000"));
    server.pages.set("/x.m3u8", (_, times) => {
      const lines = [...segmentLines(["0.ts", "1.ts"]), ...(times > 1 ? [END] : [])];
      return new Response(playlistText(lines));
    });
    const { findings, all } = await read(sessionAt("/m.m3u8"));
    expect(findings).toEqual({ "hls-renditions": 1, "hls-live-bandwidth-exceeded": 2 });
    expect(all.find(({ code }) => code === "hls-live-bandwidth-exceeded")?.severity).toBe("warning");
  }, 20_000);

  test("4.3.4.2 AVERAGE-BANDWIDTH is not judged by a part of the segments", async () => {
    server.pages.set("/m.m3u8", master("BANDWIDTH=9000000,AVERAGE-BANDWIDTH=1000"));
    const code = "hls-average-bandwidth-exceeded";
    serve(3, { change: (i) => (i === 1 ? null : segmentOctets({ start: 10 + 2 * i })) });
    expect((await read(sessionAt("/m.m3u8"))).findings).not.toHaveProperty(code);

    serve(3);
    const live = (sequence: number): void => {
      const from = server.asked.length;
      server.pages.set("/x.m3u8", () => {
        const again = server.asked.slice(from).filter((path) => path === "/x.m3u8").length > 1;
        const lines = [...segmentLines(["0.ts", "1.ts", "2.ts"]), ...(again ? [END] : [])];
        return new Response(playlistText(lines, { target: 1, sequence }));
      });
    };
    live(7);
    expect((await read(sessionAt("/m.m3u8"))).findings).not.toHaveProperty(code);
    live(0);
    expect((await read(sessionAt("/m.m3u8", { live: true }))).findings).not.toHaveProperty(code);
    live(0);
    expect((await read(sessionAt("/m.m3u8"))).findings).toHaveProperty(code);
  }, 20_000);

  test("a variant that is not there", async () => {
    server.pages.set("/m.m3u8", master("BANDWIDTH=1000000"));
    await expect(sessionAt("/m.m3u8", { variant: "9" }).start()).rejects.toThrow('no variant is "9"');
  });
});

describe("what can't be begun with is said", () => {
  const cases: [what: string, page: string | null, message: string][] = [
    ["nothing", null, "the playlist can't be loaded: the server answered 404 Not Found."],
    ["a page", "<html>", "expected an HLS playlist, found something else: it is a page of HTML or XML."],
    [
      "I-frames only",
      playlistText(["#EXT-X-I-FRAMES-ONLY", ...segmentLines(["0.ts"]), END]),
      "this playlist lists I-frames only",
    ],
    [
      "more variants than anybody has",
      `#EXTM3U\n${"#EXT-X-STREAM-INF:BANDWIDTH=5\nx.m3u8\n".repeat(1001)}`,
      "the playlist can't be loaded: it lists more than 1000 variants and renditions.",
    ],
    [
      "a master playlist of a master playlist",
      "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=5\nx.m3u8\n",
      "found a master playlist in its place",
    ],
    [
      "a variant that is a file",
      "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=5\nfile:///etc/passwd\n",
      "can't be fetched",
    ],
  ];
  test.each(cases)("%s", async (_, page, message) => {
    if (page !== null) server.pages.set("/x.m3u8", page);
    await expect(sessionAt("/x.m3u8").start()).rejects.toThrow(message);
  });

  const empty: [what: string, lines: readonly string[], message: string][] = [
    ["no segment", [END], "the playlist lists no segment"],
    [
      "only segments that are gone",
      [...segmentLines(["a.ts", "b.ts"]), END],
      "no segment could be loaded: the server answered 404 Not Found",
    ],
    [
      "fragmented MP4",
      ['#EXT-X-MAP:URI="i.mp4"', ...segmentLines(["a.mp4"]), END],
      "expected segments of MPEG-2 transport stream, found: fragmented MP4",
    ],
    [
      "files of this machine",
      [...segmentLines(["file:///etc/passwd"]), END],
      "its address is none that can be fetched",
    ],
  ];
  test.each(empty)("%s", async (_, lines, message) => {
    server.pages.set("/i.mp4", Uint8Array.from(Buffer.from("\0\0\0\x18ftypiso5".padEnd(300, "."))));
    server.pages.set("/x.m3u8", playlistText(lines));
    await expect(read(sessionAt("/x.m3u8"))).rejects.toThrow(message);
  });
});

test("4.1 a byte order mark", async () => {
  serve(1);
  const text = server.pages.get("/x.m3u8");
  server.pages.set("/x.m3u8", `\uFEFF${text}`);
  expect((await read(sessionAt("/x.m3u8"))).findings).toEqual({ "hls-playlist-encoding": 1 });
});

test("any playlist: its end is reached, or an error says why not", async () => {
  const lines = fc.constantFrom(
    "#EXTINF:2.0,",
    "#EXTINF:x,",
    "0.ts",
    "gone.ts",
    "file:///etc/passwd",
    "#EXT-X-DISCONTINUITY",
    "#EXT-X-GAP",
    "#EXT-X-BYTERANGE:376@188",
    "#EXT-X-BYTERANGE:99999999999",
    '#EXT-X-KEY:METHOD=AES-128,URI="key"',
    '#EXT-X-KEY:METHOD=AES-128,URI="0.ts",IV=0x1',
    "#EXT-X-KEY:METHOD=NONE",
    '#EXT-X-MAP:URI="i.mp4"',
    "#EXT-X-TARGETDURATION:0",
    "#EXT-X-MEDIA-SEQUENCE:99999999999999999999",
    "#EXT-X-MEDIA-SEQUENCE:-5",
    "#EXT-X-PROGRAM-DATE-TIME:2026-13-01",
    "#EXT-X-STREAM-INF:BANDWIDTH=1",
    "#EXT-X-SKIP:SKIPPED-SEGMENTS=5",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(lines, { maxLength: 15 }), async (some) => {
      serve(1, { lines: [...some, END] });
      server.pages.set("/key", new Uint8Array(16));
      const session = sessionAt("/x.m3u8");
      try {
        const { hls } = await read(session);
        const { loaded, failed, gaps, leftOut } = hls.segments;
        expect(loaded + failed + gaps + leftOut).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(RscapError);
      } finally {
        session.close();
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);
