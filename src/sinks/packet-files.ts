import { addressOf } from "../../ffi/memory.ts";
import type { PacketOutput, StreamInfo } from "../report/output.ts";
import type { WireLog } from "../wire/log.ts";
import { TS_PACKET_BYTES } from "../wire/stream-batch.ts";
import { STANDARD_OUTPUT } from "./open-output.ts";
import { StreamFiles } from "./stream-files.ts";
import { TsFile } from "./ts-file.ts";

/** How to write. */
export interface PacketFilesOptions {
  /** File as long as there is one stream; `-` for standard output. */
  readonly path: string;
  /** Longest time in ms that packets wait in the write buffer. */
  readonly flushMs: number;
  /** Word 0 becomes non-zero when nothing may wait for a reader any more. */
  readonly stop: Int32Array;
  readonly log: WireLog;
}

/** Writes the legal TS packets of a pipeline to files, one a stream: `rscap replay --output-file`. */
export class PacketFiles implements PacketOutput {
  /** RTP packets of streams that carry no TS: not written. */
  rtpPackets = 0;
  /** TS packets of streams that have no file. */
  unwrittenPackets = 0;
  readonly #files: StreamFiles<TsFile>;
  readonly #byStream: (TsFile | null | undefined)[] = [];
  /** A stream that comes back under its id goes on in its file. */
  readonly #byId = new Map<string, TsFile>();
  #buf: Uint8Array | null = null;
  #base = 0;

  /** Opens the file; throws an environment error where it can't be written. */
  constructor(options: PacketFilesOptions) {
    const { path, flushMs, log } = options;
    const stopped = (): boolean => Atomics.load(options.stop, 0) !== 0;
    this.#files = new StreamFiles({ path, flushMs, log, stopped }, (file) => new TsFile(file));
  }

  /** True when the reader of a pipe has gone: there is no point in going on for it. */
  get readerGone(): boolean {
    return this.#files.readerGone;
  }

  open(stream: number, info: StreamInfo): void {
    if (info.kind !== "ts") return;
    const known = this.#byId.get(info.id);
    const file = known ?? this.#files.add("", info.id);
    if (known === undefined && file !== null) this.#byId.set(info.id, file);
    this.#byStream[stream] = file;
  }

  packets(stream: number, buf: Uint8Array, off: number, len: number): void {
    const file = this.#byStream[stream];
    if (file === undefined) {
      this.rtpPackets++;
      return;
    }
    if (file === null) {
      this.unwrittenPackets += len / TS_PACKET_BYTES;
      return;
    }
    if (buf !== this.#buf) {
      this.#buf = buf;
      this.#base = addressOf(buf);
    }
    file.append(this.#base + off, len);
  }

  /** Nothing is pending: packets are copied as they come. */
  bufferEnd(): void {
    this.#buf = null;
  }

  close(stream: number): void {
    delete this.#byStream[stream];
  }

  /** Writes what has waited for the flush time; `nowMs` is of `performance.now()`. */
  poll(nowMs: number): void {
    this.#files.poll(nowMs);
  }

  /** Writes everything, closes the files and says in a sentence what was written. */
  finish(): string {
    this.#files.close();
    return describeFiles(this.#files, this.unwrittenPackets, this.rtpPackets);
  }
}

/**
 * What was written where, in sentences; `unwritten` TS packets are of streams without a file, `rtp` packets
 * carry no TS.
 */
function describeFiles(files: StreamFiles<TsFile>, unwritten: number, rtp: number): string {
  const { taken, lost } = files.packets;
  const names = files.files.map(({ file }) =>
    file.path === STANDARD_OUTPUT ? "standard output" : file.path,
  );
  const sentences = [`${count(taken - lost)} TS packets written to ${names.join(", ") || "no file"}.`];
  if (lost > 0) sentences.push(`${count(lost)} could not be written.`);
  if (unwritten > 0) sentences.push(`${count(unwritten)} of other streams were not written.`);
  if (rtp > 0) sentences.push(`${count(rtp)} RTP packets without TS were not written.`);
  return sentences.join(" ");
}

function count(value: number): string {
  return value.toLocaleString("en");
}
