import type { ForwardCounts, ForwarderOptions } from "../wire/forwarder.ts";

/** Everything the forwarder's worker needs; structured-cloneable. */
export interface ForwardJob extends Omit<ForwarderOptions, "log"> {
  /** Time to run for, 0 for no limit. */
  readonly durationMs: number;
}

/** Where a forwarder stands. */
export interface ForwardState extends ForwardCounts {
  readonly final: boolean;
  readonly elapsedMs: number;
  /** Connected now. */
  readonly probes: number;
  readonly subscribers: number;
  /** Connections that were refused or failed in their handshake. */
  readonly failedConnections: number;
  /** Bits per second since the state before. */
  readonly bitrate: number;
}
