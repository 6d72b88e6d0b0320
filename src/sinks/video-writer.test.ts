import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runOk } from "../../tests/helpers/run.ts";
import { needsFfmpeg, testWith } from "../../tests/helpers/skip.ts";
import { LogLines, streamInfo } from "../../tests/helpers/wire.ts";
import { rational } from "../st2110/timing21/rational.ts";
import { PLAN_EPOCH, planStream, type StreamPlan, writePacket } from "../st2110/video/test-stream.ts";
import { RtpFiles } from "./rtp-files.ts";
import { StillPicture } from "./still-picture.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-video-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** How a pgroup is filled, by the tables of ST 2110-20 6.2: component, column and line of each sample. */
type Order = readonly (readonly [component: "y" | "b" | "r", x: number, y: number])[];

const ORDER_422: Order = [
  ["b", 0, 0],
  ["y", 0, 0],
  ["r", 0, 0],
  ["y", 1, 0],
];
const ORDER_444: Order = [
  ["b", 0, 0],
  ["y", 0, 0],
  ["r", 0, 0],
];
const ORDER_420: Order = [
  ["y", 0, 0],
  ["y", 1, 0],
  ["y", 0, 1],
  ["y", 1, 1],
  ["b", 0, 0],
  ["r", 0, 0],
];

interface Case {
  readonly name: string;
  readonly order: Order;
  readonly depth: number;
  /** Pixels that the order spans, and of one sample of colour: columns and lines. */
  readonly pixels: 1 | 2;
  readonly chroma: readonly [number, number];
  readonly plan: StreamPlan;
  readonly y4m: string;
}

const base = { width: 64, height: 36, scan: "progressive", rate: rational(50), packetOctets: 60 } as const;
const CASES: Case[] = [
  {
    name: "4:2:2, 10 bits",
    order: ORDER_422,
    depth: 10,
    pixels: 2,
    chroma: [2, 1],
    plan: { ...base, pgroup: [5, 2] },
    y4m: "W64 H36 F50:1 Ip A1:1 C422p10",
  },
  {
    name: "4:2:2, 8 bits, interlaced",
    order: ORDER_422,
    depth: 8,
    pixels: 2,
    chroma: [2, 1],
    plan: { ...base, scan: "interlaced", rate: rational(30_000, 1001), pgroup: [4, 2], packetOctets: 52 },
    y4m: "W64 H36 F30000:1001 It A1:1 C422",
  },
  {
    name: "4:4:4, 10 bits",
    order: ORDER_444,
    depth: 10,
    pixels: 1,
    chroma: [1, 1],
    plan: { ...base, pgroup: [15, 4], packetOctets: 75 },
    y4m: "W64 H36 F50:1 Ip A1:1 C444p10",
  },
  {
    name: "4:2:0, 10 bits",
    order: ORDER_420,
    depth: 10,
    pixels: 2,
    chroma: [2, 2],
    plan: { ...base, pgroup: [15, 4], rowStep: 2, packetOctets: 75 },
    y4m: "W64 H36 F50:1 Ip A1:1 C420p10",
  },
  {
    name: "4:2:0, 8 bits",
    order: ORDER_420,
    depth: 8,
    pixels: 2,
    chroma: [2, 2],
    plan: { ...base, pgroup: [6, 2], rowStep: 2, packetOctets: 66 },
    y4m: "W64 H36 F50:1 Ip A1:1 C420mpeg2",
  },
];

/** A sample that differs from its neighbours, and from frame to frame. */
function sampleAt(frame: number, component: string, x: number, y: number, depth: number): number {
  const part = component === "y" ? 0 : component === "b" ? 1 : 2;
  return (frame * 977 + part * 331 + x * 7 + y * 13 + ((x * y) % 5)) % 2 ** depth;
}

/** The frame as packets carry it: rows (pairs of lines in 4:2:0) of pgroups. */
function packed({ order, depth, pixels, chroma, plan }: Case, frame: number): Uint8Array[] {
  const [wide, high] = chroma;
  const rows: Uint8Array[] = [];
  for (let line = 0; line < plan.height; line += plan.rowStep ?? 1) {
    let bits = "";
    for (let x = 0; x < plan.width; x += pixels) {
      for (const [component, dx, dy] of order) {
        const [cx, cy] = component === "y" ? [x + dx, line + dy] : [x / wide + dx, line / high + dy];
        bits += sampleAt(frame, component, cx, cy, depth).toString(2).padStart(depth, "0");
      }
    }
    rows.push(
      Uint8Array.from({ length: bits.length / 8 }, (_, i) =>
        Number.parseInt(bits.slice(i * 8, i * 8 + 8), 2),
      ),
    );
  }
  return rows;
}

