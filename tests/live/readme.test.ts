/** The README's command lines for FFmpeg and GStreamer, run as they stand there. */
import { describe, expect } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RX_DEVICE, TX_ADDRESS } from "../helpers/netns.ts";
import { PROJECT, type Running, rscapCommand, runOk, until } from "../helpers/run.ts";
import { needsFfmpeg, needsFfprobe, needsGstreamerTs, needsNetns, testWith } from "../helpers/skip.ts";
import { Rig } from "./rig.ts";

const needs = [needsNetns, needsFfmpeg, needsFfprobe, needsGstreamerTs];

/** The lines of the README's example, without comments. */
function lines(): string[] {
  const readme = readFileSync(join(PROJECT, "README.md"), "utf8");
  const block = /<!-- ffmpeg and gstreamer -->\n```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  return block.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

/** The line that begins with `start` and holds `part`; there must be one. */
function line(start: string, part: string): string {
  const [found, ...more] = lines().filter((each) => each.startsWith(start) && each.includes(part));
  if (found === undefined || more.length > 0)
    throw new Error(`the README has ${more.length} lines "${start} … ${part}"`);
  return found;
}

/** A place where the lines can be run as they stand: the shell finds rscap, and 239.1.1.1 is sent to. */
class Place implements AsyncDisposable {
  readonly rig: Rig;
  readonly #running: Running[] = [];

  constructor(rig: Rig) {
    this.rig = rig;
    const command = rscapCommand().map((part) => `'${part}'`);
    writeFileSync(rig.path("rscap"), `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`, { mode: 0o755 });
  }

  static async open(): Promise<Place> {
    const rig = await Rig.open();
    await rig.network.run(rig.network.rx, ["ip", "route", "add", "239.1.1.1/32", "dev", RX_DEVICE]);
    return new Place(rig);
  }

  /** Starts a line of the README in the rig's folder. */
  start(text: string): Running {
    const { rig } = this;
    const running = rig.network.start(rig.network.rx, ["bash", "-c", `PATH="$PWD:$PATH"; exec ${text}`], {
      cwd: rig.folder,
      limitMs: 90_000,
    });
    this.#running.push(running);
    return running;
  }

  /** Sends pictures and sound to the group of the README until the place is left. */
  send(): void {
    const { rig } = this;
    const inputs = [
      "-re",
      "-f",
      "lavfi",
      "-i",
      "testsrc2=size=320x180:rate=25",
      "-f",
      "lavfi",
      "-i",
      "sine=1000",
    ];
    const codecs = ["-c:v", "mpeg2video", "-b:v", "1500k", "-g", "5", "-c:a", "mp2"];
    const url = `udp://239.1.1.1:5000?pkt_size=1316&localaddr=${TX_ADDRESS}&ttl=4`;
    const command = ["ffmpeg", "-v", "error", ...inputs, ...codecs, "-t", "80", "-f", "mpegts", url];
    this.#running.push(rig.network.start(rig.network.tx, command, { limitMs: 90_000 }));
  }

  /** Starts the README's probe and waits until it captures. */
  async probe(text: string): Promise<Running> {
    const probe = this.start(text);
    await until(
      async () => (await this.rig.network.run(this.rig.network.rx, ["ss", "-Hltn", "sport = :5556"])) !== "",
      "the probe listens",
      30_000,
    );
    return probe;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running) await running.stop("SIGKILL");
    await this.rig[Symbol.asyncDispose]();
  }
}

/** Names of the codecs in a file. */
async function codecs(path: string): Promise<string[]> {
  const show = ["-show_entries", "stream=codec_name", "-of", "csv=p=0"];
  const names = (await runOk(["ffprobe", "-v", "error", ...show, path])).match(/[a-z0-9]+/g) ?? [];
  // A program's streams are listed with it, too.
  return [...new Set(names)].sort();
}

const SENT = ["mp2", "mpeg2video"];

describe("README, FFmpeg and GStreamer", () => {
  testWith(needs, "every line is run here", () => {
    const run = [
      line("rscap probe", "--header none"),
      line("ffmpeg", "zmq:"),
      ...lines().filter((each) => each === "rscap probe -s udp://239.1.1.1:5000"),
      line("rscap client", "ffmpeg"),
      line("rscap client", "gst-launch"),
      line("rscap client", "--udp"),
      line("ffmpeg", "udp:"),
    ];
    expect(run.toSorted()).toEqual(lines().toSorted());
  });

  testWith(
    needs,
    "FFmpeg at the probe",
    async () => {
      await using place = await Place.open();
      const probe = await place.probe(line("rscap probe", "--header none"));
      place.send();
      const ffmpeg = await place.start(line("ffmpeg", "zmq:")).ended();
      expect([ffmpeg.exitCode, ffmpeg.exitCode === 0 ? "" : ffmpeg.stderr]).toEqual([0, ""]);
      expect(await codecs(place.rig.path("sample.mkv"))).toEqual(SENT);
      expect((await probe.stop("SIGINT")).exitCode).toBe(130);
    },
    120_000,
  );

  for (const [name, part, file] of [
    ["FFmpeg", "ffmpeg", "branch.mkv"],
    ["GStreamer", "gst-launch", "branch.ts"],
  ] as const) {
    testWith(
      needs,
      `${name} behind a client`,
      async () => {
        await using place = await Place.open();
        await place.probe("rscap probe -s udp://239.1.1.1:5000");
        const client = place.start(line("rscap client", part));
        place.send();
        await until(() => place.rig.size("copy.ts") > 600_000, "three seconds of the stream", 60_000);
        const { stdout } = await client.stop("SIGINT");
        expect(stdout).toContain("--exec");
        expect(await codecs(place.rig.path("copy.ts"))).toEqual(SENT);
        expect(await codecs(place.rig.path(file))).toEqual(SENT);
        if (file.endsWith(".ts")) expect(place.rig.read(file).equals(place.rig.read("copy.ts"))).toBe(true);
      },
      120_000,
    );
  }

  testWith(
    needs,
    "FFmpeg behind --udp",
    async () => {
      await using place = await Place.open();
      await place.probe("rscap probe -s udp://239.1.1.1:5000");
      const client = place.start(line("rscap client", "--udp"));
      place.send();
      const ffmpeg = await place.start(line("ffmpeg", "udp:")).ended();
      expect([ffmpeg.exitCode, ffmpeg.exitCode === 0 ? "" : ffmpeg.stderr]).toEqual([0, ""]);
      expect(await codecs(place.rig.path("again.mkv"))).toEqual(SENT);
      await client.stop("SIGINT");
    },
    120_000,
  );
});
