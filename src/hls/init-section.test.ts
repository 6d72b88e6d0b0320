import { afterEach, describe, expect, test } from "bun:test";
import { createCipheriv } from "node:crypto";
import { joined } from "../mpegts/test-packets.ts";
import { HttpClient } from "./http-client.ts";
import { OctetQueue } from "./octet-queue.ts";
import { parsePlaylist } from "./parse.ts";
import { SegmentLoader } from "./segment-loader.ts";
import { counted, playlistText, segmentLines, segmentOctets } from "./test-segments.ts";
import { TestServer } from "./test-server.ts";

const server = new TestServer();
const TABLES = segmentOctets().subarray(0, 376);
const MAP = '#EXT-X-MAP:URI="init.ts"';
const own = [0, 1, 2].map((i) => segmentOctets({ start: 10 + i * 2 }));
const bare = [0, 1, 2].map((i) => segmentOctets({ start: 10 + i * 2, tables: "none" }));

afterEach(() => {
  server.pages.clear();
  server.asked.length = 0;
});

/** Loads the segments of `lines`, which are 0.ts, 1.ts and 2.ts, after `init` was put at init.ts. */
async function load(segments: readonly Uint8Array[], lines: readonly string[], init: Uint8Array = TABLES) {
  server.pages.set("/init.ts", init);
  for (const [i, octets] of segments.entries()) server.pages.set(`/${i}.ts`, octets);
  const list = parsePlaylist(playlistText(lines));
  if (list.kind !== "media") throw new Error(JSON.stringify(list));
  const queue = new OctetQueue();
  const client = new HttpClient({
    timeoutMs: 5000,
    retries: 0,
    authorities: "",
    userAgent: "rscap/test",
    stop: new AbortController().signal,
  });
  const { hit, hits } = counted();
  const loader = new SegmentLoader(client, queue, hit);
  const base = server.url("/x.m3u8");
  for (const segment of list.segments) {
    await loader.load(segment, {
      base,
      targetSeconds: 2,
      live: false,
      complete: true,
      bandwidthBps: 0,
      listed: () => true,
    });
  }
  queue.end(null);
  const runs: Uint8Array[] = [];
  for (let run = queue.nextRun(); run !== null; run = queue.nextRun()) {
    const buf = new Uint8Array(queue.received);
    runs.push(buf.subarray(0, queue.take(run, buf, 0, buf.length)));
  }
  const asked = server.asked.filter((path) => path === "/init.ts").length;
  return { runs, hits, asked, totals: loader.totals, foreign: loader.foreign };
}

describe("RFC 8216 3.2, 4.3.2.5: EXT-X-MAP of a transport stream", () => {
  test("segments with tables of their own are as they are", async () => {
    const { runs, hits, asked } = await load(own, [MAP, ...segmentLines(["0.ts", "1.ts", "2.ts"])]);
    expect(hits).toEqual({});
    expect(runs).toEqual([joined(...own)]);
    expect(asked).toBe(1);
  });

  test("segments without have those of the section, once where they begin", async () => {
    const lines = [MAP, ...segmentLines(["0.ts", "1.ts"]), "#EXT-X-DISCONTINUITY", ...segmentLines(["2.ts"])];
    const { runs, hits, asked } = await load(bare, lines);
    expect(hits).toEqual({});
    expect(runs).toEqual([joined(TABLES, ...bare.slice(0, 2)), joined(TABLES, ...bare.slice(2))]);
    expect(asked).toBe(1);
  });

  test("a range of it, which comes in force later: tables that are new don't go on from those before", async () => {
    const lines = [
      ...segmentLines(["0.ts"]),
      `${MAP},BYTERANGE="376@100"`,
      ...segmentLines(["1.ts", "2.ts"]),
    ];
    const init = joined(new Uint8Array(100), TABLES, new Uint8Array(50));
    const { runs, hits } = await load(bare, lines, init);
    expect(hits).toEqual({ noTables: 1 });
    expect(runs).toEqual([joined(...bare.slice(0, 1)), joined(TABLES, ...bare.slice(1))]);
  });

  test("encrypted, with its IV", async () => {
    const key = new Uint8Array(16).fill(7);
    const cipher = createCipheriv("aes-128-cbc", key, new Uint8Array(16).fill(9));
    server.pages.set("/k", key);
    const keyLine = `#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x${"09".repeat(16)}`;
    const lines = [keyLine, MAP, "#EXT-X-KEY:METHOD=NONE", ...segmentLines(["0.ts", "1.ts", "2.ts"])];
    const { runs, hits } = await load(bare, lines, joined(cipher.update(TABLES), cipher.final()));
    expect(hits).toEqual({});
    expect(runs).toEqual([joined(TABLES, ...bare)]);
  });

  test("it can't be loaded", async () => {
    const lines = [MAP, ...segmentLines(["0.ts"]), MAP.replace("init", "gone"), ...segmentLines(["1.ts"])];
    const { hits, totals } = await load(own, lines);
    expect(hits).toEqual({ segmentMissing: 1 });
    expect(totals).toMatchObject({ loaded: 1, failed: 1 });
  });

  test("one of MP4: its segments are left out, and not asked for", async () => {
    const mp4 = Uint8Array.from(Buffer.from("\0\0\0\x18ftypiso5".padEnd(300, ".")));
    const { hits, foreign } = await load(own, [MAP, ...segmentLines(["0.ts"])], mp4);
    expect(hits).toEqual({ format: 1 });
    expect(foreign).toBe("fragmented MP4");
    expect(server.asked).not.toContain("/0.ts");
  });
});
