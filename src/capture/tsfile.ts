import { u8, u16, u32 } from "../bits/read.ts";
import { LINKTYPE_TS } from "../net/linktype.ts";
import { NO_WALL_CLOCK } from "../report/time.ts";
import { emptyStats, type FrameBatch, type SourceStats, type TimestampSource } from "./batch.ts";
import type { ByteWindow } from "./chunk.ts";
import type { RecordParser } from "./savefile.ts";
import { ArrivalClock, NS_PER_TICK, PcrClock } from "./tsfile-clock.ts";
import { findSync, TS_SYNC_BYTE, type TsLayout } from "./tsfile-layout.ts";

/** Packets in one frame, as in one datagram of TS over UDP. */
const PACKETS_A_FRAME = 7;
/** A frame has one time for all its packets: they are of this much of it at most. */
const FRAME_NS = 1e6;
/** arrival_time_stamp of an m2ts packet counts in 30 bits. */
const STAMP_MASK = 0x3fffffff;
/** How far to look for the next PCR before the rate is taken as it was: 100 ms at 670 Mb/s. */
const LOOK_AHEAD_OCTETS = 8 * 1024 * 1024;
/** Packets whose arrival stamps are looked at to see whether they count at all. */
const STAMPS_TO_JUDGE = 64;

const TIMES: Readonly<Record<"m2ts" | "pcr" | "none", TimestampSource>> = {
  m2ts: { kind: "m2ts", resolutionNs: NS_PER_TICK },
  pcr: { kind: "pcr", resolutionNs: NS_PER_TICK },
  none: { kind: "none", resolutionNs: 0 },
};

/**
 * A transport stream file: every octet of it, in order, as frames of up to seven packets, or of a millisecond,
 * with their 4 or 16 extra octets. After damage frames start on a packet again, the octets between as frames of their own; finding
 * packets for good is the analyser's part. Each frame has the time of its first packet.
 */
export class TsFileParser implements RecordParser {
  readonly kind = "ts";
  readonly epoch = NO_WALL_CLOCK;
  readonly stats: SourceStats = emptyStats();
  readonly damage = null;
  need = 1;
  readonly #layout: TsLayout;
  readonly #clock = new PcrClock();
  readonly #arrival = new ArrivalClock();
  /** Known once `prime` has returned true. */
  #times: "unknown" | "m2ts" | "pcr" | "none";
  /** Position of the next packet that the search for PCRs looks at. */
  #scan = 0;
  #started = false;

  constructor(layout: TsLayout) {
    this.#layout = layout;
    this.#times = layout.stride === 192 ? "unknown" : "pcr";
    this.#scan = layout.first + layout.syncOffset;
  }

