import type { Finding } from "../report/finding.ts";
import type { Epoch } from "../report/time.ts";

/** Where capture times come from; a verdict on timing is worth no more than they are. */
export interface TimestampQuality {
  /** As `TimestampSource.kind` of the capture room; `merged` for a stream that was made of two. */
  readonly kind:
    | "merged"
    | "hardware"
    | "kernel"
    | "libpcap"
    | "savefile"
    | "m2ts"
    | "pcr"
    | "generator"
    | "none";
  /** Smallest step of the times in nanoseconds; 1000 for a microsecond savefile. */
  readonly resolutionNs: number;
}

/**
 * Times of a stream made of two legs: each packet's on the leg where it came first. They say when something happened; the
 * timing of the stream, which has come two ways, can't be measured by them.
 */
export const MERGED_TIMES: TimestampQuality = { kind: "merged", resolutionNs: 0 };

/** True when times are those of one way through the network, so that timing can be measured by them. */
export function isTimed({ kind }: TimestampQuality): boolean {
  return kind !== "merged";
}

/** One RTP flow of ST 2110 and its rules. Reads no clock and does no I/O. */
export interface RtpAnalyser {
  /**
   * One RTP packet in sequence order: the captured octets are `buf[off, off + len)`, `wireLength` >= `len` octets
   * stood on the wire; both count from the RTP header to the end of the UDP payload. The fixed header of
   * 12 octets is there and its version is 2; nothing else is promised. `lost` packets are missing right
   * before it. `timeNs` is its capture time after the capture's epoch, NaN where the input has no times.
   */
  packet(buf: Uint8Array, off: number, len: number, wireLength: number, lost: number, timeNs: number): void;
  /** The input starts again: what follows is not compared with what was before. */
  gap(): void;
  /** Plain report data, each analyser's own schema in src/report/; large parts only when `final`. */
  report(nowNs: number, epoch: Epoch, final: boolean): unknown;
  /** Everything that was found wrong so far. */
  findings(streamId: string, epoch: Epoch): Finding[];
}

/** `TAI - UTC` since 2017-01-01, seconds (IERS bulletin C 52); ST 2110 counts in TAI, captures mostly in UTC. */
export const TAI_UTC_SECONDS = 37;
