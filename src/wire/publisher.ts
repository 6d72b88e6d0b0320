import { libc } from "../../ffi/libc/libc.ts";
import { addressOf, alloc } from "../../ffi/memory.ts";
import type { PacketOutput, StreamInfo } from "../report/output.ts";
import type { PublishedReport } from "../report/schema.ts";
import type { Epoch } from "../report/time.ts";
import { AckedSender } from "./acked-sender.ts";
import { BatchMaker } from "./batch-maker.ts";
import { BATCH_MAX_DATAGRAMS, type HeaderFormat, type HeaderNumbers, PAYLOAD_MAX_BYTES } from "./header.ts";
import type { WireLog } from "./log.ts";
import type { MessageSender } from "./message-sender.ts";
import type { CurveSettings } from "./security.ts";
import { Sender } from "./sender.ts";
import { type StreamBatch, TS_PACKET_BYTES } from "./stream-batch.ts";
import type { Kind } from "./topic.ts";
import type { Transport } from "./transport.ts";

/** FFmpeg's zmq protocol takes messages of fewer octets than this. */
export const FFMPEG_MAX_BYTES = 131_072;

/** Streams and kinds whose reports and events have a batch ready. */
const DOCUMENT_BATCHES = 4096;

/** A report is of no packets. */
const NO_ADDRESSES = { sourceAddress: "", sourcePort: 0, destinationAddress: "", destinationPort: 0 };

/** Level of the topic where a stream's id stands, for what concerns the whole probe. */
export const WHOLE_PROBE = "-";

/** Where messages wait for a client that is away. */
export interface SpoolSettings {
  readonly folder: string;
  readonly maxBytes: number;
  /** Where the client acknowledges; empty for the port after the endpoint's. */
  readonly ackEndpoint: string;
  /** Who is to own its files: the user that the process is about to become. */
  readonly owner?: { readonly uid: number; readonly gid: number } | null;
  /** Time in ms after which a client that acknowledges nothing counts as one that never does. */
  readonly patienceMs?: number;
}

/** How to publish. */
export interface PublisherOptions {
  /** `tcp://host:port` or `ipc://path`; pub and share bind it, push connects to it. */
  readonly endpoint: string;
  readonly transport: Transport;
  /** With push: keeps messages until the client has them, in memory and then on disk. Null: it holds back. */
  readonly spool?: SpoolSettings | null;
  /** `none`: the payload alone, in one frame, as ffmpeg reads it. */
  readonly header: HeaderFormat;
  /** Name of this probe in topic and header. */
  readonly probe: string;
  /** Most datagrams in a message. */
  readonly batchSize: number;
  /** Longest time in ms that a packet waits for its message to become full. */
  readonly batchTimeMs: number;
  /** Most messages queued for one peer. */
  readonly highWaterMark: number;
  /** Time in ms between heartbeats to subscribers (pub), 0 for none. */
  readonly heartbeatMs?: number;
  /** Octets of the kernel's send buffer, 0 for the system's choice. */
  readonly sendBuffer: number;
  /** Capture device or file. */
  readonly deviceName: string;
  /** Where the times come from, in words. */
  readonly timestampSource: string;
  /** What times count from; asked when a stream opens. */
  readonly epoch: () => Epoch;
  /** Word 0 becomes non-zero when the run is to end. */
  readonly stop: Int32Array;
  /** Longest time in ms that a stopped run still waits for a peer to take messages. */
  readonly lingerMs: number;
  /** Keys for CURVE; plain ZeroMQ without. */
  readonly curve?: CurveSettings | null;
  readonly log: WireLog;
}

/**
 * Sends the legal packets of all streams. It keeps references into the capture buffer until a batch is
 * full, old, or its buffer is about to be reused; then one message is allocated with its exact size and
 * each run copied into it: the one copy between the capture buffer and the network.
 */
