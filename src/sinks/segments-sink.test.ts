import { afterAll, describe, expect, setDefaultTimeout, spyOn, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { ffmpegCbr } from "../../tests/helpers/ffmpeg.ts";
import { readRtp } from "../../tests/helpers/rtp-capture.ts";
import { SinkRing } from "../../tests/helpers/sink-ring.ts";
import { needsFfmpeg, testWith } from "../../tests/helpers/skip.ts";
import { LogLines, tsPackets } from "../../tests/helpers/wire.ts";
import { audioPackets } from "../st2110/audio/test-packets.ts";
import type { TrackFacts } from "./queue/packet-sink.ts";
import { RECORD, RingReader } from "./queue/ring.ts";
import { SegmentsSink, type SegmentsSinkOptions } from "./segments-sink.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "rscap-segments-"));
afterAll(() => rmSync(folder, { recursive: true }));

function sinkOf(
  name: string,
  change: Partial<SegmentsSinkOptions> = {},
): { sink: SegmentsSink; lines: string[] } {
  const { lines, log } = new LogLines();
  const sink = new SegmentsSink({
    folder: join(folder, name),
    limits: { seconds: 2, bytes: 0, boundary: "keyframe" },
    name: "%i",
    playlist: "vod",
    playlistSize: 6,
    retention: { maxAgeMs: 0, maxBytes: 0, minFreeBytes: 0 },
    log,
    ...change,
  });
  return { sink, lines };
}

/** Gives the sink all that is in the ring. */
function feed(sink: SegmentsSink, ring: SinkRing): void {
  const reader = new RingReader(ring.memory);
  for (let type = reader.next(0); type !== RECORD.none; type = reader.next(0)) {
    if (type !== RECORD.track) sink.take(reader);
    else {
      const octets = reader.buf.subarray(reader.off, reader.off + reader.len);
      sink.track(reader.track, JSON.parse(new TextDecoder().decode(octets)) as TrackFacts);
    }
  }
}

/** MD5 of each frame of all streams that ffmpeg finds, sorted: the same frames, the same lines. */
function frames(input: string): string[] {
  const command = ["ffmpeg", "-v", "error", "-i", input, "-map", "0", "-c", "copy", "-f", "framemd5", "-"];
  const { stdout } = Bun.spawnSync(command);
  const rows = stdout
    .toString()
    .split("\n")
    .filter((line) => /^\d/.test(line));
  return rows.map((line) => line.split(",").at(-1)?.trim() ?? "").sort();
}

let made: Uint8Array | null = null;
/** Nine seconds with a keyframe each 0.48 s. */
function stream(): Uint8Array {
  if (made !== null) return made;
  const path = join(folder, "source.ts");
  Bun.spawnSync(ffmpegCbr(9, path));
  made = new Uint8Array(readFileSync(path));
  return made;
}

describe("transport streams", () => {
  testWith(needsFfmpeg, "ffmpeg reads the playlist and finds every frame that was sent", () => {
    const { sink } = sinkOf("whole");
    const ring = new SinkRing();
    ring.ts("a", stream(), 0, 9e9);
    feed(sink, ring);
    const playlist = join(folder, "whole/a/index.m3u8");
    // While it is written: what is whole can be played.
    expect(readFileSync(playlist, "utf8")).toContain("#EXT-X-PLAYLIST-TYPE:EVENT");
    sink.close();
    expect(readFileSync(playlist, "utf8")).toContain("#EXT-X-PLAYLIST-TYPE:VOD");
    const sent = frames(join(folder, "source.ts"));
    expect(sent.length).toBeGreaterThan(400);
    expect(frames(playlist)).toEqual(sent);
    const durations = [...readFileSync(playlist, "utf8").matchAll(/#EXTINF:([\d.]+)/g)].map((found) =>
      Number(found[1]),
    );
    // Keyframes stand every 0.48 s: the first after two seconds is at 2.4 s.
    expect(durations.slice(1, 3)).toEqual([2.4, 2.4]);
    expect(durations.reduce((sum, seconds) => sum + seconds, 0)).toBeCloseTo(9, 1);
    expect(sink.figures()).toMatchObject({ packets: stream().length / 188, lost: 0, unwanted: 0 });
  });

  testWith(needsFfmpeg, "each segment begins with PAT, PMT and a keyframe", () => {
    const { sink } = sinkOf("alone");
    const ring = new SinkRing();
    ring.ts("a", stream(), 0, 9e9);
    feed(sink, ring);
    sink.close();
    const names = readdirSync(join(folder, "alone/a")).filter((name) => name.endsWith(".ts"));
    expect(names).toHaveLength(4);
    for (const name of names.slice(1)) {
      const octets = readFileSync(join(folder, "alone/a", name));
      const pid = (i: number): number => octets.readUInt16BE(i * 188 + 1) & 0x1fff;
      expect([pid(0), pid(1), pid(2)]).toEqual([0, 0x1000, 0x100]);
      // random_access_indicator
      expect((octets[2 * 188 + 5] as number) & 0x40).toBe(0x40);
    }
  });

  testWith(needsFfmpeg, "a live playlist keeps the last; age, size and names as they were set", () => {
    const { sink } = sinkOf("live", {
      playlist: "live",
      playlistSize: 3,
      limits: { seconds: 1, bytes: 0, boundary: "any" },
      retention: { maxAgeMs: 0, maxBytes: 600_000, minFreeBytes: 0 },
    });
    const ring = new SinkRing();
    ring.ts("a", stream(), 0, 9e9);
    feed(sink, ring);
    sink.close();
    const files = readdirSync(join(folder, "live/a")).filter((name) => name.endsWith(".ts"));
    expect(files.length).toBeLessThan(9);
    const text = readFileSync(join(folder, "live/a/index.m3u8"), "utf8");
    expect(text).toContain("#EXT-X-MEDIA-SEQUENCE:6");
    expect(text).toEndWith("#EXT-X-ENDLIST\n");
    expect(sink.figures().notes.join(" ")).toContain("old segment");
  });

  testWith(
    needsFfmpeg,
    "loss ends the segment at the next keyframe, and the next says so; a restart goes on",
    () => {
      const change = { limits: { seconds: 4, bytes: 0, boundary: "keyframe" } } as const;
      const octets = stream();
      const half = Math.floor(octets.length / 188 / 2) * 188;
      const ring = new SinkRing();
      ring.ts("a", octets.subarray(0, half), 0, 4.5e9);
      ring.track("a").lostMessages++;
      ring.ts("a", octets.subarray(half + 18_800), 4.6e9, 9e9);
      const { sink } = sinkOf("loss", change);
      feed(sink, ring);
      sink.close();
      const path = join(folder, "loss/a/index.m3u8");
      expect(readFileSync(path, "utf8").match(/#EXT-X-DISCONTINUITY$/gm)).toHaveLength(1);
      const again = new SinkRing();
      again.ts("a", octets, 0, 9e9);
      const second = sinkOf("loss", change);
      feed(second.sink, again);
      second.sink.close();
      expect(readFileSync(path, "utf8").match(/#EXT-X-DISCONTINUITY$/gm)).toHaveLength(2);
    },
  );

  test("without tables it is cut by arrival; every packet is in a segment", () => {
    const { sink } = sinkOf("bare");
    const ring = new SinkRing();
    const packets = tsPackets(5000);
    ring.ts("a", packets, 0, 10e9);
    feed(sink, ring);
    sink.close();
    const names = readdirSync(join(folder, "bare/a"))
      .filter((name) => name.endsWith(".ts"))
      .sort();
    expect(names.length).toBeGreaterThan(2);
    const written = Buffer.concat(names.map((name) => readFileSync(join(folder, "bare/a", name))));
    expect(Buffer.compare(written, packets)).toBe(0);
  });

  test("any packets: no exception, and every one is written", () => {
    let run = 0;
    const packet = fc.uint8Array({ minLength: 188, maxLength: 188 });
    fc.assert(
      fc.property(fc.array(packet, { minLength: 1, maxLength: 30 }), (packets) => {
        for (const one of packets) {
          one[0] = 0x47;
          // Tables are the interesting PIDs.
          if (((one[3] as number) & 1) === 0) one.set([0x40, 0], 1);
        }
        const { sink } = sinkOf(`any${run++}`);
        const ring = new SinkRing();
        ring.ts("a", Buffer.concat(packets), 0, 1e9);
        feed(sink, ring);
        sink.close();
        expect(sink.figures()).toMatchObject({ packets: packets.length, lost: 0 });
      }),
      { numRuns: 30 },
    );
  });
});

test("RTP without TS becomes pcap files, cut by arrival", async () => {
  const packets = audioPackets({ packets: 5000, rateHz: 48_000, samples: 48, channels: 2, octets: 3 });
  const ring = new SinkRing();
  for (let i = 0; i < 5000; i += 100) {
    const some = packets.slice(i, i + 100).map(({ octets }) => octets);
    ring.rtp("a", some, i * 1e6, (i + 99) * 1e6);
  }
  const { sink } = sinkOf("rtp");
  feed(sink, ring);
  sink.close();
  const names = readdirSync(join(folder, "rtp/a"))
    .filter((name) => name.endsWith(".pcap"))
    .sort();
  expect(names).toEqual(["000000.pcap", "000001.pcap", "000002.pcap"]);
  const read = await Promise.all(names.map((name) => readRtp(join(folder, "rtp/a", name))));
  expect(read.map((one) => one.packets.length)).toEqual([2000, 2000, 1000]);
  expect(read.flatMap((one) => one.packets.map(({ octets }) => octets))).toEqual(
    packets.map(({ octets }) => octets),
  );
  expect(existsSync(join(folder, "rtp/a/index.m3u8"))).toBe(false);
});

test("a disk without room loses packets, counts them, and goes on", () => {
  const { sink, lines } = sinkOf("full", { retention: { maxAgeMs: 0, maxBytes: 0, minFreeBytes: 2 ** 60 } });
  const ring = new SinkRing();
  ring.ts("a", tsPackets(700), 0, 1e9);
  feed(sink, ring);
  sink.close();
  expect(sink.figures()).toMatchObject({ packets: 0, lost: 700 });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("--segment-min-free");
});

test("a folder that can't be made names the flag", () => {
  writeFileSync(join(folder, "afile"), "");
  expect(() => sinkOf("afile/in")).toThrow("--segments (SEGMENTS)");
});

test("streams of two probes under one name have folders of their own", () => {
  const { sink } = sinkOf("two");
  const ring = new SinkRing();
  ring.ts("a", tsPackets(7), 0, 1);
  ring.ts("a", tsPackets(7), 0, 1, "other");
  mkdirSync(join(folder, "two/unlisted"), { recursive: true });
  feed(sink, ring);
  sink.close();
  expect(readdirSync(join(folder, "two")).sort()).toEqual(["a", "other-a", "unlisted"]);
});

const filesOf = (name: string): string[] =>
  readdirSync(join(folder, name)).filter((one) => /\.(ts|pcap)$/.test(one));

test("a stream that goes on as RTP, or as TS, has segments of either kind, each with what belongs in it", async () => {
  const rtp = audioPackets({ packets: 100, rateHz: 48_000, samples: 48, channels: 2, octets: 3 });
  const packets = tsPackets(70);
  const ring = new SinkRing();
  const some = rtp.slice(0, 50).map(({ octets }) => octets);
  ring.rtp("a", some, 0, 49e6);
  ring.ts("a", packets, 50e6, 60e6);
  ring.rtp("a", some, 100e6, 149e6);
  const { sink } = sinkOf("kinds");
  feed(sink, ring);
  sink.close();
  expect(sink.figures()).toMatchObject({ packets: 170, lost: 0, unwanted: 0 });
  const names = filesOf("kinds/a").sort();
  expect(names.map((name) => name.split(".")[1]).sort()).toEqual(["pcap", "ts"]);
  for (const name of names) {
    const path = join(folder, "kinds/a", name);
    if (name.endsWith(".ts")) expect(Buffer.compare(readFileSync(path), packets)).toBe(0);
    else expect((await readRtp(path)).packets).toHaveLength(100);
  }
});

test("RTP: a clock that is put back, and silence, end a segment; packets without times are cut by our clock", () => {
  const packets = audioPackets({ packets: 10, rateHz: 48_000, samples: 48, channels: 2, octets: 3 });
  const octets = packets.map((one) => one.octets);
  const ring = new SinkRing();
  ring.rtp("a", octets, 86_400e9, 86_400e9 + 9e6);
  for (let i = 0; i < 3; i++) ring.rtp("a", octets, i * 1e9, i * 1e9 + 9e6);
  const { sink } = sinkOf("back");
  feed(sink, ring);
  expect(filesOf("back/a")).toHaveLength(2);
  sink.poll(performance.now() + 4000);
  expect(filesOf("back/a")).toHaveLength(2);
  sink.poll(performance.now() + 6000);
  expect(filesOf("back/a")).toHaveLength(3);
  sink.close();
  expect(sink.figures()).toMatchObject({ packets: 40, lost: 0 });
});

test("where all places are taken, the stream that is silent for longest gives way", () => {
  const { sink } = sinkOf("many");
  const ring = new SinkRing();
  for (let i = 0; i < 64; i++) ring.ts(`s${i}`, tsPackets(7), 0, 1);
  feed(sink, ring);
  ring.ts("late", tsPackets(7), 2, 3);
  feed(sink, ring);
  expect(sink.figures()).toMatchObject({ packets: 64 * 7, unwanted: 7 });
  using clock = spyOn(performance, "now");
  const nowMs = performance.now();
  // The first has packets in between: it is not the one.
  clock.mockReturnValue(nowMs + 30_000);
  ring.ts("s0", tsPackets(7), 4, 5);
  feed(sink, ring);
  clock.mockReturnValue(nowMs + 70_000);
  ring.ts("late", tsPackets(7), 6, 7);
  // One that gave way comes back: others are silent, too.
  ring.ts("s1", tsPackets(7), 8, 9);
  feed(sink, ring);
  sink.close();
  expect(sink.figures()).toMatchObject({ packets: 67 * 7, unwanted: 7, lost: 0 });
  expect(filesOf("many/s1")).toHaveLength(2);
  expect(filesOf("many/s0")).toHaveLength(1);
});
