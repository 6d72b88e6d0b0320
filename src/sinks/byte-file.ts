import { ftruncateSync, writeSync } from "node:fs";
import { errorText } from "../../ffi/libc/libc.ts";
import { addressOf, alloc } from "../../ffi/memory.ts";
import { environmentError, type RscapError } from "../report/error.ts";
import { closeOutput, openOutput, outputName, renameOutput } from "./open-output.ts";
import { ETIMEDOUT, PipeWriter } from "./pipe-writer.ts";
import type { TsFileOptions } from "./ts-file.ts";

/** Octets that are gathered before they are written. */
const BUFFER_BYTES = 1024 * 1024;

const EPIPE = 32;

/** Octets into one file, FIFO or standard output, through a buffer. */
export class ByteFile {
  /** The reader of the pipe has gone, which is no error of ours. */
  readerGone = false;
  /** A file that can be renamed, and written to anywhere. */
  readonly regular: boolean;
  /** Told of each end of a write: whether all that was taken so far is there now, or nothing more can be written. */
  onWritten: (all: boolean) => void = () => {};
  #path: string;
  readonly #options: TsFileOptions;
  readonly #fd: number;
  readonly #pipe: PipeWriter | null;
  readonly #buf = alloc(BUFFER_BYTES);
  readonly #address = addressOf(this.#buf);
  #used = 0;
  #oldestMs = 0;
  #failed = false;
  #empty = true;

  /** Opens the output, which waits for the reader of a FIFO; throws an environment error. */
  constructor(options: TsFileOptions) {
    this.#options = options;
    this.#path = options.path;
    const opened = openOutput(options.path, options.stopped, () =>
      options.log("info", `Waiting for a reader of ${options.path}`),
    );
    this.#fd = opened?.fd ?? -1;
    this.regular = opened?.regular ?? false;
    this.#pipe = opened === null || opened.regular ? null : new PipeWriter(opened.fd, options.stopped);
    this.readerGone = opened === null;
  }

  /** Where it is written to now. */
  get path(): string {
    return this.#path;
  }

  /** Nothing more can be written. */
  get broken(): boolean {
    return this.#failed || this.readerGone;
  }

  /** Adds `buf[off, off + len)`. */
  write(buf: Uint8Array, off: number, len: number): void {
    if (this.broken) return;
    for (let done = 0; done < len; ) {
      if (this.#used === BUFFER_BYTES) this.flush();
      if (this.#used === 0) this.#oldestMs = performance.now();
      const piece = Math.min(BUFFER_BYTES - this.#used, len - done);
      this.#buf.set(buf.subarray(off + done, off + done + piece), this.#used);
      this.#used += piece;
      done += piece;
    }
  }

  /** Writes `octets` over what stands at `at`; only where the file is `regular`. */
  patch(at: number, octets: Uint8Array): void {
    this.flush();
    if (this.broken || !this.regular) return;
    try {
      writeSync(this.#fd, octets, 0, octets.length, at);
    } catch (error) {
      throw this.#error(error instanceof Error ? error.message : String(error));
    }
  }

  /** Writes what has waited for the flush time; `nowMs` is of `performance.now()`. */
  poll(nowMs: number): void {
    if (this.#used > 0 && nowMs - this.#oldestMs >= this.#options.flushMs) this.flush();
  }

  /** Writes everything in the buffer. */
  flush(): void {
    const bytes = this.#used;
    this.#used = 0;
    if (bytes === 0 || this.broken) return;
    if (this.#pipe !== null) {
      const code = this.#pipe.write(this.#address, bytes);
      if (code === 0) this.onWritten(true);
      else this.#pipeFailed(code);
      return;
    }
    try {
      // What was there before is left alone until there is something to replace it.
      if (this.#empty) ftruncateSync(this.#fd, 0);
      this.#empty = false;
      for (let done = 0; done < bytes; ) done += writeSync(this.#fd, this.#buf, done, bytes - done);
      this.onWritten(true);
    } catch (error) {
      throw this.#error(error instanceof Error ? error.message : String(error));
    }
  }

  /** Gives the file another name. */
  rename(path: string): void {
    renameOutput(this.#path, path);
    this.#path = path;
  }

  /** Writes what is left and closes. */
  close(): void {
    try {
      this.flush();
    } finally {
      closeOutput(this.#path, this.#fd);
    }
  }

  #pipeFailed(code: number): void {
    if (code !== EPIPE && code !== ETIMEDOUT) throw this.#error(errorText(code));
    this.readerGone = true;
    this.onWritten(false);
    const name = outputName(this.#path);
    this.#options.log(
      "warning",
      `The reader of ${name} ${code === EPIPE ? "has gone" : "takes no more"}: the rest is not written.`,
    );
  }

  #error(why: string): RscapError {
    if (!this.#failed) this.onWritten(false);
    this.#failed = true;
    const name = outputName(this.#path);
    return environmentError(
      "output.write",
      `Can't write ${name}: ${why}. Free space or choose another place with --output-file (OUTPUT_FILE).`,
    );
  }
}
