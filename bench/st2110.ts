/**
 * What ST 2110-20 costs with every header and timing check, from a savefile through the whole program: two streams of
 * 2160p59.94, as captured whole and with headers alone, beside tshark's RTP statistics. Run: bun bench/st2110.ts
 * [SECONDS]; RSCAP_BIN=dist/rscap measures the executable. The captures are made in .cache/bench and removed.
 */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { END_OF_INPUT, FrameBatch } from "../src/capture/batch.ts";
import { GeneratedSource } from "../src/cli/generated-source.ts";
import { rscapCommand } from "../tests/helpers/run.ts";
import { measure, median, whichRscap } from "./lib/measure.ts";
import { table } from "./lib/table.ts";
import { BENCH_CACHE } from "./make-capture.ts";

const SPEC = "st2110-20:3840x2160p59.94";
const ROUNDS = 3;
const SNAP_LENGTH = 96;
/** Packets that tshark gets: it is compared by its rate. */
const TSHARK_PACKETS = 100_000;
const RECORD = 16;
const BUFFER = 1 << 20;

/** Writes a nanosecond pcap of what is generated; returns its packets and octets. */
function writeCapture(
  path: string,
  seconds: number,
  snapLength: number,
): { packets: number; octets: number } {
  const source = new GeneratedSource({ specs: [SPEC, SPEC], seconds, now: false, snapLength });
  const batch = new FrameBatch(256);
  const fd = openSync(path, "w");
  const view = new DataView(new ArrayBuffer(BUFFER));
  const out = new Uint8Array(view.buffer);
  view.setUint32(0, 0xa1b23c4d, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, snapLength === 0 ? 65_535 : snapLength, true);
  view.setUint32(20, 1, true);
  let at = 24;
  let octets = 0;
  while (source.next(batch) !== END_OF_INPUT) {
    for (let i = 0; i < batch.count; i += 1) {
      const length = batch.capturedLength[i] as number;
      const timeNs = batch.timeNs[i] as number;
      if (at + RECORD + length > BUFFER) {
        octets += writeSync(fd, out, 0, at);
        at = 0;
      }
      view.setUint32(at, source.epoch.seconds + Math.floor(timeNs / 1e9), true);
      view.setUint32(at + 4, timeNs % 1e9, true);
      view.setUint32(at + 8, length, true);
      view.setUint32(at + 12, batch.wireLength[i] as number, true);
      const off = batch.offset[i] as number;
      out.set(batch.buf.subarray(off, off + length), at + RECORD);
      at += RECORD + length;
    }
  }
  octets += writeSync(fd, out, 0, at);
  closeSync(fd);
  return { packets: source.stats().packets, octets };
}

/** Median wall and CPU seconds of the rounds after a first one, which fills the page cache. */
async function cost(
  command: string[],
  check: (stdout: string) => void,
): Promise<[wall: number, cpu: number]> {
  const walls: number[] = [];
  const cpus: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const { wallSeconds, cpuSeconds, stdout } = await measure(command);
    check(stdout);
    if (round === 0) continue;
    walls.push(wallSeconds);
    cpus.push(cpuSeconds);
  }
  return [median(walls), median(cpus)];
}

const seconds = Number(process.argv[2] ?? "4");
const rows: string[][] = [];
const say = (name: string, packets: number, octets: number, [wall, cpu]: [number, number]): void => {
  const rate = (of: number) => (packets / of / 1e6).toFixed(2);
  rows.push([
    name,
    String(packets),
    wall.toFixed(2),
    rate(wall),
    rate(cpu),
    ((octets * 8) / wall / 1e9).toFixed(1),
  ]);
};
mkdirSync(BENCH_CACHE, { recursive: true });
for (const [name, snapLength, share] of [
  ["headers alone", SNAP_LENGTH, 1],
  ["whole frames", 0, 0.0625],
] as const) {
  const path = join(BENCH_CACHE, `st2110-${process.pid}.pcap`);
  try {
    const { packets, octets } = writeCapture(path, seconds * share, snapLength);
    const replay = rscapCommand("replay", "--report", "json", "--no-progress", "--fail-on", "never", path);
    const rscap = await cost(replay, (stdout) => {
      const { streams } = JSON.parse(stdout);
      for (const { rtp, st2110 } of streams) {
        const { verdicts } = st2110.video.timing;
        if (rtp.packets * 2 !== packets || rtp.lost !== 0 || verdicts[0].result !== "yes") {
          throw new Error(`${rtp.packets} packets, ${rtp.lost} lost, ${JSON.stringify(verdicts)}`);
        }
      }
    });
    say(`rscap replay, ${name}`, packets, octets, rscap);
    if (Bun.which("tshark") === null) continue;
    const part = Math.min(packets, TSHARK_PACKETS);
    const options = ["-c", String(part), "-q", "-d", "udp.port==5004,rtp", "-z", "rtp,streams"];
    const tshark = await cost(["tshark", "-r", path, ...options], () => {});
    say(`tshark -z rtp,streams, ${name}`, part, (octets * part) / packets, tshark);
  } finally {
    rmSync(path, { force: true });
  }
}
const head = ["tool", "packets", "s", "M packets/s", "M packets/CPU s", "Gb/s of file"];
const title = `ST 2110-20 from a savefile: two streams of 2160p59.94, ${whichRscap()}, median of ${ROUNDS}`;
process.stdout.write(`${table(title, head, rows)}\n`);
