import { z } from "zod";
import type { SunkDocument } from "../document-sink.ts";
import { FlatMessages } from "./flat.ts";
import { flatReportSchema } from "./flat-input.ts";
import type { KafkaRecord } from "./record.ts";

/** Version of the flat message: its keys are those of the earlier rscap. */
export const FLAT_SCHEMA = "rscap.flat/1";

/** How documents become messages. */
export interface MessageOptions {
  readonly format: "json" | "flat";
  /** Key of all messages; empty for `probe/stream`. */
  readonly key: string;
  /** Reports are at least this far apart, 0 for all. */
  readonly intervalMs: number;
  /** Tells this run from others in the `id` header. */
  readonly run: string;
}

/** Probes whose times are remembered. */
const MOST_PROBES = 1024;

/** Pictures that wait for the next message of their stream, some 350 kB each at most. */
const MOST_IMAGES = 64;

/** A picture that is larger is no thumbnail; it is sent by itself in the JSON format only. */
const IMAGE_MAX_OCTETS = 256 * 1024;

const encoder = new TextEncoder();

const schemaOf = z.object({ schema: z.string().max(64) });

/**
 * Makes Kafka messages of documents. `json`: each as it came, a picture as its octets; `flat`: one for each
 * transport stream of a report. Each has headers that say what it is: `schema`, `probe`, `stream`, `kind`,
 * `content-type`, and `id`, which is no other message's and stays when it is sent again.
 */
export class Messages {
  readonly #options: MessageOptions;
  readonly #flat = new FlatMessages();
  readonly #due = new Map<string, number>();
  readonly #images = new Map<string, string>();
  #made = 0;

  constructor(options: MessageOptions) {
    this.#options = options;
  }

  /** The messages that `document` makes; none where it comes too soon or has no place in the format. */
  of(document: SunkDocument): KafkaRecord[] {
    if (document.kind === "report" && !this.#isDue(document)) return [];
    return this.#options.format === "flat" ? this.#flatRecords(document) : [this.#jsonRecord(document)];
  }

  #jsonRecord(document: SunkDocument): KafkaRecord {
    const { kind, octets } = document;
    if (kind === "image") return this.#record(document, document.stream, imageType(octets), null, octets);
    const schema = schemaOf.safeParse(document.value).data?.schema ?? null;
    return this.#record(document, document.stream, "application/json", schema, octets);
  }

  #flatRecords(document: SunkDocument): KafkaRecord[] {
    if (document.kind === "image") this.#keepImage(document);
    if (document.kind !== "report") return [];
    const report = flatReportSchema.safeParse(document.value).data;
    const records: KafkaRecord[] = [];
    for (const stream of report?.streams ?? []) {
      const name = `${document.probe}\n${stream.id}`;
      const base64 = this.#images.get(name);
      const image = base64 === undefined ? null : { base64 };
      if (report === undefined) continue;
      const message = this.#flat.message(document.probe, report, stream, image, document.receivedMs);
      if (message === null) continue;
      this.#images.delete(name);
      const octets = encoder.encode(JSON.stringify(message));
      records.push(this.#record(document, stream.id, "application/json", FLAT_SCHEMA, octets));
    }
    return records;
  }

  #record(
    { probe, kind, receivedMs }: SunkDocument,
    stream: string,
    contentType: string,
    schema: string | null,
    value: Uint8Array,
  ): KafkaRecord {
    const { key, run } = this.#options;
    const headers: [string, string][] = [
      ["probe", probe],
      ["stream", stream],
      ["kind", kind],
      ["content-type", contentType],
      ["id", `${run}-${this.#made++}`],
    ];
    if (schema !== null) headers.unshift(["schema", schema]);
    return { key: key === "" ? `${probe}/${stream}` : key, timestampMs: receivedMs, headers, value };
  }

  /**
   * True when the interval since the probe's last report has passed, give or take a quarter of it: reports that come
   * once a second now and then come some milliseconds early.
   */
  #isDue({ probe, receivedMs }: SunkDocument): boolean {
    const { intervalMs } = this.#options;
    if (intervalMs === 0) return true;
    const due = this.#due.get(probe);
    // A clock that was set back by more than an interval counts as a new start.
    if (due !== undefined && receivedMs < due - intervalMs / 4 && receivedMs > due - 2 * intervalMs)
      return false;
    if (this.#due.size >= MOST_PROBES && due === undefined) this.#due.clear();
    const late = due === undefined || Math.abs(receivedMs - due) > intervalMs / 4;
    this.#due.set(probe, (late ? receivedMs : due) + intervalMs);
    return true;
  }

  #keepImage({ probe, stream, octets }: SunkDocument): void {
    if (octets.length > IMAGE_MAX_OCTETS) return;
    if (this.#images.size >= MOST_IMAGES) this.#images.clear();
    this.#images.set(`${probe}\n${stream}`, Buffer.from(octets).toString("base64"));
  }
}

/** Media type of a picture by its first octets. */
function imageType(octets: Uint8Array): string {
  if (octets[0] === 0xff && octets[1] === 0xd8) return "image/jpeg";
  if (octets[0] === 0x89 && octets[1] === 0x50) return "image/png";
  return "application/octet-stream";
}
