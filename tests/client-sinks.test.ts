/** The sinks of a client, with real processes on both sides. */

import { Database } from "bun:sqlite";
import { afterAll, describe, expect, setDefaultTimeout } from "bun:test";
import { createSocket } from "node:dgram";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ffmpegCbr } from "./helpers/ffmpeg.ts";
import { type Running, rscapCommand, run, runOk, start, until } from "./helpers/run.ts";
import { needsFfmpeg, needsFfprobe, needsGstreamer, testWith } from "./helpers/skip.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "rscap-client-sinks-"));
afterAll(() => rmSync(folder, { recursive: true }));

const source = join(folder, "source.ts");

/** Eight seconds of pictures and sound. */
async function sourceFile(): Promise<Uint8Array> {
  if (!existsSync(source)) await runOk(ffmpegCbr(8, source));
  return readFileSync(source);
}

/** A client that waits for a probe, in a folder of its own. */
async function client(
  name: string,
  ...args: string[]
): Promise<{ running: Running; endpoint: string; cwd: string }> {
  const cwd = join(folder, name);
  mkdirSync(cwd);
  const endpoint = `ipc://${join(cwd, "socket")}`;
  const command = rscapCommand(
    "client",
    "--transport",
    "push",
    "--endpoint",
    endpoint,
    "--no-events",
    ...args,
  );
  const running = start(command, { cwd, limitMs: 100_000 });
  await until(() => existsSync(join(cwd, "socket")), "the client listens", 30_000);
  return { running, endpoint, cwd };
}

/** Plays the file to a client: as fast as it goes, or with its own timing. */
function play(endpoint: string, ...args: string[]): Running {
  const what = [
    "replay",
    source,
    "--publish",
    "--transport",
    "push",
    "--endpoint",
    endpoint,
    "--report",
    "none",
  ];
  return start(rscapCommand(...what, ...args), { cwd: folder, limitMs: 100_000 });
}

/** A socket on loopback that keeps what comes. */
async function udpReceiver(): Promise<{ url: string; octets(): Buffer; close(): void }> {
  const socket = createSocket({ type: "udp4", recvBufferSize: 4 * 1024 * 1024 });
  const datagrams: Buffer[] = [];
  socket.on("message", (message) => datagrams.push(message));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    url: `udp://127.0.0.1:${socket.address().port}`,
    octets: () => Buffer.concat(datagrams),
    close: () => socket.close(),
  };
}

async function frames(input: string): Promise<string[]> {
  const text = await runOk([
    "ffmpeg",
    "-v",
    "error",
    "-i",
    input,
    "-map",
    "0",
    "-c",
    "copy",
    "-f",
    "framemd5",
    "-",
  ]);
  const rows = text.split("\n").filter((line) => /^\d/.test(line));
  return rows.map((line) => line.split(",").at(-1)?.trim() ?? "").sort();
}

