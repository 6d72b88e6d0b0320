import { StreamFiles } from "../sinks/stream-files.ts";
import type { TsFile, TsFileOptions } from "../sinks/ts-file.ts";
import { TS_PACKET_BYTES } from "../wire/stream-batch.ts";
import type { StreamTrack } from "../wire/stream-track.ts";
import type { PacketTaker } from "../wire/subscriber.ts";
import type { ClientDocuments } from "./client-documents.ts";

/** Puts the packets of the wanted streams into their files, up to a number of packets. */
export class ClientTaker implements PacketTaker {
  readonly files: StreamFiles;
  readonly #documents: ClientDocuments | null;
  readonly #wanted: ReadonlySet<string>;
  readonly #byTrack = new Map<StreamTrack, TsFile | null>();
  /** TS packets still to be written. */
  #left: number;

  /** `streams`: ids, empty for all; `packetCount`: 0 for no limit. */
  constructor(
    options: TsFileOptions,
    streams: readonly string[],
    packetCount: number,
    documents: ClientDocuments | null = null,
  ) {
    this.#documents = documents;
    this.files = new StreamFiles(options);
    this.#wanted = new Set(streams);
    this.#left = packetCount === 0 ? Number.POSITIVE_INFINITY : packetCount;
  }

  /** True when nothing more can or is to be written. */
  get done(): boolean {
    return this.#left <= 0 || this.files.readerGone;
  }

  reserve(track: StreamTrack): number {
    let file = this.#byTrack.get(track);
    if (file === undefined) {
      const wanted = this.#wanted.size === 0 || this.#wanted.has(track.stream);
      file = wanted ? this.files.add(track.probe, track.stream) : null;
      this.#byTrack.set(track, file);
    }
    return file === null || this.#left <= 0 ? 0 : file.reserve();
  }

  commit(track: StreamTrack, bytes: number): void {
    const packets = Math.min(bytes / TS_PACKET_BYTES, this.#left);
    this.#left -= packets;
    this.#byTrack.get(track)?.commit(packets * TS_PACKET_BYTES);
  }

  document(track: StreamTrack, octets: Uint8Array): void {
    this.#documents?.take(track, octets, performance.now());
  }
}
