/**
 * Reading a savefile: the walk over its records alone, and what speaks for reading into one buffer instead of
 * mapping the file. Run: bun bench/savefile.ts [CAPTURE]; without one it makes 500,000 datagrams of 1358
 * octets in the temporary folder and removes them.
 */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { END_OF_INPUT, FrameBatch } from "../src/capture/batch.ts";
import { ByteWindow } from "../src/capture/chunk.ts";
import { FileInput } from "../src/capture/chunk-input.ts";
import { openFile } from "../src/capture/open-file.ts";
import { PCAP_HEADER_OCTETS, PcapParser } from "../src/capture/pcap.ts";
import { type FileSource, SavefileSource } from "../src/capture/savefile.ts";
import { FilterTable } from "../src/capture/savefile-filter.ts";

const DATAGRAMS = 500_000;
const FRAME_OCTETS = 1358;
const ROUNDS = 5;

/** Writes a capture of equal datagrams, nanosecond times 2 us apart. */
function makeCapture(path: string): void {
  const fd = openSync(path, "w");
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, 0xa1b23c4d, true);
  header.setUint16(4, 2, true);
  header.setUint16(6, 4, true);
  header.setUint32(16, 65_535, true);
  header.setUint32(20, 1, true);
  writeSync(fd, new Uint8Array(header.buffer));
  const record = 16 + FRAME_OCTETS;
  const block = new DataView(new ArrayBuffer(500 * record));
  for (let i = 0; i < DATAGRAMS; ) {
    for (let at = 0; at < block.byteLength; at += record, i++) {
      block.setUint32(at, 1_767_225_600 + Math.floor(i / 500_000), true);
      block.setUint32(at + 4, (i % 500_000) * 2000, true);
      block.setUint32(at + 8, FRAME_OCTETS, true);
      block.setUint32(at + 12, FRAME_OCTETS, true);
    }
    writeSync(fd, new Uint8Array(block.buffer));
  }
  closeSync(fd);
}

/** One octet of each TS packet, as an analyser would touch them. */
function touch(buf: Uint8Array, off: number): number {
  let sum = 0;
  for (let packet = 0; packet < 7; packet++) sum += buf[off + 42 + packet * 188] as number;
  return sum;
}

/** The whole file as one window: what mapping would be. */
class MappedWindow extends ByteWindow {
  override readonly offsetNote = "";

  constructor(path: string) {
    super();
    this.buf = Bun.mmap(path);
    this.end = this.buf.length;
    this.start = PCAP_HEADER_OCTETS;
    this.ended = true;
  }

  override fill(): number {
    return 0;
  }

  override close(): void {}
}

function mapped(path: string): FileSource {
  const window = new MappedWindow(path);
  return new SavefileSource(
    new FileInput(path),
    window,
    new PcapParser(window.buf, 0, new FilterTable(undefined)),
  );
}

async function walk(source: FileSource): Promise<number> {
  const batch = new FrameBatch(512);
  let frames = 0;
  let sum = 0;
  for (;;) {
    const got = source.next(batch, 0);
    const count = typeof got === "number" ? got : await got;
    if (count === END_OF_INPUT) break;
    for (let i = 0; i < count; i++) sum += touch(batch.buf, batch.offset[i] as number);
    frames += count;
  }
  source.close();
  return sum >= 0 ? frames : 0;
}

function pageFaults(): number {
  return Number(readFileSync("/proc/self/stat", "utf8").split(" ")[9]);
}

async function measure(name: string, open: () => FileSource | Promise<FileSource>): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const faults = pageFaults();
    const cpu = process.cpuUsage();
    const begin = performance.now();
    const frames = await walk(await open());
    const ms = performance.now() - begin;
    const { user, system } = process.cpuUsage(cpu);
    const rate = (frames / ms / 1000).toFixed(2);
    const cpuNs = (((user + system) * 1000) / frames).toFixed(0);
    const resident = (process.memoryUsage.rss() / 1e6).toFixed(0);
    console.log(
      `${name.padEnd(6)} ${rate.padStart(6)} M datagrams/s  ${cpuNs.padStart(4)} ns CPU each  ` +
        `${String(pageFaults() - faults).padStart(6)} page faults  ${resident.padStart(5)} MB resident`,
    );
  }
}

const given = process.argv[2];
const path = given ?? join(tmpdir(), `rscap-bench-${process.pid}.pcap`);
if (given === undefined) makeCapture(path);
try {
  await measure("read", () => openFile(path));
  if (given === undefined) await measure("mapped", () => mapped(path));
} finally {
  if (given === undefined) rmSync(path);
}
