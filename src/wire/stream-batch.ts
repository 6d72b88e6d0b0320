import { addressOf } from "../../ffi/memory.ts";
import type { PayloadKind, StreamInfo } from "../report/output.ts";
import type { HeaderEncoder } from "./header.ts";

/** Octets of a TS packet (ISO/IEC 13818-1 2.4.3.2). */
export const TS_PACKET_BYTES = 188;

/** Runs a batch can hold for each datagram it may have; illegal packets in between split a datagram. */
const RUNS_A_DATAGRAM = 8;

/**
 * What is pending of one stream: references (absolute address, length) into the capture buffer, nothing
 * copied yet. Neighbouring runs are merged, so that a clean datagram costs one copy.
 */
export class StreamBatch {
  readonly info: StreamInfo;
  readonly kind: PayloadKind;
  /** The topic, in memory whose address may be given to native code; null when no topic is sent. */
  readonly topic: Uint8Array | null;
  /** Address of `topic`; 0 without one. */
  readonly topicAddress: number;
  readonly encoder: HeaderEncoder | null;
  readonly runAddress: Float64Array;
  readonly runBytes: Uint32Array;
  /** Length of each pending packet, for RTP; null for TS, where all have 188 octets. */
  readonly lengths: Uint32Array | null;
  runs = 0;
  bytes = 0;
  packets = 0;
  datagrams = 0;
  firstNs = Number.NaN;
  lastNs = Number.NaN;
  /** Wall clock in ms at which a poll first saw this batch; NaN when none has. */
  seenMs = Number.NaN;
  /** Of the next message. */
  sequence = 0;
  /** Octets of all messages so far. */
  totalBytes = 0;

  constructor(info: StreamInfo, topic: Uint8Array | null, encoder: HeaderEncoder | null, batchSize: number) {
    this.info = info;
    this.kind = info.kind;
    this.topic = topic;
    this.topicAddress = topic === null ? 0 : addressOf(topic);
    this.encoder = encoder;
    this.runAddress = new Float64Array(batchSize * RUNS_A_DATAGRAM);
    this.runBytes = new Uint32Array(batchSize * RUNS_A_DATAGRAM);
    this.lengths = info.kind === "rtp" ? new Uint32Array(batchSize) : null;
  }

  /** True when there is no place for another run or packet. */
  get full(): boolean {
    const { lengths } = this;
    return this.runs === this.runBytes.length || (lengths !== null && this.packets === lengths.length);
  }

  /** Adds `bytes` octets at `address`; the caller has looked at `full`. */
  add(address: number, bytes: number, timeNs: number, datagrams: number): void {
    const last = this.runs - 1;
    if (last >= 0 && (this.runAddress[last] as number) + (this.runBytes[last] as number) === address) {
      this.runBytes[last] = (this.runBytes[last] as number) + bytes;
    } else {
      this.runAddress[this.runs] = address;
      this.runBytes[this.runs] = bytes;
      this.runs++;
    }
    if (this.lengths === null) {
      this.packets += bytes / TS_PACKET_BYTES;
    } else {
      this.lengths[this.packets] = bytes;
      this.packets++;
    }
    if (this.bytes === 0) this.firstNs = timeNs;
    this.lastNs = timeNs;
    this.bytes += bytes;
    this.datagrams += datagrams;
  }

  /** Makes the batch empty after its message was built. */
  sent(): void {
    this.sequence++;
    this.runs = 0;
    this.bytes = 0;
    this.packets = 0;
    this.datagrams = 0;
    this.firstNs = Number.NaN;
    this.lastNs = Number.NaN;
    this.seenMs = Number.NaN;
  }
}
