import { type HttpOptions, type HttpPage, type HttpReply, HttpServer } from "../http/server.ts";
import { ClientMetrics } from "../metrics/client-metrics.ts";
import { MEDIA_TYPE, negotiate, render } from "../metrics/exposition.ts";
import type { MetricGroup } from "../metrics/group.ts";
import { type OwnFigures, OwnMetrics } from "../metrics/own-metrics.ts";
import { ReportMetrics } from "../metrics/report-metrics.ts";
import type { DocumentSink, SinkCounts, SunkDocument } from "./document-sink.ts";

/** How the run is: null when well, else what is wrong, in words. */
export interface Health {
  /** Whether it does what it is for, for /readyz. */
  readonly ready: () => string | null;
  /** Whether it is alive, for /healthz: when not, starting it again may help. */
  readonly alive: () => string | null;
}

/** What the endpoint needs beside its address. */
export interface MetricsOptions extends Omit<HttpOptions, "pages"> {
  readonly version: string;
  readonly command: string;
  readonly own: () => OwnFigures;
  readonly health: Health;
  /** Any clock that only goes on, milliseconds. */
  readonly now: () => number;
}

const PLAIN = "text/plain; charset=utf-8";

/**
 * Serves what the reports and the client say as metrics: `/metrics`, made when it is asked for, `/healthz` and
 * `/readyz`. As a sink it takes each document at once; it has no queue.
 */
export class MetricsEndpoint implements DocumentSink {
  readonly #options: MetricsOptions;
  readonly #reports = new ReportMetrics();
  readonly #client = new ClientMetrics();
  readonly #own = new OwnMetrics();
  readonly #server: HttpServer;
  #taken = 0;
  #dropped = 0;

  /** Listens; throws an environment error. */
  constructor(options: MetricsOptions) {
    this.#options = options;
    const { health } = options;
    const pages: Record<string, HttpPage> = {
      "/metrics": { open: false, get: (accept) => this.#page(accept) },
      "/healthz": { open: true, get: () => healthReply(health.alive()) },
      "/readyz": { open: true, get: () => healthReply(health.ready()) },
    };
    this.#server = new HttpServer({ ...options, pages });
  }

  /** Where it listens: `http://127.0.0.1:9464`. */
  get url(): string {
    return this.#server.url;
  }

  /** Takes a report; events say nothing that reports do not. */
  take(document: SunkDocument): void {
    if (document.kind !== "report") return;
    this.#taken++;
    const { value } = document;
    if (value === null) this.#dropped++;
    else this.#reports.take(document.probe, value, document.receivedMs, this.#options.now());
  }

  look(state: object): void {
    this.#client.take(state, this.#options.now());
  }

  counts(): SinkCounts {
    const name = `metrics at ${this.#server.url}`;
    const done = this.#taken - this.#dropped;
    return { name, taken: this.#taken, done, dropped: this.#dropped, queued: 0 };
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  #page(accept: string): HttpReply {
    const { version, command, own, now } = this.#options;
    const groups: readonly MetricGroup[] = [...this.#reports.groups, ...this.#client.groups];
    this.#reports.refresh(now());
    this.#own.refresh({ version, command }, own(), this.#server.answers, groups);
    const form = negotiate(accept);
    return { status: 200, type: MEDIA_TYPE[form], body: render([...this.#own.groups, ...groups], form) };
  }
}

function healthReply(fault: string | null): HttpReply {
  return fault === null
    ? { status: 200, type: PLAIN, body: "ok\n" }
    : { status: 503, type: PLAIN, body: `${fault}\n` };
}
