import type { Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { inputError, type RscapError } from "../report/error.ts";
import { ByteWindow, type FileWindow } from "./chunk.ts";
import { ZstdFrameWalker } from "./compressed-frames.ts";

/** The compressions that are recognised, by their first octets. */
export type Compression = "gzip" | "zstd";

/**
 * Octets given to the decompressor at once. Small, because what it made of the piece that turns out to be
 * damaged is lost: up to one output's worth before the damage.
 */
const PIECE_OCTETS = 16 * 1024;
/** Octets it gives back at once. */
const OUTPUT_OCTETS = 64 * 1024;
/** Decompressed octets that may wait for the reader before the decompressor is held. */
const QUEUE_OCTETS = 1024 * 1024;

/** A window over the decompressed content of a gzip or Zstandard file, in bounded memory. */
export class InflateWindow extends ByteWindow {
  override readonly offsetNote = " of the decompressed content";
  readonly #raw: FileWindow;
  readonly #name: string;
  readonly #compression: Compression;
  readonly #stream: Transform;
  readonly #walker: ZstdFrameWalker | null;
  readonly #queue: Uint8Array[] = [];
  /** Octets of the first queued piece that were taken already. */
  #taken = 0;
  #queued = 0;
  #writing = false;
  #written = false;
  #finished = false;
  #wake: () => void = () => {};

  /** Decompresses `raw`, the window over the file `name`, from where it stands. */
  constructor(raw: FileWindow, name: string, compression: Compression) {
    super();
    this.#raw = raw;
    this.#name = name;
    this.#compression = compression;
    this.#walker = compression === "zstd" ? new ZstdFrameWalker() : null;
    const options = { chunkSize: OUTPUT_OCTETS };
    this.#stream = compression === "gzip" ? createGunzip(options) : createZstdDecompress(options);
    this.#stream.on("data", (piece: Uint8Array) => {
      this.#queue.push(piece);
      this.#queued += piece.length;
      if (this.#queued >= QUEUE_OCTETS) this.#stream.pause();
      this.#wake();
    });
    this.#stream.on("end", () => this.#finish(null));
    this.#stream.on("error", (error) => this.#finish(error));
  }

  override fill(need: number, timeoutMs: number): number | Promise<number> {
    if (this.ended) return 0;
    this.makeRoom(need);
    return this.#queued > 0 ? this.#take() : this.#wait(timeoutMs);
  }

  async #wait(timeoutMs: number): Promise<number> {
    while (this.#queued === 0 && !this.#finished) {
      if (!this.#writing && !this.#written && !this.#write(timeoutMs)) return 0;
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      if (this.#stream.isPaused()) this.#stream.resume();
      await woken;
    }
    if (this.#queued > 0) return this.#take();
    this.ended = true;
    return 0;
  }

  /** Gives the decompressor its next piece; false when a pipe has none. */
  #write(timeoutMs: number): boolean {
    const raw = this.#raw;
    if (raw.start === raw.end && raw.fill(1, timeoutMs) === 0 && !raw.ended) return false;
    if (raw.start === raw.end) {
      this.#written = true;
      this.#stream.end();
      return true;
    }
    const end = Math.min(raw.end, raw.start + PIECE_OCTETS);
    const piece = raw.buf.subarray(raw.start, end);
    this.#walker?.push(raw.buf, raw.start, end);
    raw.start = end;
    this.#writing = true;
    // The piece stays where it is until this is called: only then does the raw window read on.
    this.#stream.write(piece, () => {
      this.#writing = false;
      this.#wake();
    });
    return true;
  }

  #take(): number {
    const before = this.end;
    while (this.#queue.length > 0 && this.end < this.buf.length) {
      const piece = this.#queue[0] as Uint8Array;
      const some = Math.min(piece.length - this.#taken, this.buf.length - this.end);
      this.buf.set(piece.subarray(this.#taken, this.#taken + some), this.end);
      this.end += some;
      this.#taken += some;
      if (this.#taken < piece.length) break;
      this.#queue.shift();
      this.#taken = 0;
    }
    this.#queued -= this.end - before;
    return this.end - before;
  }

  #finish(error: Error | null): void {
    this.#finished = true;
    if (this.#raw.fault !== null) this.fault = this.#raw.fault;
    else if (error !== null) this.fault = this.#explain(error);
    else if (this.#walker?.foreign === true) this.fault = this.#explain(new Error("no further frame"));
    else if (this.#walker?.complete === false) this.fault = this.#truncated();
    this.#wake();
  }

  #explain(error: Error): RscapError {
    if ("code" in error && error.code === "Z_BUF_ERROR") return this.#truncated(error);
    const { origin, start } = this.#raw;
    return inputError(
      "file-damaged",
      `${this.#name}: damaged at or before byte ${origin + start}: expected ${this.#compression} content, ` +
        `found what can't be decompressed (${error.message}). What stands before it is used.`,
      error,
    );
  }

  #truncated(cause?: Error): RscapError {
    const { origin, end } = this.#raw;
    return inputError(
      "file-truncated",
      `${this.#name}: truncated: expected more ${this.#compression} content at byte ${origin + end}, found ` +
        "the end of the file. What stands before it is used.",
      cause,
    );
  }

  override close(): void {
    this.#stream.destroy();
    this.#raw.close();
  }
}
