import { afterAll, beforeAll, describe, expect } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Report, reportSchema } from "../src/report/schema.ts";
import { type Nginx, startNginx } from "./helpers/nginx.ts";
import { reportOf, rscapCommand, run, runOk, start, until } from "./helpers/run.ts";
import { missing, needsFfmpeg, needsProgram, testWith } from "./helpers/skip.ts";

/** HLS as an input (RFC 8216), from a real nginx that serves what ffmpeg made. */
const needs = [needsProgram("nginx", "nginx-light"), needsFfmpeg, needsProgram("openssl")];

const SECONDS = 8;
const SEGMENTS = 4;

let nginx: Nginx | null = null;

function server(): Nginx {
  if (nginx === null) throw new Error("nginx was not started");
  return nginx;
}

/** ffmpeg's arguments for segments of two seconds of small pictures and sound. */
function ffmpegHls(
  output: string,
  seconds: number,
  segmentSeconds: number,
  ...more: readonly string[]
): string[] {
  const rate = 25;
  return [
    ...["ffmpeg", "-v", "error", "-y"],
    ...more.filter((each) => each === "-re"),
    ...["-f", "lavfi", "-i", `testsrc2=size=176x144:rate=${rate}`],
    ...more.filter((each) => each === "-re"),
    ...["-f", "lavfi", "-i", "sine=frequency=1000:sample_rate=48000"],
    ...["-t", String(seconds), "-c:v", "mpeg2video", "-b:v", "400k", "-g", String(rate), "-c:a", "mp2"],
    ...["-f", "hls", "-hls_time", String(segmentSeconds), "-hls_list_size", "0"],
    ...more.filter((each) => each !== "-re"),
    output,
  ];
}

beforeAll(async () => {
  if (missing(needs) !== null) return;
  nginx = await startNginx();
  await runOk(ffmpegHls(join(nginx.folder, "vod.m3u8"), SECONDS, 2, "-hls_playlist_type", "vod"));
  for (const name of readdirSync(nginx.folder)) chmodSync(join(nginx.folder, name), 0o644);
}, 60_000);

afterAll(async () => {
  await nginx?.stop();
});

const segment = (i: number): Buffer => readFileSync(join(server().folder, `vod${i}.ts`));
const whole = (): Buffer => Buffer.concat(Array.from({ length: SEGMENTS }, (_, i) => segment(i)));

/** A presentation of its own folder: the segments, and the playlist as `change` makes it. */
function presentation(name: string, change: (playlist: string, folder: string) => string): string {
  const folder = join(server().folder, name);
  mkdirSync(folder);
  for (let i = 0; i < SEGMENTS; i++)
    copyFileSync(join(server().folder, `vod${i}.ts`), join(folder, `vod${i}.ts`));
  const text = readFileSync(join(server().folder, "vod.m3u8"), "utf8");
  writeFileSync(join(folder, "x.m3u8"), change(text, folder));
  return `${server().http}/${name}/x.m3u8`;
}

async function replay(url: string, ...args: string[]): Promise<Report> {
  const ended = await run(rscapCommand("replay", "--json", "--fail-on", "never", ...args, url));
  return reportSchema.parse(reportOf(ended));
}

/** Codes and counts of what was found in the playlist and its segments. */
function found(report: Report): Record<string, number> {
  const own = report.findings.filter(({ code }) => code.startsWith("hls-"));
  return Object.fromEntries(own.map(({ code, count }) => [code, count]));
}

