import { FindingEvents } from "../report/event.ts";
import type { Report } from "../report/schema.ts";
import type { Config } from "../settings/table.ts";
import { type DocumentKind, SunkDocument } from "../sinks/document-sink.ts";
import { reasonOf } from "../sinks/sqlite/schema.ts";
import { ReportStore } from "../sinks/sqlite/store.ts";
import type { WireLog } from "../wire/log.ts";

/** The stream of documents of a whole run, as a probe publishes them. */
const WHOLE_PROBE = "-";

/** Stores the reports of a replay in a database: one a second of packet time, the last of each input, and events. */
export class ReplayStore {
  readonly #store: ReportStore;
  readonly #path: string;
  readonly #probe: string;
  readonly #log: WireLog;
  #events = new FindingEvents();
  #input = -1;
  #stored = 0;
  #lost = 0;

  /** Opens the database; throws an environment error where it can't. */
  constructor(path: string, reportMs: number, probe: string, log: WireLog) {
    this.#store = new ReportStore({ path, reportMs, fromStart: true });
    this.#path = path;
    this.#probe = probe;
    this.#log = log;
  }

  /** The next report of input `input`. */
  report(input: number, report: Report, final: boolean): void {
    if (input !== this.#input) this.#events = new FindingEvents();
    this.#input = input;
    this.#add("report", WHOLE_PROBE, report, final);
    for (const event of this.#events.next(report, performance.now(), final)) {
      this.#add("event", event.finding.stream, event, false);
    }
  }

  /** Closes the file; a sentence for the end of the run. */
  close(): string {
    this.#store.close();
    const lost = this.#lost === 0 ? "" : `, ${this.#lost} could not be stored`;
    return `Stored ${this.#stored} reports and events in ${this.#path}${lost}.`;
  }

  #add(kind: DocumentKind, stream: string, value: object, whole: boolean): void {
    const document = new SunkDocument({ probe: this.#probe, stream, kind, receivedMs: Date.now() }, value);
    try {
      this.#store.add(document, whole);
      this.#stored++;
    } catch (error) {
      this.#lost++;
      if (this.#lost === 1)
        this.#log("warning", `Reports can't be stored in ${this.#path}: ${reasonOf(error)}.`);
    }
  }
}

/** Opens the database that the settings name, or gives null. Throws an environment error where it can't be used. */
export function openReplayStore(
  { sqlite, sqliteReports, probeId }: Pick<Config, "sqlite" | "sqliteReports" | "probeId">,
  log: WireLog,
): ReplayStore | null {
  return sqlite === "" ? null : new ReplayStore(sqlite, sqliteReports, probeId, log);
}
