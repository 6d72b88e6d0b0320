import { describe, expect, test } from "bun:test";
import { concat } from "../../fixtures/lib/bytes.ts";
import { type FrameOptions, rtpPacket, udpFrame } from "../../fixtures/lib/frames.ts";
import { smallMux, TS_PACKET, type TsMux } from "../../fixtures/lib/mux.ts";
import { Random } from "../../fixtures/lib/random.ts";
import { pipelineOptions } from "../../tests/helpers/pipeline-options.ts";
import { emptyStats, FrameBatch } from "../capture/batch.ts";
import { profileLimits } from "../mpegts/tr101290/limits.ts";
import { LINKTYPE } from "../net/linktype.ts";
import type { PacketOutput, StreamInfo } from "../report/output.ts";
import { type Report, reportSchema, type StreamReport } from "../report/schema.ts";
import { Pipeline, type PipelineOptions } from "./pipeline.ts";
import { WantedStreams } from "./wanted.ts";

const MS = 1e6;
const STREAM: FrameOptions = {
  from: { address: "10.0.0.1", port: 1000 },
  to: { address: "239.1.1.1", port: 5000 },
};

/** Keeps the octets of each stream as an output would, copying only when it must. */
class Collector implements PacketOutput {
  readonly streams: { info: StreamInfo; octets: number[]; open: boolean }[] = [];
  #pending: { stream: number; buf: Uint8Array; off: number; len: number }[] = [];
  open(stream: number, info: StreamInfo): void {
    expect(this.streams[stream]).toBeUndefined();
    this.streams[stream] = { info, octets: [], open: true };
  }
  packets(stream: number, buf: Uint8Array, off: number, len: number): void {
    expect(this.streams[stream]?.open).toBe(true);
    this.#pending.push({ stream, buf, off, len });
  }
  bufferEnd(): void {
    for (const { stream, buf, off, len } of this.#pending) {
      this.streams[stream]?.octets.push(...buf.subarray(off, off + len));
    }
    this.#pending = [];
  }
  close(stream: number): void {
    this.bufferEnd();
    const closed = this.streams[stream];
    if (closed) closed.open = false;
  }
}

/** A pipeline fed frame by frame from one reused buffer, as a capture would. */
class Bench {
  readonly output = new Collector();
  readonly pipeline: Pipeline;
  readonly windows: number[] = [];
  readonly #buf = new Uint8Array(new ArrayBuffer(1 << 17));
  readonly #batch = new FrameBatch(1);

  constructor(options: Partial<PipelineOptions> = {}) {
    this.pipeline = new Pipeline(
      pipelineOptions({
        output: this.output,
        timestamps: { kind: "savefile", resolutionNs: 1000 },
        monitor: { limits: profileLimits("dvb"), decoderModel: true, tables: true, series: true },
        inputName: "bench",
        onWindow: (nowNs) => this.windows.push(nowNs),
        ...options,
      }),
    );
  }

  frame(octets: Uint8Array, timeNs: number, captured = octets.length): void {
    this.#buf.fill(0xa5);
    this.#buf.set(octets.subarray(0, captured));
    const batch = this.#batch;
    batch.buf = this.#buf;
    batch.count = 1;
    batch.offset[0] = 0;
    batch.capturedLength[0] = captured;
    batch.wireLength[0] = octets.length;
    batch.timeNs[0] = timeNs;
    batch.linkType[0] = LINKTYPE.ethernet;
    this.pipeline.batch(batch);
  }

  udp(payload: Uint8Array, timeNs: number, options: FrameOptions = STREAM): void {
    this.frame(udpFrame(options, payload), timeNs);
  }

  report(): Report {
    const epoch = { seconds: 1_700_000_000, nanoseconds: 0, wallClock: true };
    const input = {
      kind: "pcap",
      name: "bench",
      timestampSource: "test",
      epoch,
      stats: emptyStats(),
    } as const;
    return reportSchema.parse(this.pipeline.report(input, this.pipeline.lastNs, true));
  }

  stream(index = 0): StreamReport {
    const stream = this.report().streams[index];
    if (!stream) throw new Error(`no stream ${index}`);
    return stream;
  }

  codes(): string[] {
    return this.report().findings.map((finding) => finding.code);
  }
}

/** The next `count` packets of `mux` in one run. */
function tsPackets(mux: TsMux, count: number): Uint8Array {
  const out = new Uint8Array(count * TS_PACKET);
  for (let i = 0; i < count; i++) mux.next(out, i * TS_PACKET);
  return out;
}

/** `count` datagrams of seven TS packets each. */
function tsDatagrams(count: number, seed = 1): Uint8Array[] {
  const mux = smallMux(seed);
  return Array.from({ length: count }, () => tsPackets(mux, 7));
}

