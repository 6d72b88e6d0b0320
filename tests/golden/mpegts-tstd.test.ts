/** Real streams through the T-STD: what broadcasters sent keeps to it, and what does not is known by name. */
import { describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import {
  continuityCounter,
  discontinuityIndicator,
  hasPayload,
  hasPcr,
  payloadOffset,
  payloadUnitStartIndicator,
  pcr27MHz,
  transportErrorIndicator,
  tsPid,
} from "../../src/mpegts/packet.ts";
import { PidMap } from "../../src/mpegts/psi/pid-map.ts";
import { SECTION_ROLES } from "../../src/mpegts/psi/pid-roles.ts";
import { SectionDemux } from "../../src/mpegts/psi/section-demux.ts";
import { TStd } from "../../src/mpegts/tstd/tstd.ts";
import type { BufferReport } from "../../src/report/mpegts-schema.ts";
import { needsShared, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";

const golden = (name: string, run: () => void): void => testWith(needsShared("ts"), name, run);

/** The whole file through a T-STD whose programs are known from its first packet on. */
function model(name: string): { rows: BufferReport[]; found: Record<string, number> } {
  const octets = readFileSync(`${sharedData(`ts/${name}`)}`);
  const map = new PidMap();
  const demux = new SectionDemux({
    section: (pid, buf, off, len) => map.section(pid, buf, off, len),
    crcError: () => {},
    malformed: () => {},
  });
  const end = octets.length - (octets.length % 188);
  for (let at = 0; at < end; at += 188) {
    const pid = tsPid(octets, at);
    const sections = ((map.roles[pid] as number) & SECTION_ROLES) !== 0;
    if (sections && hasPayload(octets, at) && transportErrorIndicator(octets, at) === 0)
      demux.packet(octets, at, pid, 0, false);
  }
  const found: Record<string, number> = {};
  const count = (what: string): void => {
    found[what] = (found[what] ?? 0) + 1;
  };
  const tstd = new TStd({
    bufferError: (pid, buffer, kind) => count(`${pid} ${buffer} ${kind}`),
    emptyBuffer: (pid, buffer) => count(`${pid} ${buffer} not empty`),
    dataDelay: (pid) => count(`${pid} delayed`),
  });
  for (const { program, pmtPid, pcrPid, components } of map.services()) {
    const streams = components.map(({ pid, streamType, codec, stillPicture, leak }) => {
      return { pid, streamType, codec: codec.id, stillPicture, leak };
    });
    tstd.setProgram({ program, pmtPid, pcrPid, streams });
  }
  const counters = new Int8Array(8192).fill(-1);
  for (let at = 0; at < end; at += 188) {
    if (transportErrorIndicator(octets, at) === 1) continue;
    const pid = tsPid(octets, at);
    const packet = at / 188;
    const last = counters[pid] as number;
    const counter = continuityCounter(octets, at);
    const payload = hasPayload(octets, at);
    const discontinuity = discontinuityIndicator(octets, at) === 1;
    const same = last === counter;
    if (pid !== 0x1fff && last >= 0 && !discontinuity && !same && counter !== ((last + 1) & 15)) tstd.reset();
    counters[pid] = counter;
    if (hasPcr(octets, at)) tstd.pcr(pid, pcr27MHz(octets, at), packet, discontinuity);
    const start = payloadUnitStartIndicator(octets, at) === 1;
    tstd.packet(octets, at, pid, packet, packet, payloadOffset(octets, at), start, same && payload);
  }
  return { rows: tstd.report(), found };
}

const CLEAN = [
  "ltn-scte35-demo.ts",
  "tsduck-008.ts",
  "tsduck-009.ts",
  "tsduck-012.ts",
  "tsduck-025.ts",
  "tsduck-026.ts",
  "tsduck-030.ts",
  "tsduck-035.ts",
  "tsduck-072.ts",
  "tsduck-101.ts",
  "tsduck-103.ts",
  "tsduck-108.ts",
  "tsduck-137.ts",
  "tsduck-143.ts",
];

describe("TR 101 290 3.3, 3.9 and 3.10 on real streams", () => {
  for (const name of CLEAN) {
    golden(`${name} keeps to the T-STD`, () => {
      expect(model(name).found).toEqual({});
    });
  }

  golden("an encoder fills its VBV and Bn nearly to the brim, and no further", () => {
    const { rows } = model("tsduck-025.ts");
    const peak = (buffer: string) => rows.find((row) => row.buffer === buffer)?.peakOctets ?? 0;
    expect(peak("EB")).toBeGreaterThan(0.95 * 229_376);
    expect(peak("EB")).toBeLessThan(229_376);
    expect(peak("B")).toBeGreaterThan(0.95 * 3584);
    expect(peak("B")).toBeLessThan(3584);
  });

  golden("tsduck-108: all streams of six programs that are in the clear", () => {
    const { rows } = model("tsduck-108.ts");
    const video = rows.filter((row) => row.buffer === "EB" && row.modelled);
    expect(video.length).toBeGreaterThanOrEqual(4);
    for (const row of video) expect(row.peakOctets).toBeLessThanOrEqual(row.sizeOctets);
  });

  // A variable rate mux that sends audio 0.65 to 0.75 s ahead, in bursts: Bn holds 0.15 s of it at most.
  golden("tsduck-064 overflows the buffers of its audio, as it was made", () => {
    const { found } = model("tsduck-064.ts");
    expect(Object.keys(found).sort()).toEqual(["257 B overflow", "257 TB overflow"]);
  });

  // Seven audio packets in a row at 33 Mbit/s; the Blu-ray Disc's own decoder model allows that, 13818-1 does not.
  golden("tsduck-139 overflows TBn of its audio twice", () => {
    expect(model("tsduck-139.ts").found).toEqual({ "4353 TB overflow": 2 });
  });
});
