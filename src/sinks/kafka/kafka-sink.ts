import type { WireLog } from "../../wire/log.ts";
import type { DocumentSink, SinkCounts, SunkDocument } from "../document-sink.ts";
import { DeliveryQueue, type Spool } from "./delivery-queue.ts";
import { type Batch, backoff, DELIVERED, KafkaLink, type LinkOptions, REFUSED } from "./link.ts";
import { type MessageOptions, Messages } from "./messages.ts";
import type { Trouble } from "./trouble.ts";

/** Most messages in one request, and their octets: brokers take a megabyte. */
const BATCH_RECORDS = 500;
const BATCH_BYTES = 512 * 1024;

/** The same trouble is told again after this long. */
const TELL_AGAIN_MS = 60_000;

/** What a KafkaSink needs. */
export interface KafkaSinkOptions extends MessageOptions, LinkOptions {
  /** Most octets of messages that wait in memory. */
  readonly queueBytes: number;
  /** Where messages wait while no broker answers; null for memory alone. */
  readonly spool: Spool | null;
  /** How the log calls that place. */
  readonly spoolFolder: string;
  readonly log: WireLog;
}

/**
 * Sends documents to a Kafka topic, in the order in which they came. All go through one queue: memory, and the spool
 * when no broker answers or memory is full. A message is taken out when the broker has said that it has it; so it may
 * come twice after a crash, of ours or of the broker, but never for the first time before an older one.
 */
export class KafkaSink implements DocumentSink {
  readonly #options: KafkaSinkOptions;
  readonly #name: string;
  readonly #messages: Messages;
  readonly #queue: DeliveryQueue;
  readonly #link: KafkaLink;
  readonly #running: Promise<void>;
  #taken: number;
  #done = 0;
  #refused = 0;
  #closing = false;
  #wake: () => void = () => {};
  /** No broker took the last attempt: what comes goes to the spool at once, where a kill can't reach it. */
  #away = false;
  #told: { readonly text: string; readonly atMs: number } | null = null;
  #refusalToldMs = Number.NEGATIVE_INFINITY;
  #full = false;
  #asked = false;
  #connected = false;

  /** Begins to connect; a broker that is not there is no error. */
  constructor(options: KafkaSinkOptions) {
    this.#options = options;
    this.#name = `kafka ${options.topic} at ${options.brokers.join(", ")}`;
    this.#messages = new Messages(options);
    this.#queue = new DeliveryQueue(options.queueBytes, options.spool);
    this.#taken = this.#queue.count;
    if (this.#taken > 0) {
      options.log("info", `${messages(this.#taken)} for Kafka left from before in ${options.spoolFolder}.`);
    }
    this.#link = new KafkaLink(options, (trouble) => this.#onTrouble(trouble));
    this.#running = this.#run();
  }

  take(document: SunkDocument): void {
    if (this.#closing) return;
    for (const record of this.#messages.of(document)) {
      this.#taken++;
      this.#tellRoom(this.#queue.push(record));
    }
    if (this.#away) this.#queue.stow();
    this.#wake();
  }

  counts(): SinkCounts {
    return {
      name: this.#name,
      taken: this.#taken,
      done: this.#done,
      dropped: this.#refused + this.#queue.dropped,
      queued: this.#queue.count,
    };
  }

  async close(lingerMs: number): Promise<void> {
    this.#closing = true;
    this.#wake();
    const linger = Promise.withResolvers<void>();
    // What waits on disk loses nothing by waiting there.
    const onDisk = this.#away && this.#options.spool !== null;
    const timer = setTimeout(linger.resolve, onDisk ? 0 : lingerMs);
    await Promise.race([this.#running, linger.promise]);
    clearTimeout(timer);
    await this.#link.close();
    await this.#running;
    const before = this.#queue.count;
    this.#queue.close();
    const { spoolFolder, log } = this.#options;
    const kept = this.#queue.count;
    if (kept > 0) {
      log("warning", `${messages(kept)} for Kafka left in ${spoolFolder}; the next run sends them first.`);
    }
    if (before > kept)
      log("warning", `${messages(before - kept)} for Kafka could not be delivered: dropped.`);
  }

  /** Delivers until the sink is closed and nothing is left, or until the link is closed. */
  async #run(): Promise<void> {
    for (;;) {
      const records = this.#queue.head(BATCH_RECORDS, BATCH_BYTES);
      if (records.length > 0) {
        const batch: Batch = { records, settled: new Uint8Array(records.length) };
        const delivered = await this.#deliver(batch);
        this.#settle(batch);
        if (!delivered) return;
      } else if (this.#closing) return;
      else await this.#news();
    }
  }

  /** Tries until all of `batch` is settled; false when the link was closed before. */
  async #deliver(batch: Batch): Promise<boolean> {
    for (let failures = 0; ; failures++) {
      try {
        await this.#link.deliver(batch);
        this.#onDelivered();
        return true;
      } catch (error) {
        if (this.#link.closed) return false;
        this.#onTrouble(error as Trouble);
        await this.#link.pause(backoff(failures, this.#options.backoffMs));
      }
    }
  }

  /** Takes out what is settled, up to the first that is not. */
  #settle({ settled, records }: Batch): void {
    const open = settled.indexOf(0);
    const count = open < 0 ? records.length : open;
    for (let index = 0; index < count; index++) {
      if (settled[index] === DELIVERED) this.#done++;
      else if (settled[index] === REFUSED) this.#refused++;
    }
    this.#queue.remove(count);
  }

  async #news(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
  }

  #onDelivered(): void {
    const { log, topic } = this.#options;
    if (this.#told !== null) {
      log("info", `Kafka takes messages for ${topic} again; ${this.#queue.count} waiting.`);
    } else if (!this.#connected) log("debug", `Kafka takes messages for ${topic}.`);
    this.#connected = true;
    this.#told = null;
    this.#away = false;
  }

  #onTrouble({ kind, text }: Trouble): void {
    const { log, topic, spoolFolder, spool } = this.#options;
    const nowMs = performance.now();
    if (kind === "record") {
      if (nowMs - this.#refusalToldMs < TELL_AGAIN_MS) return;
      this.#refusalToldMs = nowMs;
      log("warning", `Messages for Kafka are dropped and counted: ${text}.`);
      return;
    }
    this.#away = true;
    this.#queue.stow();
    // The first question makes the topic; what it is told is not yet the whole truth.
    if (kind === "topic" && this.#told === null && !this.#asked) {
      this.#asked = true;
      return;
    }
    if (this.#told?.text === text && nowMs - this.#told.atMs < TELL_AGAIN_MS) return;
    this.#told = { text, atMs: nowMs };
    const where = spool === null ? "in memory" : `in ${spoolFolder}`;
    log(
      "warning",
      `Kafka does not take messages for ${topic}: ${text}. ${this.#queue.count} waiting ${where}; trying again.`,
      { brokers: this.#options.brokers, queued: this.#queue.count },
    );
  }

  #tellRoom(hasRoom: boolean): void {
    if (hasRoom !== this.#full) return;
    this.#full = !hasRoom;
    const { log, spool } = this.#options;
    const what = spool === null ? "queue (--kafka-queue)" : "spool (--kafka-spool-size)";
    if (!hasRoom)
      log("warning", `The ${what} for Kafka is full: messages are dropped and counted until it has room.`);
    else
      log("info", `The ${what} for Kafka has room again; ${messages(this.counts().dropped)} dropped so far.`);
  }
}

function messages(count: number): string {
  return count === 1 ? "1 message" : `${count} messages`;
}
