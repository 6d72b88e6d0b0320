import { closeSync, openSync, writeFileSync } from "node:fs";
import { environmentError, type RscapError } from "../report/error.ts";
import { eventSchema, type FindingEvent } from "../report/event.ts";
import type { WireLog } from "../wire/log.ts";
import { terminal } from "./terminal.ts";

const STANDARD_OUTPUT = "-";

/** Findings logged in one second; a probe gone mad must not drown the log. */
const MOST_LINES_A_SECOND = 20;

const SECOND_MS = 1000;

/** Where a document came from. */
export interface DocumentOrigin {
  readonly probe: string;
  readonly stream: string;
  readonly kind: string;
}

/** What to do with documents. */
export interface DocumentOptions {
  /** File for the JSON lines, `-` for standard output, empty for none. */
  readonly jsonl: string;
  /** Log the findings. */
  readonly events: boolean;
  /** Ids of the streams that are wanted; empty for all. */
  readonly streams: readonly string[];
  readonly log: WireLog;
  /** Takes each wanted document too, for the sinks of the main thread; its octets are valid during the call. */
  readonly pass: ((origin: DocumentOrigin, octets: Uint8Array) => void) | null;
}

/**
 * Takes the reports and events that come: each becomes one JSON line
 * `{ probe, stream, kind, document }`, and each finding a line of the log. What is no JSON object is counted.
 */
export class ClientDocuments {
  /** JSON lines written. */
  written = 0;
  /** Documents that are no JSON object. */
  bad = 0;
  readonly #options: DocumentOptions;
  readonly #wanted: ReadonlySet<string>;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #fd: number | null;
  #secondMs = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #hidden = 0;

  /** Opens the file to append to; throws an environment error. */
  constructor(options: DocumentOptions) {
    this.#options = options;
    this.#wanted = new Set(options.streams);
    const { jsonl } = options;
    if (jsonl === "" || jsonl === STANDARD_OUTPUT) {
      this.#fd = null;
      return;
    }
    try {
      this.#fd = openSync(jsonl, "a");
    } catch (error) {
      throw fileError(jsonl, error);
    }
  }

  /** One document as it came; `nowMs` is of `performance.now()`. Throws an environment error. */
  take(origin: DocumentOrigin, octets: Uint8Array, nowMs: number): void {
    const { jsonl, events, pass } = this.#options;
    if (origin.kind === "image") {
      pass?.(origin, octets);
      return;
    }
    if (jsonl === "" && !events && pass === null) return;
    const document = this.#parse(octets);
    if (document === null) {
      this.bad++;
      return;
    }
    const event = origin.kind === "event" ? eventSchema.safeParse(document).data : undefined;
    const stream = event?.finding.stream ?? origin.stream;
    if (origin.kind === "event" && this.#wanted.size > 0 && !this.#wanted.has(stream)) return;
    pass?.(origin, octets);
    this.#write({ probe: origin.probe, stream: origin.stream, kind: origin.kind, document });
    if (event !== undefined && this.#options.events) this.#tell(origin.probe, event, nowMs);
  }

  /** Closes the file, and tells what was not logged and what was none. */
  close(): void {
    this.#tellHidden();
    if (this.bad > 0) {
      this.#options.log("warning", `${this.bad} reports or events were no JSON objects.`, { bad: this.bad });
    }
    if (this.#fd !== null) closeSync(this.#fd);
  }

  #parse(octets: Uint8Array): object | null {
    try {
      const value: unknown = JSON.parse(this.#decoder.decode(octets));
      return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
    } catch {
      return null;
    }
  }

  #write(line: DocumentOrigin & { readonly document: object }): void {
    const { jsonl } = this.#options;
    if (jsonl === "") return;
    const text = `${JSON.stringify(line)}\n`;
    if (this.#fd === null) terminal.out(text);
    else {
      try {
        writeFileSync(this.#fd, text);
      } catch (error) {
        throw fileError(jsonl, error);
      }
    }
    this.written++;
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

function fileError(path: string, error: unknown): RscapError {
  const why = error instanceof Error ? error.message : String(error);
  return environmentError(
    "jsonl.write",
    `Can't write JSON lines to ${path}: ${why}. Name another file with --jsonl (JSONL).`,
    error,
  );
}
