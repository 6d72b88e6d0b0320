import { readFileSync } from "node:fs";
import { smallMux } from "../../fixtures/lib/mux.ts";
import type { Random } from "../../fixtures/lib/random.ts";
import { Random as Seeded } from "../../fixtures/lib/random.ts";
import { siStream } from "../../fixtures/lib/si-mux.ts";
import { TsAnalyser } from "../../src/mpegts/analyser.ts";
import { payloadOffset, TS_PACKET_BYTES } from "../../src/mpegts/packet.ts";
import { MOST_STORE_BYTES } from "../../src/mpegts/psi/store.ts";
import { pcrField } from "../../src/mpegts/test-packets.ts";
import { profileLimits } from "../../src/mpegts/tr101290/limits.ts";
import { findingSchema, type MpegtsReport, mpegtsSchema } from "../../src/report/schema.ts";
import { NO_WALL_CLOCK } from "../../src/report/time.ts";
import { sharedData } from "../shared-data.ts";
import { mutated } from "./psi-fuzz.ts";

/** Real streams of many kinds; those that are there are used. */
const STREAMS = ["008", "009", "025", "026", "030", "035", "049", "064", "072", "108", "137", "139", "143"];
/** Packets of one stream. */
const MOST_OF_ONE_STREAM = 8000;
/** Packets of a datagram or a chunk. */
const PACKETS_A_PART = 7;
/** Packets that one analyser sees, at least and at most. */
const STRETCH = [200, 12_000] as const;
const MODES = ["arrival", "pcr", "none"] as const;

/** What a run came to: it means something only where it reached each of these. */
export interface StreamFuzzCounts {
  packets: number;
  analysers: number;
  illegal: number;
  continuityErrors: number;
  malformedSections: number;
  malformedPes: number;
  crcErrors: number;
  pcrErrors: number;
  skippedBytes: number;
  findings: number;
}

/** Streams of the project's own making, packet by packet. */
export function ownStreams(): Uint8Array[][] {
  return [siStream({ seconds: 12 }).packets, smallMux(3).packets(3000)];
}

/** The start of each shared stream. */
export function sharedStreams(): Uint8Array[][] {
  return STREAMS.flatMap((name) => {
    const path = sharedData(`ts/tsduck-${name}.ts`);
    if (path === null) return [];
    const octets = readFileSync(path);
    const count = Math.min(MOST_OF_ONE_STREAM, Math.floor(octets.length / TS_PACKET_BYTES));
    return [
      Array.from({ length: count }, (_, i) =>
        octets.subarray(i * TS_PACKET_BYTES, (i + 1) * TS_PACKET_BYTES),
      ),
    ];
  });
}

/** The packet with something about it changed; its header mostly leads to the parsers still. */
function mutatedPacket(packet: Uint8Array, sections: readonly Uint8Array[], random: Random): Uint8Array {
  const out = packet.slice();
  switch (random.below(10)) {
    case 0: // header and adaptation field
      out[random.below(12)] = random.below(256);
      break;
    case 1: // one bit anywhere
      out[random.below(TS_PACKET_BYTES)] =
        (out[random.below(TS_PACKET_BYTES)] as number) ^ (1 << random.below(8));
      break;
    case 2: // another PID
      out[1] = ((out[1] as number) & 0xe0) | random.below(32);
      out[2] = random.below(256);
      break;
    case 3: // a PCR of any value
      out[3] = (out[3] as number) | 0x30;
      out[4] = 7 + random.below(3) * 88;
      out[5] = 0x10 | (random.below(4) << 6);
      out.set(pcrField(random.below(2 ** 31) * 1200), 6);
      break;
    case 4: // another counter
      out[3] = ((out[3] as number) & 0xf0) | random.below(16);
      break;
    case 5: {
      // a payload that starts with any octets
      out[1] = (out[1] as number) | 0x40;
      const at = payloadOffset(out, 0);
      if (at < TS_PACKET_BYTES) random.fill(out, at, Math.min(TS_PACKET_BYTES, at + 12));
      break;
    }
    case 6: {
      // PES header
      out[1] = (out[1] as number) | 0x40;
      const at = Math.min(payloadOffset(out, 0), TS_PACKET_BYTES - 20);
      const flags = random.below(4) << 6;
      out.set([0, 0, 1, 0xbc + random.below(68), random.below(256), random.below(256), 0x80, flags], at);
      random.fill(out, at + 8, at + 20);
      break;
    }
    case 7: // adaptation_field_length
      out[3] = (out[3] as number) | 0x20;
      out[4] = random.below(256);
      break;
    default: {
      // a mutated section, from the start of the packet
      out[1] = ((out[1] as number) & 0x1f) | 0x40;
      out[3] = ((out[3] as number) & 0x0f) | 0x10;
      if (random.chance(0.5)) {
        out[1] = 0x40;
        out[2] = [0, 1, 0x10, 0x11, 0x12][random.below(5)] as number;
      }
      out[4] = random.chance(0.9) ? 0 : random.below(256);
      out.set(mutated(sections, random).subarray(0, TS_PACKET_BYTES - 5), 5);
    }
  }
  return out;
}

/** The time of the next part: mostly a little later, now and then anything. */
function nextTime(timeNs: number, random: Random): number {
  if (random.chance(0.999)) return (Number.isNaN(timeNs) ? 0 : timeNs) + random.below(20_000_000);
  return [timeNs - 5e9, timeNs + 3600e9, -1e15, 9e15, Number.NaN, 0][random.below(6)] as number;
}

