import { TS_PACKET_BYTES } from "../../mpegts/packet.ts";
import type { SinkRecord } from "../queue/packet-sink.ts";
import { MARK, ProgramWatch } from "./program-watch.ts";
import type { SegmentFolder } from "./segment-folder.ts";
import { idleMs, type SegmentContext, SegmentOutput } from "./segment-output.ts";

/** A segment without a place to cut at ends anyway when it is this many times as long as it should be. */
const FORCED_FACTOR = 3;

/** Shorter segments are not made for a discontinuity. */
const SHORTEST_SECONDS = 1;

/** Durations of whole frames seldom add up to the duration wanted in binary. */
const TOLERANCE_SECONDS = 0.001;

/** One transport stream in segments, each with PAT and PMT first and beginning at a random access point. */
export class TsSegmenter {
  readonly #context: SegmentContext;
  readonly #output: SegmentOutput;
  readonly #watch = new ProgramWatch();
  /** The present segment: media time at its start, wall clock of its first packet, what comes before it is missing. */
  #start = 0;
  #startMs = 0;
  #discontinuity = false;
  /** The next segment does not go on from this one. */
  #pending: boolean;
  #changes = 0;
  /** Wall clock of the record at hand, and our own when it came. */
  #wallMs = 0;
  #lastMs = 0;
  #toldForced = false;

  /** `goesOn`: an earlier run has left segments of the stream, from which these do not go on. */
  constructor(context: SegmentContext, folder: SegmentFolder, goesOn: boolean) {
    this.#context = context;
    this.#output = new SegmentOutput(context, folder, ".ts", TS_PACKET_BYTES);
    this.#pending = goesOn;
  }

  /** Whole TS packets whose first came at `wallMs` of Unix time. */
  take(record: SinkRecord, wallMs: number): void {
    this.#wallMs = wallMs;
    this.#lastMs = performance.now();
    if (record.discontinuity) this.#pending = true;
    if (!this.#output.isOpen) this.#open();
    else if (this.#overdue()) this.#cut();
    const { buf, off, len } = record;
    const watch = this.#watch;
    const end = off + len;
    let from = off;
    for (let at = off; at < end; at += TS_PACKET_BYTES) {
      const marks = watch.packet(buf, at);
      if (marks === MARK.none) continue;
      if (watch.changes !== this.#changes) this.#pending = true;
      this.#changes = watch.changes;
      if ((marks & MARK.jump) !== 0) this.#pending = true;
      if ((marks & MARK.unit) === 0 || !this.#cutsAt(marks, at - from)) continue;
      this.#write(buf, from, at - from);
      from = at;
      this.#cut();
    }
    this.#write(buf, from, end - from);
  }

  /** Ends a segment that gets no more; `nowMs` is of `performance.now()`. */
  poll(nowMs: number): void {
    if (!this.#output.isOpen || nowMs - this.#lastMs < idleMs(this.#context.limits)) return;
    this.#finish(true);
    this.#pending = true;
  }

  /** Ends the last segment. */
  close(): void {
    this.#finish(true);
  }

  #write(buf: Uint8Array, off: number, len: number): void {
    if (len === 0 || this.#output.write(buf, off, len, len / TS_PACKET_BYTES)) return;
    this.#finish(false);
    this.#pending = true;
  }

  /** Media time since the segment's start, by arrival where there are no time stamps. */
  #elapsed(last: boolean): number {
    const { clock } = this.#watch;
    const media = (last ? clock.expected : clock.seconds) - this.#start;
    return media > 0 ? media : Math.max(0, this.#wallMs - this.#startMs) / 1000;
  }

  #cutsAt(marks: number, ahead: number): boolean {
    const { limits } = this.#context;
    const elapsed = this.#elapsed(false);
    // Another time line begins here, whether or not a decoder can start with it.
    if ((marks & MARK.jump) !== 0 && elapsed >= SHORTEST_SECONDS) return true;
    const bytes = this.#output.bytes + ahead;
    const full = (factor: number): boolean =>
      elapsed >= limits.seconds * factor - TOLERANCE_SECONDS ||
      (limits.bytes > 0 && bytes >= limits.bytes * factor);
    const due = full(1) || (this.#pending && elapsed >= SHORTEST_SECONDS);
    if (due && ((marks & MARK.entry) !== 0 || limits.boundary === "any")) return true;
    if (!full(FORCED_FACTOR)) return false;
    this.#forced();
    return true;
  }

  /** Without access units, or without time stamps, a segment ends by the time its packets came. */
  #overdue(): boolean {
    const { limits } = this.#context;
    const arrived = (this.#wallMs - this.#startMs) / 1000;
    const full = limits.bytes > 0 && this.#output.bytes >= limits.bytes * FORCED_FACTOR;
    if (!this.#watch.hasMain) return full || arrived >= limits.seconds;
    if (!full && arrived < limits.seconds * (FORCED_FACTOR + 1)) return false;
    this.#forced();
    return true;
  }

  #forced(): void {
    this.#context.counts.forced++;
    if (this.#toldForced) return;
    this.#toldForced = true;
    this.#context.log(
      "warning",
      `A segment has had no place to start the next at for ${FORCED_FACTOR} times its length and is ended anyway.`,
    );
  }

  #cut(): void {
    this.#finish(false);
    this.#open();
  }

  #finish(last: boolean): void {
    const seconds = this.#elapsed(last);
    this.#output.finish({ seconds, discontinuity: this.#discontinuity, dateMs: this.#startMs });
    this.#start = last ? this.#watch.clock.expected : this.#watch.clock.seconds;
  }

  #open(): void {
    this.#startMs = this.#wallMs;
    if (!this.#output.open(this.#wallMs)) {
      this.#pending = true;
      return;
    }
    this.#discontinuity = this.#pending;
    this.#pending = false;
    for (const octets of this.#watch.tables()) this.#output.write(octets, 0, octets.length, 0);
  }
}
