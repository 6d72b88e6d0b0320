import { Histogram } from "../../report/histogram.ts";
import type { PtsReport } from "../../report/mpegts-schema.ts";
import { payloadOffset, TS_PACKET_BYTES } from "../packet.ts";
import { pcrStep, ptsStep, TICKS_PER_PTS } from "./pcr-time.ts";
import { PES, PES_START_BYTES, pesStart, readPesStart, startsPes } from "./pes.ts";

/** Ticks of 90 kHz in a millisecond. */
const PTS_PER_MS = 90;

/**
 * Time stamps of one elementary stream: PTS and DTS counts, their intervals, order, and how far PTS is ahead of
 * the program clock.
 *
 * An interval is the step from one PTS to the next in the order of the stream, so pictures that are sent out of
 * their order make negative ones. PTS less PCR is taken where the PES packet starts. Some 2 kB, 20 kB with every
 * bin of its histograms; no allocation per packet.
 */
export class PtsTrack {
  readonly pid: number;
  /** PTS of the last PES packet that had one, ticks of 90 kHz; NaN before. */
  pts = Number.NaN;
  /** By how much that PTS was ahead of the program clock, ticks of 90 kHz; NaN where that is not known. */
  lead = Number.NaN;
  /** PES packets whose header breaks the syntax; their time stamps are not looked at. */
  broken = 0;

  readonly #start = pesStart();
  readonly #partial = new Uint8Array(PES_START_BYTES);
  /** Octets in `#partial`; -1 while no header goes on. */
  #partialBytes = -1;
  #partialClock = Number.NaN;
  #ptsCount = 0;
  #dtsCount = 0;
  #lastDts = Number.NaN;
  readonly #intervalMs = new Histogram("ms");
  readonly #leadMs = new Histogram("ms");
  #disorder = 0;
  readonly #offsetMs = new Histogram("ms");

  constructor(pid: number) {
    this.pid = pid;
  }

  /**
   * A packet of the PID at `buf[at]`; `clock27` is the program clock there (`PcrClock.ticksAt`, may be NaN).
   * True when a PTS came with it: it is in `pts`. Most packets are done with after a look at two octets.
   */
  packet(buf: Uint8Array, at: number, clock27: number): boolean {
    if (startsPes(buf, at)) {
      this.#partialBytes = 0;
      this.#partialClock = clock27;
    }
    if (this.#partialBytes < 0) return false;
    const off = at + payloadOffset(buf, at);
    const len = at + TS_PACKET_BYTES - off;
    // Nearly always the header stands in one packet.
    if (this.#partialBytes === 0) return this.#read(buf, off, len);
    let kept = this.#partialBytes;
    for (let i = 0; i < len && kept < PES_START_BYTES; i += 1, kept += 1)
      this.#partial[kept] = buf[off + i] as number;
    return this.#read(this.#partial, 0, kept);
  }

  /** A header has begun and goes on in the next packet of the PID. */
  get unfinished(): boolean {
    return this.#partialBytes >= 0;
  }

  /** Packets of the PID are missing: a header that has begun does not go on. */
  lost(): void {
    this.#partialBytes = -1;
  }

  /** The time base changes, or packets were not seen: the next time stamps have nothing before them. */
  restart(): void {
    this.lost();
    this.pts = Number.NaN;
    this.lead = Number.NaN;
    this.#lastDts = Number.NaN;
  }

  /**
   * For audio, after a PTS: its lead over the newest one of `video`, less the time of the program clock between
   * the two. So multiplexing one earlier than the other shows, and the turns of the two do not.
   */
  against(video: PtsTrack): void {
    this.#offsetMs.add((this.lead - video.lead) / PTS_PER_MS);
  }

  /** All of it as report data; the bins of the histograms only where they are asked for. */
  report(bins = true): PtsReport {
    const { min, mean, max } = this.#offsetMs;
    return {
      pid: this.pid,
      pts: this.#ptsCount,
      dts: this.#dtsCount,
      ptsIntervalMs: this.#intervalMs.toReport(bins),
      ptsMinusPcrMs: this.#leadMs.count > 0 ? this.#leadMs.toReport(bins) : null,
      dtsDisorder: this.#disorder,
      audioOffsetMs: min === null || mean === null || max === null ? null : { min, mean, max },
    };
  }

  /** The first `len` octets of a PES packet; keeps them where more are needed. */
  #read(buf: Uint8Array, off: number, len: number): boolean {
    const start = this.#start;
    const result = readPesStart(buf, off, len, start);
    if (result === PES.short) {
      if (buf !== this.#partial) for (let i = 0; i < len; i += 1) this.#partial[i] = buf[off + i] as number;
      this.#partialBytes = len;
      return false;
    }
    this.#partialBytes = -1;
    if (result === PES.broken) this.broken += 1;
    if (result !== PES.header || Number.isNaN(start.pts)) return false;
    this.#stamps(start.pts, start.dts, start.streamId);
    return true;
  }

  #stamps(pts: number, dts: number, streamId: number): void {
    this.#ptsCount += 1;
    if (!Number.isNaN(dts)) this.#dtsCount += 1;
    this.#intervalMs.add(ptsStep(this.pts, pts) / PTS_PER_MS);
    const clock = this.#partialClock;
    this.lead = pcrStep(clock, pts * TICKS_PER_PTS) / TICKS_PER_PTS;
    this.#leadMs.add(this.lead / PTS_PER_MS);
    this.pts = pts;
    // 2.7.5: without a DTS it is the same as the PTS.
    const decode = Number.isNaN(dts) ? pts : dts;
    const forward = ptsStep(this.#lastDts, decode);
    // Only audio and video have one access unit a time stamp: subtitles may send several PES packets for one.
    const stands = forward === 0 && streamId >= 0xc0 && streamId <= 0xef;
    if (forward < 0 || stands || ptsStep(decode, pts) < 0) this.#disorder += 1;
    this.#lastDts = decode;
  }
}
