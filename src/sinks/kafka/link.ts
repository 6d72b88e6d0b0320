import type { Producer } from "@platformatic/kafka";
import { BadAnswer, guardPool, type KafkaLibrary, loadKafka } from "./library.ts";
import type { KafkaRecord } from "./record.ts";
import { scramAuthenticator } from "./scram.ts";
import { explain, type Trouble } from "./trouble.ts";

/** How to reach the brokers, and what to do there. */
export interface LinkOptions {
  /** `host:port`, IPv6 in brackets. */
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly acks: "all" | "leader" | "none";
  readonly compression: "none" | "gzip" | "snappy" | "lz4" | "zstd";
  readonly requestTimeoutMs: number;
  readonly backoffMs: number;
  readonly sasl: {
    readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
    readonly user: string;
    readonly password: string;
  } | null;
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | null;
}

/** Records that are on their way together; `settled` says for each whether it is done, 1, or refused for good, 2. */
export interface Batch {
  readonly records: readonly KafkaRecord[];
  readonly settled: Uint8Array;
}

/** See `Batch`. */
export const DELIVERED = 1;
/** See `Batch`. */
export const REFUSED = 2;

const CONNECT_TIMEOUT_MS = 5000;
const FIRST_BACKOFF_MS = 100;

/** Outage through which a batch keeps its producer id, by which brokers know it again. */
const SAME_PRODUCER_MS = 3_600_000;
const LEAST_ATTEMPTS = 100;
/** The library keeps the error of each attempt until one succeeds. */
const MOST_ATTEMPTS = 10_000;

/** No news of an attempt for this long, with all timeouts over: the library has lost it. */
const SILENCE_MS = 60_000;

/** More than any topic has. */
const MOST_PARTITIONS = 100_000;

/** Time that connections have to close by themselves. */
const CLOSE_MS = 500;

const ACKS = { all: -1, leader: 1, none: 0 } as const;

type KafkaProducer = Producer<Buffer, Buffer, Buffer, Buffer>;

/**
 * The connection to a Kafka cluster, for one sender: one request at a time, so that nothing overtakes. With acks
 * `all` the producer is idempotent, which keeps brokers from writing twice what is sent again after a lost answer.
 */
export class KafkaLink {
  readonly #options: LinkOptions;
  readonly #onTrouble: (trouble: Trouble) => void;
  #library: KafkaLibrary | null = null;
  #producer: KafkaProducer | null = null;
  #closed = false;
  /** Ends the wait for the library when an answer made no sense, at the end, or after too long a silence. */
  #giveUp: (error: unknown) => void = () => {};
  #silence: Timer | undefined;
  #endPause: () => void = () => {};

  /** `onTrouble` hears of each attempt that failed and will be made again. */
  constructor(options: LinkOptions, onTrouble: (trouble: Trouble) => void) {
    this.#options = options;
    this.#onTrouble = onTrouble;
  }

