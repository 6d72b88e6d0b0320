import type { Continuity } from "./continuity.ts";

/**
 * Sees every packet of a stream after the judge has counted it: the conformance monitor. Called in the hot
 * loop, so nothing here allocates per packet.
 */
export interface PacketObserver {
  /**
   * A packet with a right sync byte and no transport_error_indicator; its 188 octets stand at `buf[at]`.
   * `index` is its number in the stream from 0, `verdict` what its continuity counter says (`ok` for a
   * signalled discontinuity), `sound` false when its adaptation field breaks the syntax: then only the
   * header may be read.
   */
  packet(
    buf: Uint8Array,
    at: number,
    pid: number,
    slot: number,
    index: number,
    timeNs: number,
    verdict: Continuity,
    sound: boolean,
  ): void;
  /** `count` packets without their sync byte (TR 101 290 1.2). */
  syncByte(count: number, timeNs: number): void;
  /** Synchronisation lost (TR 101 290 1.1). */
  syncLoss(timeNs: number): void;
  /** A packet with transport_error_indicator; its PID is in doubt (TR 101 290 2.1). */
  transportError(timeNs: number): void;
  /** Packets in between were not seen, by no fault of the stream. */
  gap(): void;
}
