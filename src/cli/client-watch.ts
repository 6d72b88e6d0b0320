import type { FeedCounts, SinkFeed } from "../sinks/queue/feed.ts";
import type { WireLog } from "../wire/log.ts";
import type { StreamTrack } from "../wire/stream-track.ts";
import type { Refused, Subscriber } from "../wire/subscriber.ts";
import { type ClientJob, type ClientState, writtenKind } from "./client-job.ts";
import type { ClientOutput } from "./client-taker.ts";
import { ProbeWatch } from "./probe-watch.ts";

/** Why messages were refused, in words. */
const REASONS: Readonly<Record<keyof Refused, string>> = {
  parts: "neither one frame nor topic, header and payload",
  topic: "no topic of rscap",
  header: "no valid header",
  length: "payload not as long as its header says",
  oversize: "too large",
  streams: "too many streams",
};

/** Keeps an eye on what a client receives: silence, gaps, refused messages; makes its states. */
export class ClientWatch {
  readonly #job: ClientJob;
  readonly #subscriber: Subscriber;
  readonly #output: ClientOutput;
  readonly #feeds: readonly SinkFeed[];
  readonly #log: WireLog;
  readonly #startMs = performance.now();
  readonly #toldLost = new Map<StreamTrack, number>();
  readonly #toldDropped = new Map<number, number>();
  readonly #probes: ProbeWatch;
  #lastMessageMs = performance.now();
  #toldSilence = false;
  #toldRefused = 0;
  #stateMs = performance.now();
  #stateBytes = 0;

  constructor(
    job: ClientJob,
    subscriber: Subscriber,
    output: ClientOutput,
    feeds: readonly SinkFeed[],
    log: WireLog,
  ) {
    this.#job = job;
    this.#subscriber = subscriber;
    this.#output = output;
    this.#feeds = feeds;
    this.#log = log;
    this.#probes = new ProbeWatch(job.probeTimeoutMs, log);
  }

  /** `messages` came in the turn that ended at `now` (of `performance.now()`). */
  turn(messages: number, now: number): void {
    this.#probes.look(this.#subscriber.probes, now, Date.now());
    const silentMs = now - this.#lastMessageMs;
    if (messages > 0) {
      this.#lastMessageMs = now;
      if (this.#toldSilence) this.#log("info", `Receiving again after ${seconds(silentMs)} s.`);
      this.#toldSilence = false;
      return;
    }
    const { silenceMs } = this.#job;
    if (silenceMs === 0 || this.#toldSilence || silentMs < silenceMs) return;
    this.#toldSilence = true;
    this.#log("warning", this.#advice(seconds(silentMs)));
  }

  /** Logs the gaps and refusals since the last call. */
  tellLosses(): void {
    for (const track of this.#subscriber.tracks) {
      const lost = track.lostMessages - (this.#toldLost.get(track) ?? 0);
      if (lost <= 0) continue;
      this.#toldLost.set(track, track.lostMessages);
      const { probe, stream, kind } = track;
      this.#log("warning", `${lost} messages of ${stream} (${kind}) from probe ${probe} are missing.`, {
        probe,
        stream,
        lost,
      });
    }
    for (const feed of this.#feeds) this.#tellDropped(feed.counts());
    const { refused } = this.#subscriber;
    const names = Object.keys(refused) as (keyof Refused)[];
    const total = names.reduce((sum, name) => sum + refused[name], 0);
    if (total === this.#toldRefused) return;
    this.#toldRefused = total;
    const which = names
      .filter((name) => refused[name] > 0)
      .map((name) => `${refused[name]} ${REASONS[name]}`);
    this.#log("warning", `Messages refused so far: ${which.join(", ")}.`, { ...refused });
  }

  /** Where the client stands now. */
  state(final: boolean): ClientState {
    const now = performance.now();
    const { tracks, messages, refused, passed, aligner, peers } = this.#subscriber;
    let packets = 0;
    let bytes = 0;
    for (const track of tracks) {
      if (track.kind !== writtenKind(this.#job)) continue;
      packets += track.packets;
      bytes += track.bytes;
    }
    const elapsed = now - this.#stateMs;
    const bitrate = elapsed > 0 ? ((bytes - this.#stateBytes) * 8000) / elapsed : 0;
    this.#stateMs = now;
    this.#stateBytes = bytes;
    return {
      final,
      elapsedMs: Math.round(now - this.#startMs),
      messages,
      packets,
      bytes,
      bitrate,
      peers,
      failedConnections: this.#subscriber.failedConnections,
      probes: this.#probes.state(now),
      streams: tracks.map(
        ({
          probe,
          stream,
          kind,
          messages,
          packets,
          bytes,
          gaps,
          lostMessages,
          restarts,
          duplicates,
          elsewhere,
        }) => ({
          probe,
          stream,
          kind,
          messages,
          packets,
          bytes,
          gaps,
          lostMessages,
          restarts,
          duplicates,
          elsewhere,
        }),
      ),
      files: this.#output.files.map(({ probe, stream, file }) => ({
        probe,
        stream,
        path: file.path,
        packets: file.packets,
        lostPackets: file.lostPackets,
      })),
      refused: { ...refused },
      passed: { ...passed },
      skippedBytes: aligner.skippedBytes,
      notes: [],
      documentsDropped: 0,
      sinks: [],
      feeds: this.#feeds.map((feed) => feed.counts()),
      outputs: [],
    };
  }

  #tellDropped({ id, droppedPackets, droppedBytes }: FeedCounts): void {
    const told = this.#toldDropped.get(id) ?? 0;
    if (droppedPackets === told) return;
    this.#toldDropped.set(id, droppedPackets);
    const name = this.#job.feeds.find((feed) => feed.id === id)?.name ?? "A sink";
    this.#log(
      "warning",
      `${name} is too slow: ${droppedPackets - told} more dropped at its full queue, ${droppedPackets} ` +
        `(${droppedBytes} octets) in all. Give it a larger one with --sink-queue (SINK_QUEUE).`,
      { name, dropped: droppedPackets, octets: droppedBytes },
    );
  }

  #advice(silent: string): string {
    const { endpoints, transport } = this.#job;
    const where = endpoints.join(", ");
    const nothing = `Nothing has come for ${silent} s at ${where}.`;
    if (this.#subscriber.peers > 0) {
      return `${nothing} A probe is connected but sends no packets: does it see the stream?`;
    }
    if (transport === "share") {
      return `${nothing} No probe is connected: does one run there, with --transport share?`;
    }
    return transport === "push"
      ? `${nothing} No probe is connected: does one run with --transport push and this address?`
      : `${nothing} No probe is connected: does one run there, with --transport pub, and is the address right?`;
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 10_000 ? 1 : 0);
}