describe("what a flow carries", () => {
  test("TS over UDP is known from the first datagram and leaves as it came", () => {
    const bench = new Bench();
    const sent = tsDatagrams(20);
    for (const [i, payload] of sent.entries()) bench.udp(payload, i * 7 * MS);
    bench.pipeline.end();
    expect(bench.stream()).toMatchObject({
      id: "239.1.1.1-5000",
      kind: "mpegts",
      transport: "udp",
      packets: 20,
    });
    expect(bench.stream().mpegts).toMatchObject({ packets: 140, passed: 140 });
    expect(bench.output.streams[0]?.octets).toEqual([...concat(sent)]);
    expect(bench.codes()).toEqual([]);
  });

  test("TS over RTP of any payload type is TS, not RTP with stray octets", () => {
    const bench = new Bench();
    const sent = tsDatagrams(20);
    for (const [i, payload] of sent.entries()) {
      bench.udp(rtpPacket({ payloadType: 97, sequence: 65530 + i, timestamp: i * 630 }, payload), i * 7 * MS);
    }
    bench.pipeline.end();
    expect(bench.stream()).toMatchObject({ kind: "mpegts", transport: "rtp" });
    expect(bench.stream().rtp).toMatchObject({ payloadType: 97, packets: 20, lost: 0, restarts: 0 });
    expect(bench.output.streams[0]?.octets).toEqual([...concat(sent)]);
    expect(bench.codes()).toEqual([]);
  });

  test("a lone TS packet a datagram is held back until it is clear, and none is lost", () => {
    const bench = new Bench();
    const mux = smallMux(3);
    const sent = Array.from({ length: 12 }, () => tsPackets(mux, 1));
    for (const [i, payload] of sent.entries()) bench.udp(payload, i * MS);
    bench.pipeline.end();
    expect(bench.stream().mpegts).toMatchObject({ packets: 12, passed: 12 });
    expect(bench.output.streams[0]?.octets).toEqual([...concat(sent)]);
  });

  test("two lone TS packets and then the end: the guess stands", () => {
    const bench = new Bench();
    const mux = smallMux(3);
    bench.udp(tsPackets(mux, 1), 0);
    bench.udp(tsPackets(mux, 1), MS);
    expect(bench.stream().kind).toBe("other");
    bench.pipeline.end();
    expect(bench.stream().mpegts).toMatchObject({ packets: 2, passed: 2 });
  });

  test("other RTP is passed on packet by packet, RTCP and DNS are other", () => {
    const bench = new Bench();
    const random = new Random(5);
    const rtp = Array.from({ length: 8 }, (_, i) =>
      rtpPacket({ payloadType: 96, sequence: i, timestamp: i * 90 }, random.bytes(1200)),
    );
    for (const [i, payload] of rtp.entries()) bench.udp(payload, i * MS);
    const rtcp = Uint8Array.of(0x80, 200, 0, 6, ...random.bytes(24));
    for (let i = 0; i < 20; i++) {
      bench.udp(rtcp, i * MS, { ...STREAM, to: { address: "239.1.1.1", port: 5001 } });
      bench.udp(random.bytes(60).fill(0, 0, 1), i * MS, { ...STREAM, to: { address: "10.0.0.2", port: 53 } });
    }
    bench.pipeline.end();
    const { streams } = bench.report();
    expect(streams.map(({ kind }) => kind)).toEqual(["rtp", "other", "other"]);
    expect(bench.output.streams).toHaveLength(1);
    expect(bench.output.streams[0]?.info.kind).toBe("rtp");
    expect(bench.output.streams[0]?.octets).toEqual([...concat(rtp)]);
  });

  test("RTP video of one grey, 0x47 in every octet, is not taken for TS", () => {
    const bench = new Bench();
    for (let i = 0; i < 10; i++) {
      const payload = new Uint8Array(1200).fill(0x47);
      payload.set([0, 0, 0x04, 0xb0, 0, i, 0, 0]);
      bench.udp(rtpPacket({ payloadType: 96, sequence: i, timestamp: 0 }, payload), i * MS);
    }
    expect(bench.stream().kind).toBe("rtp");
  });

  test("a sender that turns from UDP to RTP and back is followed, with its counts kept", () => {
    const bench = new Bench();
    const sent = tsDatagrams(30);
    for (const [i, payload] of sent.entries()) {
      const rtp = i >= 10 && i < 20;
      bench.udp(rtp ? rtpPacket({ sequence: i, timestamp: 0 }, payload) : payload, i * 7 * MS);
    }
    bench.pipeline.end();
    const stream = bench.stream();
    expect(stream.kind).toBe("mpegts");
    expect(stream.transport).toBe("udp");
    // Two datagrams at each change are needed as evidence and can't be judged.
    expect(stream.mpegts?.passed).toBeGreaterThanOrEqual(26 * 7);
    expect(bench.report().streams).toHaveLength(1);
  });

  test("stray datagrams of any octets never disturb the stream around them", () => {
    const random = new Random(11);
    for (const overRtp of [false, true]) {
      const bench = new Bench();
      const sent = tsDatagrams(60);
      for (const [i, payload] of sent.entries()) {
        bench.udp(overRtp ? rtpPacket({ sequence: i, timestamp: 0 }, payload) : payload, i * 7 * MS);
        const stray = random.bytes(random.below(1400));
        if (stray.length > 0) stray[0] = 0x00;
        bench.udp(stray, i * 7 * MS + 1000);
      }
      bench.pipeline.end();
      expect(bench.stream().mpegts).toMatchObject({ passed: 420, continuity: { errors: 0 } });
      expect(bench.output.streams[0]?.octets).toEqual([...concat(sent)]);
    }
  });
});

