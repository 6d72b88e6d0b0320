import { z } from "zod";
import type { Finding } from "./finding.ts";
import { findingSchema, type Report } from "./schema.ts";

/** Version of the event message. */
export const EVENT_SCHEMA = "rscap.event/1";

/** What an `event` message says: a rule was broken, for the first time or again. */
export const eventSchema = z.strictObject({
  schema: z.literal(EVENT_SCHEMA),
  time: z.string().nullable().describe("packet time of the report that it comes from"),
  finding: findingSchema.describe("with the whole count so far"),
  added: z.int().positive().describe("how much of the count is new since the event before"),
});

/** See `eventSchema`. */
export type FindingEvent = z.infer<typeof eventSchema>;

/** Least time between two events of one finding. */
const EVENT_INTERVAL_MS = 10_000;

/** Findings that are remembered; more than a report can hold in practice. 100 octets each. */
const MOST_REMEMBERED = 65_536;

/** What was told of one finding. */
interface Told {
  count: number;
  atMs: number;
}

/**
 * Makes events of the findings in successive reports: the first at once, then at most one each interval
 * for as long as the count grows. Each says the whole count and what is new, so the limit hides nothing.
 *
 * What was told is not taken back: a pause that a report saw open may turn out to be another rule's (TR 101 290
 * 2.3.a and 2.3.b), and is not told again when the count comes to where it was.
 */
export class FindingEvents {
  readonly #intervalMs: number;
  readonly #told = new Map<string, Told>();
  #packets = 0;

  constructor(intervalMs: number = EVENT_INTERVAL_MS) {
    this.#intervalMs = intervalMs;
  }

  /** The events that `report` gives rise to; `nowMs` is any clock that only goes on. `last` lets none wait. */
  next(report: Report, nowMs: number, last: boolean): FindingEvent[] {
    const events: FindingEvent[] = [];
    // Packets that went back are those of a new input: its findings are others.
    if (report.input.packets < this.#packets) this.#told.clear();
    this.#packets = report.input.packets;
    for (const finding of report.findings) {
      const key = `${finding.stream}\n${finding.code}\n${finding.clause}\n${finding.pid ?? ""}`;
      const told = this.#told.get(key);
      const before = told?.count ?? 0;
      if (finding.count <= before) continue;
      if (told !== undefined && !last && nowMs - told.atMs < this.#intervalMs) continue;
      this.#remember(key, finding, nowMs);
      events.push({ schema: EVENT_SCHEMA, time: report.time, finding, added: finding.count - before });
    }
    return events;
  }

  #remember(key: string, finding: Finding, nowMs: number): void {
    if (this.#told.size >= MOST_REMEMBERED && !this.#told.has(key)) this.#told.clear();
    this.#told.set(key, { count: finding.count, atMs: nowMs });
  }
}
