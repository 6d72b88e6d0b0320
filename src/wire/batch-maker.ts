import { alloc } from "../../ffi/memory.ts";
import type { StreamInfo } from "../report/output.ts";
import type { Epoch } from "../report/time.ts";
import { parseEndpoint } from "./endpoint.ts";
import type { HeaderFacts, HeaderFormat } from "./header.ts";
import { makeHeaderEncoder } from "./header-codec.ts";
import { StreamBatch } from "./stream-batch.ts";
import { buildTopic, type Kind, topicLevel } from "./topic.ts";

/** Topics whose sequence is remembered after they were closed. */
const REMEMBERED_TOPICS = 16_384;

/** Of those forgotten the largest number is kept, by the hash of their topic. */
const FLOORS = 4096;

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
 * stands: one that comes back under its id goes on counting. No number of a run is given twice, however many
 * streams there are: a client of a probe that keeps its messages would take the second one for a repeat.
 */
export class BatchMaker {
  readonly #facts: BatchFacts;
  readonly #probe: string;
  readonly #batchSize: number;
  /** Tells this start of the probe from the one before. */
  readonly run = crypto.randomUUID().slice(0, 8);
  readonly #remembered = new Map<string, { sequence: number; totalBytes: number }>();
  readonly #floors = new Float64Array(FLOORS);
  readonly #decoder = new TextDecoder();

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
    batch.sequence = known?.sequence ?? (this.#floors[floorOf(name)] as number);
    batch.totalBytes = known?.totalBytes ?? 0;
    return batch;
  }

  /** Call when a batch is given up; of too many, all that is left of the oldest is a number that it stays below. */
  remember(batch: StreamBatch): void {
    const { topic, sequence, totalBytes } = batch;
    if (topic === null) return;
    const name = this.#decoder.decode(topic);
    this.#remembered.delete(name);
    this.#remembered.set(name, { sequence, totalBytes });
    if (this.#remembered.size <= REMEMBERED_TOPICS) return;
    for (const [oldest, known] of this.#remembered) {
      const floor = floorOf(oldest);
      this.#floors[floor] = Math.max(this.#floors[floor] as number, known.sequence);
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

function floorOf(name: string): number {
  return Bun.hash.crc32(name) % FLOORS;
}
