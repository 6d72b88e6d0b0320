import { describe, expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, closeSync, openSync, truncateSync } from "node:fs";
import { concat } from "../../fixtures/lib/bytes.ts";
import { smallMux } from "../../fixtures/lib/mux.ts";
import { pcapFile } from "../../fixtures/lib/savefile.ts";
import { readFrames, temporaryFiles } from "../../tests/helpers/frames.ts";
import { needsProgram, needsShared, testWith } from "../../tests/helpers/skip.ts";
import { sharedData } from "../../tests/shared-data.ts";
import { EXIT, RscapError } from "../report/error.ts";
import { FrameBatch } from "./batch.ts";
import { FileWindow, READ_OCTETS } from "./chunk.ts";
import { FileInput } from "./chunk-input.ts";
import { openFile } from "./open-file.ts";
import { foreignFormat } from "./open-file-foreign.ts";

const files = temporaryFiles();
const FRAMES = Array.from({ length: 2000 }, (_, i) => ({
  timeNs: i * 1000,
  frame: new Uint8Array(1000).fill(i),
}));
const PCAP = pcapFile(FRAMES, {});

async function refusal(path: string, options = {}): Promise<RscapError> {
  try {
    await openFile(path, options);
  } catch (error) {
    if (error instanceof RscapError) return error;
    throw error;
  }
  throw new Error("it opened");
}

describe("what can't be opened ends with exit 3 and a sentence", () => {
  const cases: [name: string, octets: Uint8Array, code: string, text: string][] = [
    ["empty", new Uint8Array(0), "file-empty", "found an empty file"],
    ["three octets", Uint8Array.of(0xd4, 0xc3, 0xb2), "file-unknown", "begins with d4 c3 b2."],
    [
      "wrong magic",
      Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9),
      "file-unknown",
      "begins with 01 02 03 04 05 06 07 08.",
    ],
    ["half a pcap header", PCAP.slice(0, 23), "file-truncated", "file header of 24 octets, found 23"],
    ["modified pcap", Uint8Array.of(0x34, 0xcd, 0xb2, 0xa1, 2, 0, 4, 0), "pcap-modified", "editcap -F pcap"],
    ["modified pcap, big-endian", Uint8Array.of(0xa1, 0xb2, 0xcd, 0x34, 0, 2), "pcap-modified", "a1b2cd34"],
    ["xz", Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0), "file-unknown", "xz -d"],
  ];
  for (const [name, octets, code, text] of cases) {
    test(name, async () => {
      const path = files.write("bad", octets);
      const error = await refusal(path);
      expect(error).toMatchObject({ code, exitCode: EXIT.input });
      expect(error.message).toContain(text);
      expect(error.message).toStartWith(`${path}: `);
    });
  }

  test("missing, a directory, a path through a file", async () => {
    expect((await refusal(files.path("nowhere"))).message).toContain("there is no such file");
    expect(await refusal("/")).toMatchObject({ code: "file-is-directory", exitCode: EXIT.input });
    expect((await refusal(`${files.write("plain", PCAP)}/x`)).message).toContain("a file, not a folder");
  });

  test("no permission", async () => {
    const path = files.write("secret", PCAP);
    chmodSync(path, 0);
    // Root reads everything: step down for the moment of opening, where that can be done.
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65_534);
    try {
      const error = await refusal(path);
      expect(error).toMatchObject({ code: "file-open", exitCode: EXIT.input });
    } finally {
      if (root) process.seteuid?.(0);
    }
  });

  test("a filter on a transport stream file is wrong usage", async () => {
    const path = files.write("f.ts", concat(smallMux(1).packets(10)));
    const error = await refusal(path, { makeFilter: () => null });
    expect(error).toMatchObject({ code: "filter-on-ts", exitCode: EXIT.usage });
  });

  test("a playlist's file says how playlists are read", async () => {
    const path = files.write("index.m3u8", new TextEncoder().encode("#EXTM3U\n#EXT-X-VERSION:3\n"));
    expect((await refusal(path)).message).toContain("this is an HLS playlist: give the address");
  });

  test("tar is known by its middle", () => {
    const tar = new Uint8Array(512);
    tar.set(new TextEncoder().encode("ustar"), 257);
    expect(foreignFormat(tar, 0, tar.length)).toContain("tar x");
    expect(foreignFormat(new Uint8Array(0), 0, 0)).toContain("begins with .");
  });
});

