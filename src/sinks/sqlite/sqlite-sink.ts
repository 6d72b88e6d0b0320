import type { WireLog } from "../../wire/log.ts";
import { type DocumentKind, SunkDocument } from "../document-sink.ts";
import type { PacketSink, SinkFigures, SinkRecord, TrackFacts } from "../queue/packet-sink.ts";
import { type KeepOptions, Retention } from "./retention.ts";
import { reasonOf } from "./schema.ts";
import { ReportStore, type StoreOptions } from "./store.ts";

/** Time between two looks at what is too old or too much; while there is more to do, between two turns. */
const LOOK_MS = 10_000;
const TURN_MS = 100;

/** Steps of deleting are made for this long a turn; what comes meanwhile waits in the queue. */
const STEPS_MS = 20;

/** Pages in the WAL, and those of them that are in the file too. */
interface Checkpoint {
  readonly log: number;
  readonly checkpointed: number;
}

/** The settings of the database. */
export interface SqliteSettings extends Omit<StoreOptions, "fromStart">, KeepOptions {}

/**
 * Stores reports and events in a database, in a thread of its own. What a full disk or another process does not let it
 * store is counted, told once, and the next is tried again.
 */
export class SqliteSink implements PacketSink {
  readonly #store: ReportStore;
  readonly #retention: Retention;
  readonly #path: string;
  readonly #log: WireLog;
  readonly #tracks: (TrackFacts | undefined)[] = [];
  #stored = 0;
  #bytes = 0;
  #lost = 0;
  #unwanted = 0;
  #told = false;
  /** The disk was full, and the WAL has grown as far as it could. */
  #walIsFull = false;
  #nextStepMs = 0;

  /** Opens the database; throws an environment error where it can't. */
  constructor(options: SqliteSettings & { readonly log: WireLog }) {
    this.#path = options.path;
    this.#log = options.log;
    this.#store = new ReportStore({ ...options, fromStart: false });
    this.#retention = new Retention(this.#store.database, options);
  }

  track(index: number, facts: TrackFacts): void {
    this.#tracks[index] = facts;
  }

  take(record: SinkRecord): void {
    const facts = this.#tracks[record.track];
    if (facts === undefined) return;
    const { probe, stream } = facts;
    const octets = record.buf.slice(record.off, record.off + record.len);
    const kind = facts.kind as DocumentKind;
    const document = new SunkDocument({ probe, stream, kind, receivedMs: Date.now() }, octets);
    try {
      if (this.#store.add(document)) {
        this.#stored++;
        this.#bytes += octets.length;
      } else this.#unwanted++;
      if (this.#told) this.#nextStepMs = 0;
      this.#told = false;
    } catch (error) {
      this.#lost++;
      this.#walIsFull = true;
      this.#tell(reasonOf(error));
    }
  }

  poll(nowMs: number): void {
    if (nowMs < this.#nextStepMs) return;
    try {
      if (this.#walIsFull) this.#emptyWal();
      const endMs = performance.now() + STEPS_MS;
      let more = true;
      while (more && performance.now() < endMs) more = this.#retention.step(Date.now());
      this.#nextStepMs = nowMs + (more ? TURN_MS : LOOK_MS);
    } catch (error) {
      this.#nextStepMs = nowMs + LOOK_MS;
      this.#tell(reasonOf(error));
    }
  }

  figures(): SinkFigures {
    return {
      packets: this.#stored,
      bytes: this.#bytes,
      lost: this.#lost,
      unwanted: this.#unwanted,
      files: [],
      notes: [],
    };
  }

  close(): void {
    this.#store.close();
  }

  /** Puts what the WAL holds into the file, so that it is written from its start again, before it takes all new room. */
  #emptyWal(): void {
    const row = this.#store.database.query("PRAGMA wal_checkpoint(PASSIVE)").get() as Checkpoint;
    this.#walIsFull = row.checkpointed < row.log;
  }

  #tell(why: string): void {
    if (this.#told) return;
    this.#told = true;
    this.#log(
      "warning",
      `Reports can't be stored in ${this.#path}: ${why}. What is lost is counted, the next is tried.`,
    );
  }
}
