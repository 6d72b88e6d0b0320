import {
  addStats,
  END_OF_INPUT,
  emptyStats,
  type FrameBatch,
  type SourceStats,
  type TimestampSource,
} from "../capture/batch.ts";
import { type FileSource, type OpenedFile, SavefileSource } from "../capture/savefile.ts";
import { TsFileParser } from "../capture/tsfile.ts";
import { TS_PACKET_BYTES } from "../mpegts/packet.ts";
import type { HlsReport } from "../report/hls-schema.ts";
import type { Report } from "../report/schema.ts";
import { type Epoch, NO_WALL_CLOCK } from "../report/time.ts";
import { shownAddress } from "./address.ts";
import { RunWindow } from "./octet-queue.ts";
import type { HlsSession } from "./session.ts";

/** How long the server is waited for before the stop flag is looked at again. */
const WAIT_STEP_MS = 50;

const LAYOUT = { stride: TS_PACKET_BYTES, syncOffset: 0, first: 0 } as const;

/** The segments of a playlist as one transport stream, in order, with the times of its PCRs. */
export class HlsSource implements FileSource {
  readonly kind = "hls";
  readonly size = Number.NaN;
  readonly name: string;
  readonly live: boolean;
  readonly epoch: Epoch;
  readonly #session: HlsSession;
  /** What the runs before the present one have counted. */
  readonly #before: SourceStats = emptyStats();
  #inner: SavefileSource;
  #window: RunWindow;
  #run = 1;
  #offsetNs = 0;
  #firstNs = Number.NaN;
  #lastNs = Number.NaN;
  #frames = 0;

  private constructor(session: HlsSession, opened: Opened, live: boolean) {
    this.#session = session;
    this.#inner = opened.source;
    this.#window = opened.window;
    this.live = live;
    this.name = shownAddress(session.address);
    // A recording has no wall clock, like a file; what comes now, does.
    this.epoch = session.ended ? NO_WALL_CLOCK : epochOf(Date.now());
    session.clock(() => this.#lastNs);
  }

  /** Waits for the first octets, which are `live` or a recording; throws an RscapError where none come. */
  static async open(session: HlsSession, live: boolean): Promise<HlsSource> {
    for (;;) {
      const opened = await openRun(session);
      if (opened !== null) return new HlsSource(session, opened, live);
      // When all was stopped its end is the session's, too.
      if (session.queue.over) throw session.queue.fault ?? session.nothing();
    }
  }

  /** Number of the run that the frames handed out last were of: it changes where they don't follow. */
  get run(): number {
    return this.#run;
  }

  get timestampSource(): TimestampSource {
    return this.#inner.timestampSource;
  }

  get position(): number {
    return this.#session.queue.received;
  }

  /** See FrameSource. */
  next(batch: FrameBatch, timeoutMs: number): number | Promise<number> {
    const got = this.#inner.next(batch, timeoutMs);
    return typeof got === "number" && got > 0
      ? this.#handOut(batch, got)
      : this.#later(got, batch, timeoutMs);
  }

  async #later(got: number | Promise<number>, batch: FrameBatch, timeoutMs: number): Promise<number> {
    const frames = await got;
    if (frames !== END_OF_INPUT) return frames === 0 ? 0 : this.#handOut(batch, frames);
    const { queue } = this.#session;
    if (queue.over) {
      if (queue.fault !== null) throw queue.fault;
      return END_OF_INPUT;
    }
    const run = queue.nextRun();
    if (run === null) {
      await queue.news(timeoutMs);
      return 0;
    }
    this.#follow(new RunWindow(queue, run));
    return 0;
  }

  /** Goes on with the next run: its time begins a mean frame, and what is missing, after the last frame's. */
  #follow(window: RunWindow): void {
    addStats(this.#before, this.#inner.stats());
    const gapNs = this.#frames > 1 ? (this.#lastNs - this.#firstNs) / (this.#frames - 1) : 0;
    if (!Number.isNaN(this.#lastNs)) this.#offsetNs = this.#lastNs + gapNs + window.missingSeconds * 1e9;
    this.#window = window;
    this.#inner = sourceOf(this.#session, window);
    this.#run++;
  }

  #handOut(batch: FrameBatch, frames: number): number {
    const { timeNs } = batch;
    for (let i = 0; i < frames; i++) timeNs[i] = (timeNs[i] as number) + this.#offsetNs;
    const last = timeNs[frames - 1] as number;
    if (Number.isNaN(this.#firstNs)) this.#firstNs = timeNs[0] as number;
    if (!Number.isNaN(last)) this.#lastNs = last;
    this.#frames += frames;
    return frames;
  }

  stats(): SourceStats {
    const total = { ...this.#before };
    addStats(total, this.#inner.stats());
    return total;
  }

  /** Adds to `report` what was found in the playlists and how loading went. */
  annotate(report: Report): void {
    const { hls, findings }: { hls: HlsReport; findings: Report["findings"] } = this.#session.report(
      this.epoch,
    );
    report.hls = hls;
    report.findings.unshift(...findings);
    for (const { severity } of findings) {
      if (severity === "error") report.summary.errors++;
      if (severity === "warning") report.summary.warnings++;
    }
  }

  close(): void {
    this.#window.close();
    this.#session.close();
  }
}

interface Opened {
  readonly source: SavefileSource;
  readonly window: RunWindow;
}

/** The first run, once it is known where its times come from; null where it is not there yet. */
async function openRun(session: HlsSession): Promise<Opened | null> {
  const { queue } = session;
  const run = queue.nextRun();
  if (run === null) {
    if (!queue.over) await queue.news(WAIT_STEP_MS);
    return null;
  }
  const window = new RunWindow(queue, run);
  const parser = new TsFileParser(LAYOUT);
  for (;;) {
    if (parser.prime(window) || window.ended) break;
    await window.fill(parser.need, WAIT_STEP_MS);
  }
  if (window.end === window.start) return null;
  return { source: new SavefileSource(fileOf(session), window, parser), window };
}

function sourceOf(session: HlsSession, window: RunWindow): SavefileSource {
  return new SavefileSource(fileOf(session), window, new TsFileParser(LAYOUT));
}

function fileOf(session: HlsSession): OpenedFile {
  return { name: shownAddress(session.address), position: 0, size: Number.NaN };
}

function epochOf(ms: number): Epoch {
  return { seconds: Math.floor(ms / 1000), nanoseconds: (ms % 1000) * 1e6, wallClock: true };
}