describe("flows and senders", () => {
  test("streams are told apart by destination, port and VLAN; a second sender gets a name of its own", () => {
    const bench = new Bench();
    const [payload] = tsDatagrams(1) as [Uint8Array];
    bench.udp(payload, 0);
    bench.udp(payload, 1, { ...STREAM, to: { address: "239.1.1.1", port: 5002 } });
    bench.udp(payload, 2, { ...STREAM, vlans: [{ tpid: 0x8100, vid: 7 }] });
    bench.udp(payload, 3, { ...STREAM, from: { address: "10.0.0.9", port: 77 } });
    expect(bench.report().streams.map(({ id }) => id)).toEqual([
      "239.1.1.1-5000",
      "239.1.1.1-5002",
      "239.1.1.1-5000-v7",
      "239.1.1.1-5000-from-10.0.0.9-77",
    ]);
  });

  test("two senders on one destination at the same time are told, on each of them", () => {
    const bench = new Bench();
    const other = { ...STREAM, from: { address: "10.0.0.9", port: 77 } };
    for (const [i, payload] of tsDatagrams(300).entries()) {
      bench.udp(payload, i * 7 * MS);
      bench.udp(payload, i * 7 * MS + 1, other);
    }
    const found = bench.report().findings.filter(({ code }) => code === "net-two-senders");
    expect(found.map(({ stream, count }) => [stream, count])).toEqual([
      ["239.1.1.1-5000", 1],
      ["239.1.1.1-5000-from-10.0.0.9-77", 1],
    ]);
  });

  test("a sender back from another port after a silence is the same stream, started again", () => {
    const bench = new Bench();
    const sent = tsDatagrams(2);
    bench.udp(sent[0] as Uint8Array, 0);
    bench.udp(sent[1] as Uint8Array, 3000 * MS, { ...STREAM, from: { address: "10.0.0.1", port: 1001 } });
    expect(bench.report().streams).toHaveLength(1);
    expect(bench.stream()).toMatchObject({ packets: 2, senderRestarts: 1 });
    expect(bench.codes()).toEqual([
      "sender-restart",
      "tr101290-1-3-a",
      "tr101290-1-5-a",
      "tr101290-2-3-a",
      "tr101290-2-5",
    ]);
  });

  test("flows that were not asked for are counted, not analysed", () => {
    const bench = new Bench({ wanted: (_source, destination) => destination === "239.1.1.1" });
    const [payload] = tsDatagrams(1) as [Uint8Array];
    bench.udp(payload, 0, { ...STREAM, to: { address: "239.1.1.2", port: 5000 } });
    bench.udp(payload, 1, { ...STREAM, to: { address: "239.1.1.2", port: 5000 } });
    bench.udp(payload, 2);
    expect(bench.report().streams.map(({ id }) => id)).toEqual(["239.1.1.1-5000"]);
    expect(bench.report().input.drops.otherTraffic).toBe(2);
  });

  test("a full table counts what it can't take, and forgets flows that fell silent", () => {
    const bench = new Bench({ maxFlows: 2 });
    const [payload] = tsDatagrams(1) as [Uint8Array];
    const to = (port: number): FrameOptions => ({ ...STREAM, to: { address: "239.1.1.1", port } });
    bench.udp(payload, 0, to(1));
    bench.udp(payload, 0, to(2));
    bench.udp(payload, 1000 * MS, to(3));
    expect(bench.report().input.drops.flowTableFull).toBe(1);
    expect(bench.codes()).toContain("flow-table-full");
    bench.udp(payload, 25_000 * MS, to(2));
    bench.udp(payload, 40_000 * MS, to(3));
    const { streams, input } = bench.report();
    expect(streams.map(({ id }) => id)).toEqual(["239.1.1.1-2", "239.1.1.1-3"]);
    expect(input.forgottenFlows).toBe(1);
    bench.udp(payload, 40_001 * MS, to(2));
    expect(bench.stream(0).packets).toBe(3);
  });
});

