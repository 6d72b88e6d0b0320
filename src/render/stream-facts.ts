import type { Report, StreamReport } from "../report/schema.ts";

/** How a stream is doing, in one word; the worst that is true. */
export type StreamState = "stopped" | "errors" | "warnings" | "ok";

/** `TS/UDP`, `TS/RTP`, `TS file`, `RTP`, `UDP`: what the stream is and what carries it. */
export function kindText(stream: StreamReport): string {
  if (stream.kind === "mpegts") {
    if (stream.transport === "file") return "TS file";
    return stream.transport === "rtp" ? "TS/RTP" : "TS/UDP";
  }
  return stream.kind === "rtp" ? "RTP" : "UDP";
}

/** Illegal TS packets of all reasons; null where the stream is no transport stream. */
export function illegalCount(stream: StreamReport): number | null {
  if (stream.mpegts === undefined) return null;
  const { syncByte, transportError, reservedAdaptation, adaptationLength } = stream.mpegts.illegal;
  return syncByte + transportError + reservedAdaptation + adaptationLength;
}

/** Continuity errors; null where the stream is no transport stream. */
export function continuityErrors(stream: StreamReport): number | null {
  return stream.mpegts?.continuity.errors ?? null;
}

/** Packets missing by RTP sequence number; null without RTP. */
export function rtpLost(stream: StreamReport): number | null {
  return stream.rtp?.lost ?? null;
}

/** The worst that is true of the stream. A file has an end; a stream that ends has stopped. */
export function streamState(report: Report, stream: StreamReport): StreamState {
  if (!stream.active && stream.transport !== "file") return "stopped";
  let state: StreamState = "ok";
  for (const finding of report.findings) {
    if (finding.stream !== stream.id) continue;
    if (finding.severity === "error") return "errors";
    if (finding.severity === "warning") state = "warnings";
  }
  return state;
}
