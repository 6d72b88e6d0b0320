/**
 * What the analyser costs: `bun bench/mpegts.ts`. Each figure is for one run over the whole stream; the last
 * column of the table at the end is nanoseconds a TS packet, best of the runs.
 */
import { bench, do_not_optimize, group, run } from "mitata";
import { TsAnalyser } from "../src/mpegts/analyser.ts";

const PACKETS = 70_000;
const DATAGRAM_PACKETS = 7;
const PIDS = 20;

/** A clean stream: PIDs in turn, one packet in ten with an adaptation field, one in fourteen null. */
function stream(): Uint8Array {
  const buf = new Uint8Array(PACKETS * 188);
  const counters = new Uint8Array(PIDS + 1);
  for (let i = 0; i < PACKETS; i += 1) {
    const at = i * 188;
    const isNull = i % 14 === 13;
    const index = (i * 7) % PIDS;
    const pid = isNull ? 0x1fff : 0x100 + index;
    const counter = isNull ? 0 : (counters[index] as number);
    counters[index] = (counter + 1) & 0x0f;
    const field = !isNull && i % 10 === 0;
    buf.set([0x47, pid >> 8, pid & 0xff, (field ? 0x30 : 0x10) | counter, field ? 7 : 0, 0], at);
  }
  return buf;
}

/** The stream with `before` and `after` octets around each packet. */
function padded(bare: Uint8Array, before: number, after: number): Uint8Array {
  const unit = before + 188 + after;
  const buf = new Uint8Array(PACKETS * unit);
  for (let i = 0; i < PACKETS; i += 1) buf.set(bare.subarray(i * 188, i * 188 + 188), i * unit + before);
  return buf;
}

function analyser(): TsAnalyser {
  return new TsAnalyser({
    stream: 0,
    output: null,
    passIllegal: false,
    dropNull: false,
    release: () => {},
    clock: "arrival",
  });
}

function datagrams(buf: Uint8Array, length: number): number {
  const ts = analyser();
  let timeNs = 0;
  for (let off = 0; off < buf.length; off += length) {
    ts.datagram(buf, off, Math.min(length, buf.length - off), timeNs);
    timeNs += 1e6;
  }
  ts.bufferEnd();
  return ts.report().packets;
}

function chunks(buf: Uint8Array, length: number): number {
  const ts = analyser();
  for (let off = 0; off < buf.length; off += length) {
    ts.chunk(buf, off, Math.min(length, buf.length - off), Number.NaN);
  }
  ts.end();
  return ts.report().packets;
}

const bare = stream();
const reedSolomon = padded(bare, 0, 16);
const stamped = padded(bare, 4, 0);

group(`${PACKETS} TS packets`, () => {
  bench("datagrams of 7 packets", () => do_not_optimize(datagrams(bare, 188 * DATAGRAM_PACKETS)));
  bench("datagrams of 7 packets of 204", () =>
    do_not_optimize(datagrams(reedSolomon, 204 * DATAGRAM_PACKETS)),
  );
  bench("datagrams of 1300 octets, packets spanning", () => do_not_optimize(datagrams(bare, 1300)));
  bench("file in chunks of 7 packets", () => do_not_optimize(chunks(bare, 188 * DATAGRAM_PACKETS)));
  bench("file in chunks of 1 MiB", () => do_not_optimize(chunks(bare, 2 ** 20)));
  bench("m2ts file in chunks of 7 packets", () => do_not_optimize(chunks(stamped, 192 * DATAGRAM_PACKETS)));
});

const { benchmarks } = await run();
for (const { alias, runs } of benchmarks) {
  for (const { stats } of runs) {
    if (stats !== undefined)
      console.log(`${(stats.min / PACKETS).toFixed(2).padStart(8)} ns a packet  ${alias}`);
  }
}
