/** Takes the packets that a framer has found, in the order of the stream. */
export interface PacketSink {
  /**
   * `count` packets with a right sync byte. The first sync byte is at `buf[off]`, the next `stride` octets
   * further; all 188 octets of each are there.
   */
  packets(buf: Uint8Array, off: number, count: number, stride: number, timeNs: number): void;
  /** One packet whose sync byte is wrong, at `buf[off]`. */
  badSync(buf: Uint8Array, off: number, timeNs: number): void;
  /** `count` packets passed over between losing and finding sync in the same phase: wrong sync bytes, all. */
  lostPackets(count: number, timeNs: number): void;
  /** Synchronisation was lost (TR 101 290 1.1). */
  syncLoss(timeNs: number): void;
  /** `bytes` octets that belong to no packet. */
  skipped(bytes: number, timeNs: number): void;
}
