import type { WireLog } from "../../wire/log.ts";
import type { PartFile } from "./part-file.ts";
import type { PlaylistEntry } from "./playlist.ts";
import type { SegmentFolder } from "./segment-folder.ts";

/** Time until a segment is begun again after the disk refused one. */
const RETRY_MS = 1000;

/** A stream that is silent for this many times the duration of a segment, ends it. */
const IDLE_FACTOR = 2;
const IDLE_LEAST_SECONDS = 5;

/** When segments end. */
export interface SegmentLimits {
  readonly seconds: number;
  /** Octets, 0 for no limit. */
  readonly bytes: number;
  /** Segments of TS begin where a decoder can start, or at any access unit. */
  readonly boundary: "keyframe" | "any";
}

/** What all segments of a sink share. */
export interface SegmentContext {
  readonly limits: SegmentLimits;
  /** False where the disk is too full to go on. */
  readonly hasRoom: () => boolean;
  readonly counts: SegmentCounts;
  readonly log: WireLog;
}

/** Totals over all streams of a sink. */
export interface SegmentCounts {
  segments: number;
  packets: number;
  bytes: number;
  lost: number;
  /** Segments that were ended without a place to start the next at. */
  forced: number;
}

/** How long a stream may be silent before its segment is ended, milliseconds. */
export function idleMs({ seconds }: SegmentLimits): number {
  return Math.max(IDLE_FACTOR * seconds, IDLE_LEAST_SECONDS) * 1000;
}

/** The segment that is written to now. A disk that refuses it costs packets, which are counted, and no more. */
export class SegmentOutput {
  readonly #context: SegmentContext;
  readonly #folder: SegmentFolder;
  readonly #ending: string;
  readonly #unitBytes: number;
  #file: PartFile | null = null;
  #retryMs = Number.NEGATIVE_INFINITY;
  #told = false;

  /** `unitBytes`: a segment that could not be written to its end is cut to a multiple of these. */
  constructor(context: SegmentContext, folder: SegmentFolder, ending: string, unitBytes: number) {
    this.#context = context;
    this.#folder = folder;
    this.#ending = ending;
    this.#unitBytes = unitBytes;
  }

  /** A segment is open. */
  get isOpen(): boolean {
    return this.#file !== null;
  }

  /** Octets of the open segment. */
  get bytes(): number {
    return this.#file?.bytes ?? 0;
  }

  /** Begins a segment; false where that is not possible now. */
  open(startMs: number): boolean {
    if (performance.now() < this.#retryMs) return false;
    try {
      if (!this.#context.hasRoom())
        throw new Error("less is free on the disk than --segment-min-free asks for");
      this.#file = this.#folder.open(startMs, this.#ending);
    } catch (error) {
      this.#failed(error);
    }
    return this.isOpen;
  }

  /** Adds octets of `packets` packets to the open segment; false when the disk refuses them, and it should be ended. */
  write(buf: Uint8Array, off: number, len: number, packets: number): boolean {
    const { counts } = this.#context;
    const file = this.#file;
    if (file === null) {
      counts.lost += packets;
      return true;
    }
    try {
      file.write(buf, off, len);
      counts.packets += packets;
      counts.bytes += len;
      return true;
    } catch (error) {
      counts.lost += packets;
      this.#failed(error);
      return false;
    }
  }

  /** Ends the open segment; `entry` is what a playlist says of it. */
  finish(entry: Omit<PlaylistEntry, "uri"> | null): void {
    const file = this.#file;
    this.#file = null;
    if (file === null) return;
    try {
      file.trim(this.#unitBytes);
      if (file.bytes === 0) {
        file.discard();
        return;
      }
      this.#folder.finish(file, entry);
      this.#context.counts.segments++;
      this.#told = false;
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The disk refused something: what is there is kept, and the next segment begins a while later. */
  #failed(error: unknown): void {
    const { path } = this.#folder;
    this.#retryMs = performance.now() + RETRY_MS;
    if (!this.#told) {
      this.#told = true;
      const why = error instanceof Error ? error.message : String(error);
      this.#context.log("error", `Segments can't be written to ${path}: ${why}. Lost packets are counted.`, {
        path,
      });
    }
  }
}
