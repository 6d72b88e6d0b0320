import type { AncDecoded } from "../../report/st2110-ancillary-schema.ts";
import type { Epoch } from "../../report/time.ts";

/** Decoder of what one sub-stream of ANC data packets carries. */
export interface AncContent {
  /**
   * User data of one ANC data packet with right parity and checksum: the low 8 bits of each word, `octets[0, count)`.
   * `place` is its line and channel (`ancPlace`).
   */
  packet(octets: Uint8Array, count: number, timeNs: number, place: number): void;
  /** Packets are missing, or the input starts again: counters are not compared across. */
  gap(): void;
  /** What was decoded so far, as report data. */
  report(epoch: Epoch): AncDecoded;
}
