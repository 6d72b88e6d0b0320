import { usageError } from "../../report/error.ts";
import { findingSchema } from "../../report/schema.ts";
import type { DocumentSink, SinkCounts, SunkDocument } from "../document-sink.ts";
import { Delivery, type DeliveryOptions } from "./delivery.ts";
import { FindingWatch, type ReportedFindings, type WatchOptions } from "./finding-watch.ts";
import { webhookBody } from "./message.ts";

/** How often groups are looked at. */
const LOOK_MS = 250;

/** What a webhook needs to know. */
export interface WebhookOptions extends WatchOptions, Omit<DeliveryOptions, "url"> {
  readonly url: string;
}

/** Tells an HTTP server of findings: when they come, while they go on, and when they are over. */
export class WebhookSink implements DocumentSink {
  readonly #watch: FindingWatch;
  readonly #delivery: Delivery;
  readonly #timer: Timer;

  /** Throws a usage error when the URL is none. */
  constructor(options: WebhookOptions) {
    this.#watch = new FindingWatch(options);
    this.#delivery = new Delivery({ ...options, url: webhookUrl(options.url) });
    this.#timer = setInterval(() => this.#send(false), LOOK_MS);
  }

  take(document: SunkDocument): void {
    if (document.kind !== "report" || document.value === null) return;
    this.#watch.report(document.probe, reportedFindings(document.value), performance.now());
  }

  counts(): SinkCounts {
    const counts = this.#delivery.counts();
    const { unwatched } = this.#watch;
    return { ...counts, taken: counts.taken + unwatched, dropped: counts.dropped + unwatched };
  }

  async close(lingerMs: number): Promise<void> {
    clearInterval(this.#timer);
    this.#send(true);
    await this.#delivery.close(lingerMs);
  }

  #send(all: boolean): void {
    for (const group of this.#watch.due(performance.now(), all)) {
      this.#delivery.send(webhookBody(group, new Date()));
    }
  }
}

/** What a report says of findings; those that are none by the schema are passed over, as newer probes may send. */
function reportedFindings(report: object): ReportedFindings {
  const { findings, time } = report as { findings?: unknown; time?: unknown };
  const parsed = Array.isArray(findings) ? findings.map((one) => findingSchema.safeParse(one).data) : [];
  return {
    findings: parsed.filter((one) => one !== undefined),
    timeMs: typeof time === "string" ? Date.parse(time) : Number.NaN,
  };
}

function webhookUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === "https:" || url.protocol === "http:") && url.username === "")
    return url;
  throw usageError(
    "webhook-url",
    "WEBHOOK (or the file that --webhook-file names): expected an http or https URL without a user name, got something else. A token goes into WEBHOOK_TOKEN.",
  );
}
