import { addressOf, alloc } from "../../ffi/memory.ts";
import { messageTimes, type SinkFeed } from "../sinks/queue/feed.ts";
import type { Header } from "../wire/header.ts";
import { TS_PACKET_BYTES } from "../wire/stream-batch.ts";
import type { StreamTrack } from "../wire/stream-track.ts";
import { RESERVE_BYTES } from "../wire/subscriber.ts";
import type { ClientDocuments } from "./client-documents.ts";
import type { ClientOutput, ClientTakerOptions } from "./client-taker.ts";

/** Puts the packets of the wanted streams into the queue of each sink, up to a number of packets. */
export class SinkTaker implements ClientOutput {
  readonly files = [];
  readonly notes = [];
  /** Each sink looks after its own reader. */
  readonly readerGone = false;
  readonly #feeds: readonly SinkFeed[];
  readonly #documents: ClientDocuments | null;
  readonly #wanted: ReadonlySet<string>;
  readonly #room = alloc(RESERVE_BYTES);
  readonly #address = addressOf(this.#room);
  /** Packets still to be handed on. */
  #left: number;

  constructor(
    options: Pick<ClientTakerOptions, "streams" | "packetCount">,
    feeds: readonly SinkFeed[],
    documents: ClientDocuments | null = null,
  ) {
    this.#feeds = feeds;
    this.#documents = documents;
    this.#wanted = new Set(options.streams);
    this.#left = options.packetCount === 0 ? Number.POSITIVE_INFINITY : options.packetCount;
  }

  get done(): boolean {
    return this.#left <= 0;
  }

  reserve(track: StreamTrack): number {
    return this.#left > 0 && this.#wants(track) ? this.#address : 0;
  }

  commit(track: StreamTrack, bytes: number, header: Header | null): void {
    const packets = Math.min(bytes / TS_PACKET_BYTES, this.#left);
    if (packets * TS_PACKET_BYTES < bytes) track.tookInPart();
    this.#left -= packets;
    const times = messageTimes(header);
    for (const feed of this.#feeds) feed.ts(track, header, times, this.#room, packets * TS_PACKET_BYTES);
  }

  rtp(track: StreamTrack, header: Header, octets: Uint8Array): boolean {
    if (this.#left <= 0 || !this.#wants(track)) return false;
    const packets = Math.min(header.packets, this.#left);
    this.#left -= packets;
    let bytes = octets.length;
    if (packets < header.packets) {
      track.tookInPart();
      bytes = (header.lengths ?? []).slice(0, packets).reduce((sum, length) => sum + length, 0);
    }
    const times = messageTimes(header);
    for (const feed of this.#feeds) feed.rtp(track, header, times, octets, packets, bytes);
    return true;
  }

  document(track: StreamTrack, octets: Uint8Array): void {
    this.#documents?.take(track, octets, performance.now());
  }

  /** Nothing is pending here: the sinks have all of it. */
  poll(): void {}

  close(): void {}

  #wants(track: StreamTrack): boolean {
    return this.#wanted.size === 0 || this.#wanted.has(track.stream);
  }
}
