import type { SinkCounts } from "../../src/sinks/document-sink.ts";
import { SunkDocument } from "../../src/sinks/document-sink.ts";
import { KafkaSink, type KafkaSinkOptions } from "../../src/sinks/kafka/kafka-sink.ts";
import type { SeenMessage } from "../helpers/kafka.ts";
import { LogLines } from "../helpers/wire.ts";

/** A sink under test with what it logged. */
export interface TestedSink {
  readonly sink: KafkaSink;
  readonly lines: readonly string[];
}

/** Opens a sink; `change` says what is not as usual. */
export function openSink(
  change: Partial<KafkaSinkOptions> & Pick<KafkaSinkOptions, "brokers" | "topic">,
): TestedSink {
  const { lines, log } = new LogLines();
  const sink = new KafkaSink({
    format: "json",
    key: "",
    intervalMs: 0,
    run: "testrun",
    acks: "all",
    compression: "none",
    requestTimeoutMs: 10_000,
    backoffMs: 500,
    sasl: null,
    tls: null,
    queueBytes: 16 * 1024 * 1024,
    spool: null,
    spoolFolder: "",
    log,
    ...change,
  });
  return { sink, lines };
}

/**
 * Times are of now: a broker that starts again forgets producers whose last message is older than a day
 * (`producer.id.expiration.ms`), and takes again what it has.
 */
export const STARTED_MS = Date.now();

/** An event of a stream of the probe `studio` that bears its number. */
export function numbered(number: number, stream = `s${number % 5}`, padding = 0): SunkDocument {
  const document = { schema: "rscap.event/1", number, padding: "x".repeat(padding) };
  return new SunkDocument(
    { probe: "studio", stream, kind: "event", receivedMs: STARTED_MS + number },
    document,
  );
}

/** What a message of `numbered` bears. */
export function numberOf({ value }: SeenMessage): number {
  return (JSON.parse(value) as { readonly number: number }).number;
}

/** Numbers by key, in the order in which the broker has them. */
export function byKey(messages: readonly SeenMessage[]): Map<string, number[]> {
  const keys = new Map<string, number[]>();
  for (const message of messages) {
    keys.set(message.key, [...(keys.get(message.key) ?? []), numberOf(message)]);
  }
  return keys;
}

/** True when all that was taken is accounted for. */
export function addsUp({ taken, done, dropped, queued }: SinkCounts): boolean {
  return taken === done + dropped + queued;
}
