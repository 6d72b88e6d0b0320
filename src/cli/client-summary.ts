import { textStyle } from "../render/layout.ts";
import { systemLines } from "../render/text-system.ts";
import { formatBitrate, formatNumber, formatOctets, formatSeconds } from "../render/units.ts";
import type { SystemReport } from "../report/system-schema.ts";
import type { SinkCounts } from "../sinks/document-sink.ts";
import { type ClientJob, type ClientState, type ClientStream, writtenKind } from "./client-job.ts";
import type { ClientProbe } from "./probe-watch.ts";
import { type OutputState, takesDocuments } from "./sink-job.ts";

/** Lines on the machine are wrapped to this. */
const COLUMNS = 100;

/** Version of the client's JSON summary. */
const CLIENT_SCHEMA = "rscap.client/1";

/** The end of a client's run as exactly one JSON document; with its machine, where that was measured. */
export function clientJson(job: ClientJob, state: ClientState, system: SystemReport | null = null): string {
  const { endpoints, transport } = job;
  const {
    elapsedMs,
    messages,
    packets,
    bytes,
    probes,
    streams,
    files,
    failedConnections,
    refused,
    passed,
    skippedBytes,
    outputs,
    sinks,
    documentsDropped,
  } = state;
  const summary = {
    schema: CLIENT_SCHEMA,
    endpoints,
    transport,
    seconds: elapsedMs / 1000,
    messages,
    packets,
    bytes,
    probes,
    streams,
    files,
    failedConnections,
    refused,
    passed,
    skippedBytes,
    outputs,
    sinks,
    documentsDropped,
    ...(system === null ? {} : { system }),
  };
  return `${JSON.stringify(summary, null, 2)}\n`;
}

/** The end of a client's run for a person: what was written, what is missing, and the machine, where it was measured. */
export function clientText(
  job: Pick<ClientJob, "format">,
  state: ClientState,
  system: SystemReport | null = null,
): string {
  const written = writtenKind(job);
  const lines = state.streams
    .filter(({ kind }) => kind === written)
    .map((stream) => streamLine(stream, written === "ts" ? "TS packet" : "RTP packet", state));
  if (lines.length > 0) lines.push(...state.notes);
  if (lines.length === 0) lines.push(`Nothing received in ${formatSeconds(state.elapsedMs / 1000)}.`);
  lines.push(...state.probes.flatMap(silenceLine));
  const { passed, refused, skippedBytes } = state;
  if (passed.rtp > 0) {
    lines.push(
      `${formatNumber(passed.rtp, "message")} of RTP without TS not written; --write and the file's ending say what is.`,
    );
  }
  if (skippedBytes > 0) lines.push(`${formatNumber(skippedBytes, "octet")} belonged to no TS packet.`);
  const total = Object.values(refused).reduce((sum, count) => sum + count, 0);
  if (total > 0) lines.push(`${formatNumber(total, "message")} refused: not of rscap or damaged.`);
  if (state.failedConnections > 0) {
    lines.push(`${formatNumber(state.failedConnections, "connection")} refused or failed in the handshake.`);
  }
  lines.push(...state.outputs.map(outputLine), ...state.sinks.map(sinkLine));
  if (state.documentsDropped > 0) {
    lines.push(
      `${formatNumber(state.documentsDropped, "report or event", "reports or events")} dropped before the sinks.`,
    );
  }
  if (system !== null) lines.push("", ...systemLines(system, COLUMNS, textStyle(false)));
  return `${lines.join("\n")}\n`;
}

function streamLine(stream: ClientStream, what: string, state: ClientState): string {
  const file = state.files.find((entry) => entry.probe === stream.probe && entry.stream === stream.stream);
  const name = stream.stream === "" ? "stream without header" : `${stream.stream} from ${stream.probe}`;
  const mean = state.elapsedMs > 0 ? (stream.bytes * 8000) / state.elapsedMs : null;
  const parts = [
    `${name}: ${formatNumber(stream.packets, what)}, ${formatOctets(stream.bytes)}, ${formatBitrate(mean)}`,
  ];
  if (file !== undefined) {
    parts.push(`${formatNumber(file.packets - file.lostPackets, "packet")} in ${target(file.path)}`);
    if (file.lostPackets > 0) parts.push(`${formatNumber(file.lostPackets, "packet")} could not be written`);
  } else if (!state.outputs.some(({ type }) => !takesDocuments(type))) {
    // Where packets go to other sinks, their lines say what became of them.
    parts.push("not written");
  }
  // Messages without a header have no numbers to find gaps by.
  if (stream.elsewhere > 0) {
    parts.push(`${formatNumber(stream.elsewhere, "message")} went to other workers or are missing`);
  } else if (stream.stream !== "") {
    parts.push(
      stream.lostMessages === 0
        ? "no message missing"
        : `${formatNumber(stream.lostMessages, "message")} missing in ${formatNumber(stream.gaps, "gap")}`,
    );
  }
  if (stream.duplicates > 0) {
    parts.push(`${formatNumber(stream.duplicates, "message")} came once more and were left out`);
  }
  if (stream.restarts > 0) parts.push(`probe started again ${formatNumber(stream.restarts, "time")}`);
  return parts.join("; ");
}

function outputLine(output: OutputState): string {
  const { name, type, packets, bytes, lost, unwanted, droppedPackets, discarded, notes, failure } = output;
  const what = takesDocuments(type) ? "document" : "packet";
  const parts = [`${name}: ${formatNumber(packets, what)}, ${formatOctets(bytes)}`];
  if (droppedPackets > 0) parts.push(`${formatNumber(droppedPackets, what)} dropped at its full queue`);
  if (lost > 0) parts.push(`${formatNumber(lost, what)} could not be passed on`);
  if (discarded > 0) parts.push(`${formatNumber(discarded, what)} left in its queue at the end`);
  if (unwanted > 0) parts.push(`${formatNumber(unwanted, what)} of other streams`);
  if (failure !== "") parts.push("it failed");
  return [`${parts.join("; ")}.`, ...notes].join(" ");
}

function silenceLine({ probe, silentSince, silences, silentMs }: ClientProbe): string[] {
  if (silences === 0) return [];
  const since = silentSince === null ? "heard again" : `silent since ${silentSince}`;
  const times = silences === 1 ? "one silence" : `${silences} silences`;
  return [`Probe ${probe}: ${since}; ${times}, ${formatSeconds(silentMs / 1000)} in all.`];
}

function sinkLine({ name, done, dropped, queued }: SinkCounts): string {
  const parts = [`${name}: ${formatNumber(done, "document")} delivered`];
  if (queued > 0) parts.push(`${queued} left in its spool`);
  if (dropped > 0) parts.push(`${dropped} dropped`);
  return parts.join("; ");
}

function target(path: string): string {
  return path === "-" ? "standard output" : path;
}