export class Publisher implements PacketOutput {
  readonly #options: PublisherOptions;
  readonly #sender: MessageSender;
  readonly #maker: BatchMaker;
  readonly #batchNs: number;
  readonly #batchSize: number;
  readonly #batches: (StreamBatch | undefined)[] = [];
  /** The same without the holes that closed streams leave. */
  #active: StreamBatch[] = [];
  /** Reports and events, by stream and kind; the one used last is the last. */
  readonly #documents = new Map<string, StreamBatch>();
  readonly #memcpy = libc().memcpy;
  readonly #numbers: HeaderNumbers = {
    sequence: 0,
    firstNs: Number.NaN,
    lastNs: Number.NaN,
    datagrams: 0,
    packets: 0,
    payloadBytes: 0,
    totalBytes: 0,
    lengths: null,
  };
  #buf: Uint8Array | null = null;
  #base = 0;
  /** Largest payload, a whole number of TS packets. */
  readonly #payloadMax: number;

  /** Opens the socket; throws a usage error for a bad endpoint, an environment error for one in use. */
  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#batchSize = Math.max(1, Math.min(options.batchSize, BATCH_MAX_DATAGRAMS));
    this.#batchNs = options.batchTimeMs * 1e6;
    const most = options.header === "none" ? FFMPEG_MAX_BYTES - 1 : PAYLOAD_MAX_BYTES;
    this.#payloadMax = most - (most % TS_PACKET_BYTES);
    this.#maker = new BatchMaker(options, this.#batchSize);
    const { spool = null } = options;
    this.#sender =
      spool === null
        ? new Sender(options)
        : new AckedSender({
            ...options,
            run: this.#maker.run,
            spool: spool.folder,
            spoolBytes: spool.maxBytes,
            ackEndpoint: spool.ackEndpoint,
            owner: spool.owner ?? null,
            ...(spool.patienceMs === undefined ? {} : { patienceMs: spool.patienceMs }),
          });
  }

  /** Where it is bound or connects to; for a port of `*` the one that the system chose. */
  get endpoint(): string {
    return this.#sender.endpoint;
  }

  open(stream: number, info: StreamInfo): void {
    const batch = this.#maker.make(info, info.kind);
    this.#batches[stream] = batch;
    this.#active.push(batch);
  }

  packets(
    stream: number,
    buf: Uint8Array,
    off: number,
    len: number,
    timeNs: number,
    datagrams: number,
  ): void {
    const batch = this.#batches[stream];
    if (batch === undefined) return;
    if (buf !== this.#buf) {
      this.#buf = buf;
      this.#base = addressOf(buf);
    }
    if (
      batch.bytes > 0 &&
      (batch.bytes + len > this.#payloadMax || timeNs - batch.firstNs >= this.#batchNs || batch.full)
    ) {
      this.#send(batch);
    }
    if (len > this.#payloadMax) {
      this.#addInPieces(batch, this.#base + off, len, timeNs, datagrams);
      return;
    }
    batch.add(this.#base + off, len, timeNs, datagrams);
    if (batch.datagrams >= this.#batchSize) this.#send(batch);
  }

  bufferEnd(): void {
    for (const batch of this.#active) if (batch.bytes > 0) this.#send(batch);
    this.#buf = null;
  }

  close(stream: number): void {
    const batch = this.#batches[stream];
    if (batch === undefined) return;
    if (batch.bytes > 0) this.#send(batch);
    this.#maker.remember(batch);
    delete this.#batches[stream];
    this.#active = this.#active.filter((other) => other !== batch);
  }

  /**
   * Sends what waits, logs peers, and lets batches leave that have been seen here for the batch time: the
   * capture's own time stands still when no packet comes. `nowMs` is a wall clock of any epoch.
   */
  poll(nowMs: number): void {
    for (const batch of this.#active) {
      if (batch.bytes === 0) continue;
      if (Number.isNaN(batch.seenMs)) batch.seenMs = nowMs;
      else if (nowMs - batch.seenMs >= this.#options.batchTimeMs) this.#send(batch);
    }
    this.#sender.poll();
  }

  /** Sends a report as JSON text; `stream` is its id, or `-` for the whole probe. */
  sendReport(stream: string, json: string): void {
    this.#sendDocument("report", stream, json);
  }

  /** Sends an event (a finding that began or ended, a stream that came or went) as JSON text. */
  sendEvent(stream: string, json: string): void {
    this.#sendDocument("event", stream, json);
  }

  /** What has left, what waits and what was lost. */
  report(): PublishedReport {
    const { queue, heldBackMs, peers } = this.#sender;
    const { counts } = queue;
    const push = this.#options.transport !== "pub";
    const { spooled } = this.#sender;
    return {
      endpoint: this.endpoint,
      transport: this.#options.transport,
      messages: counts.messages,
      bytes: counts.bytes,
      packets: counts.datagrams,
      subscribers: peers,
      queued: push ? queue.count : 0,
      queueLimit: push ? queue.limit : this.#options.highWaterMark,
      heldBackMs: Math.round(heldBackMs),
      dropped: counts.dropped,
      failedConnections: this.#sender.failedConnections,
      ...(spooled === null ? {} : { spool: spooled }),
    };
  }

  /**
   * Sends what is pending and waits at most `lingerMs` until the queue is empty, so that a last report tells
   * the end of it; true when it is. The publisher can go on after that.
   */
  drain(lingerMs: number = this.#options.lingerMs): boolean {
    this.bufferEnd();
    return this.#sender.drain(lingerMs);
  }

  /** Sends what is pending, waits at most `lingerMs` for it to be taken, and closes the socket. */
  shutdown(lingerMs: number = this.#options.lingerMs): void {
    this.bufferEnd();
    this.#sender.close(lingerMs);
    this.#batches.length = 0;
    this.#active = [];
  }

  #addInPieces(batch: StreamBatch, address: number, len: number, timeNs: number, datagrams: number): void {
    let counted = datagrams;
    for (let done = 0; done < len; done += this.#payloadMax) {
      batch.add(address + done, Math.min(this.#payloadMax, len - done), timeNs, counted);
      counted = 0;
      this.#send(batch);
    }
  }

  /** Builds the message of what is pending in `batch`, sends or queues it, and empties the batch. */
  #send(batch: StreamBatch): void {
    const { bytes, runs, datagrams } = batch;
    const payload = this.#begin(batch, bytes);
    if (payload !== 0) {
      const { runAddress, runBytes } = batch;
      const memcpy = this.#memcpy;
      let to = payload;
      for (let i = 0; i < runs; i++) {
        const length = runBytes[i] as number;
        memcpy(to, runAddress[i] as number, length);
        to += length;
      }
      this.#finish(batch, bytes, datagrams);
    }
    // A message that had to be dropped keeps its number, so that the other end sees the gap.
    batch.totalBytes += bytes;
    batch.sent();
  }

  /** Allocates topic, header and payload of the next message; the payload's address, 0 when it is dropped. */
  #begin(batch: StreamBatch, bytes: number): number {
    const { queue } = this.#sender;
    if (!this.#sender.makeRoom(bytes)) {
      queue.counts.dropped++;
      return 0;
    }
    let parts = 0;
    const { topic, encoder } = batch;
    if (topic !== null && encoder !== null) {
      const numbers = this.#numbers;
      numbers.sequence = batch.sequence;
      numbers.firstNs = batch.firstNs;
      numbers.lastNs = batch.lastNs;
      numbers.datagrams = batch.datagrams;
      numbers.packets = batch.packets;
      numbers.payloadBytes = bytes;
      numbers.totalBytes = batch.totalBytes + bytes;
      numbers.lengths = batch.lengths;
      const headerBytes = encoder.encode(numbers);
      if (!this.#copyPart(parts, batch.topicAddress, topic.length)) return this.#outOfMemory(parts);
      parts++;
      if (!this.#copyPart(parts, encoder.address, headerBytes)) return this.#outOfMemory(parts);
      parts++;
    }
    const payload = queue.begin(parts, bytes);
    return payload === 0 ? this.#outOfMemory(parts) : payload;
  }

  #finish(batch: StreamBatch, bytes: number, datagrams: number): void {
    this.#sender.queue.push(batch.topic === null ? 1 : 3, bytes, datagrams, batch.sequence);
    this.#sender.flush();
  }

  #copyPart(part: number, from: number, bytes: number): boolean {
    const to = this.#sender.queue.begin(part, bytes);
    if (to !== 0) this.#memcpy(to, from, bytes);
    return to !== 0;
  }

  #outOfMemory(parts: number): number {
    this.#sender.queue.abandon(parts);
    return 0;
  }

  #sendDocument(kind: Kind, stream: string, json: string): void {
    // A reader of --header none takes every frame for packets.
    if (this.#options.header === "none") return;
    const batch = this.#documentBatch(kind, stream);
    const octets = new TextEncoder().encode(json);
    // Packets hold the run back while a queue is full; a report does not.
    if (octets.length > PAYLOAD_MAX_BYTES || this.#sender.queue.full(octets.length)) {
      this.#sender.queue.counts.dropped++;
    } else {
      const payload = this.#begin(batch, octets.length);
      if (payload !== 0) {
        const copy = alloc(octets.length);
        copy.set(octets);
        this.#memcpy(payload, addressOf(copy), octets.length);
        this.#finish(batch, octets.length, 0);
      }
    }
    batch.totalBytes += octets.length;
    batch.sent();
  }

  #documentBatch(kind: Kind, stream: string): StreamBatch {
    const documents = this.#documents;
    const key = `${stream}/${kind}`;
    const known = documents.get(key);
    documents.delete(key);
    const batch = known ?? this.#maker.make({ ...NO_ADDRESSES, id: stream, kind: "ts" }, kind);
    documents.set(key, batch);
    if (documents.size <= DOCUMENT_BATCHES) return batch;
    for (const [oldest, idle] of documents) {
      this.#maker.remember(idle);
      documents.delete(oldest);
      break;
    }
    return batch;
  }
}
