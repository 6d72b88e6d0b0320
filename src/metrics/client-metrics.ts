import { counter, gauge, MetricGroup } from "./group.ts";
import { at, figure, list, text } from "./read.ts";

/** Streams of all probes that are told apart, and sinks. */
const STREAMS = 3000;
const SINKS = 64;

/** What a client has received, and where it stands with writing it, as metrics. */
export class ClientMetrics {
  readonly #client = new MetricGroup("client", [], 1, [
    counter("rscap_client_messages", "Messages received over ZeroMQ", figure("messages")),
    counter("rscap_client_packets", "Packets received of the kind that is written", figure("packets")),
    counter("rscap_client_bytes", "Octets of those packets", figure("bytes")),
    gauge("rscap_client_probes", "Probes connected now", figure("peers")),
    counter(
      "rscap_client_failed_connections",
      "Connections that were refused or failed in their handshake",
      figure("failedConnections"),
    ),
    counter(
      "rscap_client_skipped_bytes",
      "Octets of messages without header that belonged to no TS packet",
      figure("skippedBytes"),
    ),
    counter(
      "rscap_client_dropped_documents",
      "Reports and events that found no room on their way to the sinks",
      figure("documentsDropped"),
    ),
  ]);
  readonly #refused = new MetricGroup("client_refused", ["reason"], 32, [
    counter("rscap_client_refused_messages", "Messages that are not of rscap or damaged", figure("count")),
  ]);
  readonly #streams = new MetricGroup("client_streams", ["probe", "stream", "kind"], STREAMS, [
    counter("rscap_client_stream_messages", "Messages received of a stream", figure("messages")),
    counter("rscap_client_stream_packets", "Packets received of a stream", figure("packets")),
    counter("rscap_client_stream_bytes", "Octets received of a stream", figure("bytes")),
    counter("rscap_client_stream_gaps", "Gaps in the sequence of messages", figure("gaps")),
    counter("rscap_client_stream_lost_messages", "Messages that never came", figure("lostMessages")),
    counter("rscap_client_stream_restarts", "Times that the probe started again", figure("restarts")),
  ]);
  readonly #files = new MetricGroup("client_files", ["probe", "stream"], STREAMS, [
    counter("rscap_client_file_packets", "Packets for the stream's file", figure("packets")),
    counter("rscap_client_file_lost_packets", "Packets that could not be written", figure("lostPackets")),
  ]);
  readonly #sinks = new MetricGroup("sinks", ["sink"], SINKS, [
    counter("rscap_sink_taken_documents", "Documents given to the sink", figure("taken")),
    counter("rscap_sink_done_documents", "Documents that the sink delivered", figure("done")),
    counter("rscap_sink_dropped_documents", "Documents that the sink gave up", figure("dropped")),
    gauge("rscap_sink_queued_documents", "Documents that wait in the sink", figure("queued")),
  ]);

  readonly #outputs = new MetricGroup("outputs", ["sink"], SINKS, [
    counter("rscap_output_packets", "Packets that the output passed on", figure("packets")),
    counter("rscap_output_bytes", "Octets that the output passed on", figure("bytes")),
    counter("rscap_output_lost_packets", "Packets that it took and could not pass on", figure("lost")),
    counter(
      "rscap_output_dropped_packets",
      "Packets for which its queue had no room",
      figure("droppedPackets"),
    ),
    counter("rscap_output_dropped_bytes", "Octets for which its queue had no room", figure("droppedBytes")),
    gauge("rscap_output_queued_bytes", "Octets that wait in its queue", figure("queuedBytes")),
  ]);

  /** All groups, in the order of the page. */
  get groups(): readonly MetricGroup[] {
    return [this.#client, this.#refused, this.#streams, this.#files, this.#sinks, this.#outputs];
  }

  /** Takes the state of the client's thread, totals since its start. */
  take(state: object, nowMs: number): void {
    this.#client.write([], state, nowMs);
    const refused = at(state, ["refused"]);
    if (typeof refused === "object" && refused !== null) {
      for (const [reason, count] of Object.entries(refused)) this.#refused.write([reason], { count }, nowMs);
    }
    for (const stream of list(state, "streams")) {
      const labels = [text(stream, "probe"), text(stream, "stream"), text(stream, "kind")];
      this.#streams.write(labels, stream, nowMs);
    }
    for (const file of list(state, "files")) {
      this.#files.write([text(file, "probe"), text(file, "stream")], file, nowMs);
    }
    for (const sink of list(state, "sinks")) this.#sinks.write([text(sink, "name")], sink, nowMs);
    for (const output of list(state, "outputs")) this.#outputs.write([text(output, "name")], output, nowMs);
  }
}