/** Planes as Y4M has them. */
function planar({ depth, chroma, plan }: Case, frame: number): Uint8Array {
  const octets: number[] = [];
  for (const component of ["y", "b", "r"]) {
    const [wide, high] = component === "y" ? [1, 1] : chroma;
    for (let y = 0; y < plan.height / high; y += 1) {
      for (let x = 0; x < plan.width / wide; x += 1) {
        const value = sampleAt(frame, component, x, y, depth);
        octets.push(value & 0xff);
        if (depth > 8) octets.push(value >> 8);
      }
    }
  }
  return Uint8Array.from(octets);
}

/** RTP packets of `frames` frames with their samples. */
function packetsOf(video: Case, frames: number): { octets: Uint8Array; timeNs: number; frame: number }[] {
  const { plan } = video;
  const rows = Array.from({ length: frames }, (_, frame) => packed(video, frame));
  const [groupOctets, groupPixels] = plan.pgroup;
  return planStream(plan, frames).packets.map((packet) => {
    const { octets } = writePacket(packet);
    let to = octets.length - packet.octets;
    for (const { length, row, field, offset } of packet.segments) {
      const line = plan.scan === "progressive" ? row / (plan.rowStep ?? 1) : row * 2 + field;
      const from = (offset * groupOctets) / groupPixels;
      const sent = (rows[packet.frame] as Uint8Array[])[line] as Uint8Array;
      octets.set(sent.subarray(from, from + length), to);
      to += length;
    }
    return { octets, timeNs: packet.timeNs, frame: packet.frame };
  });
}

let serial = 0;
function write(
  packets: readonly { octets: Uint8Array; timeNs: number }[],
  format: "y4m" | "raw",
): { octets: Uint8Array; said: string; path: string } {
  const path = join(folder, `${serial++}.${format}`);
  const files = new RtpFiles({
    path,
    format,
    flushMs: 500,
    stopped: () => false,
    log: new LogLines().log,
    epoch: () => PLAN_EPOCH,
  });
  files.open(0, streamInfo("v", "rtp"));
  for (const { octets, timeNs } of packets) files.packets(0, octets, 0, octets.length, timeNs);
  files.close(0);
  const said = files.finish();
  return { octets: readFileSync(path), said, path };
}

describe.each(CASES)("$name", (video) => {
  const packets = packetsOf(video, 12);

  test("Y4M has every sample that was sent", () => {
    const { octets, said } = write(packets, "y4m");
    const frames = Array.from({ length: 12 }, (_, frame) => planar(video, frame));
    const head = Buffer.from(`YUV4MPEG2 ${video.y4m}\n`);
    const expected = Buffer.concat([head, ...frames.flatMap((frame) => [Buffer.from("FRAME\n"), frame])]);
    expect(said).toContain("; 12 frames of 64 x 36");
    expect(said).not.toContain("before");
    expect(Buffer.compare(octets, expected)).toBe(0);
  });

  testWith(needsFfmpeg, "FFmpeg reads the same samples out of the Y4M", async () => {
    const { path } = write(packets, "y4m");
    const raw = `${path}.yuv`;
    await runOk(["ffmpeg", "-v", "error", "-i", path, "-f", "rawvideo", raw]);
    const frames = Array.from({ length: 12 }, (_, frame) => planar(video, frame));
    expect(Buffer.compare(readFileSync(raw), Buffer.concat(frames))).toBe(0);
  });

  test("raw has the pgroups as they came", () => {
    const { octets } = write(packets, "raw");
    const expected = Buffer.concat(Array.from({ length: 12 }, (_, frame) => packed(video, frame)).flat());
    expect(Buffer.compare(octets, expected)).toBe(0);
  });
});

const FIRST = CASES[0] as Case;

