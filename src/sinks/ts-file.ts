import { ftruncateSync } from "node:fs";
import { errorText, libc } from "../../ffi/libc/libc.ts";
import { addressOf, alloc } from "../../ffi/memory.ts";
import { environmentError } from "../report/error.ts";
import type { WireLog } from "../wire/log.ts";
import { TS_PACKET_BYTES } from "../wire/stream-batch.ts";
import { RESERVE_BYTES } from "../wire/subscriber.ts";
import { closeOutput, openOutput, outputName, renameOutput } from "./open-output.ts";
import { PageWriter } from "./page-writer.ts";
import { ETIMEDOUT, PipeWriter } from "./pipe-writer.ts";

/** Octets that are gathered before they are written. */
const BUFFER_BYTES = 1024 * 1024;

const EPIPE = 32;

/** How to write. */
export interface TsFileOptions {
  /** File, FIFO or device; `-` for standard output. */
  readonly path: string;
  /** Longest time in ms that packets wait in the buffer, as long as `poll` is called that often. */
  readonly flushMs: number;
  /** True once the run is to end: then nothing waits for a reader any more. */
  readonly stopped: () => boolean;
  readonly log: WireLog;
}

/**
 * Whole TS packets into one file, through a buffer. The file ends on a packet boundary at any time (see
 * PageWriter); a full disk keeps every whole packet that was written and throws an environment error.
 */
export class TsFile {
  /** TS packets taken so far, the ones in the buffer included. */
  packets = 0;
  /** TS packets that were taken and could not be written. */
  lostPackets = 0;
  /** The reader of the pipe has gone: nothing more can be written, and that is no error of ours. */
  readerGone = false;
  /** A file that can be renamed. */
  readonly regular: boolean;
  #path: string;
  readonly #options: TsFileOptions;
  readonly #fd: number;
  readonly #writer: PageWriter | PipeWriter | null;
  readonly #buf = alloc(BUFFER_BYTES + RESERVE_BYTES);
  readonly #base = addressOf(this.#buf);
  readonly #memcpy = libc().memcpy;
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
    if (opened === null) this.#writer = null;
    else if (opened.regular) this.#writer = new PageWriter(opened.fd);
    else this.#writer = new PipeWriter(opened.fd, options.stopped);
    this.readerGone = opened === null;
  }

  /** Where it is written to now. */
  get path(): string {
    return this.#path;
  }

  /** Octets that have been written. */
  get writtenBytes(): number {
    return this.#writer?.position ?? 0;
  }

  /** Where to put the next packets, with room for RESERVE_BYTES; writes what is there when room is short. */
  reserve(): number {
    if (this.#used > BUFFER_BYTES) this.flush();
    return this.#base + this.#used;
  }

  /** `bytes` octets of whole packets were put at the address of `reserve`. */
  commit(bytes: number): void {
    this.packets += bytes / TS_PACKET_BYTES;
    if (this.#used === 0) this.#oldestMs = performance.now();
    this.#used += bytes;
    if (this.#options.flushMs === 0 || this.#used > BUFFER_BYTES) this.flush();
  }

  /** Copies `bytes` octets of whole packets from `address`. */
  append(address: number, bytes: number): void {
    const most = RESERVE_BYTES - (RESERVE_BYTES % TS_PACKET_BYTES);
    for (let done = 0; done < bytes; done += most) {
      const piece = Math.min(most, bytes - done);
      this.#memcpy(this.reserve(), address + done, piece);
      this.commit(piece);
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
    if (bytes === 0) return;
    const writer = this.#writer;
    if (writer === null || this.#failed || this.readerGone) {
      this.lostPackets += bytes / TS_PACKET_BYTES;
      return;
    }
    if (this.#empty && this.regular) ftruncateSync(this.#fd, 0);
    this.#empty = false;
    const before = writer.position;
    const code = writer.write(this.#base, bytes);
    if (code === 0) return;
    const lost = Math.ceil((bytes - (writer.position - before)) / TS_PACKET_BYTES);
    this.lostPackets += lost;
    this.#fail(code, lost);
  }

  /** Gives the file another name; the packets go on into it. */
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

  #fail(code: number, lost: number): void {
    const name = outputName(this.#path);
    const kept = Math.floor(this.writtenBytes / TS_PACKET_BYTES);
    if (code === EPIPE || code === ETIMEDOUT) {
      this.readerGone = true;
      const why = code === EPIPE ? "has gone" : "takes no more";
      this.#options.log("warning", `The reader of ${name} ${why}: ${lost} TS packets could not be written.`, {
        packets: kept,
        lost,
      });
      return;
    }
    this.#failed = true;
    throw environmentError(
      "output.write",
      `Can't write ${name}: ${errorText(code)}. The file keeps ${kept} whole TS packets (${this.writtenBytes} octets); ` +
        `${lost} more were received and are lost. Free space or choose another place with --output-file (OUTPUT_FILE).`,
    );
  }
}
