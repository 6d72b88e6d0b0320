import { alloc } from "../../ffi/memory.ts";
import type { StreamInfo } from "../report/output.ts";
import type { Epoch } from "../report/time.ts";
import { parseEndpoint } from "./endpoint.ts";
import type { HeaderFacts, HeaderFormat } from "./header.ts";
import { makeHeaderEncoder } from "./header-codec.ts";
import { StreamBatch } from "./stream-batch.ts";
import { buildTopic, type Kind, topicLevel } from "./topic.ts";

/** Streams whose sequence is remembered after they were closed. */
const REMEMBERED_STREAMS = 4096;

/** What of the publisher's options stands in topics and headers. */
export interface BatchFacts {
  readonly endpoint: string;
  readonly header: HeaderFormat;
  readonly probe: string;
  readonly deviceName: string;
  readonly timestampSource: string;
  readonly epoch: () => Epoch;
}

/**
 * Makes the batch of a stream with its topic and header, and remembers where a closed stream's sequence
 * stands: one that comes back under its id goes on counting.
 */
export class BatchMaker {
  readonly #facts: BatchFacts;
  readonly #probe: string;
  readonly #batchSize: number;
  /** Tells this start of the probe from the one before. */
  readonly run = crypto.randomUUID().slice(0, 8);
  readonly #remembered = new Map<string, { sequence: number; totalBytes: number }>();

  constructor(facts: BatchFacts, batchSize: number) {
    this.#facts = facts;
    this.#probe = topicLevel(facts.probe);
    this.#batchSize = batchSize;
  }

  /** An empty batch for `info`, whose messages are of `kind`. */
  make(info: StreamInfo, kind: Kind): StreamBatch {
    const { header, epoch } = this.#facts;
    if (header === "none") return new StreamBatch(info, null, null, this.#batchSize);
    const name = buildTopic(this.#probe, info.id, kind);
    const octets = new TextEncoder().encode(name);
    const topic = alloc(octets.length);
    topic.set(octets);
    const encoder = makeHeaderEncoder(header, this.#headerFacts(info, kind), epoch());
    const batch = new StreamBatch(info, topic, encoder, this.#batchSize);
    const known = this.#remembered.get(name);
    if (known !== undefined) {
      batch.sequence = known.sequence;
      batch.totalBytes = known.totalBytes;
    }
    return batch;
  }

  /** Call when a packet stream closes; the oldest of too many is forgotten. */
  remember(batch: StreamBatch): void {
    const { info, sequence, totalBytes } = batch;
    const name = buildTopic(this.#probe, info.id, info.kind);
    this.#remembered.delete(name);
    this.#remembered.set(name, { sequence, totalBytes });
    if (this.#remembered.size <= REMEMBERED_STREAMS) return;
    for (const oldest of this.#remembered.keys()) {
      this.#remembered.delete(oldest);
      return;
    }
  }

  #headerFacts(info: StreamInfo, kind: Kind): HeaderFacts {
    const { endpoint, deviceName, timestampSource } = this.#facts;
    const target = parseEndpoint(endpoint);
    const { sourceAddress, sourcePort, destinationAddress, destinationPort } = info;
    return {
      probe: this.#probe,
      run: this.run,
      stream: topicLevel(info.id),
      kind,
      sourceAddress,
      sourcePort,
      destinationAddress,
      destinationPort,
      timestampSource,
      deviceName,
      targetHost: target.protocol === "tcp" ? target.host : target.path,
      targetPort: target.protocol === "tcp" ? target.port : 0,
      batchSize: this.#batchSize,
    };
  }
}