describe("several sinks at once", () => {
  testWith(
    [needsFfmpeg, needsGstreamer],
    "the file, GStreamer by --exec and segments get every octet",
    async () => {
      const octets = await sourceFile();
      const { running, endpoint, cwd } = await client(
        "several",
        ...[
          "--output-file",
          "copy.ts",
          "--segments",
          "segments",
          "--segment-duration",
          "2",
          "--playlist",
          "vod",
        ],
        ...["--exec", "gst-launch-1.0 -q fdsrc fd=0 ! filesink location=gst.ts"],
        ...["--packet-count", String(octets.length / 188), "--json"],
      );
      await play(endpoint).ended();
      const { exitCode, stdout, stderr } = await running.ended();
      expect([exitCode, stderr.includes("ERROR")]).toEqual([0, false]);
      expect(Buffer.compare(readFileSync(join(cwd, "copy.ts")), octets)).toBe(0);
      expect(Buffer.compare(readFileSync(join(cwd, "gst.ts")), octets)).toBe(0);
      expect(await frames(join(cwd, "segments/source/index.m3u8"))).toEqual(await frames(source));
      const { outputs } = JSON.parse(stdout);
      const count = octets.length / 188;
      expect(outputs).toMatchObject([
        { type: "file", packets: count, droppedPackets: 0, lost: 0 },
        { type: "segments", packets: count, droppedPackets: 0, lost: 0 },
        { type: "exec", packets: count, droppedPackets: 0, lost: 0 },
      ]);
    },
    120_000,
  );

  testWith(
    needsFfmpeg,
    "file, segments, exec, udp, JSON lines and SQLite: every octet in each, and counts that agree",
    async () => {
      const octets = await sourceFile();
      const count = octets.length / 188;
      const receiver = await udpReceiver();
      const { running, endpoint, cwd } = await client(
        "all",
        ...["-o", "copy.ts", "--segments", "segments", "--playlist", "vod", "--exec", "cat > exec.ts"],
        ...["--udp", receiver.url, "--jsonl", "lines.jsonl", "--sqlite", "rscap.db", "--show-os-stats"],
        ...["--packet-count", String(count), "--json"],
      );
      await play(endpoint, "--realtime").ended();
      const { exitCode, stdout, stderr } = await running.ended();
      expect([exitCode, stderr.includes("ERROR")]).toEqual([0, false]);
      await until(() => receiver.octets().length >= octets.length, "all datagrams");
      receiver.close();
      expect(Buffer.compare(receiver.octets(), octets)).toBe(0);
      for (const name of ["copy.ts", "exec.ts"])
        expect(readFileSync(join(cwd, name)).equals(octets)).toBe(true);
      expect(await frames(join(cwd, "segments/source/index.m3u8"))).toEqual(await frames(source));
      const { outputs, system } = JSON.parse(stdout);
      expect(system).toMatchObject({
        host: { cores: expect.any(Number) },
        disks: [{ totalBytes: expect.any(Number) }],
      });
      for (const type of ["file", "segments", "exec", "udp"]) {
        expect(outputs).toContainEqual(
          expect.objectContaining({ type, packets: count, droppedPackets: 0, lost: 0 }),
        );
      }
      const lines = readFileSync(join(cwd, "lines.jsonl"), "utf8").trim().split("\n");
      expect(lines.length).toBeGreaterThan(5);
      for (const line of lines) expect(JSON.parse(line)).toBeObject();
      const database = new Database(join(cwd, "rscap.db"), { readonly: true });
      expect(database.query("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
      expect(database.query("SELECT count(*) AS n FROM reports").get()).toEqual({ n: expect.any(Number) });
      database.close();
    },
    120_000,
  );

  testWith(
    needsFfmpeg,
    "--udp catches up after the client stood still, and loses nothing",
    async () => {
      const octets = await sourceFile();
      const loops = 3;
      const receiver = await udpReceiver();
      const { running, endpoint } = await client(
        "stood-still",
        ...[
          "-o",
          "/dev/null",
          "--udp",
          receiver.url,
          "--packet-count",
          String((octets.length / 188) * loops),
          "--json",
        ],
      );
      const player = play(endpoint, "--realtime", "--loop", String(loops));
      await until(() => receiver.octets().length > 300_000, "the stream is sent", 60_000);
      running.kill("SIGSTOP");
      await Bun.sleep(1500);
      running.kill("SIGCONT");
      await player.ended();
      const { stdout } = await running.ended();
      await until(() => receiver.octets().length >= octets.length * loops, "all datagrams");
      receiver.close();
      expect(receiver.octets().equals(Buffer.concat(Array(loops).fill(octets)))).toBe(true);
      const { outputs } = JSON.parse(stdout) as { outputs: { type: string; notes: string[] }[] };
      const udp = outputs.find(({ type }) => type === "udp");
      expect(udp).toMatchObject({ droppedPackets: 0, lost: 0 });
      expect(udp?.notes.join(" ")).toContain("packets were sent a tenth faster to catch up");
    },
    120_000,
  );

  testWith(
    needsFfmpeg,
    "a command that never reads loses packets, counted, and the file gets all",
    async () => {
      const octets = await sourceFile();
      const loops = 12;
      const { running, endpoint, cwd } = await client(
        "stuck",
        ...["--output-file", "copy.ts", "--exec", "exec sleep 1000", "--sink-queue", "4M"],
        ...["--packet-count", String((octets.length / 188) * loops), "--json"],
      );
      await play(endpoint, "--loop", String(loops)).ended();
      const { stdout } = await running.ended();
      const { outputs } = JSON.parse(stdout);
      const count = (octets.length / 188) * loops;
      const [file, exec] = outputs;
      // The file is on the same machine, which others use too: what it had no room for is counted as well.
      expect(file.packets + file.droppedPackets).toBe(count);
      expect(readFileSync(join(cwd, "copy.ts")).length).toBe(file.packets * 188);
      expect(exec.droppedPackets).toBeGreaterThan(0);
      expect(exec.packets + exec.lost + exec.discarded + exec.droppedPackets).toBe(count);
      expect(exec.notes[0]).toContain("was ended by SIGTERM");
    },
    120_000,
  );
});

describe("segments", () => {
  testWith(
    [needsFfmpeg, needsFfprobe],
    "ffprobe plays the live playlist while it is written; kill -9 leaves whole segments and one part; a restart goes on",
    async () => {
      await sourceFile();
      const args = ["--segments", "segments", "--segment-duration", "1"];
      const { running, endpoint, cwd } = await client("live", ...args);
      const player = play(endpoint, "--realtime", "--loop", "0");
      const path = join(cwd, "segments/source");
      const names = (ending: string): string[] =>
        existsSync(path) ? readdirSync(path).filter((name) => name.endsWith(ending)) : [];
      await until(() => names(".ts").length >= 3 && names(".part").length === 1, "three segments", 60_000);
      const shown = [
        "-v",
        "error",
        "-select_streams",
        "v",
        "-show_entries",
        "stream=codec_name",
        "-of",
        "csv=p=0",
      ];
      const probed = await run(["ffprobe", ...shown, join(path, "index.m3u8")]);
      expect(probed.stdout).toContain("mpeg2video");
      await running.stop("SIGKILL");
      await player.stop("SIGKILL");
      expect(names(".part")).toHaveLength(1);
      for (const name of names(".ts")) {
        const { length } = readFileSync(join(path, name));
        expect([length > 0, length % 188]).toEqual([true, 0]);
        expect((await frames(join(path, name))).length).toBeGreaterThan(20);
      }
      rmSync(join(cwd, "socket"), { force: true });
      const listen = ["client", "--transport", "push", "--endpoint", endpoint, ...args];
      const again = start(rscapCommand(...listen), { cwd, limitMs: 100_000 });
      await until(() => existsSync(join(cwd, "socket")), "the client listens again", 30_000);
      await play(endpoint).ended();
      await until(() => names(".ts").length >= 8, "more segments", 60_000);
      const { stdout } = await again.stop("SIGINT");
      expect(stdout).toContain("--segments segments:");
      const text = readFileSync(join(path, "index.m3u8"), "utf8");
      expect(text).toEndWith("#EXT-X-ENDLIST\n");
      expect(Number(/MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1])).toBeGreaterThan(2);
    },
    120_000,
  );
});