test("a capture that begins in mid-frame, a lost packet and a lost frame are told", () => {
  const all = packetsOf(FIRST, 14);
  const perFrame = all.filter(({ frame }) => frame === 0).length;
  const lost = perFrame * 9 + 20;
  const packets = all.filter(({ frame }, i) => i >= 30 && i !== lost && frame !== 11);
  const { octets, said } = write(packets, "y4m");
  expect(said).toContain("; 12 frames of 64 x 36");
  expect(said).toContain("1 frame with samples of the frame before");
  expect(said).toContain("1 frame missing");
  expect(said).toContain("1 frame cut by the capture not written");
  // The lost packet's samples are those of the frame before it, the others are its own.
  const size = 6 + planar(FIRST, 0).length;
  const mended = octets.subarray(octets.length - size * 4 + 6, octets.length - size * 3);
  const own = planar(FIRST, 9);
  const wrong = own.filter((octet, i) => octet !== mended[i]).length;
  expect(wrong).toBeGreaterThan(0);
  expect(wrong).toBeLessThan(60 * 2);
});

test("any octets after the RTP header make no exception and no frame", () => {
  const junk = Array.from({ length: 600 }, (_, i) => {
    const octets = crypto.getRandomValues(new Uint8Array(20 + (i % 90)));
    octets.set([0x80, 96, i >> 8, i & 255]);
    return { octets, timeNs: i * 1e5 };
  });
  const good = packetsOf(FIRST, 12);
  const mixed = [...good.slice(0, 600), ...junk, ...good.slice(600)];
  expect(() => write(mixed, "y4m")).not.toThrow();
  expect(write(junk, "y4m").said).toContain("Nothing written");
});

describe("still picture", () => {
  /** A BMP of 24 bits as rows of red, green and blue. */
  async function pixels(path: string): Promise<{ width: number; height: number }> {
    return await new Bun.Image(path).metadata();
  }

  function grey(luma: number): { octets: Uint8Array; timeNs: number }[] {
    const { plan } = FIRST;
    return planStream(plan, 12).packets.map((packet) => {
      const { octets } = writePacket(packet);
      const from = octets.length - packet.octets;
      // Cb 512, Y, Cr 512, Y.
      const bits = [512, luma, 512, luma].map((value) => value.toString(2).padStart(10, "0")).join("");
      for (let i = 0; i < packet.octets; i += 1) {
        octets[from + i] = Number.parseInt(bits.slice((i % 5) * 8, (i % 5) * 8 + 8), 2);
      }
      return { octets, timeNs: packet.timeNs };
    });
  }

  test.each(["png", "jpg"])("a %s of the first whole frame", async (ending) => {
    const path = join(folder, `still.${ending}`);
    const still = new StillPicture({ path, matrix: "auto", epoch: () => PLAN_EPOCH });
    still.open(0, streamInfo("v", "rtp"));
    for (const { octets, timeNs } of grey(502)) still.packets(0, octets, 0, octets.length, timeNs);
    still.close(0);
    expect(await still.finish()).toContain("64 x 36 of v, 4:2:2, 10 bits, colours of bt601");
    expect(await pixels(path)).toMatchObject({ width: 64, height: 36 });
  });

  testWith(needsFfmpeg, "FFmpeg finds the pixels of the PNG as they should be", async () => {
    const path = join(folder, "pixels.png");
    const rgb = join(folder, "pixels.rgb");
    const still = new StillPicture({ path, matrix: "bt709", epoch: () => PLAN_EPOCH });
    still.open(0, streamInfo("v", "rtp"));
    for (const { octets, timeNs } of grey(502)) still.packets(0, octets, 0, octets.length, timeNs);
    await still.finish();
    await runOk(["ffmpeg", "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", rgb]);
    // (502 / 4 - 16) * 255 / 219 = 127.5
    expect(new Set(readFileSync(rgb))).toEqual(new Set([128]));
    expect(readFileSync(rgb).length).toBe(64 * 36 * 3);
  });

  test("without a frame there is no file", async () => {
    const path = join(folder, "none.png");
    const still = new StillPicture({ path, matrix: "auto", epoch: () => PLAN_EPOCH });
    expect(await still.finish()).toContain("No still picture");
    expect(await Bun.file(path).exists()).toBe(false);
  });
});
