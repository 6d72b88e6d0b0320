/**
 * Makes the captures that the benchmarks read: `bun bench/make-capture.ts [datagrams] [folder]`. The same
 * octets each time; kept in .cache/bench, which is not in git.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { udpFrame } from "../fixtures/lib/frames.ts";
import { type MuxOptions, NULL_PID, TS_PACKET, TsMux } from "../fixtures/lib/mux.ts";
import { Random } from "../fixtures/lib/random.ts";
import { FIXTURE_EPOCH_SECONDS } from "../fixtures/lib/savefile.ts";

/** A capture and what is in it. */
export interface BenchCapture {
  /** Savefile of Ethernet frames with 1316 octets of UDP payload each. */
  readonly pcap: string;
  /** The transport stream alone, for tools that read no savefile. */
  readonly ts: string;
  readonly datagrams: number;
  readonly packets: number;
  readonly bitrateBps: number;
}

const PER_DATAGRAM = 7;
const PAYLOAD = PER_DATAGRAM * TS_PACKET;
const RECORD_HEADER = 16;
const CHUNK_DATAGRAMS = 4096;
const TAG_PACKETS = 1000;
const DESTINATION = { address: "239.9.9.9", port: 9999 };

/**
 * What starts a picture of MPEG-2 video (ISO/IEC 13818-2 6.2): sequence header and extension of 1280 x 720
 * at 50 Hz, group of pictures, an I picture and its first slice. The slices are noise: a parser has all it
 * looks for, a decoder has nothing.
 */
const PICTURE = Uint8Array.from([
  // vbv_buffer_size 112, the 229,376 octets of the main level: with 0 no decoder could take it, nor its model.
  ...[0, 0, 1, 0xb3, 0x50, 0x02, 0xd0, 0x36, 0xff, 0xff, 0xe3, 0x80],
  ...[0, 0, 1, 0xb5, 0x14, 0x8a, 0x00, 0x01, 0x00, 0x00],
  ...[0, 0, 1, 0xb8, 0x00, 0x08, 0x00, 0x40],
  ...[0, 0, 1, 0x00, 0x00, 0x0f, 0xff, 0xf8],
  ...[0, 0, 1, 0xb5, 0x8f, 0xff, 0xf3, 0x41, 0x80],
  ...[0, 0, 1, 0x01],
]);

/** Frames of MPEG-1 layer II audio (ISO/IEC 11172-3 2.4.1): 192 kb/s at 48 kHz, 576 octets each. */
const AUDIO_FRAMES = new Random(48).bytes(64 * 576);
for (let at = 0; at < AUDIO_FRAMES.length; at += 576) AUDIO_FRAMES.set([0xff, 0xfd, 0xa4, 0x04], at);

/** Four services of video, two audios and private data in 40 Mb/s: 22 PIDs with PSI and null packets. */
export const BENCH_MUX: MuxOptions = {
  bitrateBps: 40_000_000,
  programs: [1, 2, 3, 4].map((number) => {
    const base = number * 0x100;
    const audio = { streamType: 0x03, weight: 3, pesPackets: 16, frames: AUDIO_FRAMES };
    return {
      number,
      pmtPid: base,
      pcrPid: base + 1,
      streams: [
        { pid: base + 1, streamType: 0x02, streamId: 0xe0, weight: 80, pesPackets: 120, prefix: PICTURE },
        { pid: base + 2, streamId: 0xc0, ...audio },
        { pid: base + 3, streamId: 0xc1, ...audio },
        { pid: base + 4, streamType: 0x06, streamId: 0xbd, weight: 1, pesPackets: 2 },
      ],
    };
  }),
  nullWeight: 12,
  seed: 2026,
  psiInterval: 2000,
  pcrInterval: 800,
};

/** Where the captures are kept by default. */
export const BENCH_CACHE = fileURLToPath(new URL("../.cache/bench", import.meta.url).href);