describe("an input that starts again", () => {
  test("the join of a loop is nobody's fault", () => {
    const bench = new Bench();
    const sent = tsDatagrams(5).map((payload, i) => rtpPacket({ sequence: i, timestamp: 0 }, payload));
    for (let turn = 0; turn < 3; turn++) {
      if (turn > 0) bench.pipeline.gap();
      for (const [i, payload] of sent.entries()) bench.udp(payload, (turn * 5 + i) * 7 * MS);
    }
    bench.pipeline.end();
    expect(bench.codes()).toEqual([]);
    expect(bench.stream().mpegts?.passed).toBe(105);
    expect(bench.stream().rtp).toMatchObject({ packets: 15, lost: 0, duplicates: 0, restarts: 0 });
  });
});

describe("an input without a stream", () => {
  test("is a warning, not a clean bill", () => {
    const bench = new Bench();
    bench.frame(new Uint8Array(60), 0);
    expect(bench.codes()).toEqual([]);
    bench.pipeline.end();
    expect(bench.codes()).toEqual(["no-stream"]);
    expect(bench.report().input.drops.otherTraffic).toBe(1);
  });
});

describe("a stream that was asked for and does not come", () => {
  const wanted = [
    { destination: STREAM.to.address, port: STREAM.to.port, source: "" },
    { destination: "239.9.9.9", port: 9, source: "" },
  ];
  function asking(): Bench {
    const streams = new WantedStreams(wanted);
    return new Bench({
      wanted: (source, destination, port) => streams.accepts(source, destination, port),
      unheard: () => streams.unheard(),
    });
  }

  test("is told of at the end, and before that once others have come for 5 s", () => {
    const bench = asking();
    const sent = tsDatagrams(2);
    bench.udp(sent[0] as Uint8Array, 0);
    expect(bench.codes()).not.toContain("source-silent");
    bench.udp(sent[1] as Uint8Array, 5000 * MS);
    const [finding] = bench.report().findings;
    expect(finding).toMatchObject({ code: "source-silent", severity: "error", stream: "input", count: 1 });
    expect(finding?.text).toContain("239.9.9.9:9");
  });

  test("none at all: each is named, and that there is no stream goes without saying", () => {
    const bench = asking();
    bench.pipeline.end();
    expect(bench.codes()).toEqual(["source-silent"]);
    expect(bench.report().findings[0]?.count).toBe(2);
  });
});

describe("what the capture did to the packets", () => {
  test("a snap length cuts no false continuity errors and passes only whole packets", () => {
    const bench = new Bench();
    const sent = tsDatagrams(10);
    for (const [i, payload] of sent.entries()) bench.frame(udpFrame(STREAM, payload), i * 7 * MS, 42 + 400);
    bench.pipeline.end();
    expect(bench.stream().mpegts).toMatchObject({ packets: 20, passed: 20, continuity: { errors: 0 } });
    expect(bench.codes()).toEqual(["snap-length"]);
    expect(bench.report().input.drops.snapped).toBe(10);
    expect(bench.output.streams[0]?.octets).toEqual([
      ...concat(sent.map((payload) => payload.subarray(0, 376))),
    ]);
  });

  test("bit rates: the mean from the first to the last datagram, and that of the last window", () => {
    const bench = new Bench();
    for (const [i, payload] of tsDatagrams(301).entries()) bench.udp(payload, i * 10 * MS);
    // 1316 octets each 10 ms.
    expect(bench.stream().bitrate).toBeCloseTo(1_052_800, 6);
    expect(bench.stream().recentBitrate).toBeCloseTo(1_052_800, -4);
    expect(bench.windows).toEqual([1000 * MS, 2000 * MS, 3000 * MS]);
    bench.pipeline.idle(4500 * MS);
    bench.pipeline.idle(5600 * MS);
    expect(bench.stream().recentBitrate).toBe(0);
  });

  test("a clock that goes backwards moves nothing and breaks nothing", () => {
    const bench = new Bench();
    for (const [i, payload] of tsDatagrams(10).entries()) bench.udp(payload, (10 - i) * 1000 * MS);
    bench.pipeline.end();
    expect(bench.stream().mpegts?.passed).toBe(70);
    expect(bench.report().streams[0]?.bitrate).toBeNull();
  });

  test("RTP packets that wait leave when the window's time is over, also without a packet", () => {
    const bench = new Bench();
    const sent = tsDatagrams(4);
    for (const i of [0, 1, 3]) {
      bench.udp(rtpPacket({ sequence: i, timestamp: 0 }, sent[i] as Uint8Array), i * MS);
    }
    expect(bench.stream().mpegts?.passed).toBe(14);
    bench.pipeline.idle(100 * MS);
    expect(bench.stream().mpegts?.passed).toBe(21);
    expect(bench.stream().rtp?.lost).toBe(1);
    expect(bench.codes()).toContain("rtp-loss");
  });
});
