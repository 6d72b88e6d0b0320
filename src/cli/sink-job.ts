import type { FeedCounts, FeedJob } from "../sinks/queue/feed.ts";
import type { SinkFigures } from "../sinks/queue/packet-sink.ts";
import type { SegmentSettings } from "../sinks/segments-sink.ts";
import type { SqliteSettings } from "../sinks/sqlite/sqlite-sink.ts";
import type { WriteFormat } from "../sinks/write-format.ts";

/** What one sink does with what it is given; structured-cloneable. */
export type SinkSpec =
  | {
      readonly type: "file";
      readonly path: string;
      readonly format: WriteFormat;
      readonly flushMs: number;
    }
  | { readonly type: "jsonl"; readonly path: string }
  | ({ readonly type: "sqlite" } & SqliteSettings)
  | ({ readonly type: "segments" } & SegmentSettings)
  | { readonly type: "udp"; readonly url: string; readonly delayMs: number }
  | { readonly type: "exec"; readonly command: string; readonly restartMs: number };

/** True for what takes reports and events; the others take packets. */
export function takesDocuments(type: SinkSpec["type"]): boolean {
  return type === "jsonl" || type === "sqlite";
}

/** Everything that a sink's thread needs. */
export interface SinkJob extends FeedJob {
  readonly spec: SinkSpec;
}

/** Where a sink stands, as its thread says. */
export interface SinkState extends SinkFigures {
  /** Packets left in the queue when the run had to end. */
  readonly discarded: number;
}

/** A sink and its queue for summary and progress; totals. */
export interface OutputState extends SinkState, Omit<FeedCounts, "id" | "packets" | "bytes"> {
  readonly name: string;
  readonly type: SinkSpec["type"];
  /** Why it ended before the run did; empty while it works. */
  readonly failure: string;
}

/** A sink that has done nothing yet. */
export const NO_STATE: SinkState = {
  packets: 0,
  bytes: 0,
  lost: 0,
  unwanted: 0,
  files: [],
  notes: [],
  discarded: 0,
};
