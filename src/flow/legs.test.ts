import { describe, expect, test } from "bun:test";
import { concat } from "../../fixtures/lib/bytes.ts";
import { rtpPacket, udpFrame } from "../../fixtures/lib/frames.ts";
import { smallMux, TS_PACKET } from "../../fixtures/lib/mux.ts";
import { Random } from "../../fixtures/lib/random.ts";
import { emptyStats, FrameBatch } from "../capture/batch.ts";
import { LINKTYPE } from "../net/linktype.ts";
import type { PacketOutput, StreamInfo } from "../report/output.ts";
import { type Report, reportSchema } from "../report/schema.ts";
import type { LegsMode } from "./legs.ts";
import { Pipeline } from "./pipeline.ts";

const MS = 1e6;
const EPOCH = { seconds: 1_700_000_000, nanoseconds: 0, wallClock: true };
const SENDER = { address: "10.0.0.1", port: 1000 };
const MERGED = "239.1.1.1-5000-merged";

/** Copies what it is given only when it must, as outputs do. */
class Kept implements PacketOutput {
  readonly octets = new Map<string, number[]>();
  readonly infos: StreamInfo[] = [];
  #pending: { stream: number; buf: Uint8Array; off: number; len: number }[] = [];
  open(stream: number, info: StreamInfo): void {
    this.infos[stream] = info;
    this.octets.set(info.id, []);
  }
  packets(stream: number, buf: Uint8Array, off: number, len: number): void {
    this.#pending.push({ stream, buf, off, len });
  }
  bufferEnd(): void {
    for (const { stream, buf, off, len } of this.#pending) {
      this.octets.get(this.infos[stream]?.id ?? "")?.push(...buf.subarray(off, off + len));
    }
    this.#pending = [];
  }
  close(): void {
    this.bufferEnd();
  }
}

interface Sent {
  readonly leg: number;
  readonly payload: Uint8Array;
  readonly timeNs: number;
}

/** Runs datagrams to 239.1.1.1 (leg 0) and 239.1.1.2 (leg 1) through a pipeline, from one buffer that is reused. */
function run(sent: readonly Sent[], redundancy: LegsMode = "merge", sdp = "", maxFlows = 16) {
  const output = new Kept();
  const pipeline = new Pipeline({
    output,
    passIllegal: false,
    dropNull: false,
    reorderPackets: 64,
    reorderNs: 50 * MS,
    maxFlows,
    clock: "arrival",
    epoch: () => EPOCH,
    timestamps: { kind: "savefile", resolutionNs: 1 },
    monitor: null,
    inputName: "legs",
    wanted: () => true,
    version: "test",
    windowNs: 100 * MS,
    firstStream: 0,
    redundancy,
    ...(sdp === "" ? {} : { sdp: [{ name: "legs.sdp", text: sdp }] }),
  });
  const buf = new Uint8Array(new ArrayBuffer(1 << 12));
  const batch = new FrameBatch(1);
  for (const { leg, payload, timeNs } of sent.toSorted((a, b) => a.timeNs - b.timeNs)) {
    const frame = udpFrame({ from: SENDER, to: { address: `239.1.1.${leg + 1}`, port: 5000 } }, payload);
    buf.fill(0xa5);
    buf.set(frame);
    batch.buf = buf;
    batch.count = 1;
    batch.offset[0] = 0;
    batch.capturedLength[0] = frame.length;
    batch.wireLength[0] = frame.length;
    batch.timeNs[0] = timeNs;
    batch.linkType[0] = LINKTYPE.ethernet;
    pipeline.batch(batch);
  }
  const report = (): Report => {
    const input = { kind: "pcap", name: "legs", timestampSource: "test", epoch: EPOCH, stats: emptyStats() };
    return reportSchema.parse(pipeline.report({ ...input, kind: "pcap" }, pipeline.lastNs, true));
  };
  pipeline.end();
  return { report: report(), again: report(), output };
}

/** `count` RTP packets of seven TS packets each. */
function tsRtp(count: number): { payloads: Uint8Array[]; packets: Uint8Array[] } {
  const mux = smallMux(1);
  const payloads = Array.from({ length: count }, () => {
    const out = new Uint8Array(7 * TS_PACKET);
    for (let i = 0; i < 7; i++) mux.next(out, i * TS_PACKET);
    return out;
  });
  const packets = payloads.map((payload, i) =>
    rtpPacket({ sequence: 65_500 + i, timestamp: i * 630 }, payload),
  );
  return { payloads, packets };
}

/** Each packet on both legs, the second `skewNs` later; without those that `lost` says of a leg. */
function bothLegs(
  packets: readonly Uint8Array[],
  skewNs: number,
  lost: (leg: number, i: number) => boolean,
): Sent[] {
  return packets.flatMap((payload, i) =>
    ([0, 1] as const)
      .filter((leg) => !lost(leg, i))
      .map((leg) => ({ leg, payload, timeNs: i * 7 * MS + leg * skewNs })),
  );
}

