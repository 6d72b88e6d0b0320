import { inputError, usageError } from "../report/error.ts";
import type { Epoch } from "../report/time.ts";
import {
  addStats,
  END_OF_INPUT,
  emptyStats,
  FrameBatch,
  type FrameSource,
  type SourceStats,
  type TimestampSource,
} from "./batch.ts";
import { PlayClock } from "./play-clock.ts";
import type { FileSource } from "./savefile.ts";

/** Frames due within this of one another leave together, so that a busy stream wakes us once a step; unless told. */
const HORIZON_NS = 1_000_000;
/** Frames that are held at once. */
const HELD_FRAMES = 1024;
/** Longest sleep: the stop flag is looked at as often. */
const SLEEP_STEP_MS = 20;

/** How a file is played. */
export interface PaceOptions {
  /** Opens the file at its start; called for each repeat. */
  readonly open: () => FileSource | Promise<FileSource>;
  /** Factor on the capture's own timing: 1 for real time, 2 for twice as fast, 0 for as fast as possible. */
  readonly speed: number;
  /** Times to play it; 0 for ever. */
  readonly loop: number;
  /** Word 0 becomes 1 when playing is to stop; frames are then no longer waited for. */
  readonly stop: Int32Array;
  /** How long before they are due frames are handed out, for a sender that times each itself. */
  readonly aheadNs?: number;
  /** Frames due within this of one another are handed out together; 1 ms unless told. */
  readonly horizonNs?: number;
  /** Monotonic nanoseconds; the system's unless told. */
  readonly now?: () => number;
  /** Sleeps for that many milliseconds or until the stop flag is raised. */
  readonly sleep?: (ms: number) => void;
}

/**
 * A file played in time: the same frames with the same times, handed out when they are due. Repeats go on in time:
 * each starts one mean gap after the last frame of the one before.
 */
export class PacedSource implements FileSource {
  readonly live = false;
  readonly #options: PaceOptions;
  readonly #now: () => number;
  readonly #sleep: (ms: number) => void;
  readonly #inner: FrameBatch;
  /** What the runs before this one have counted. */
  readonly #before: SourceStats = emptyStats();
  readonly #clock: PlayClock;
  #source: FileSource;
  #next = 0;
  #count = 0;
  #run = 1;
  #offsetNs = 0;
  #firstNs = Number.NaN;
  #lastNs = Number.NaN;

  /**
   * Plays `source`, the first opening of the file. Throws an RscapError when standard input or a pipe is to be
   * repeated, which can be read only once.
   */
  constructor(source: FileSource, options: PaceOptions) {
    if (options.loop !== 1 && Number.isNaN(source.size)) {
      source.close();
      throw usageError(
        "loop-on-pipe",
        `${source.name}: --loop (REPLAY_LOOP) needs a file that can be read again, and this is a pipe. ` +
          "Save it to a file first.",
      );
    }
    this.#source = source;
    this.#options = options;
    this.#inner = new FrameBatch(HELD_FRAMES);
    this.#clock = new PlayClock(options.speed);
    this.#now = options.now ?? Bun.nanoseconds;
    this.#sleep = options.sleep ?? ((ms) => void Atomics.wait(options.stop, 0, 0, ms));
  }

  /** Number of the repeat that the frames handed out last were of, from 1. */
  get run(): number {
    return this.#run;
  }

  get kind(): FrameSource["kind"] {
    return this.#source.kind;
  }

  get name(): string {
    return this.#source.name;
  }

  get epoch(): Epoch {
    return this.#source.epoch;
  }

  get timestampSource(): TimestampSource {
    return this.#source.timestampSource;
  }

  get position(): number {
    return this.#source.position;
  }

  get size(): number {
    return this.#source.size;
  }

  /** See FrameSource; returns 0 when nothing is due within `timeoutMs` or the stop flag is up. */
  next(batch: FrameBatch, timeoutMs: number): number | Promise<number> {
    batch.count = 0;
    if (this.#next < this.#count) return this.#handOut(batch, timeoutMs);
    const got = this.#source.next(this.#inner, timeoutMs);
    return typeof got === "number"
      ? this.#received(got, batch, timeoutMs)
      : this.#later(got, batch, timeoutMs);
  }

  async #later(got: Promise<number>, batch: FrameBatch, timeoutMs: number): Promise<number> {
    return this.#received(await got, batch, timeoutMs);
  }

