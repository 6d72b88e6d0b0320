import type { StreamInfo } from "../../report/output.ts";
import type { Epoch } from "../../report/time.ts";
import { type ByteTaker, PcapWriter } from "../pcap-writer.ts";
import { type SinkRecord, sinceNs } from "../queue/packet-sink.ts";
import type { SegmentFolder } from "./segment-folder.ts";
import { idleMs, type SegmentContext, SegmentOutput } from "./segment-output.ts";

/** Octets that are gathered before they are written. */
const BUFFER_BYTES = 256 * 1024;

/** The capture's clock was put back when a packet is this much older than its segment. */
const STEP_BACK_NS = 1e9;

/** One RTP flow without TS in pcap files, cut by the time its packets came. */
export class RtpSegmenter implements ByteTaker {
  readonly #context: SegmentContext;
  readonly #output: SegmentOutput;
  readonly #info: StreamInfo;
  readonly #epoch: Epoch;
  readonly #buf = new Uint8Array(BUFFER_BYTES);
  #used = 0;
  /** Packets in the buffer. */
  #packets = 0;
  #pcap: PcapWriter | null = null;
  #startNs = 0;
  /** Wall clock at the segment's start: cuts packets without times. */
  #startMs = 0;
  #lastMs = 0;
  #bytes = 0;

  constructor(context: SegmentContext, folder: SegmentFolder, info: StreamInfo, epoch: Epoch) {
    this.#context = context;
    this.#output = new SegmentOutput(context, folder, ".pcap", 1);
    this.#info = info;
    this.#epoch = epoch;
  }

  /** The packets of a record; `wallMs` is the Unix time of its first. */
  take(record: SinkRecord, wallMs: number): void {
    const firstNs = sinceNs(record.firstSeconds, record.firstNs, this.#epoch);
    const lastNs = sinceNs(record.lastSeconds, record.lastNs, this.#epoch);
    const stepNs = record.packets > 1 ? (lastNs - firstNs) / (record.packets - 1) : 0;
    this.#lastMs = performance.now();
    const end = record.off + record.len;
    for (let i = 0, at = record.off; i < record.packets; i++) {
      const length = record.packetBytes(i);
      if (at + length > end) {
        this.#context.counts.lost += record.packets - i;
        break;
      }
      const timeNs = Math.round(firstNs + i * stepNs);
      const packetMs = Number.isNaN(timeNs) ? wallMs : wallMs + (timeNs - firstNs) / 1e6;
      if (this.#full(timeNs, packetMs)) this.#finish();
      if (this.#pcap === null) this.#open(timeNs, packetMs);
      if (this.#pcap === null) this.#context.counts.lost++;
      else {
        this.#packets++;
        this.#pcap.packet(record.buf, at, length, timeNs);
      }
      at += length;
    }
    this.#flush();
  }

  /** Octets of the pcap file. */
  write(buf: Uint8Array, off: number, len: number): void {
    this.#bytes += len;
    for (let done = 0; done < len; ) {
      if (this.#used === BUFFER_BYTES) this.#flush();
      const some = Math.min(BUFFER_BYTES - this.#used, len - done);
      this.#buf.set(buf.subarray(off + done, off + done + some), this.#used);
      this.#used += some;
      done += some;
    }
  }

  /** Ends a segment that gets no more; `nowMs` is of `performance.now()`. */
  poll(nowMs: number): void {
    if (this.#pcap !== null && nowMs - this.#lastMs >= idleMs(this.#context.limits)) this.#finish();
  }

  /** Ends the last segment. */
  close(): void {
    this.#finish();
  }

  #full(timeNs: number, wallMs: number): boolean {
    const { seconds, bytes } = this.#context.limits;
    if (this.#pcap === null) return false;
    const sinceNs = Number.isNaN(timeNs) ? (wallMs - this.#startMs) * 1e6 : timeNs - this.#startNs;
    return sinceNs >= seconds * 1e9 || sinceNs < -STEP_BACK_NS || (bytes > 0 && this.#bytes >= bytes);
  }

  #open(timeNs: number, wallMs: number): void {
    this.#startNs = timeNs;
    this.#startMs = wallMs;
    this.#bytes = 0;
    if (this.#output.open(wallMs)) this.#pcap = new PcapWriter(this, this.#info, () => this.#epoch);
  }

  #flush(): void {
    const used = this.#used;
    const packets = this.#packets;
    this.#used = 0;
    this.#packets = 0;
    if (used === 0 || this.#output.write(this.#buf, 0, used, packets)) return;
    this.#pcap = null;
    this.#output.finish(null);
  }

  #finish(): void {
    this.#flush();
    this.#pcap = null;
    this.#output.finish(null);
  }
}
