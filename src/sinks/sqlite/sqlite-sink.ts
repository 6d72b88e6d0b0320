import type { WireLog } from "../../wire/log.ts";
import { type DocumentKind, SunkDocument } from "../document-sink.ts";
import type { PacketSink, SinkFigures, SinkRecord, TrackFacts } from "../queue/packet-sink.ts";
import { type KeepOptions, Retention } from "./retention.ts";
import { reasonOf } from "./schema.ts";
import { ReportStore, type StoreOptions } from "./store.ts";

/** Time between two looks at what is too old or too much; while there is more to do, between two steps. */
const LOOK_MS = 10_000;
const STEP_MS = 100;

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
      this.#told = false;
    } catch (error) {
      this.#lost++;
      this.#tell(reasonOf(error));
    }
  }

  poll(nowMs: number): void {
    if (nowMs < this.#nextStepMs) return;
    try {
      this.#nextStepMs = nowMs + (this.#retention.step(Date.now()) ? STEP_MS : LOOK_MS);
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

  #tell(why: string): void {
    if (this.#told) return;
    this.#told = true;
    this.#log(
      "warning",
      `Reports can't be stored in ${this.#path}: ${why}. What is lost is counted, the next is tried.`,
    );
  }
}
