/** Kinds of documents: what the topic's last level says of messages that are not packets. */
export type DocumentKind = "report" | "event" | "image";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** A report, an event or a picture of a probe, on its way to the sinks. */
export class SunkDocument {
  readonly probe: string;
  /** Id of the stream, `-` for the whole probe. */
  readonly stream: string;
  readonly kind: DocumentKind;
  /** When it came, milliseconds of Unix time. */
  readonly receivedMs: number;
  #octets: Uint8Array | null;
  #value: object | null | undefined;

  /** `content`: the octets as they came, or the document itself where it was made here. */
  constructor(
    origin: Pick<SunkDocument, "probe" | "stream" | "kind" | "receivedMs">,
    content: Uint8Array | object,
  ) {
    this.probe = origin.probe;
    this.stream = origin.stream;
    this.kind = origin.kind;
    this.receivedMs = origin.receivedMs;
    this.#octets = content instanceof Uint8Array ? content : null;
    this.#value = content instanceof Uint8Array ? undefined : content;
  }

  /** As it goes over the network: JSON in UTF-8, or the picture. Made once. */
  get octets(): Uint8Array {
    this.#octets ??= encoder.encode(JSON.stringify(this.#value));
    return this.#octets;
  }

  /** The JSON object; null for a picture and for what is none. Parsed once for all sinks, which leave it as it is. */
  get value(): object | null {
    if (this.#value === undefined) this.#value = this.kind === "image" ? null : parse(this.octets);
    return this.#value;
  }
}

/** What a sink did; totals. Of what it took, all is done, dropped or queued. */
export interface SinkCounts {
  /** As the user named it, e.g. `kafka rscap at localhost:9092`. */
  readonly name: string;
  readonly taken: number;
  readonly done: number;
  /** Given up: the queue was full, or the other side refused it. */
  readonly dropped: number;
  readonly queued: number;
}

/**
 * Takes documents on the main thread. Each sink has a bounded queue of its own: `take` neither waits nor throws, so
 * that a slow sink holds up no other. Opening it throws an RscapError where it can't work at all.
 */
export interface DocumentSink {
  take(document: SunkDocument): void;
  /** Takes where the client stands, totals since its start, with what all sinks say: once a second. */
  look?(state: object): void;
  counts(): SinkCounts;
  /** Delivers what is queued, for `lingerMs` at most, and ends; what is left then counts as dropped. */
  close(lingerMs: number): Promise<void>;
}

function parse(octets: Uint8Array): object | null {
  try {
    const value: unknown = JSON.parse(decoder.decode(octets));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