  #received(got: number, batch: FrameBatch, timeoutMs: number): number | Promise<number> {
    if (got === 0) return 0;
    if (got === END_OF_INPUT) return this.#repeat();
    this.#next = 0;
    this.#count = got;
    if (this.#options.speed > 0 && this.timestampSource.kind === "none") {
      throw inputError(
        "no-times",
        `${this.name}: --realtime and --speed need times, and this input has none (no two PCRs of one PID). ` +
          "Leave them out to play it as fast as possible.",
      );
    }
    return this.#handOut(batch, timeoutMs);
  }

  /** Opens the file again if it is to be repeated; an input without any frame is not. */
  #repeat(): number | Promise<number> {
    const { loop, open } = this.#options;
    const now = this.#source.stats();
    if ((loop !== 0 && this.#run >= loop) || now.packets === 0 || this.#stopped()) return END_OF_INPUT;
    addStats(this.#before, now);
    const duration = this.#lastNs - this.#firstNs;
    if (duration >= 0) this.#offsetNs += duration + duration / Math.max(now.packets - 1, 1);
    this.#run++;
    this.#source.close();
    const source = open();
    if (source instanceof Promise) {
      return source.then((opened) => {
        this.#source = opened;
        return 0;
      });
    }
    this.#source = source;
    return 0;
  }

  /** Waits for the next frame, then hands out all that are due with it. */
  #handOut(batch: FrameBatch, timeoutMs: number): number {
    const inner = this.#inner;
    const paced = this.#options.speed > 0;
    let dueBy = Number.POSITIVE_INFINITY;
    let now = 0;
    if (paced) {
      const due = this.#clock.due((inner.timeNs[this.#next] as number) + this.#offsetNs, this.#now());
      if (!this.#wait(due - (this.#options.aheadNs ?? 0), timeoutMs)) return 0;
      now = this.#now();
      dueBy = now + (this.#options.horizonNs ?? HORIZON_NS) + (this.#options.aheadNs ?? 0);
    }
    batch.buf = inner.buf;
    let n = 0;
    let i = this.#next;
    for (; i < this.#count && n < batch.capacity; i++, n++) {
      const timeNs = inner.timeNs[i] as number;
      if (n > 0 && paced && this.#clock.due(timeNs + this.#offsetNs, now) > dueBy) break;
      batch.offset[n] = inner.offset[i] as number;
      batch.capturedLength[n] = inner.capturedLength[i] as number;
      batch.wireLength[n] = inner.wireLength[i] as number;
      batch.timeNs[n] = timeNs + this.#offsetNs;
      batch.linkType[n] = inner.linkType[i] as number;
      batch.vlanTci[n] = inner.vlanTci[i] as number;
      batch.vlanTpid[n] = inner.vlanTpid[i] as number;
      if (this.#run === 1 && Number.isNaN(this.#firstNs)) this.#firstNs = timeNs;
      if (!(timeNs <= this.#lastNs) && !Number.isNaN(timeNs)) this.#lastNs = timeNs;
    }
    this.#next = i;
    batch.count = n;
    return n;
  }

  /** True once `dueNs` has come; false when `timeoutMs` passed or the stop flag went up before. */
  #wait(dueNs: number, timeoutMs: number): boolean {
    const until = this.#now() + timeoutMs * 1e6;
    for (;;) {
      const now = this.#now();
      if (this.#stopped()) return false;
      if (now >= dueNs) return true;
      if (now >= until) return false;
      this.#sleep(Math.min((Math.min(dueNs, until) - now) / 1e6, SLEEP_STEP_MS));
    }
  }

  #stopped(): boolean {
    return Atomics.load(this.#options.stop, 0) !== 0;
  }

  stats(): SourceStats {
    const total = { ...this.#before };
    addStats(total, this.#source.stats());
    return total;
  }

  close(): void {
    this.#source.close();
  }
}
