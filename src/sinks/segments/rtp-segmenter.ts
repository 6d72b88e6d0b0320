import type { StreamInfo } from "../../report/output.ts";
import type { Epoch } from "../../report/time.ts";
import { type ByteTaker, PcapWriter } from "../pcap-writer.ts";
import { type SinkRecord, sinceNs } from "../queue/packet-sink.ts";
import type { SegmentFolder } from "./segment-folder.ts";
import { type SegmentContext, SegmentOutput } from "./segment-output.ts";

/** Octets that are gathered before they are written. */
const BUFFER_BYTES = 256 * 1024;

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
    for (let i = 0, at = record.off; i < record.packets; i++) {
      const length = record.packetBytes(i);
      const timeNs = Math.round(firstNs + i * stepNs);
      if (this.#full(timeNs)) this.#finish();
      if (this.#pcap === null) this.#open(timeNs, wallMs + (timeNs - firstNs) / 1e6);
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

  /** Nothing waits here. */
  poll(): void {}

  /** Ends the last segment. */
  close(): void {
    this.#finish();
  }

  #full(timeNs: number): boolean {
    const { seconds, bytes } = this.#context.limits;
    if (this.#pcap === null) return false;
    return timeNs - this.#startNs >= seconds * 1e9 || (bytes > 0 && this.#bytes >= bytes);
  }

  #open(timeNs: number, wallMs: number): void {
    this.#startNs = timeNs;
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
