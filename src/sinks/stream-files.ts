import { basename, dirname, extname, join } from "node:path";
import type { WireLog } from "../wire/log.ts";
import type { TsFileOptions } from "./ts-file.ts";

/** Files open at once; packets of further streams are counted and not written. */
export const FILES_MAX = 64;

/** A file that holds one stream. */
export interface StreamOutput {
  /** Packets taken so far, the ones in a buffer included, and those that could not be written. */
  readonly packets: number;
  readonly lostPackets: number;
  readonly path: string;
  /** It can be renamed. */
  readonly regular: boolean;
  readonly readerGone: boolean;
  poll(nowMs: number): void;
  rename(path: string): void;
  close(): void;
}

/** Where one stream is written to. */
export interface StreamFile<F extends StreamOutput = StreamOutput> {
  readonly probe: string;
  readonly stream: string;
  readonly file: F;
}

/**
 * One file a stream. As long as there is one stream it goes to the path as it was given; with the second,
 * `capture.ts` becomes `capture-<stream>.ts` and the others get names of that kind too. Standard output,
 * FIFOs and devices hold the first stream only.
 */
export class StreamFiles<F extends StreamOutput> {
  readonly #options: TsFileOptions;
  readonly #log: WireLog;
  /** Opened at the start, so that a path that can't be written is told before anything is captured. */
  readonly #first: F;
  readonly #make: (options: TsFileOptions) => F;
  readonly #open: StreamFile<F>[] = [];
  readonly #names = new Set<string>();
  #told = false;

  /** `make` opens one file, and throws an environment error where it can't. */
  constructor(options: TsFileOptions, make: (options: TsFileOptions) => F) {
    this.#options = options;
    this.#log = options.log;
    this.#make = make;
    this.#first = make(options);
  }

  /** What is written, in the order of appearance. */
  get files(): readonly StreamFile<F>[] {
    return this.#open;
  }

  /** The reader of the first stream's pipe has gone: there is no more to do. */
  get readerGone(): boolean {
    return this.#first.readerGone;
  }

  /** Packets written or still in a buffer, and lost, over all files. */
  get packets(): { taken: number; lost: number } {
    let taken = 0;
    let lost = 0;
    for (const { file } of this.#open) {
      taken += file.packets;
      lost += file.lostPackets;
    }
    return { taken, lost };
  }

  /** The file for a stream that has not been seen before; null when it is not written. */
  add(probe: string, stream: string): F | null {
    if (this.#open.length === 0) {
      this.#open.push({ probe, stream, file: this.#first });
      return this.#first;
    }
    if (!this.#first.regular || this.#open.length >= FILES_MAX) {
      this.#tellNotWritten(stream);
      return null;
    }
    const only = this.#open[0];
    if (this.#names.size === 0 && only !== undefined) {
      const path = this.#pathFor(only.probe, only.stream);
      this.#first.rename(path);
      this.#log("info", `There are several streams: ${this.#options.path} is now ${path}`, { path });
    }
    const file = this.#make({ ...this.#options, path: this.#pathFor(probe, stream) });
    this.#open.push({ probe, stream, file });
    return file;
  }

  /** Writes what has waited for the flush time. */
  poll(nowMs: number): void {
    for (const { file } of this.#open) file.poll(nowMs);
  }

  /** Writes everything and closes each file; throws the first failure after all were tried. */
  close(): void {
    const failures: unknown[] = [];
    for (const file of new Set([this.#first, ...this.#open.map((entry) => entry.file)])) {
      try {
        file.close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  #pathFor(probe: string, stream: string): string {
    const { path } = this.#options;
    const extension = extname(path);
    const stem = basename(path, extension);
    for (const name of [fileName(stream), fileName(`${probe}-${stream}`)]) {
      const candidate = join(dirname(path), `${stem}-${name}${extension}`);
      if (this.#names.has(candidate)) continue;
      this.#names.add(candidate);
      return candidate;
    }
    const numbered = join(dirname(path), `${stem}-${fileName(stream)}-${this.#names.size + 1}${extension}`);
    this.#names.add(numbered);
    return numbered;
  }

  #tellNotWritten(stream: string): void {
    if (this.#told) return;
    this.#told = true;
    const why = this.#first.regular
      ? `there are more than ${FILES_MAX} streams`
      : `${this.#options.path} holds one stream`;
    this.#log("warning", `Stream ${stream} is not written: ${why}. Choose streams with --stream (STREAM).`, {
      stream,
    });
  }
}

/** `text` from the network made fit for a file name: no slash, nothing hidden, nothing long. */
export function fileName(text: string): string {
  const safe = text.replace(/[^A-Za-z0-9._-]/g, "_").replace(/^[.-]+/, "_");
  return safe.slice(0, 100) || "stream";
}
