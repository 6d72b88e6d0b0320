import { eventSchema, type FindingEvent } from "../report/event.ts";
import type { WireLog } from "../wire/log.ts";
import type { Kind } from "../wire/topic.ts";

/** Findings logged in one second; a probe gone mad must not drown the log. */
const MOST_LINES_A_SECOND = 20;

const SECOND_MS = 1000;

/** Where a document came from. */
export interface DocumentOrigin {
  readonly probe: string;
  readonly stream: string;
  readonly kind: Kind;
}

/** What to do with documents. */
export interface DocumentOptions {
  /** Log the findings. */
  readonly events: boolean;
  /** Ids of the streams that are wanted; empty for all. */
  readonly streams: readonly string[];
  readonly log: WireLog;
  /** Takes each wanted document, for the sinks; its octets are valid during the call. Null where there are none. */
  readonly pass: ((origin: DocumentOrigin, octets: Uint8Array) => void) | null;
}

/**
 * Takes the reports and events that come: they are passed on to the sinks, and each finding becomes a line of the
 * log. What is no JSON object is counted.
 */
export class ClientDocuments {
  /** Documents that are no JSON object. */
  bad = 0;
  readonly #options: DocumentOptions;
  readonly #wanted: ReadonlySet<string>;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #secondMs = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #hidden = 0;

  constructor(options: DocumentOptions) {
    this.#options = options;
    this.#wanted = new Set(options.streams);
  }

  /** One document as it came; `nowMs` is of `performance.now()`. */
  take(origin: DocumentOrigin, octets: Uint8Array, nowMs: number): void {
    const { events, pass } = this.#options;
    if (origin.kind === "image") {
      pass?.(origin, octets);
      return;
    }
    if (!events && pass === null) return;
    const document = this.#parse(octets);
    if (document === null) {
      this.bad++;
      return;
    }
    const event = origin.kind === "event" ? eventSchema.safeParse(document).data : undefined;
    const stream = event?.finding.stream ?? origin.stream;
    if (origin.kind === "event" && this.#wanted.size > 0 && !this.#wanted.has(stream)) return;
    pass?.(origin, octets);
    if (event !== undefined && this.#options.events) this.#tell(origin.probe, event, nowMs);
  }

  /** Tells what was not logged and what was none. */
  close(): void {
    this.#tellHidden();
    if (this.bad > 0) {
      this.#options.log("warning", `${this.bad} reports or events were no JSON objects.`, { bad: this.bad });
    }
  }

  #parse(octets: Uint8Array): object | null {
    try {
      const value: unknown = JSON.parse(this.#decoder.decode(octets));
      return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
    } catch {
      return null;
    }
  }

  #tell(probe: string, event: FindingEvent, nowMs: number): void {
    if (nowMs - this.#secondMs >= SECOND_MS) {
      this.#tellHidden();
      this.#secondMs = nowMs;
      this.#lines = 0;
    }
    if (this.#lines >= MOST_LINES_A_SECOND) {
      this.#hidden++;
      return;
    }
    this.#lines++;
    const { finding, added } = event;
    const pid = finding.pid ?? finding.lastPid;
    const where = pid === undefined ? finding.stream : `${finding.stream}, PID ${pid}`;
    const times = added === finding.count ? `${added}` : `${added} more, ${finding.count} in all`;
    this.#options.log(
      finding.severity === "info" ? "info" : "warning",
      `${finding.severity} on ${where} (probe ${probe}): ${finding.clause}, count ${times}. ${finding.text}`,
      { probe, ...finding },
    );
  }

  #tellHidden(): void {
    if (this.#hidden === 0) return;
    this.#options.log(
      "warning",
      `${this.#hidden} more findings came than are logged; --jsonl has them all.`,
      {
        hidden: this.#hidden,
      },
    );
    this.#hidden = 0;
  }
}
