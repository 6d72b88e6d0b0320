import { RtpFiles } from "../sinks/rtp-files.ts";
import { type StreamFile, StreamFiles, type StreamOutput } from "../sinks/stream-files.ts";
import { TsFile, type TsFileOptions } from "../sinks/ts-file.ts";
import type { WriteFormat } from "../sinks/write-format.ts";
import type { Header } from "../wire/header.ts";
import { TS_PACKET_BYTES } from "../wire/stream-batch.ts";
import type { StreamTrack } from "../wire/stream-track.ts";
import type { PacketTaker } from "../wire/subscriber.ts";
import type { ClientDocuments } from "./client-documents.ts";
import { ClientRtp } from "./client-rtp.ts";

/** Where the packets that a client receives go to. */
export interface ClientOutput extends PacketTaker {
  /** True when nothing more can or is to be written. */
  readonly done: boolean;
  /** The reader of the output has gone: what came last may not have been written. */
  readonly readerGone: boolean;
  /** What was written as something else than TS, in sentences. */
  readonly notes: readonly string[];
  /** Files that this thread writes. */
  readonly files: readonly StreamFile<StreamOutput>[];
  /** Writes what has waited for the flush time; `nowMs` is of `performance.now()`. */
  poll(nowMs: number): void;
  /** Writes what is pending and closes the files; throws the first failure. */
  close(): void;
}

/** What to write, and how. */
export interface ClientTakerOptions extends TsFileOptions {
  readonly format: WriteFormat;
  /** Ids of the streams to write, empty for all. */
  readonly streams: readonly string[];
  /** Packets to write, 0 for no limit. */
  readonly packetCount: number;
}

/** Puts the packets of the wanted streams into their files, up to a number of packets: TS, or RTP without TS. */
export class ClientTaker implements ClientOutput {
  readonly #files: StreamFiles<StreamOutput>;
  readonly #documents: ClientDocuments | null;
  readonly #wanted: ReadonlySet<string>;
  readonly #byTrack = new Map<StreamTrack, TsFile | null>();
  readonly #tsFiles: StreamFiles<TsFile> | null;
  readonly #rtpFiles: RtpFiles | null;
  readonly #rtp: ClientRtp | null;
  /** Packets still to be written. */
  #left: number;

  /** Opens the file; throws an environment error. */
  constructor(options: ClientTakerOptions, documents: ClientDocuments | null = null) {
    const { format, streams, packetCount } = options;
    this.#documents = documents;
    this.#wanted = new Set(streams);
    this.#left = packetCount === 0 ? Number.POSITIVE_INFINITY : packetCount;
    if (format === "ts") {
      this.#tsFiles = new StreamFiles(options, (file) => new TsFile(file));
      this.#rtpFiles = null;
      this.#rtp = null;
      this.#files = this.#tsFiles;
    } else {
      this.#tsFiles = null;
      // Each flow has its own epoch: that of the probe it comes from.
      this.#rtpFiles = new RtpFiles({ ...options, format });
      this.#rtp = new ClientRtp(this.#rtpFiles);
      this.#files = this.#rtpFiles.files;
    }
  }

  get done(): boolean {
    return this.#left <= 0 || this.readerGone;
  }

  get readerGone(): boolean {
    return this.#files.readerGone;
  }

  get files(): readonly StreamFile<StreamOutput>[] {
    return this.#files.files;
  }

  get notes(): string[] {
    return this.#rtpFiles === null ? [] : [this.#rtpFiles.describe()];
  }

  reserve(track: StreamTrack): number {
    const files = this.#tsFiles;
    if (files === null) return 0;
    let file = this.#byTrack.get(track);
    if (file === undefined) {
      file = this.#wants(track) ? files.add(track.probe, track.stream) : null;
      this.#byTrack.set(track, file);
    }
    return file === null || this.#left <= 0 ? 0 : file.reserve();
  }

  commit(track: StreamTrack, bytes: number): void {
    const packets = Math.min(bytes / TS_PACKET_BYTES, this.#left);
    if (packets * TS_PACKET_BYTES < bytes) track.tookInPart();
    this.#left -= packets;
    this.#byTrack.get(track)?.commit(packets * TS_PACKET_BYTES);
  }

  rtp(track: StreamTrack, header: Header, octets: Uint8Array): boolean {
    if (this.#rtp === null || this.#left <= 0 || !this.#wants(track)) return false;
    const packets = Math.min(header.packets, this.#left);
    if (packets < header.packets) track.tookInPart();
    this.#left -= packets;
    this.#rtp.take(track, header, octets, packets);
    return true;
  }

  document(track: StreamTrack, octets: Uint8Array): void {
    this.#documents?.take(track, octets, performance.now());
  }

  poll(nowMs: number): void {
    this.#files.poll(nowMs);
  }

  close(): void {
    if (this.#rtpFiles === null) this.#files.close();
    else this.#rtpFiles.end();
  }

  #wants(track: StreamTrack): boolean {
    return this.#wanted.size === 0 || this.#wanted.has(track.stream);
  }
}
