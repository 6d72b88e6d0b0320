import { describe, expect, test } from "bun:test";
import { END_OF_INPUT, FrameBatch } from "../capture/batch.ts";
import { PacedHls } from "./paced.ts";
import { HlsSession } from "./session.ts";
import { HlsSource } from "./source.ts";
import { playlistText, segmentLines, segmentOctets } from "./test-segments.ts";
import { TestServer } from "./test-server.ts";

const server = new TestServer();

/** Plays four seconds on a clock of our own, on which waiting takes no time but its own. */
async function play(
  options: { readonly speed?: number; readonly behind?: boolean; readonly standstillNs?: number } = {},
) {
  server.pages.set("/0.ts", segmentOctets({ start: 10 }));
  server.pages.set("/1.ts", segmentOctets({ start: 12 }));
  server.pages.set("/x.m3u8", playlistText([...segmentLines(["0.ts", "1.ts"]), "#EXT-X-ENDLIST"]));
  const session = new HlsSession(server.url("/x.m3u8"), {
    variant: "highest",
    live: true,
    timeoutMs: 5000,
    retries: 0,
    authorities: "",
    userAgent: "rscap/test",
    log: () => {},
  });
  await session.start();
  const source = await HlsSource.open(session, true);
  let nowNs = 0;
  const paced = new PacedHls(source, {
    speed: options.speed ?? 1,
    aheadNs: 0,
    horizonNs: 1e6,
    behind: () => options.behind === true,
    now: () => nowNs,
    sleep: async (ms) => {
      nowNs += ms * 1e6;
      await Bun.sleep(0);
    },
  });
  const batch = new FrameBatch(64);
  const handed: { readonly atNs: number; readonly timeNs: number; readonly frames: number }[] = [];
  for (;;) {
    const got = await paced.next(batch, 100);
    if (got === END_OF_INPUT) break;
    if (got > 0) handed.push({ atNs: nowNs, timeNs: batch.timeNs[0] as number, frames: got });
    // The thread stands still once, in the midst of it.
    if (handed.length === 20 && got > 0) nowNs += options.standstillNs ?? 0;
  }
  const { bytes } = paced.stats();
  paced.close();
  return { handed, bytes, seconds: nowNs / 1e9 };
}

describe("segments played in time", () => {
  test("each frame at its time, all of them", async () => {
    const { handed, bytes, seconds } = await play();
    expect(bytes).toBe(segmentOctets().length * 2);
    expect(Math.abs(seconds - 4)).toBeLessThan(0.2);
    const [first] = handed;
    for (const { atNs, timeNs } of handed) {
      const late = atNs - (first?.atNs ?? 0) - (timeNs - (first?.timeNs ?? 0));
      expect(Math.abs(late)).toBeLessThan(2e6);
    }
  });

  test("twice as fast", async () => {
    expect(Math.abs((await play({ speed: 2 })).seconds - 2)).toBeLessThan(0.1);
  });

  test("what piles up is played a twentieth faster", async () => {
    const { seconds } = await play({ behind: true });
    expect(seconds).toBeGreaterThan(3.7);
    expect(seconds).toBeLessThan(3.87);
  });

  test("after a standstill everything is later, without a burst", async () => {
    const { handed, seconds } = await play({ standstillNs: 3e9 });
    expect(Math.abs(seconds - 7)).toBeLessThan(0.2);
    const after = handed.slice(21);
    for (const [i, { atNs, timeNs }] of after.entries()) {
      const before = after[i - 1];
      if (before === undefined) continue;
      expect(Math.abs(atNs - before.atNs - (timeNs - before.timeNs))).toBeLessThan(2e6);
    }
  });
});