describe("a complete playlist", () => {
  testWith(
    needs,
    "is what the same octets are as a file: all counts, all indicators, octet for octet",
    async () => {
      const { http, folder } = server();
      const file = join(folder, "all.ts");
      writeFileSync(file, whole());
      const output = join(folder, "out.ts");
      const report = await replay(`${http}/vod.m3u8`, "-o", output);
      const same = await replay(file);
      expect(report.streams[0]?.mpegts).toEqual(same.streams[0]?.mpegts as never);
      expect(report.input).toMatchObject({ kind: "hls", bytes: whole().length });
      expect(report.hls).toMatchObject({
        type: "vod",
        segments: { loaded: SEGMENTS, failed: 0 },
        targetDurationSeconds: 2,
      });
      expect(found(report)).toEqual({});
      expect(readFileSync(output).equals(whole())).toBe(true);
    },
  );

  testWith(needs, "over https, by a redirection, behind a login", async () => {
    const { https, http, certificate } = server();
    const secure = await replay(`${https}/vod.m3u8`, "--hls-ca", certificate);
    expect(secure.hls?.segments.loaded).toBe(SEGMENTS);
    const refused = await run(rscapCommand("replay", `${https}/vod.m3u8`));
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr + refused.stdout).toContain("certificate is not trusted");
    expect((await replay(`${http}/moved.m3u8`)).hls).toMatchObject({
      redirections: 1,
      segments: { loaded: SEGMENTS },
    });
    const closed = await run(rscapCommand("replay", `${http}/private/vod.m3u8`));
    expect(closed.stderr + closed.stdout).toContain("the server answered 401 Unauthorized");
    const login = await run(
      rscapCommand(
        "replay",
        "--json",
        "--fail-on",
        "never",
        "--hls-user",
        "user",
        `${http}/private/vod.m3u8`,
      ),
      { env: { HLS_PASSWORD: "secret" } },
    );
    expect(reportOf(login).hls?.segments.loaded).toBe(SEGMENTS);
    expect(login.stdout + login.stderr).not.toContain("secret");
  });

  testWith(needs, "a master playlist of ffmpeg's own", async () => {
    const { folder, http } = server();
    const output = join(folder, "v%v.m3u8");
    await runOk(
      ffmpegHls(
        output,
        4,
        2,
        "-map",
        "0:v",
        "-map",
        "1:a",
        "-map",
        "0:v",
        "-map",
        "1:a",
        "-b:v:0",
        "200k",
        "-b:v:1",
        "600k",
        "-var_stream_map",
        "v:0,a:0 v:1,a:1",
        "-master_pl_name",
        "master.m3u8",
      ),
    );
    for (const [choice, number] of [
      ["lowest", 1],
      ["highest", 2],
    ] as const) {
      const report = await replay(`${http}/master.m3u8`, "--hls-variant", choice);
      expect(report.hls?.variant).toMatchObject({ number, of: 2 });
      expect(report.hls?.segments.loaded).toBe(2);
    }
  });
});

describe("faults", () => {
  const cases: [
    what: string,
    change: (playlist: string, folder: string) => string,
    findings: Record<string, number>,
  ][] = [
    [
      "a segment that is gone",
      (playlist, folder) => {
        rmSync(join(folder, "vod1.ts"));
        return playlist;
      },
      { "hls-segment-unavailable": 1 },
    ],
    [
      "EXTINF that is wrong",
      (playlist) => playlist.replace(/EXTINF:2\.0+,/, "EXTINF:1.500000,"),
      { "hls-extinf-wrong": 1 },
    ],
    [
      "EXTINF over the target",
      (playlist) => playlist.replace(/TARGETDURATION:\d+/, "TARGETDURATION:1"),
      { "hls-target-duration-exceeded": SEGMENTS },
    ],
    [
      "segments in the wrong order",
      (playlist) =>
        playlist.replace("vod1.ts", "x").replace("vod2.ts", "vod1.ts").replace("x\n", "vod2.ts\n"),
      { "hls-timestamp-jump": 3 },
    ],
    [
      "an error page in place of a segment",
      (playlist, folder) => {
        writeFileSync(join(folder, "vod2.ts"), `<html>${"error ".repeat(400)}</html>`);
        return playlist;
      },
      { "hls-segment-format": 1 },
    ],
  ];
  for (const [i, [what, change, findings]] of cases.entries()) {
    testWith(needs, what, async () => {
      expect(found(await replay(presentation(`fault-${i}`, change)))).toEqual(findings);
    });
  }

  testWith(
    needs,
    "a discontinuity that the playlist tells is none; the reports for CI and people tell what is",
    async () => {
      const told = (playlist: string): string =>
        playlist.replace("#EXTINF:2.000000,\nvod2.ts", "#EXT-X-DISCONTINUITY\n#EXTINF:2.000000,\nvod0.ts");
      const right = await replay(presentation("told", told));
      expect(found(right)).toEqual({ "hls-timestamp-jump": 1 });
      expect(right.hls?.segments.discontinuities).toBe(1);
      expect(right.streams[0]?.mpegts?.continuity.errors).toBeLessThan(
        (await replay(presentation("untold", (playlist) => playlist.replace("vod2.ts", "vod0.ts"))))
          .streams[0]?.mpegts?.continuity.errors ?? 0,
      );
      const { folder } = server();
      const url = presentation("reports", (playlist) => playlist.replace("vod3.ts", "nowhere.ts"));
      const reports = [
        "--report",
        `junit=${join(folder, "r.xml")}`,
        "--report",
        `html=${join(folder, "r.html")}`,
      ];
      const { exitCode } = await run(rscapCommand("replay", ...reports, "--fail-on", "error", url));
      expect(exitCode).toBe(1);
      expect(readFileSync(join(folder, "r.xml"), "utf8")).toContain("hls-segment-unavailable");
      const page = readFileSync(join(folder, "r.html"), "utf8");
      expect(page).toContain("Playlist http");
      expect(page).toContain("1 failed");
    },
  );

  testWith(needs, "nothing there, a page, settings that say nothing for a playlist", async () => {
    const { http, folder } = server();
    writeFileSync(join(folder, "page.html"), "<html>");
    const said = async (...args: string[]): Promise<string> => {
      const { exitCode, stderr, stdout } = await run(rscapCommand(...args));
      return `${exitCode} ${stderr}${stdout}`;
    };
    expect(await said("replay", `${http}/nowhere.m3u8`)).toMatch(
      /^3 .*can't be loaded: the server answered 404/s,
    );
    expect(await said("replay", `${http}/page.html`)).toMatch(
      /^3 .*expected an HLS playlist, found something else: it is a page/s,
    );
    expect(await said("replay", "--loop", "2", `${http}/vod.m3u8`)).toMatch(/^2 .*--loop \(REPLAY_LOOP\)/s);
    expect(await said("replay", "--filter", "udp", `${http}/vod.m3u8`)).toMatch(/^2 .*--filter/s);
    expect(
      await said("probe", "--no-zmq", "-s", `hls+${http}/vod.m3u8`, "-s", "udp://239.1.1.1:5000"),
    ).toMatch(/^2 .*must be the only source/s);
  });
});

