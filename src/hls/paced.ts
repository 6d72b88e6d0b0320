import {
  END_OF_INPUT,
  FrameBatch,
  type FrameSource,
  type SourceStats,
  type TimestampSource,
} from "../capture/batch.ts";
import { PlayClock } from "../capture/play-clock.ts";
import type { Report } from "../report/schema.ts";
import type { Epoch } from "../report/time.ts";
import type { HlsSource } from "./source.ts";

/** Frames that are held at once. */
const HELD_FRAMES = 256;
/** Frames that are later than this come after a standstill, which is not caught up in a burst. */
const LATE_NS = 200e6;
/** How much faster media is played that piles up, because the packager's clock is faster or after a standstill. */
const CATCH_UP = 0.05;

/** How segments are played. */
export interface PacedHlsOptions {
  /** Factor on their own timing: 1 for real time. */
  readonly speed: number;
  /** How long before they are due frames are handed out. */
  readonly aheadNs: number;
  /** Frames due within this of one another are handed out together. */
  readonly horizonNs: number;
  /** Whether more media waits than is good for staying near the end of a live playlist. */
  readonly behind: () => boolean;
  /** Monotonic nanoseconds; the system's unless told. */
  readonly now?: () => number;
  /** Waits for that many milliseconds; the system's timer unless told. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/**
 * Segments played in time. Unlike a file's they come over the network meanwhile: all waiting is by timers, so that
 * the thread can take in what comes.
 */
export class PacedHls implements FrameSource {
  readonly kind = "hls";
  readonly #source: HlsSource;
  readonly #options: PacedHlsOptions;
  readonly #clock: PlayClock;
  readonly #now: () => number;
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #inner = new FrameBatch(HELD_FRAMES);
  #next = 0;
  #count = 0;
  #handedAtNs = Number.NaN;

  constructor(source: HlsSource, options: PacedHlsOptions) {
    this.#source = source;
    this.#options = options;
    this.#clock = new PlayClock(options.speed);
    this.#now = options.now ?? Bun.nanoseconds;
    this.#sleep = options.sleep ?? ((ms) => Bun.sleep(ms));
  }

  get name(): string {
    return this.#source.name;
  }

  get live(): boolean {
    return this.#source.live;
  }

  get epoch(): Epoch {
    return this.#source.epoch;
  }

  get run(): number {
    return this.#source.run;
  }

  get timestampSource(): TimestampSource {
    return this.#source.timestampSource;
  }

  /** See FrameSource; 0 where nothing is due within `timeoutMs`. */
  async next(batch: FrameBatch, timeoutMs: number): Promise<number> {
    batch.count = 0;
    if (this.#next === this.#count) {
      const got = await this.#source.next(this.#inner, timeoutMs);
      if (got <= 0) return got === END_OF_INPUT ? END_OF_INPUT : 0;
      this.#next = 0;
      this.#count = got;
    }
    const { aheadNs, horizonNs } = this.#options;
    const due = this.#due(this.#inner.timeNs[this.#next] as number) - aheadNs;
    const waitMs = (due - this.#now()) / 1e6;
    // Even a frame that is due leaves the thread to what came over the network.
    await this.#sleep(Math.min(Math.max(waitMs, 0), timeoutMs));
    if (waitMs > timeoutMs) return 0;
    return this.#handOut(batch, this.#now() + horizonNs + aheadNs);
  }

  /** When a frame of `timeNs` is due; after a standstill from then on. */
  #due(timeNs: number): number {
    const now = this.#now();
    const due = this.#clock.due(timeNs, now);
    if (now - due <= LATE_NS || due === Number.NEGATIVE_INFINITY) return due;
    this.#clock.delay(now - due);
    return now;
  }

  #handOut(batch: FrameBatch, dueByNs: number): number {
    const inner = this.#inner;
    const now = this.#now();
    if (this.#options.behind() && !Number.isNaN(this.#handedAtNs)) {
      this.#clock.delay(-(now - this.#handedAtNs) * CATCH_UP);
    }
    this.#handedAtNs = now;
    batch.buf = inner.buf;
    let n = 0;
    let i = this.#next;
    for (; i < this.#count && n < batch.capacity; i++, n++) {
      const timeNs = inner.timeNs[i] as number;
      if (n > 0 && this.#clock.due(timeNs, now) > dueByNs) break;
      batch.offset[n] = inner.offset[i] as number;
      batch.capturedLength[n] = inner.capturedLength[i] as number;
      batch.wireLength[n] = inner.wireLength[i] as number;
      batch.timeNs[n] = timeNs;
      batch.linkType[n] = inner.linkType[i] as number;
    }
    this.#next = i;
    batch.count = n;
    return n;
  }

  stats(): SourceStats {
    return this.#source.stats();
  }

  annotate(report: Report): void {
    this.#source.annotate(report);
  }

  close(): void {
    this.#source.close();
  }
}
