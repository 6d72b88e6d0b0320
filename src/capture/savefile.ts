import { inputError, type RscapError } from "../report/error.ts";
import type { Epoch } from "../report/time.ts";
import {
  END_OF_INPUT,
  type FrameBatch,
  type FrameSource,
  type SourceStats,
  type TimestampSource,
} from "./batch.ts";
import type { ByteWindow } from "./chunk.ts";

/**
 * Most octets of one packet in a savefile; libpcap and Wireshark refuse more as damage (their
 * MAXIMUM_SNAPLEN and WTAP_MAX_PACKET_SIZE_STANDARD).
 */
export const MAX_CAPTURED_OCTETS = 262_144;

/** What a parser found where a record should be. */
export interface Damage {
  readonly code: string;
  /** Offset in the content of the octet where the record, block or header begins. */
  readonly offset: number;
  readonly expected: string;
  readonly found: string;
}

/** Turns the octets of a window into frames; one for each file format. */
export interface RecordParser {
  readonly kind: "pcap" | "pcapng" | "ts";
  readonly epoch: Epoch;
  readonly timestampSource: TimestampSource;
  readonly stats: SourceStats;
  /** Octets from `window.start` on that the next record needs; valid after `parse` gave no frame. */
  readonly need: number;
  /** Set when the rest can't be read; frames parsed before it stand in the batch. */
  readonly damage: Damage | null;
  /** Finds out where times come from; false when it takes `need` octets in the window to tell. */
  prime?(window: ByteWindow): boolean;
  /**
   * Appends frames to `batch` (whose buffer is the window's) until it is full or the window used up. When
   * `window.ended` is set, a rest that is no whole record is damage.
   */
  parse(window: ByteWindow, batch: FrameBatch): void;
}

/** A file as a source of frames, with how far it was read. */
export interface FileSource extends FrameSource {
  /** Octets of the file read so far, as it stands on disk (compressed, if it is). */
  readonly position: number;
  /** Octets of the file on disk; NaN for a pipe. */
  readonly size: number;
}

/** What a source says of the file it reads. */
export type OpenedFile = Pick<FileSource, "name" | "position" | "size">;

/** A capture file: the window brings octets, the parser makes frames of them. */
export class SavefileSource implements FileSource {
  readonly live = false;
  readonly #input: OpenedFile;
  readonly #window: ByteWindow;
  readonly #parser: RecordParser;

  constructor(input: OpenedFile, window: ByteWindow, parser: RecordParser) {
    this.#input = input;
    this.#window = window;
    this.#parser = parser;
  }

  get kind(): "pcap" | "pcapng" | "ts" {
    return this.#parser.kind;
  }

  get name(): string {
    return this.#input.name;
  }

  get epoch(): Epoch {
    return this.#parser.epoch;
  }

  get timestampSource(): TimestampSource {
    return this.#parser.timestampSource;
  }

  get position(): number {
    return this.#input.position;
  }

  get size(): number {
    return this.#input.size;
  }

  /** See FrameSource; a pipe that brings nothing for `timeoutMs` returns 0 too, so that it can be stopped. */
  next(batch: FrameBatch, timeoutMs: number): number | Promise<number> {
    for (;;) {
      const frames = this.#parse(batch);
      if (frames !== 0) return frames;
      const came = this.#window.fill(this.#parser.need, timeoutMs);
      if (typeof came !== "number") return this.#nextWhen(came, batch, timeoutMs);
      if (came === 0 && !this.#window.ended) return 0;
    }
  }

  async #nextWhen(filling: Promise<number>, batch: FrameBatch, timeoutMs: number): Promise<number> {
    for (let came = await filling; ; came = await this.#window.fill(this.#parser.need, timeoutMs)) {
      if (came === 0 && !this.#window.ended) return 0;
      const frames = this.#parse(batch);
      if (frames !== 0) return frames;
    }
  }

  /** Frames that the window holds now; 0 when it must read on; throws at damage. */
  #parse(batch: FrameBatch): number {
    const window = this.#window;
    const parser = this.#parser;
    batch.count = 0;
    batch.buf = window.buf;
    if (parser.damage === null) parser.parse(window, batch);
    if (batch.count > 0) return batch.count;
    if (window.ended && window.fault !== null) throw window.fault;
    if (parser.damage !== null) throw this.#damaged(parser.damage);
    return window.ended ? END_OF_INPUT : 0;
  }

  #damaged(damage: Damage): RscapError {
    const { packets } = this.#parser.stats;
    let before = "No packet stands before it.";
    if (packets === 1) before = "The packet before it is used.";
    if (packets > 1) before = `The ${packets} packets before it are used.`;
    return inputError(
      damage.code,
      `${this.name}: damaged at byte ${damage.offset}${this.#window.offsetNote}: ` +
        `expected ${damage.expected}, found ${damage.found}. ${before}`,
    );
  }

  stats(): SourceStats {
    return { ...this.#parser.stats };
  }

  close(): void {
    this.#window.close();
  }
}
