import type { Report, RingReport } from "../report/schema.ts";
import type { Epoch } from "../report/time.ts";

/** No VLAN tag was put back by the kernel for this frame. */
export const NO_VLAN = -1;

/**
 * Frames of one buffer: the kernel's ring block, a mapped or read part of a file, libpcap's buffer. The
 * same object is reused: it is valid until the next call of the source's `next`, so whoever wants a frame
 * after that copies it. Arrays are indexed 0 to `count` - 1.
 */
export class FrameBatch {
  /** All frames of this batch lie in this one buffer. */
  buf: Uint8Array = new Uint8Array(new ArrayBuffer(0));
  count = 0;
  /** Which of the source's `devices` they came from; 0 where it has one. */
  device = 0;
  /** The most frames one batch can hold. */
  readonly capacity: number;
  readonly offset: Float64Array;
  /** Octets present in `buf` (already checked to lie inside it). */
  readonly capturedLength: Uint32Array;
  /** Octets the frame had on the wire; more than captured when a snap length cut it. */
  readonly wireLength: Uint32Array;
  /** Nanoseconds since the source's epoch; NaN when the input has no times. */
  readonly timeNs: Float64Array;
  /** LINKTYPE_ of the frame (see net/linktype.ts). */
  readonly linkType: Uint16Array;
  /** Tag control information that the kernel stripped from the frame (802.1Q TCI), or NO_VLAN. */
  readonly vlanTci: Int32Array;
  /** TPID of that tag, 0x8100 or 0x88a8; meaningless where vlanTci is NO_VLAN. */
  readonly vlanTpid: Uint16Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.offset = new Float64Array(capacity);
    this.capturedLength = new Uint32Array(capacity);
    this.wireLength = new Uint32Array(capacity);
    this.timeNs = new Float64Array(capacity);
    this.linkType = new Uint16Array(capacity);
    this.vlanTci = new Int32Array(capacity).fill(NO_VLAN);
    this.vlanTpid = new Uint16Array(capacity);
  }
}

/** What a source has seen and lost so far; all are totals since it was opened. */
export interface SourceStats {
  /** Frames handed out. */
  packets: number;
  /** Octets of those frames as they were on the wire. */
  bytes: number;
  /** Frames that the kernel dropped because the ring or buffer was full. */
  kernelDrops: number;
  /** Times the ring was frozen because every block was in use (TPACKET_V3). */
  ringFreezes: number;
  /** Frames dropped by the network interface, where the system tells. */
  interfaceDrops: number;
  /** Frames that the filter rejected, where it runs in our process (files). */
  filtered: number;
  /** Savefile records that were unreadable and skipped, e.g. of an unknown link type. */
  unreadable: number;
}

/** Where the times come from, in words for the report, e.g. `kernel software, 1 ns`. */
export interface TimestampSource {
  readonly kind: "hardware" | "kernel" | "libpcap" | "savefile" | "m2ts" | "pcr" | "generator" | "none";
  /** Smallest step of the times in nanoseconds (1000 for a microsecond savefile). */
  readonly resolutionNs: number;
}

/** Returned by `next` when the input has ended. */
export const END_OF_INPUT = -1;

/** One capture: live or a file. Opened by its factory, which throws an RscapError. */
export interface FrameSource {
  readonly kind: "ring" | "libpcap" | "pcap" | "pcapng" | "ts" | "generator" | "hls";
  /** Device or file name, as the user gave it. */
  readonly name: string;
  readonly live: boolean;
  /** Names of its devices, where it has several. */
  readonly devices?: readonly string[];
  /** Known once the first batch is there (a file's first record sets it). */
  readonly epoch: Epoch;
  readonly timestampSource: TimestampSource;
  /**
   * Releases the batch given before and fills `batch` with the next frames.
   * Returns their number, 0 when `timeoutMs` passed without one (live, a pipe, or a paced file), END_OF_INPUT at
   * the end.
   * Throws an RscapError of exit 3 for damaged input, once everything before the damage was handed out.
   * Only sources that decompress, read a pipe or load segments return a promise.
   */
  next(batch: FrameBatch, timeoutMs: number): number | Promise<number>;
  stats(): SourceStats;
  /** Number, from 1, of the run that the frames handed out last were of: it goes up where they don't follow. */
  readonly run?: number;
  /** Adds to a report what the source itself knows: of its playlists, for one that has some. */
  annotate?(report: Report): void;
  /** How full the kernel's ring is now; where there is one. */
  ring?(): RingReport | null;
  close(): void;
}

/** Adds `more` to `total`. */
export function addStats(total: SourceStats, more: SourceStats): void {
  total.packets += more.packets;
  total.bytes += more.bytes;
  total.kernelDrops += more.kernelDrops;
  total.ringFreezes += more.ringFreezes;
  total.interfaceDrops += more.interfaceDrops;
  total.filtered += more.filtered;
  total.unreadable += more.unreadable;
}

/** A SourceStats with every counter at zero. */
export function emptyStats(): SourceStats {
  return {
    packets: 0,
    bytes: 0,
    kernelDrops: 0,
    ringFreezes: 0,
    interfaceDrops: 0,
    filtered: 0,
    unreadable: 0,
  };
}
