/** Sessions for the tests of this room, with a server of their own. */
import { afterEach } from "bun:test";
import { END_OF_INPUT, FrameBatch } from "../capture/batch.ts";
import { joined } from "../mpegts/test-packets.ts";
import type { Finding } from "../report/finding.ts";
import { type HlsOptions, HlsSession } from "./session.ts";
import { HlsSource } from "./source.ts";
import { playlistText, segmentLines, segmentOctets } from "./test-segments.ts";
import { TestServer } from "./test-server.ts";

/** The last line of a complete playlist. */
export const END = "#EXT-X-ENDLIST";

/** What a session brought. */
export interface Result {
  /** Octets of each continuous part. */
  readonly runs: Uint8Array[];
  /** First and last time of a frame of each part, in seconds. */
  readonly times: [first: number, last: number][];
  readonly hls: ReturnType<HlsSession["report"]>["hls"];
  readonly findings: Record<string, number>;
  readonly all: readonly Finding[];
}

/** Reads what the session brings to its end. */
export async function read(session: HlsSession): Promise<Result> {
  await session.start();
  const source = await HlsSource.open(session, false);
  const batch = new FrameBatch(64);
  const runs: Uint8Array[][] = [];
  const times: [number, number][] = [];
  for (;;) {
    const got = await source.next(batch, 20);
    if (got === END_OF_INPUT) break;
    for (let i = 0; i < got; i++) {
      const [run, seconds] = [source.run - 1, (batch.timeNs[i] as number) / 1e9];
      const off = batch.offset[i] as number;
      runs[run] ??= [];
      runs[run].push(batch.buf.slice(off, off + (batch.capturedLength[i] as number)));
      const known = times[run];
      if (known === undefined) times[run] = [seconds, seconds];
      else known[1] = seconds;
    }
  }
  const { hls, findings } = session.report(source.epoch);
  source.close();
  return {
    runs: runs.map((parts) => joined(...parts)),
    times,
    hls,
    findings: Object.fromEntries(findings.map(({ code, count }) => [code, count])),
    all: findings,
  };
}

/** A server, its sessions, which end with each test, and pages for it. */
export class SessionRoom {
  readonly server = new TestServer();
  readonly #sessions: HlsSession[] = [];

  constructor() {
    afterEach(() => {
      for (const session of this.#sessions.splice(0)) session.close();
      this.server.pages.clear();
      this.server.asked.length = 0;
    });
  }

  /** A session at a page of the server. */
  sessionAt(path: string, options: Partial<HlsOptions> = {}): HlsSession {
    const session = new HlsSession(this.server.url(path), {
      variant: "highest",
      live: false,
      timeoutMs: 5000,
      retries: 0,
      authorities: "",
      userAgent: "rscap/test",
      log: () => {},
      ...options,
    });
    this.#sessions.push(session);
    return session;
  }

  /** Serves segments 0.ts, 1.ts, … that go on from each other, two seconds each, and the playlist of them. */
  serve(
    count: number,
    more: { readonly lines?: readonly string[]; readonly change?: (i: number) => Uint8Array | null } = {},
  ): Uint8Array[] {
    const names = Array.from({ length: count }, (_, i) => `${i}.ts`);
    const segments = names.map((name, i) => {
      const changed = more.change?.(i);
      const octets = changed ?? segmentOctets({ start: 10 + i * 2 });
      if (changed !== null) this.server.pages.set(`/${name}`, octets);
      return octets;
    });
    this.server.pages.set("/x.m3u8", playlistText(more.lines ?? [...segmentLines(names), "#EXT-X-ENDLIST"]));
    return segments;
  }
}
