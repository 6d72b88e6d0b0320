import { closeSync, fstatSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { errorText } from "../../ffi/libc/libc.ts";
import { addressOf, alloc } from "../../ffi/memory.ts";
import { environmentError } from "../report/error.ts";
import type { WireLog } from "../wire/log.ts";
import { openOutput, outputName, STANDARD_OUTPUT } from "./open-output.ts";
import { PipeWriter } from "./pipe-writer.ts";
import type { PacketSink, SinkFigures, SinkRecord, TrackFacts } from "./queue/packet-sink.ts";

const LINE_FEED = 10;

/** Where the lines go. */
export interface JsonlSinkOptions {
  /** File to append to, FIFO, or `-` for standard output. */
  readonly path: string;
  readonly stopped: () => boolean;
  readonly log: WireLog;
}

/**
 * Reports and events as JSON lines `{ probe, stream, kind, document }`, at the end of a file. A full disk costs the
 * lines that found no room, which are counted, and no more.
 */
export class JsonlSink implements PacketSink {
  readonly #options: JsonlSinkOptions;
  readonly #tracks: (TrackFacts | undefined)[] = [];
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #encoder = new TextEncoder();
  readonly #fd: number;
  readonly #pipe: PipeWriter | null;
  #room = alloc(64 * 1024);
  #readerGone = false;
  /** The last line is there only in part. */
  #cut = false;
  #told = false;
  #lines = 0;
  #bytes = 0;
  #lost = 0;

  /** Opens the file, which waits for the reader of a FIFO; throws an environment error. */
  constructor(options: JsonlSinkOptions) {
    this.#options = options;
    const { path, stopped, log } = options;
    try {
      const special =
        path === STANDARD_OUTPUT || statSync(path, { throwIfNoEntry: false })?.isFile() === false;
      const opened = special
        ? openOutput(path, stopped, () => log("info", `Waiting for a reader of ${path}`))
        : null;
      this.#readerGone = special && opened === null;
      this.#fd = opened?.fd ?? (special ? -1 : openSync(path, "a+"));
      // An earlier run may have met a full disk within its last line.
      this.#cut = !special && endsWithinLine(this.#fd);
      const regular = this.#fd < 0 || fstatSync(this.#fd).isFile();
      this.#pipe = regular ? null : new PipeWriter(this.#fd, stopped);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw environmentError(
        "jsonl.open",
        `Can't write JSON lines to ${path}: ${why}. Name another file with --jsonl (JSONL).`,
        error,
      );
    }
  }

  track(index: number, facts: TrackFacts): void {
    this.#tracks[index] = facts;
  }

  take(record: SinkRecord): void {
    const facts = this.#tracks[record.track];
    if (facts === undefined) return;
    const { probe, stream, kind } = facts;
    const text = this.#decoder.decode(record.buf.subarray(record.off, record.off + record.len));
    // The text as it came: it was checked on arrival, and a tree of it may be too deep to be written again.
    const document = text.replaceAll(/[\r\n]+/g, " ");
    const head = JSON.stringify({ probe, stream, kind });
    const line = this.#encoder.encode(`${head.slice(0, -1)},"document":${document}}\n`);
    const why = this.#readerGone ? "its reader has gone" : this.#write(line);
    if (why === null) {
      this.#lines++;
      this.#bytes += line.length;
      this.#told = false;
      return;
    }
    this.#lost++;
    if (this.#told) return;
    this.#told = true;
    const name = outputName(this.#options.path);
    this.#options.log("warning", `JSON lines can't be written to ${name}: ${why}. What is lost is counted.`);
  }

  poll(): void {}

  figures(): SinkFigures {
    const notes: string[] = [];
    return { packets: this.#lines, bytes: this.#bytes, lost: this.#lost, unwanted: 0, files: [], notes };
  }

  close(): void {
    if (this.#fd > 2) closeSync(this.#fd);
  }

  /** Null when the line is written, else why not. */
  #write(line: Uint8Array): string | null {
    if (this.#pipe !== null) return this.#writePipe(this.#pipe, line);
    let done = 0;
    try {
      // What a full disk left of a line stands alone, so that the next one can be read.
      if (this.#cut) writeSync(this.#fd, Uint8Array.of(LINE_FEED));
      this.#cut = false;
      while (done < line.length) done += writeSync(this.#fd, line, done);
      return null;
    } catch (error) {
      this.#cut ||= done > 0;
      return error instanceof Error ? error.message : String(error);
    }
  }

  #writePipe(pipe: PipeWriter, line: Uint8Array): string | null {
    if (line.length > this.#room.length) this.#room = alloc(line.length * 2);
    this.#room.set(line);
    const code = pipe.write(addressOf(this.#room), line.length);
    if (code === 0) return null;
    this.#readerGone = true;
    return errorText(code);
  }
}

/** The last octet of the file is no line end. */
function endsWithinLine(fd: number): boolean {
  const { size } = fstatSync(fd);
  const last = new Uint8Array(1);
  return size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== LINE_FEED;
}