/**
 * Gives `iterations` packets, many of them mutated, to whole analysers with their monitors, as datagrams and as chunks.
 * Throws where one of them throws, where a report breaks its schema or its counts do not add up, and where a bound of
 * memory is passed.
 */
export function fuzzStreams(
  streams: readonly (readonly Uint8Array[])[],
  sections: readonly Uint8Array[],
  iterations: number,
  seed: number,
): StreamFuzzCounts {
  const random = new Seeded(seed);
  const counts: StreamFuzzCounts = {
    packets: 0,
    analysers: 0,
    illegal: 0,
    continuityErrors: 0,
    malformedSections: 0,
    malformedPes: 0,
    crcErrors: 0,
    pcrErrors: 0,
    skippedBytes: 0,
    findings: 0,
  };
  while (counts.packets < iterations) {
    const stream = streams[counts.analysers % streams.length] as readonly Uint8Array[];
    const length = Math.min(STRETCH[0] + random.below(STRETCH[1] - STRETCH[0]), iterations - counts.packets);
    counts.analysers += 1;
    counts.packets += length;
    try {
      add(counts, stretch(stream, sections, length, random));
    } catch (cause) {
      throw new Error(`seed ${seed}, analyser ${counts.analysers}: ${String(cause)}`, { cause });
    }
  }
  return counts;
}

function add(counts: StreamFuzzCounts, report: MpegtsReport): void {
  const row = (number: string) => report.tr101290?.find((one) => one.number === number)?.count ?? 0;
  const sum = (of: Record<string, number>) => Object.values(of).reduce((a, b) => a + b, 0);
  counts.illegal += sum(report.illegal);
  counts.continuityErrors += report.continuity.errors;
  counts.malformedSections += sum(report.monitor?.malformedSections ?? {});
  counts.malformedPes += report.monitor?.malformedPes ?? 0;
  counts.crcErrors += row("2.2");
  counts.pcrErrors += row("2.3.b");
  counts.skippedBytes += report.skippedBytes;
  counts.findings += report.tr101290?.filter(({ state }) => state === "error").length ?? 0;
}

/** One analyser over one stretch of a stream. */
function stretch(
  stream: readonly Uint8Array[],
  sections: readonly Uint8Array[],
  length: number,
  random: Random,
): MpegtsReport {
  let passedOctets = 0;
  const clock = MODES[random.below(MODES.length)] as (typeof MODES)[number];
  const ts = new TsAnalyser({
    stream: 0,
    output: {
      open() {},
      packets: (_stream, _buf, _off, len) => {
        passedOctets += len;
      },
      bufferEnd() {},
      close() {},
    },
    passIllegal: random.chance(0.2),
    dropNull: random.chance(0.2),
    release() {},
    clock,
    monitor: {
      limits: profileLimits(random.chance(0.5) ? "dvb" : "atsc"),
      decoderModel: true,
      tables: true,
      series: true,
    },
  });
  const asChunks = random.chance(0.4);
  const rate = random.chance(0.3) ? 0.5 : 0.05;
  const buf = new Uint8Array(4 * PACKETS_A_PART * TS_PACKET_BYTES);
  let at = random.below(stream.length);
  let timeNs = 0;
  for (let done = 0; done < length; ) {
    let octets = 0;
    for (let i = 0; i < PACKETS_A_PART && done < length; i += 1, done += 1, at += 1) {
      const packet = stream[at % stream.length] as Uint8Array;
      const fate = random.u32() / 2 ** 32;
      if (fate < 0.005) continue;
      buf.set(fate < rate ? mutatedPacket(packet, sections, random) : packet, octets);
      octets += TS_PACKET_BYTES;
      // A repeat, or octets that belong to no packet.
      if (fate > 0.99) {
        const more = fate > 0.995 ? TS_PACKET_BYTES : random.below(TS_PACKET_BYTES);
        buf.copyWithin(octets, octets - TS_PACKET_BYTES, octets - TS_PACKET_BYTES + more);
        octets += more;
      }
    }
    timeNs = clock === "none" ? Number.NaN : nextTime(timeNs, random);
    const len = random.chance(0.002) ? random.below(octets + 1) : octets;
    if (asChunks) ts.chunk(buf, 0, len, timeNs);
    else ts.datagram(buf, 0, len, timeNs);
    ts.bufferEnd();
    if (random.chance(0.0005)) ts.gap();
    if (random.chance(0.0005)) ts.idle(timeNs + 7e9);
    if (random.chance(0.0005)) check(ts, timeNs);
  }
  ts.end();
  const report = check(ts, timeNs);
  if (passedOctets !== report.passed * TS_PACKET_BYTES) throw new Error("passed on is not what was counted");
  return report;
}

/** The report, which must keep to its schema and add up. */
function check(ts: TsAnalyser, nowNs: number): MpegtsReport {
  const report = mpegtsSchema.parse(ts.report(null, { nowNs, epoch: NO_WALL_CLOCK, final: true }));
  for (const finding of ts.findings("fuzz", NO_WALL_CLOCK, nowNs)) findingSchema.parse(finding);
  const { illegal } = report;
  const counted = report.pids.reduce((sum, { packets }) => sum + packets, 0);
  if (counted + illegal.syncByte + illegal.transportError !== report.packets) {
    throw new Error(`PIDs have ${counted} packets of ${report.packets}`);
  }
  if ((report.monitor?.tables.octets ?? 0) > MOST_STORE_BYTES) throw new Error("the tables take too much");
  if (report.tr101290?.length !== 34) throw new Error("a row of TR 101 290 is missing");
  return report;
}
