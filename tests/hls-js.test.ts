import { afterAll, beforeAll, describe, expect } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Player, type PlayerState } from "./helpers/player.ts";
import { type Running, rscapCommand, runOk, start, until } from "./helpers/run.ts";
import { missing, needsFfmpeg, needsProgram, testWith } from "./helpers/skip.ts";

/** What `rscap client --segments` writes, in the player that most pages use. */
const needs = [needsProgram("chromium"), needsFfmpeg];

/** The stream is played twice, with a discontinuity between. */
const SECONDS = 6;
const TIMES = 2;
const RATE = 25;

let folder = "";
const running: Running[] = [];

beforeAll(async () => {
  if (missing(needs) !== null) return;
  folder = mkdtempSync(join(tmpdir(), "rscap-hlsjs-"));
  const picture = `testsrc2=size=320x180:rate=${RATE}`;
  const video = [
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-pix_fmt",
    "yuv420p",
    "-g",
    String(RATE),
    "-bf",
    "0",
  ];
  const sound = ["-c:a", "aac", "-b:a", "96k", "-ac", "2"];
  await runOk([
    ...[
      "ffmpeg",
      "-v",
      "error",
      "-y",
      "-f",
      "lavfi",
      "-i",
      picture,
      "-f",
      "lavfi",
      "-i",
      "sine=1000:sample_rate=48000",
    ],
    ...["-t", String(SECONDS), ...video, ...sound, "-f", "mpegts", join(folder, "in.ts")],
  ]);
}, 60_000);

afterAll(async () => {
  for (const each of running) await each.stop("SIGKILL");
  if (folder !== "") rmSync(folder, { recursive: true, force: true });
});

/** Publishes the stream in its own time to a client that writes segments of two seconds; both are running. */
async function segments(
  name: "live" | "vod",
  times: number,
): Promise<{ source: Running; client: Running; stream: string }> {
  const endpoint = `ipc://${join(folder, `${name}.sock`)}`;
  const target = join(folder, name);
  const write = ["--segments", target, "--segment-duration", "2s", "-o", "/dev/null", "--playlist", name];
  const client = start(rscapCommand("client", "--transport", "push", "--endpoint", endpoint, ...write), {
    limitMs: 90_000,
  });
  // A client that listens takes all, however late it is.
  const play = [
    "--publish",
    "--transport",
    "push",
    "--endpoint",
    endpoint,
    "--realtime",
    "--loop",
    String(times),
  ];
  await until(() => existsSync(join(folder, `${name}.sock`)), "the client listens", 30_000);
  const source = start(rscapCommand("replay", ...play, "--report", "none", join(folder, "in.ts")), {
    limitMs: 90_000,
  });
  running.push(client, source);
  const stream = join(target, "in");
  await until(
    () => existsSync(join(stream, "index.m3u8")),
    `a playlist of ${name}: ${source.stderr} ${client.stderr}`,
    30_000,
  );
  return { source, client, stream };
}

/** Plays until `enough`; fails with what the page told. */
async function watch(
  stream: string,
  enough: (state: PlayerState) => boolean,
  limitMs = 60_000,
): Promise<PlayerState> {
  const player = new Player(stream, "index.m3u8");
  try {
    const deadline = Date.now() + limitMs;
    for (;;) {
      await Bun.sleep(50);
      const { state } = player;
      if (state !== null && (enough(state) || state.fatal.length > 0)) return state;
      if (Date.now() > deadline) throw new Error(`the player did not come far enough: ${player.told}`);
    }
  } finally {
    await player.close();
  }
}

describe("RFC 8216: segments and playlists of the client in hls.js", () => {
  testWith(
    needs,
    "a live playlist plays while it grows; a complete one to its end, over a discontinuity",
    async () => {
      const live = await segments("live", 0);
      const vod = await segments("vod", TIMES);
      const three = (): boolean =>
        readdirSync(live.stream).filter((each) => each.endsWith(".ts")).length >= 3;
      await until(three, "three segments", 30_000);
      const far = ({ currentTime, frames, live: grows }: PlayerState): boolean =>
        grows && currentTime > 2 && frames > 2 * RATE;
      const playing = await watch(live.stream, far);
      expect(playing).toMatchObject({ fatal: [], width: 320, height: 180, live: true });
      expect(playing.audio).toBeGreaterThan(0);
      await live.source.stop("SIGINT");
      await live.client.stop("SIGINT");

      await vod.source.ended();
      await vod.client.stop("SIGINT");
      const playlist = readFileSync(join(vod.stream, "index.m3u8"), "utf8");
      expect(playlist).toEndWith("#EXT-X-ENDLIST\n");
      expect(playlist.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(TIMES - 1);
      const end = await watch(vod.stream, ({ ended }) => ended);
      const seconds = SECONDS * TIMES;
      expect(end).toMatchObject({ fatal: [], width: 320, height: 180, live: false, ranges: 1 });
      // A machine that is busy lets the player wait for what it has.
      expect(end.errors.filter((error) => !/bufferStalled|bufferNudge/.test(error))).toEqual([]);
      expect(Math.abs(end.duration - seconds)).toBeLessThan(0.3);
      expect(Math.abs(end.bufferedEnd - seconds)).toBeLessThan(0.3);
      expect(Math.abs(end.currentTime - seconds)).toBeLessThan(0.3);
      // A machine that is busy drops pictures, which count all the same.
      expect(end.frames).toBeGreaterThan(seconds * RATE * 0.9);
    },
    180_000,
  );
});
