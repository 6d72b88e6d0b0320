import type { UserIds } from "../../ffi/libc/privileges.ts";
import type { LiveOptions } from "../capture/live-options.ts";
import type { MembershipOptions } from "../capture/membership.ts";
import type { LegsMode } from "../flow/legs.ts";
import type { SdpFile } from "../flow/sdp-sessions.ts";
import type { WantedStream } from "../flow/wanted.ts";
import type { MonitorOptions } from "../mpegts/analyser.ts";
import type { Report } from "../report/schema.ts";
import type { SkewClass } from "../st2110/redundancy/skew-class.ts";
import type { HeaderFormat } from "../wire/header.ts";
import type { SpoolSettings } from "../wire/publisher.ts";
import type { CurveSettings } from "../wire/security.ts";
import type { Transport } from "../wire/transport.ts";
import type { GeneratedSourceOptions } from "./generated-source.ts";

/** Capture from one network device. */
export interface LiveInput {
  readonly kind: "live";
  readonly backend: "ring" | "libpcap";
  readonly options: LiveOptions;
  /** Groups to join for as long as the probe lives. */
  readonly memberships: readonly MembershipOptions[];
}

/** Read one capture file. */
export interface FileInput {
  readonly kind: "file";
  readonly path: string;
  readonly filter: string;
  /** Factor on the capture's own timing, 0 for as fast as possible. */
  readonly speed: number;
  /** Times to play it, 0 for ever. */
  readonly loop: number;
  /** How long before they are due packets are handed on, for an output that times them itself. */
  readonly aheadMs: number;
  /** Packets due within this of one another are handed on together. */
  readonly horizonMs: number;
}

/** Make streams instead of reading them. */
export interface GeneratorInput extends Omit<FileInput, "kind" | "path" | "filter">, GeneratedSourceOptions {
  readonly kind: "generator";
}

/** Follow an HLS playlist. */
export interface HlsInput extends Pick<FileInput, "speed" | "aheadMs" | "horizonMs"> {
  readonly kind: "hls";
  /** Of the playlist, http or https. */
  readonly address: string;
  /** Login at its server; empty for none. */
  readonly user: string;
  readonly password: string;
  /** Which variant of a master playlist. */
  readonly variant: string;
  readonly timeoutMs: number;
  readonly retries: number;
  /** Certificates in PEM; empty for the system's. */
  readonly authorities: string;
  /** As a player that joins a live stream, for a probe; else from the first segment to the last. */
  readonly live: boolean;
}

/** Publishing over ZeroMQ; the publisher's options that can cross a thread. */
export interface PublishJob {
  readonly endpoint: string;
  readonly transport: Transport;
  readonly spool: SpoolSettings | null;
  readonly heartbeatMs: number;
  readonly header: HeaderFormat;
  readonly probe: string;
  readonly batchSize: number;
  readonly batchTimeMs: number;
  readonly highWaterMark: number;
  /** Keys for CURVE; null for plain ZeroMQ. */
  readonly curve: CurveSettings | null;
}

/** The still picture of a run. */
export interface StillJob {
  readonly path: string;
  /** `auto`, or one of the matrices. */
  readonly matrix: string;
}

/** Inputs that are read one after the other. */
export type RecordedInput = FileInput | GeneratorInput | HlsInput;

/** Everything the pipeline worker needs; structured-cloneable. */
export interface PipelineJob {
  /** Live inputs run at once as one capture; files run one after the other, each with its own report. */
  readonly inputs: readonly LiveInput[] | readonly RecordedInput[];
  readonly version: string;
  /** How the conformance monitor judges, and how much of its results the reports show; null for none. */
  readonly monitor: MonitorOptions | null;
  /** The streams that were asked for; empty for all UDP that passes the filter. */
  readonly wanted: readonly WantedStream[];
  readonly reorderPackets: number;
  readonly reorderMs: number;
  readonly passIllegal: boolean;
  readonly dropNull: boolean;
  readonly maxFlows: number;
  readonly reportIntervalMs: number;
  /** Session descriptions that the streams are compared with. */
  readonly sdp: readonly SdpFile[];
  /** Measure ST 2110 video as EBU LIST does, too. */
  readonly listTiming: boolean;
  /** Whether legs of ST 2022-7 are looked for and merged. */
  readonly redundancy: LegsMode;
  /** Class of ST 2022-7 that legs are held to; null for none. */
  readonly redundancyClass: SkewClass | null;
  /** Ids of the streams to pass on; empty for all. */
  readonly streams: readonly string[];
  /** TS packets to pass on before stopping, 0 for no limit. */
  readonly packetCount: number;
  /** Packet time to run for, 0 for no limit. */
  readonly durationMs: number;
  readonly publish: PublishJob | null;
  /** Whom to go on as once the capture is open; live only. */
  readonly user?: UserIds | null;
  /** Memory of the board with the figures of the machine; live only. */
  readonly system?: SharedArrayBuffer;
  /** `write`: `auto`, or one of the sinks' ways to write. */
  readonly outputFile: { readonly path: string; readonly flushMs: number; readonly write: string } | null;
  /** Tell the report of each window of a file, too; live runs always do. */
  readonly windows?: boolean;
  /** Where a still picture goes, and the matrix of its colours. */
  readonly still?: StillJob;
  /** Where to play the datagrams to (`udp://group:port[?iface=…&ttl=…]`) and how fast, or null. */
  readonly send: { readonly url: string; readonly speed: number } | null;
}

/** What the pipeline worker tells the main thread. */
export type PipelineData =
  | { readonly type: "report"; readonly input: number; readonly final: boolean; readonly report: Report }
  | {
      readonly type: "progress";
      readonly input: number;
      readonly bytesRead: number;
      readonly packets: number;
    }
  /** The capture and the sockets are open, and privileges are dropped; before the first packet. */
  | { readonly type: "opened" }
  /** A file could not be read (to its end); its final report came before. */
  | { readonly type: "damaged"; readonly input: number; readonly code: string; readonly message: string }
  /** Summary lines for the end of the run, e.g. what was sent. */
  | { readonly type: "note"; readonly text: string };
