import { rtpPacket, udpFrame } from "../../fixtures/lib/frames.ts";
import { smallMux, TS_PACKET } from "../../fixtures/lib/mux.ts";
import { emptyStats, FrameBatch } from "../../src/capture/batch.ts";
import type { LegsMode } from "../../src/flow/legs.ts";
import { Pipeline, type PipelineOptions } from "../../src/flow/pipeline.ts";
import { LINKTYPE } from "../../src/net/linktype.ts";
import type { PacketOutput, StreamInfo } from "../../src/report/output.ts";
import { type Report, reportSchema } from "../../src/report/schema.ts";
import { PIPELINE_EPOCH, pipelineOptions } from "./pipeline-options.ts";

const MS = 1e6;
const SENDER = { address: "10.0.0.1", port: 1000 };
/** Copies what it is given only when it must, as outputs do. */
export class Kept implements PacketOutput {
  readonly octets = new Map<string, number[]>();
  readonly infos: StreamInfo[] = [];
  /** `open 239.1.1.1-5000`, `close …`, in order. */
  readonly events: string[] = [];
  /** Lengths of the packets of each stream. */
  readonly lengths = new Map<string, number[]>();
  #pending: { stream: number; buf: Uint8Array; off: number; len: number }[] = [];
  open(stream: number, info: StreamInfo): void {
    this.infos[stream] = info;
    this.octets.set(info.id, []);
    this.lengths.set(info.id, []);
    this.events.push(`open ${info.id}`);
  }
  packets(stream: number, buf: Uint8Array, off: number, len: number): void {
    this.#pending.push({ stream, buf, off, len });
  }
  bufferEnd(): void {
    for (const { stream, buf, off, len } of this.#pending) {
      const id = this.infos[stream]?.id ?? "";
      this.octets.get(id)?.push(...buf.subarray(off, off + len));
      this.lengths.get(id)?.push(len);
    }
    this.#pending = [];
  }
  close(stream: number): void {
    this.bufferEnd();
    this.events.push(`close ${this.infos[stream]?.id ?? stream}`);
    delete this.infos[stream];
  }
  /** The RTP packets of a stream. */
  rtp(id: string): Uint8Array[] {
    const octets = Uint8Array.from(this.octets.get(id) ?? []);
    let at = 0;
    return (this.lengths.get(id) ?? []).map((length) => {
      at += length;
      return octets.slice(at - length, at);
    });
  }
}

/** A datagram on leg 0 or 1, or of another stream. */
export interface Sent {
  readonly leg: number;
  readonly payload: Uint8Array;
  readonly timeNs: number;
}

/** Runs datagrams to 239.1.1.1 (leg 0) and 239.1.1.2 (leg 1) through a pipeline, from one buffer that is reused. */
export function runLegs(
  sent: readonly Sent[],
  redundancy: LegsMode = "merge",
  sdp = "",
  options: Partial<PipelineOptions> = {},
): { report: Report; again: Report; output: Kept } {
  const output = new Kept();
  const pipeline = new Pipeline(
    pipelineOptions({
      output,
      inputName: "legs",
      windowNs: 100 * MS,
      redundancy,
      ...(sdp === "" ? {} : { sdp: [{ name: "legs.sdp", text: sdp }] }),
      ...options,
    }),
  );
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
    const input = {
      kind: "pcap",
      name: "legs",
      timestampSource: "test",
      epoch: PIPELINE_EPOCH,
      stats: emptyStats(),
    };
    return reportSchema.parse(pipeline.report({ ...input, kind: "pcap" }, pipeline.lastNs, true));
  };
  pipeline.end();
  return { report: report(), again: report(), output };
}

/** `count` RTP packets of seven TS packets each. */
export function tsRtp(count: number): { payloads: Uint8Array[]; packets: Uint8Array[] } {
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
export function bothLegs(
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
