import { FindingEvents } from "../report/event.ts";
import type { Report } from "../report/schema.ts";
import { type Publisher, WHOLE_PROBE } from "../wire/publisher.ts";

/** Publishes each report, and as events what is new in it. */
export class PublishedDocuments {
  readonly #publisher: Pick<Publisher, "sendReport" | "sendEvent">;
  #events = new FindingEvents();
  #previous: Report | null = null;

  constructor(publisher: Pick<Publisher, "sendReport" | "sendEvent">) {
    this.#publisher = publisher;
  }

  /** The next report; one of another input ends what was held back for the one before. */
  report(report: Report): void {
    const before = this.#previous;
    if (before !== null && before.input.name !== report.input.name) {
      this.#send(before, true);
      this.#events = new FindingEvents();
    }
    this.#previous = report;
    this.#publisher.sendReport(WHOLE_PROBE, JSON.stringify(report));
    this.#send(report, false);
  }

  /** Sends the events that the limit still holds back. */
  end(): void {
    if (this.#previous !== null) this.#send(this.#previous, true);
    this.#previous = null;
  }

  #send(report: Report, last: boolean): void {
    for (const event of this.#events.next(report, performance.now(), last)) {
      this.#publisher.sendEvent(event.finding.stream, JSON.stringify(event));
    }
  }
}