/** What a busy machine does to ffmpeg and to us is found, too, and no fault here. */
function foundButLate(report: Report): Record<string, number> {
  const { "hls-playlist-stale": _stale, "hls-slow-download": _slow, ...others } = found(report);
  return others;
}

describe("a live playlist", () => {
  testWith(
    needs,
    "is followed while ffmpeg writes it, by a replay from the first segment, by a probe from near the end",
    async () => {
      const { folder, http } = server();
      const playlist = join(folder, "live.m3u8");
      const ffmpeg = start(ffmpegHls(playlist, 10, 1, "-re", "-hls_flags", "program_date_time+temp_file"), {
        limitMs: 60_000,
      });
      await until(() => readdirSync(folder).includes("live4.ts"), "five segments", 30_000);
      const output = join(folder, "live-out.ts");
      const replaying = start(
        rscapCommand("replay", "--json", "--fail-on", "never", "-o", output, `${http}/live.m3u8`),
        { limitMs: 60_000 },
      );
      const endpoint = `ipc://${join(folder, "socket")}`;
      const capture = join(folder, "capture.ts");
      const client = start(rscapCommand("client", "--endpoint", endpoint, "-o", capture), {
        limitMs: 60_000,
      });
      await client.says(/ipc:/);
      const probing = start(
        rscapCommand("probe", "--json", "--endpoint", endpoint, "-s", `hls+${http}/live.m3u8`),
        { limitMs: 60_000 },
      );
      expect((await ffmpeg.ended()).exitCode).toBe(0);
      const replayed = reportOf(await replaying.ended());
      const probed = reportOf(await probing.ended());
      const segments = readdirSync(folder).filter((name) => /^live\d+\.ts$/.test(name));
      const all = Buffer.concat(segments.map((_, i) => readFileSync(join(folder, `live${i}.ts`))));
      const end = all.subarray(-188);
      await until(() => readFileSync(capture).subarray(-188).equals(end), "the client has the last packet");
      await client.stop("SIGINT");
      expect(foundButLate(replayed)).toEqual({});
      expect(replayed.hls).toMatchObject({
        ended: true,
        segments: { loaded: segments.length, failed: 0, passedOver: 0 },
      });
      expect(readFileSync(output).equals(all)).toBe(true);
      expect(foundButLate(probed)).toEqual({});
      expect(probed.streams[0]?.mpegts?.continuity.errors).toBe(0);
      const captured = readFileSync(capture);
      expect(captured.length).toBeGreaterThan(all.length / 3);
      expect(all.subarray(all.length - captured.length).equals(captured)).toBe(true);
    },
    90_000,
  );

  testWith(
    needs,
    "that stands still is told of while it does, and one whose server goes is tried again",
    async () => {
      const url = presentation("still", (playlist) =>
        playlist.replace("#EXT-X-ENDLIST\n", "").replace("#EXT-X-PLAYLIST-TYPE:VOD\n", ""),
      );
      const file = join(server().folder, "still", "x.m3u8");
      const probe = start(
        rscapCommand("probe", "--json", "--no-zmq", "--hls-retries", "0", "-s", `hls+${url}`),
        { limitMs: 60_000 },
      );
      await probe.says(/Following/);
      await probe.says(/no new segment for more than 1.5 target durations/, 20_000);
      renameSync(file, `${file}.away`);
      await probe.says(/can't be loaded: the server answered 404/, 20_000);
      renameSync(`${file}.away`, file);
      await probe.says(/can be loaded again/, 20_000);
      const report = reportOf(await probe.stop("SIGINT"));
      expect(Object.keys(found(report)).sort()).toEqual(["hls-playlist-stale", "hls-playlist-unavailable"]);
      expect(report.hls).toMatchObject({ type: "live", ended: false, segments: { loaded: 3, failed: 0 } });
    },
    90_000,
  );
});