  /**
   * Sends what of `batch` is not settled, one partition after another, and marks what is. Rejects with a `Trouble`
   * when it gives up for now.
   */
  async deliver(batch: Batch): Promise<void> {
    try {
      const producer = await this.#open();
      const { topic } = this.#options;
      const metadata = await this.#watched(producer, () =>
        producer.metadata({ topics: [topic], autocreateTopics: true }),
      );
      const partitions = metadata.topics.get(topic)?.partitionsCount ?? 0;
      if (!(partitions >= 1 && partitions <= MOST_PARTITIONS))
        throw new BadAnswer("a topic without partitions");
      for (const [partition, indices] of this.#byPartition(batch, partitions)) {
        await this.#send(producer, batch, partition, indices);
      }
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** True once `close` was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Waits, but no longer than until the link is closed. */
  async pause(ms: number): Promise<void> {
    if (this.#closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#endPause = resolve;
    await promise;
    clearTimeout(timer);
  }

  /** Closes all connections; what is on its way is given up. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#giveUp(new Error("closed"));
    this.#endPause();
    await this.#discard();
  }

  #explain(error: unknown): Trouble {
    return explain(error, { topic: this.#options.topic, user: this.#options.sasl?.user ?? "" });
  }

  async #open(): Promise<KafkaProducer> {
    this.#library ??= await loadKafka();
    if (this.#closed) throw new Error("closed");
    if (this.#producer !== null) return this.#producer;
    const { brokers, acks, compression, requestTimeoutMs, backoffMs, tls } = this.#options;
    const producer = new this.#library.Producer<Buffer, Buffer, Buffer, Buffer>({
      clientId: "rscap",
      bootstrapBrokers: [...brokers],
      idempotent: acks === "all",
      acks: ACKS[acks],
      compression,
      connectTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: requestTimeoutMs,
      // The brokers answer before we stop to wait.
      timeout: Math.ceil(requestTimeoutMs * 0.8),
      retries: attempts(backoffMs),
      retryDelay: (_client, _operation, attempt, _retries, error) => this.#pause(attempt, error),
      metadataMaxAge: 30_000,
      maxInflights: 1,
      ...(tls === null ? {} : { tls: { ...tls } }),
      ...this.#sasl(this.#library),
    });
    guardPool(producer.connections, (error) => this.#giveUp(error));
    this.#producer = producer;
    return producer;
  }

  #sasl({ saslScramSha }: KafkaLibrary): Pick<ConstructorParameters<KafkaLibrary["Producer"]>[0], "sasl"> {
    const { sasl } = this.#options;
    if (sasl === null) return {};
    const { mechanism, user, password } = sasl;
    const login = { mechanism, username: user, password };
    if (mechanism === "PLAIN") return { sasl: login };
    return { sasl: { ...login, authenticate: scramAuthenticator(saslScramSha) } };
  }

  /** How long to wait before the next attempt; the library asks after each that failed. */
  #pause(attempt: number, error: unknown): number {
    const trouble = this.#explain(error);
    this.#onTrouble(trouble);
    const { backoffMs } = this.#options;
    const pause = trouble.kind === "login" ? backoffMs : backoff(attempt - 1, backoffMs);
    this.#listen(pause);
    return pause;
  }

  /** Waits for `work` of the library, for as long as something is heard of it; else its producer is given up. */
  async #watched<T>(producer: KafkaProducer, work: () => Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    this.#giveUp = reject;
    this.#listen(0);
    // Whoever comes second is not waited for any more.
    promise.catch(() => {});
    let given = false;
    try {
      const result = work();
      result.catch(() => {});
      promise.catch(() => {
        given = true;
      });
      return await Promise.race([result, promise]);
    } catch (error) {
      // What the library did not mean to throw leaves it in the middle of something.
      if (!(error instanceof Error && "code" in error)) given = true;
      throw error;
    } finally {
      clearTimeout(this.#silence);
      this.#giveUp = () => {};
      if (given && this.#producer === producer) await this.#discard();
    }
  }

  #listen(pauseMs: number): void {
    clearTimeout(this.#silence);
    const { brokers, requestTimeoutMs } = this.#options;
    const limit = SILENCE_MS + pauseMs + 4 * requestTimeoutMs + brokers.length * CONNECT_TIMEOUT_MS;
    this.#silence = setTimeout(() => this.#giveUp(new Error("The request timed out.")), limit);
  }

  #byPartition({ records, settled }: Batch, partitions: number): Map<number, number[]> {
    const byPartition = new Map<number, number[]>();
    for (const [index, { key }] of records.entries()) {
      if (settled[index] !== 0) continue;
      const partition = this.#partition(key, partitions);
      const indices = byPartition.get(partition);
      if (indices === undefined) byPartition.set(partition, [index]);
      else indices.push(index);
    }
    return byPartition;
  }

  /** As Kafka's own Java client does it, so that other producers' messages of a key come to the same place. */
  #partition(key: string, partitions: number): number {
    return ((this.#library?.murmur2(Buffer.from(key)) ?? 0) & 0x7fffffff) % partitions;
  }

  /** Sends records of one partition; where the broker refuses them for good, by halves, until it is known which. */
  async #send(
    producer: KafkaProducer,
    batch: Batch,
    partition: number,
    indices: readonly number[],
  ): Promise<void> {
    const { topic } = this.#options;
    const messages = indices.flatMap((index) => {
      const record = batch.records[index];
      return record === undefined ? [] : [{ topic, partition, ...message(record) }];
    });
    try {
      await this.#watched(producer, () => producer.send({ messages }));
      for (const index of indices) batch.settled[index] = DELIVERED;
    } catch (error) {
      const trouble = this.#explain(error);
      if (trouble.kind !== "record") throw error;
      if (indices.length === 1) {
        for (const index of indices) batch.settled[index] = REFUSED;
        this.#onTrouble(trouble);
        return;
      }
      const half = indices.length >> 1;
      await this.#send(producer, batch, partition, indices.slice(0, half));
      await this.#send(producer, batch, partition, indices.slice(half));
    }
  }

  /** Ends the producer, so that the next attempt begins with a new one. */
  async #discard(): Promise<void> {
    const producer = this.#producer;
    if (producer === null) return;
    this.#producer = null;
    const sockets = [...producer.connections].map(([, connection]) => connection.socket);
    const closed = producer.close(true).catch(() => {});
    await Promise.race([closed, Bun.sleep(CLOSE_MS)]);
    // A broker that does not read would keep the connection open.
    for (const socket of sockets) socket?.destroy();
  }
}

/** Pause before attempt `attempt`, counted from 0: doubled each time, up to `mostMs`. */
export function backoff(attempt: number, mostMs: number): number {
  return Math.min(mostMs, FIRST_BACKOFF_MS * 2 ** Math.min(attempt, 30));
}

/**
 * Attempts under one producer id, an hour's worth of pauses of `mostMs`, the longest pause in milliseconds. After the
 * last one the library takes a new id, and a batch whose answer was lost is written again.
 */
export function attempts(mostMs: number): number {
  const wanted = Math.ceil(SAME_PRODUCER_MS / mostMs);
  return Math.min(MOST_ATTEMPTS, Math.max(LEAST_ATTEMPTS, wanted));
}

function message({ key, value, headers, timestampMs }: KafkaRecord) {
  return {
    key: Buffer.from(key),
    value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    headers: new Map(headers.map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
    timestamp: BigInt(timestampMs),
  };
}
