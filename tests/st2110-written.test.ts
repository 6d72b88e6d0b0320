import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rscapCommand, runOk } from "./helpers/run.ts";
import { needsFfprobe, needsShared, needsTshark, testWith } from "./helpers/skip.ts";
import { sharedData } from "./shared-data.ts";

setDefaultTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "rscap-written-"));
afterAll(() => rmSync(folder, { recursive: true }));

const VIDEO = ["--generate", "st2110-20:1280x720p50,seconds=0.3"];
const AUDIO = ["--generate", "st2110-30:L24/48000/8,seconds=0.5"];

/** Writes what `input` carries to a file of this name; its path. */
async function written(input: readonly string[], name: string, ...flags: string[]): Promise<string> {
  const path = join(folder, name);
  await runOk(rscapCommand("replay", ...input, "-o", path, ...flags));
  return path;
}

test("a pcap that was written gives the same video and audio as its source", async () => {
  for (const [input, name] of [
    [VIDEO, "video.y4m"],
    [AUDIO, "audio.wav"],
  ] as const) {
    const direct = await written(input, name);
    const capture = await written(input, `${name}.pcap`);
    const again = await written([capture], `again-${name}`);
    expect(readFileSync(direct).length).toBeGreaterThan(100_000);
    expect(Buffer.compare(readFileSync(direct), readFileSync(again))).toBe(0);
  }
});

testWith(needsFfprobe, "ffprobe reads Y4M and WAV", async () => {
  const show = async (path: string, entries: string): Promise<string> =>
    (
      await runOk([
        "ffprobe",
        "-v",
        "error",
        "-count_packets",
        "-show_entries",
        `stream=${entries}`,
        "-of",
        "csv=p=0",
        path,
      ])
    ).trim();
  const video = await written(VIDEO, "probe.y4m");
  expect(await show(video, "width,height,pix_fmt,r_frame_rate")).toBe("1280,720,yuv422p10le,50/1");
  const audio = await written(AUDIO, "probe.wav");
  expect(await show(audio, "codec_name,sample_rate,channels")).toBe("pcm_s24le,48000,8");
});

test("a still picture by its ending", async () => {
  for (const ending of ["png", "jpg"]) {
    const path = join(folder, `still.${ending}`);
    await runOk(rscapCommand("replay", ...VIDEO, "--still", path));
    const { width, height, format } = await new Bun.Image(path).metadata();
    expect([width, height, format]).toEqual([1280, 720, ending === "png" ? "png" : "jpeg"]);
  }
});

const LIST = "st2110/list-audio-l24-8ch-125us.pcap";
testWith([needsShared(LIST), needsTshark], "EBU LIST's capture comes out as it went in", async () => {
  const source = sharedData(LIST) as string;
  const copy = await written([source], "copy.pcap");
  const fields = ["frame.time_epoch", "ip.src", "ip.dst", "udp.srcport", "udp.dstport", "udp.payload"];
  const read = (path: string): Promise<string> =>
    runOk(["tshark", "-r", path, "-T", "fields", ...fields.flatMap((field) => ["-e", field])]);
  expect(await read(copy)).toBe(await read(source));
});

const CUT = "st2110/list-1080i59.pcap";
testWith(needsShared(CUT), "packets that the snap length cut are not written, and it is said", async () => {
  const path = join(folder, "cut.y4m");
  const said = await runOk(rscapCommand("replay", sharedData(CUT) as string, "-o", path));
  expect(said).toContain("Nothing written");
  expect(said).toContain("1 RTP stream without a whole packet");
});