describe("legs of ST 2022-7 in the pipeline", () => {
  test("TS whose legs both have holes is whole again in the merged stream", () => {
    const { payloads, packets } = tsRtp(400);
    // Never the same on both; the first and the last come.
    const sent = bothLegs(packets, 5 * MS, (leg, i) => i > 0 && i < 399 && i % 10 === 3 + leg * 4);
    const { report, again, output } = run(sent);
    expect(output.octets.get(MERGED)).toEqual([...concat(payloads)]);
    expect(report.redundancy).toHaveLength(1);
    expect(report.redundancy?.[0]).toMatchObject({
      streams: ["239.1.1.1-5000", "239.1.1.2-5000"],
      pairedBy: "content",
      mergedStream: MERGED,
      legs: [
        { packets: 360, lost: 40, only: 40 },
        { packets: 360, lost: 40, only: 40 },
      ],
      both: 320,
      lostInBoth: 0,
      merged: 400,
      payloadDiffers: 0,
      skewClass: "A",
    });
    expect(again.redundancy).toEqual(report.redundancy);
    const merged = report.streams.find(({ id }) => id === MERGED);
    expect(merged).toMatchObject({ kind: "mpegts", transport: "rtp", packets: 400, rtp: { lost: 0 } });
    expect(merged?.mpegts).toMatchObject({ packets: 2800, continuity: { errors: 0 } });
    expect(report.findings.filter(({ stream }) => stream === MERGED).map(({ code }) => code)).toEqual([
      "st2022-7-lost-on-leg-1",
      "st2022-7-lost-on-leg-2",
    ]);
  });

  test("a description pairs them from the first packet, in its order", () => {
    const { packets } = tsRtp(20);
    const leg = (mid: string, group: string): string =>
      `m=video 5000 RTP/AVP 96\nc=IN IP4 ${group}/64\na=rtpmap:96 MP2T/90000\na=mid:${mid}\n`;
    const sdp = `v=0\no=- 1 1 IN IP4 10.0.0.1\ns=x\nt=0 0\na=group:DUP b a\n${leg("a", "239.1.1.1")}${leg("b", "239.1.1.2")}`;
    const { report } = run(
      bothLegs(packets, 0, () => false),
      "merge",
      sdp,
    );
    expect(report.redundancy?.[0]).toMatchObject({
      streams: ["239.1.1.2-5000", "239.1.1.1-5000"],
      pairedBy: "sdp",
      both: 20,
    });
  });

  test("compared only, or not at all", () => {
    const { packets } = tsRtp(200);
    const sent = bothLegs(packets, MS, (leg, i) => leg === 1 && i === 50);
    const compared = run(sent, "compare");
    expect(compared.report.streams).toHaveLength(2);
    expect(compared.report.redundancy?.[0]).toMatchObject({ mergedStream: null, both: 199, merged: 200 });
    expect([...compared.output.octets.keys()]).toEqual(["239.1.1.1-5000", "239.1.1.2-5000"]);
    const off = run(sent, "off");
    expect(off.report.redundancy).toBeUndefined();
    expect(off.report.streams).toHaveLength(2);
  });

  test("streams that only look alike are no legs", () => {
    const random = new Random(1);
    const packets = Array.from({ length: 400 }, (_, i) => i);
    const sent = packets.flatMap((i) =>
      ([0, 1] as const).map((leg) => ({
        leg,
        payload: rtpPacket({ payloadType: 96, sequence: i, timestamp: i * 90 }, random.bytes(200)),
        timeNs: i * MS + leg,
      })),
    );
    expect(run(sent).report.redundancy).toBeUndefined();
  });

  test("RTP that is no TS is merged packet by packet, and judged on its legs alone", () => {
    const random = new Random(2);
    const packets = Array.from({ length: 300 }, (_, i) =>
      rtpPacket({ payloadType: 96, sequence: i, timestamp: i * 90 }, random.bytes(100)),
    );
    const { report, output } = run(bothLegs(packets, 3 * MS, (leg, i) => leg === 0 && i % 7 === 5));
    expect(output.octets.get(MERGED)).toEqual([...concat(packets)]);
    const merged = report.streams.find(({ id }) => id === MERGED);
    expect(merged).toMatchObject({ kind: "rtp", rtp: { packets: 300, lost: 0 } });
    expect(merged?.st2110).toBeUndefined();
    expect(report.streams[0]?.st2110).toBeDefined();
  });

  test("a pair leaves with its flows when their places are needed", () => {
    const { packets } = tsRtp(200);
    const both = bothLegs(packets, MS, (leg, i) => leg === 1 && i > 100);
    const late = (leg: number, atNs: number): Sent => ({
      leg,
      payload: packets[0] as Uint8Array,
      timeNs: atNs,
    });
    // The second leg alone is silent: its pair is still in use.
    const kept = run(
      [...both, ...Array.from({ length: 60 }, (_, i) => late(0, (i + 2) * 1e9)), late(2, 61e9)],
      "merge",
      "",
      2,
    );
    expect(kept.report.redundancy).toHaveLength(1);
    expect(kept.report.input.drops.flowTableFull).toBe(1);
    const gone = run([...both, late(2, 61e9)], "merge", "", 2);
    expect(gone.report.redundancy).toBeUndefined();
    expect(gone.report.input.forgottenFlows).toBe(2);
    expect(gone.report.streams.map(({ id }) => id)).toEqual(["239.1.1.3-5000"]);
  });
});
