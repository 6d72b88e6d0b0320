import type { Report, StreamReport } from "../report/schema.ts";
import { mediaKind, mediaName } from "./media-facts.ts";

/** How a stream is doing, in one word; the worst that is true. */
export type StreamState = "stopped" | "errors" | "warnings" | "ok";

/** PTP event and general messages (IEEE 1588-2008 annex D). */
const PTP_PORT = /:3(?:19|20)$/;

/**
 * `TS/UDP`, `TS/RTP`, `TS file`, `-20 1080i59`, `PTP`, `RTP`, `UDP`: what the stream is and what carries it,
 * in at most twelve columns.
 */
export function kindText(stream: StreamReport): string {
  if (stream.kind === "mpegts") {
    if (stream.transport === "file") return "TS file";
    return stream.transport === "rtp" ? "TS/RTP" : "TS/UDP";
  }
  if (stream.st2110 !== undefined) return mediaKind(stream.st2110);
  if (stream.kind === "other" && PTP_PORT.test(stream.destination ?? "")) return "PTP";
  return stream.kind === "rtp" ? "RTP" : "UDP";
}

/** The same in words: `ST 2110-20 video`. */
export function kindName(stream: StreamReport): string {
  return stream.kind === "mpegts" || stream.st2110 === undefined
    ? kindText(stream)
    : mediaName(stream.st2110);
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
