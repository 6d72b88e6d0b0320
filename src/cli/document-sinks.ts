import type { DocumentSink, SinkCounts, SunkDocument } from "../sinks/document-sink.ts";
import type { WireLog } from "../wire/log.ts";

/** Time that all sinks together have at the end to deliver what is queued. */
const LINGER_MS = 5000;

/** Opens one kind of sink when the settings ask for it, or gives null; throws an RscapError where it can't work. */
export type SinkOpener<Settings> = (settings: Settings, log: WireLog) => Promise<DocumentSink | null>;

/** The sinks of documents of one run, any number. */
export class DocumentSinks {
  readonly #sinks: readonly DocumentSink[];

  constructor(sinks: readonly DocumentSink[]) {
    this.#sinks = sinks;
  }

  /** Gives `document` to each sink; none waits. */
  take(document: SunkDocument): void {
    for (const sink of this.#sinks) sink.take(document);
  }

  /** Shows `state`, where the client stands, to the sinks that look at it, with where each sink stands. */
  look(state: object): void {
    const sinks = this.counts();
    for (const sink of this.#sinks) sink.look?.({ ...state, sinks });
  }

  /** Where each sink stands. */
  counts(): SinkCounts[] {
    return this.#sinks.map((sink) => sink.counts());
  }

  /** Lets all deliver what they have, at the same time, and ends them; throws the first failure after all were tried. */
  async close(lingerMs: number = LINGER_MS): Promise<void> {
    const ends = await Promise.allSettled(this.#sinks.map((sink) => sink.close(lingerMs)));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }
}

/** Opens the sinks that `settings` ask for; null when there are none. Where one fails, those before it are closed again. */
export async function openSinks<Settings>(
  openers: readonly SinkOpener<Settings>[],
  settings: Settings,
  log: WireLog,
): Promise<DocumentSinks | null> {
  const sinks: DocumentSink[] = [];
  try {
    for (const opener of openers) {
      const sink = await opener(settings, log);
      if (sink !== null) sinks.push(sink);
    }
  } catch (error) {
    await new DocumentSinks(sinks).close(0);
    throw error;
  }
  return sinks.length === 0 ? null : new DocumentSinks(sinks);
}