/** Makes the captures of `datagrams` datagrams in `folder`, unless they stand there already. */
export function makeCapture(datagrams: number, folder: string): BenchCapture {
  // Another mux is another file: an old one of the same size must not be taken for it.
  const tag = Bun.hash(Buffer.concat(new TsMux(BENCH_MUX).packets(TAG_PACKETS))).toString(36);
  const pcap = `${folder}/mux-${datagrams}-${tag}.pcap`;
  const ts = `${folder}/mux-${datagrams}-${tag}.ts`;
  const capture = {
    pcap,
    ts,
    datagrams,
    packets: datagrams * PER_DATAGRAM,
    bitrateBps: BENCH_MUX.bitrateBps,
  };
  const frame = udpFrame(
    { from: { address: "10.9.9.1", port: 9000 }, to: DESTINATION },
    new Uint8Array(PAYLOAD),
  );
  const record = RECORD_HEADER + frame.length;
  const isWhole = (path: string, size: number) => existsSync(path) && statSync(path).size === size;
  if (isWhole(pcap, 24 + datagrams * record) && isWhole(ts, datagrams * PAYLOAD)) return capture;
  mkdirSync(folder, { recursive: true });
  write(new TsMux(BENCH_MUX), frame, datagrams, `${pcap}.part`, `${ts}.part`);
  renameSync(`${pcap}.part`, pcap);
  renameSync(`${ts}.part`, ts);
  return capture;
}

function write(mux: TsMux, frame: Uint8Array, datagrams: number, pcap: string, ts: string): void {
  // A UDP checksum of zero says that there is none (RFC 768); the mux changes the payload of each frame.
  const header = frame.length - PAYLOAD;
  frame.set([0, 0], header - 2);
  const record = RECORD_HEADER + frame.length;
  const frames = new Uint8Array(CHUNK_DATAGRAMS * record);
  const packets = new Uint8Array(CHUNK_DATAGRAMS * PAYLOAD);
  const view = new DataView(frames.buffer);
  const pcapFd = openSync(pcap, "w");
  const tsFd = openSync(ts, "w");
  const fileHeader = new Uint32Array([0xa1b23c4d, 0x00040002, 0, 0, 262_144, 1]);
  writeSync(pcapFd, new Uint8Array(fileHeader.buffer));
  for (let done = 0; done < datagrams; done += CHUNK_DATAGRAMS) {
    const count = Math.min(CHUNK_DATAGRAMS, datagrams - done);
    for (let i = 0; i < count; i++) {
      const at = i * record;
      const timeNs = Math.round(mux.timeNs);
      view.setUint32(at, FIXTURE_EPOCH_SECONDS + Math.floor(timeNs / 1e9), true);
      view.setUint32(at + 4, timeNs % 1e9, true);
      view.setUint32(at + 8, frame.length, true);
      view.setUint32(at + 12, frame.length, true);
      frames.set(frame.subarray(0, header), at + RECORD_HEADER);
      for (let k = 0; k < PER_DATAGRAM; k++) mux.next(packets, i * PAYLOAD + k * TS_PACKET);
      frames.set(packets.subarray(i * PAYLOAD, (i + 1) * PAYLOAD), at + RECORD_HEADER + header);
    }
    writeSync(pcapFd, frames.subarray(0, count * record));
    writeSync(tsFd, packets.subarray(0, count * PAYLOAD));
  }
  closeSync(pcapFd);
  closeSync(tsFd);
}

/** PIDs of the bench mux, null packets included: PAT, then PMT and streams of each program. */
export const BENCH_PIDS: readonly number[] = [
  0,
  ...BENCH_MUX.programs.flatMap(({ pmtPid, streams }) => [pmtPid, ...streams.map(({ pid }) => pid)]),
  NULL_PID,
];

if (import.meta.main) {
  const [datagrams = "600000", folder = BENCH_CACHE] = process.argv.slice(2);
  const { pcap, ts, packets } = makeCapture(Number(datagrams), folder);
  process.stdout.write(`${pcap}\n${ts}\n${packets} TS packets\n`);
}
