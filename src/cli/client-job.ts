import type { SinkCounts } from "../sinks/document-sink.ts";
import type { FeedCounts, FeedJob } from "../sinks/queue/feed.ts";
import type { WriteFormat } from "../sinks/write-format.ts";
import type { CurveSettings } from "../wire/security.ts";
import type { Passed, Refused } from "../wire/subscriber.ts";
import type { Transport } from "../wire/transport.ts";
import type { PassedDocument } from "./document-gate.ts";
import type { ClientProbe } from "./probe-watch.ts";
import type { OutputState } from "./sink-job.ts";

/** Everything the client's worker needs; structured-cloneable. */
export interface ClientJob {
  readonly endpoints: readonly string[];
  readonly transport: Transport;
  /** Keys for CURVE; null for plain ZeroMQ. */
  readonly curve: CurveSettings | null;
  /** Where acknowledgements go; empty for the port after the endpoint's. */
  readonly ackEndpoint: string;
  /** Time between heartbeats of a subscription, 0 for none. */
  readonly heartbeatMs: number;
  /** Most messages queued from one peer. */
  readonly highWaterMark: number;
  /** Ids of the streams to write; empty for all. */
  readonly streams: readonly string[];
  /** `-` for standard output, empty for none. */
  readonly outputFile: string;
  readonly format: WriteFormat;
  readonly flushMs: number;
  /** Packets to write before stopping, 0 for no limit. */
  readonly packetCount: number;
  /** Time to run for, 0 for no limit. */
  readonly durationMs: number;
  /** A silence this long is told, 0 for never. */
  readonly silenceMs: number;
  /** A probe that says nothing for so long is told, 0 for never. */
  readonly probeTimeoutMs: number;
  /** Log the findings that come. */
  readonly events: boolean;
  /** Memory of the gate through which documents go to the main thread's sinks; null when it has none. */
  readonly gate: SharedArrayBuffer | null;
  /** Queues of the sinks in threads of their own; where one takes packets, this thread writes no file. */
  readonly feeds: readonly FeedJob[];
}

/** What the client's worker says to the main thread. */
export type ClientData = { readonly type: "state"; readonly state: ClientState } | PassedDocument;

/** One stream of one probe as the client has received it; totals. */
export interface ClientStream {
  readonly probe: string;
  readonly stream: string;
  readonly kind: string;
  readonly messages: number;
  readonly packets: number;
  readonly bytes: number;
  readonly gaps: number;
  readonly lostMessages: number;
  readonly restarts: number;
  /** Messages that came once more after a connection broke, and were left out. */
  readonly duplicates: number;
  /** Of a shared stream: messages that went to other workers, or were lost. */
  readonly elsewhere: number;
}

/** Where a stream is written to. */
export interface ClientFile {
  readonly probe: string;
  readonly stream: string;
  readonly path: string;
  readonly packets: number;
  readonly lostPackets: number;
}

/** Where the client stands; all numbers are totals since its start, but for `bitrate` and `peers`. */
export interface ClientState {
  readonly final: boolean;
  readonly elapsedMs: number;
  readonly messages: number;
  /** Packets received of the kind that is written, TS or RTP, and their octets. */
  readonly packets: number;
  readonly bytes: number;
  /** Bits per second since the state before. */
  readonly bitrate: number;
  /** Probes connected. */
  readonly peers: number;
  /** Connections that were refused or failed in their handshake. */
  readonly failedConnections: number;
  readonly probes: readonly ClientProbe[];
  readonly streams: readonly ClientStream[];
  readonly files: readonly ClientFile[];
  readonly refused: Refused;
  readonly passed: Passed;
  /** Octets of one-frame messages that belonged to no TS packet. */
  readonly skippedBytes: number;
  /** What was written as something else than TS, in sentences; at the end. */
  readonly notes: readonly string[];
  /** Documents that found no room on their way to the sinks. */
  readonly documentsDropped: number;
  /** What takes reports and events, filled in by the main thread. */
  readonly sinks: readonly SinkCounts[];
  /** The queues of the sinks in threads of their own. */
  readonly feeds: readonly FeedCounts[];
  /** Those sinks, filled in by the main thread. */
  readonly outputs: readonly OutputState[];
}

/** The kind of streams that `job` writes. */
export function writtenKind({ format }: Pick<ClientJob, "format">): "ts" | "rtp" {
  return format === "ts" ? "ts" : "rtp";
}