describe("a regular file", () => {
  test("how far it was read is known, and its size", async () => {
    const source = await openFile(files.write("p.pcap", PCAP));
    expect([source.live, source.size]).toEqual([false, PCAP.length]);
    expect(source.name).toBe(files.path("p.pcap"));
    await readFrames(source);
    expect(source.position).toBe(PCAP.length);
  });

  test("cut short while it is read: what was there is used, then it is truncated", async () => {
    const many = pcapFile([...FRAMES, ...FRAMES], {});
    const path = files.write("shrinks.pcap", many);
    const source = await openFile(path);
    truncateSync(path, READ_OCTETS + 1000);
    const { frames, error } = await readFrames(source);
    expect(frames.length).toBe(Math.floor((READ_OCTETS + 1000 - 24) / 1016));
    expect(error).toMatchObject({ code: "file-truncated", exitCode: EXIT.input });
  });

  test("closing twice is harmless, and a lost descriptor is a sentence", async () => {
    const input = new FileInput(files.write("lost.pcap", PCAP));
    const window = new FileWindow(input);
    window.close();
    window.close();
    expect(window.fill(1, 0)).toBe(0);
    expect(window.ended).toBe(true);
    expect(window.fault).toMatchObject({ code: "file-read", exitCode: EXIT.input });
    expect(window.fill(1, 0)).toBe(0);
  });

  test("a window keeps what is not used up, and grows for what does not fit", () => {
    const octets = new Uint8Array(3_000_000).map((_, i) => i % 251);
    const window = new FileWindow(new FileInput(files.write("w", octets)));
    let held = 0;
    for (const need of [1, 100_000, 2_000_000, 2_999_000]) {
      while (window.end - window.start < need) window.fill(need, 0);
      held = window.end - window.start;
      expect(window.buf[window.start]).toBe((window.origin + window.start) % 251);
      expect(window.buf[window.end - 1]).toBe((window.origin + window.end - 1) % 251);
      window.start += 7;
    }
    expect(held).toBeGreaterThanOrEqual(2_999_000 - 21);
    window.close();
  });
});

describe("pipes", () => {
  testWith(needsProgram("mkfifo", "coreutils"), "read as files are, as their octets come", async () => {
    const fifo = files.path("fifo");
    spawnSync("mkfifo", [fifo]);
    const plain = files.write("piped.pcap", PCAP);
    for (const command of [`cat ${plain}`, `gzip -c ${plain}`]) {
      const writer = spawn("sh", ["-c", `${command} > ${fifo}`], { stdio: "ignore" });
      const source = await openFile(fifo);
      expect(source.size).toBeNaN();
      const { frames, error } = await readFrames(source);
      expect([frames.length, error]).toEqual([FRAMES.length, null]);
      writer.kill();
    }
  });

  testWith(
    needsProgram("mkfifo", "coreutils"),
    "one that brings nothing is not waited for past the time",
    async () => {
      const fifo = files.path("silent");
      spawnSync("mkfifo", [fifo]);
      // Reader and writer at once: opening does not wait, and there is never an end.
      const held = openSync(fifo, "r+");
      const writer = openSync(fifo, "w");
      spawnSync("sh", ["-c", `head -c 1100 ${files.write("head.pcap", PCAP)} > ${fifo}`]);
      const source = await openFile(fifo);
      const batch = new FrameBatch(8);
      expect(await source.next(batch, 1)).toBe(1);
      expect(await source.next(batch, 1)).toBe(0);
      source.close();

      const stop = new Int32Array(new SharedArrayBuffer(4));
      stop[0] = 1;
      expect(await refusal(fifo, { stop })).toMatchObject({ code: "stopped", exitCode: EXIT.interrupted });
      closeSync(writer);
      closeSync(held);
    },
  );
});

describe("shared captures: as many packets as capinfos counts", () => {
  const counts: [string, number, string][] = [
    ["pcap/tsduck-102.pcapng", 704, "pcapng"],
    ["pcap/tsduck-162.pcap", 16, "pcap"],
    ["pcap/tsduck-171.11.pcapng", 47, "pcapng"],
    ["pcap/tsduck-176.pcapng", 23, "pcapng"],
    ["st2110/list-1080i59.pcap", 21_600, "pcap"],
    ["st2110/list-2022-7-audio-dropped.pcap", 374, "pcap"],
    ["st2110/list-audio-l24-8ch-125us.pcap", 10_000, "pcap"],
    ["st2110/list-jpegxs-125mbps.pcap", 1085, "pcap"],
    ["st2110/zoo-anc-closed-captions.pcap", 3599, "pcap"],
  ];
  for (const [path, count, kind] of counts) {
    testWith(needsShared(path), path, async () => {
      const source = await openFile(sharedData(path) as string);
      const { frames, error } = await readFrames(source);
      expect([frames.length, error]).toEqual([count, null]);
      expect(source.kind).toBe(kind as "pcap");
      expect(frames.every(({ linkType, timeNs }) => linkType === 1 && timeNs >= 0)).toBe(true);
    });
  }

  const tshark = [needsProgram("tshark"), needsShared("pcap/tsduck-176.pcapng")];
  testWith(tshark, "tsduck-176: times and lengths as tshark reads them", async () => {
    const path = sharedData("pcap/tsduck-176.pcapng") as string;
    const fields = ["-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.cap_len"];
    const lines = spawnSync("tshark", ["-r", path, "-T", "fields", ...fields], { encoding: "utf8" }).stdout;
    const source = await openFile(path);
    const { frames } = await readFrames(source);
    const ours = frames.map(({ timeNs, wireLength, octets }) => {
      const seconds = source.epoch.seconds + Math.floor(timeNs / 1e9);
      return `${seconds}.${String(timeNs % 1e9).padStart(9, "0")}\t${wireLength}\t${octets.length}`;
    });
    expect(ours).toEqual(lines.trimEnd().split("\n"));
  });
});
