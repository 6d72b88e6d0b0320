/**
 * Costs of the net layer: header walk and RTP reorder window, per packet, and the CRC per octet.
 * `bun bench/net.ts` prints a table; look at it, nothing is asserted.
 */
import { bench, do_not_optimize, run, summary } from "mitata";
import { be16, concat, octets } from "../fixtures/lib/bytes.ts";
import { type FrameOptions, rtpPacket, udpFrame } from "../fixtures/lib/frames.ts";
import { Random } from "../fixtures/lib/random.ts";
import { crc32Mpeg2 } from "../src/bits/crc32.ts";
import { Datagram, parseFrame, STATUS } from "../src/net/datagram.ts";
import { LINKTYPE } from "../src/net/linktype.ts";
import { RtpReorder } from "../src/net/reorder.ts";

/** Frames a run: many, so that they do not all lie in the nearest cache, as in a capture buffer. */
const FRAMES = 4096;
const PAYLOAD = new Random(1).bytes(1316);

const V4: FrameOptions = {
  from: { address: "10.0.0.1", port: 4000 },
  to: { address: "239.1.1.1", port: 5000 },
};
const V6: FrameOptions = {
  from: { address: "fd00::1", port: 4000 },
  to: { address: "ff3e::1", port: 5000 },
};

/** Parses each frame of one buffer; returns how many were UDP, so that nothing is optimised away. */
function walk(frames: readonly Uint8Array[]): () => number {
  const buf = concat(Array.from({ length: FRAMES }, (_, i) => frames[i % frames.length] as Uint8Array));
  const offset = new Float64Array(FRAMES);
  const length = new Uint32Array(FRAMES);
  let at = 0;
  for (let i = 0; i < FRAMES; i++) {
    offset[i] = at;
    length[i] = (frames[i % frames.length] as Uint8Array).length;
    at += length[i] as number;
  }
  const out = new Datagram();
  return () => {
    let udp = 0;
    for (let i = 0; i < FRAMES; i++) {
      const captured = length[i] as number;
      const status = parseFrame(buf, offset[i] as number, captured, captured, LINKTYPE.ethernet, -1, 0, out);
      if (status === STATUS.udp) udp += out.capturedPayloadLength;
    }
    return udp;
  };
}

/** Pushes FRAMES RTP packets a run, in the order of `places`, through one window. */
function reorder(places: (i: number) => number): () => number {
  const size = 12 + PAYLOAD.length;
  const buf = concat(Array.from({ length: FRAMES }, () => rtpPacket({ sequence: 0, timestamp: 0 }, PAYLOAD)));
  let delivered = 0;
  const window = new RtpReorder({ deliver: (_buf, _off, len) => (delivered += len), release: () => {} });
  let first = 0;
  return () => {
    for (let i = 0; i < FRAMES; i++) {
      const sequence = (first + places(i)) & 0xffff;
      buf[i * size + 2] = sequence >>> 8;
      buf[i * size + 3] = sequence;
      window.push(buf, i * size, size, i * 1000);
    }
    first = (first + FRAMES) & 0xffff;
    return delivered;
  };
}

const vlan = { tpid: 0x8100, vid: 100 };
const routerAlert = octets(0x94, 4, 0, 0);
const extensions = [
  { header: 0, body: octets(0, 5, 2, 0, 0, 1, 0) },
  { header: 60, body: concat([octets(0), be16(0x0104), octets(0, 0, 0, 0)]) },
];
const walks: [string, () => number][] = [
  ["parseFrame, IPv4", walk([udpFrame(V4, PAYLOAD)])],
  ["parseFrame, IPv4 in a VLAN", walk([udpFrame({ ...V4, vlans: [vlan] }, PAYLOAD)])],
  ["parseFrame, IPv6", walk([udpFrame(V6, PAYLOAD)])],
  [
    "parseFrame, all kinds in turn",
    walk([
      udpFrame(V4, PAYLOAD),
      udpFrame({ ...V4, vlans: [vlan] }, PAYLOAD),
      udpFrame({ ...V4, ipOptions: routerAlert }, PAYLOAD),
      udpFrame(V6, PAYLOAD),
      udpFrame({ ...V6, extensions }, PAYLOAD),
    ]),
  ],
];
const windows: [string, () => number][] = [
  ["RtpReorder, in order", reorder((i) => i)],
  ["RtpReorder, every pair swapped", reorder((i) => i ^ 1)],
];

console.log(`Each run is ${FRAMES} frames of 1316 octets of payload; the figures are of the best run.`);
summary(() => {
  for (const [name, once] of [...walks, ...windows]) bench(name, () => do_not_optimize(once()));
});
bench("crc32Mpeg2, 1024 octets", () => do_not_optimize(crc32Mpeg2(PAYLOAD, 0, 1024)));
bench("crc32Mpeg2, 183 octets", () => do_not_optimize(crc32Mpeg2(PAYLOAD, 3, 183)));
const { benchmarks } = await run({ format: "quiet" });

for (const { alias, runs } of benchmarks) {
  const ns = runs[0]?.stats?.min ?? Number.NaN;
  const octetsEach = /(\d+) octets/.exec(alias)?.[1];
  const figure = octetsEach
    ? `${((Number(octetsEach) / ns) * 1000).toFixed(0)} MB/s`
    : `${(ns / FRAMES).toFixed(1)} ns a packet`;
  console.log(`${alias.padEnd(34)} ${figure}`);
}