  get timestampSource(): TimestampSource {
    return TIMES[this.#times === "unknown" ? "none" : this.#times];
  }

  prime(window: ByteWindow): boolean {
    this.need = window.end - window.start + 1;
    if (this.#times === "unknown" && !this.#judgeStamps(window)) return false;
    if (this.#times === "pcr") this.#timeAhead(window);
    return this.#times !== "pcr" || this.#clock.known > 0;
  }

  parse(window: ByteWindow, batch: FrameBatch): void {
    while (batch.count < batch.capacity && window.start < window.end) {
      const limit = this.#times === "pcr" ? this.#timeAhead(window) : window.end;
      if (!this.#frames(window, batch, limit)) break;
    }
    this.need = window.end - window.start + 1;
  }

  /** Gives out the frames that start before `limit` (an index in the buffer); false when it gave none. */
  #frames(window: ByteWindow, batch: FrameBatch, limit: number): boolean {
    const { buf, end } = window;
    const whole = PACKETS_A_FRAME * this.#layout.stride;
    let p = window.start;
    let n = batch.count;
    while (n < batch.capacity && p < limit) {
      // A frame is cut short only where the content ends.
      if (!window.ended && end - p < whole + this.#layout.stride) break;
      const timeNs = this.#timeNs(buf, p, end, window.origin);
      const packets = this.#packets(buf, p, end, window.origin, timeNs);
      const length = this.#frameLength(buf, p, end, packets * this.#layout.stride);
      batch.offset[n] = p;
      batch.capturedLength[n] = length;
      batch.wireLength[n] = length;
      batch.timeNs[n] = timeNs;
      batch.linkType[n] = LINKTYPE_TS;
      n++;
      p += length;
    }
    const gave = n - batch.count;
    this.stats.packets += gave;
    this.stats.bytes += p - window.start;
    window.start = p;
    batch.count = n;
    return gave > 0;
  }

  /** Packets from `p` on, of `timeNs`, that a frame may hold: seven, or those of a millisecond. */
  #packets(buf: Uint8Array, p: number, end: number, origin: number, timeNs: number): number {
    const { stride } = this.#layout;
    if (this.#times === "pcr") {
      const spanNs = this.#clock.timeNs(origin + p + PACKETS_A_FRAME * stride) - timeNs;
      return spanNs > FRAME_NS
        ? Math.max(1, Math.floor((PACKETS_A_FRAME * FRAME_NS) / spanNs))
        : PACKETS_A_FRAME;
    }
    if (this.#times === "none" || end - p < PACKETS_A_FRAME * stride) return PACKETS_A_FRAME;
    const first = u32(buf, p);
    let packets = 1;
    while (packets < PACKETS_A_FRAME) {
      const later = (u32(buf, p + packets * stride) - first) & STAMP_MASK;
      if (later * NS_PER_TICK > FRAME_NS) break;
      packets++;
    }
    return packets;
  }

  /** Octets of the frame at `p`: whole packets, or up to the next packet where `p` is not at one. */
  #frameLength(buf: Uint8Array, p: number, end: number, whole: number): number {
    const { first, stride, syncOffset } = this.#layout;
    const most = Math.min(whole, end - p);
    if (!this.#started) {
      this.#started = true;
      if (first > 0) return Math.min(first, most);
    }
    const sync = p + syncOffset;
    if (sync >= end || buf[sync] === TS_SYNC_BYTE) return most;
    const found = findSync(buf, sync, Math.min(end, sync + most + stride), stride);
    // One damaged sync byte in packets that otherwise follow each other moves nothing.
    return found < 0 || (found - sync) % stride === 0 ? most : Math.min(found - sync, most);
  }

  #timeNs(buf: Uint8Array, p: number, end: number, origin: number): number {
    if (this.#times === "pcr") return this.#clock.timeNs(origin + p);
    if (this.#times === "none") return Number.NaN;
    const packet = end - p > 4 && buf[p + 4] === TS_SYNC_BYTE;
    return packet ? this.#arrival.timeNs(u32(buf, p)) : this.#arrival.lastNs;
  }

  /** Index in the buffer up to which times are known; looks further ahead for a PCR when none is. */
  #timeAhead(window: ByteWindow): number {
    const clock = this.#clock;
    const start = window.origin + window.start;
    while (clock.known <= start) {
      if (this.#scanToPcr(window)) continue;
      const looked = window.end - window.start;
      if (!window.ended && looked < LOOK_AHEAD_OCTETS) return window.start;
      if (clock.pid === -1) {
        this.#times = "none";
        return window.end;
      }
      clock.extrapolate(window.origin + window.end);
    }
    return Math.min(clock.known - window.origin, window.end);
  }

  /** Looks at packets up to the next PCR that moves the clock on; false at the end of the window. */
  #scanToPcr(window: ByteWindow): boolean {
    const { buf, end, origin } = window;
    const clock = this.#clock;
    const stride = this.#layout.stride;
    const known = clock.known;
    let p = Math.max(this.#scan - origin, 0);
    // Header, adaptation field length and flags, PCR: 12 octets.
    while (p + 12 <= end) {
      if (buf[p] !== TS_SYNC_BYTE) {
        const found = findSync(buf, p, end, stride);
        if (found < 0) {
          p = Math.max(end - stride, p);
          break;
        }
        p = found;
      }
      const header = u8(buf, p + 3);
      if ((header & 0x20) !== 0 && u8(buf, p + 4) > 0 && (u8(buf, p + 1) & 0x80) === 0) {
        const flags = u8(buf, p + 5);
        if ((flags & 0x90) !== 0) {
          const pid = u16(buf, p + 1) & 0x1fff;
          if ((flags & 0x80) !== 0) clock.discontinuity(pid);
          if ((flags & 0x10) !== 0 && u8(buf, p + 4) >= 7) {
            // 33 bits of 90 kHz, 6 reserved, 9 bits of 27 MHz (13818-1, 2.4.3.4).
            const base = u32(buf, p + 6) * 2 + (u8(buf, p + 10) >> 7);
            clock.pcr(pid, origin + p, base * 300 + (u16(buf, p + 10) & 0x1ff));
          }
        }
      }
      p += stride;
      if (clock.known > known) break;
    }
    this.#scan = origin + p;
    return clock.known > known;
  }

  /**
   * Finds out whether the arrival stamps of a 192-octet file count: some writers leave them all alike, and
   * then the PCRs tell the time. False when it needs more octets for that.
   */
  #judgeStamps(window: ByteWindow): boolean {
    const { first, stride } = this.#layout;
    const p = window.start + first;
    const packets = Math.min(Math.floor((window.end - p) / stride), STAMPS_TO_JUDGE);
    if (packets < STAMPS_TO_JUDGE && !window.ended) return false;
    this.#times = "pcr";
    for (let i = 1; i < packets; i++) {
      if (u32(window.buf, p + i * stride) !== u32(window.buf, p)) this.#times = "m2ts";
    }
    return true;
  }
}
