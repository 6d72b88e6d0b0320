/**
 * Kind of payload a stream delivers to whoever wants its legal packets; also the last part of the topic.
 */
export type PayloadKind = "ts" | "rtp";

/** What an output must know of a stream before its first packet. */
export interface StreamInfo {
  /** Unique within the probe, safe in topics and file names, e.g. `239.1.1.1-5000`. */
  readonly id: string;
  readonly kind: PayloadKind;
  /** Text forms: `239.1.1.1`, `ff3e::1`; empty for a .ts file. */
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly destinationAddress: string;
  readonly destinationPort: number;
}

/**
 * Takes the legal packets of all streams: the ZeroMQ publisher, a file writer. Called in the hot loop:
 * nothing here may allocate per packet, wait for a slow reader, or throw for one.
 */
export interface PacketOutput {
  /** Announces a stream; `stream` is a small index (0, 1, 2 …) that later calls use. */
  open(stream: number, info: StreamInfo): void;
  /**
   * A run of whole legal TS packets, or one RTP packet, at `buf[off, off + len)`. The octets stay valid
   * and in place until `bufferEnd`. `datagrams` is 1 on the first run of a datagram, else 0.
   */
  packets(stream: number, buf: Uint8Array, off: number, len: number, timeNs: number, datagrams: number): void;
  /** Every buffer given since the last call is about to be reused: copy out what is still pending. */
  bufferEnd(): void;
  /** The stream has ended (input over, or the flow was forgotten): send or write what is left of it. */
  close(stream: number): void;
}
