import { libc } from "../../ffi/libc/libc.ts";
import { SOCKET, ZMQ_DONTWAIT } from "../../ffi/libzmq/constants.ts";
import { ReceivedPart } from "../../ffi/libzmq/message.ts";
import { ZmqContext, type ZmqSocket } from "../../ffi/libzmq/socket.ts";
import { addressOf, alloc } from "../../ffi/memory.ts";
import { RscapError, usageError } from "../report/error.ts";
import { Acknowledger } from "./acknowledger.ts";
import { ackEndpointFor, helloFrom } from "./acks.ts";
import { setConnectionOptions } from "./connection.ts";
import { bindError, checkIpcFree, connectError, parseEndpoint } from "./endpoint.ts";
import { HEADER_MAX_BYTES, type Header, PAYLOAD_MAX_BYTES } from "./header.ts";
import { decodeHeader } from "./header-codec.ts";
import type { WireLog } from "./log.ts";
import type { ProbeTrack } from "./probe-track.ts";
import { type CurveSettings, SocketGuard } from "./security.ts";
import { TS_PACKET_BYTES } from "./stream-batch.ts";
import { DUPLICATE, RESTARTED, StreamTrack } from "./stream-track.ts";
import { TOPIC_MAX_BYTES } from "./topic.ts";
import { TrackTable } from "./track-table.ts";
import type { Transport } from "./transport.ts";
import { CARRY_MAX_BYTES, TsAligner } from "./ts-aligner.ts";

/** Room that a taker gives for one payload. */
export const RESERVE_BYTES = PAYLOAD_MAX_BYTES + CARRY_MAX_BYTES;

/** Part of a message at which libzmq disconnects the sender: no memory for what nobody can mean. */
const PART_MAX_BYTES = 4 * PAYLOAD_MAX_BYTES;

/** Octets of the fixed RTP header (RFC 3550 5.1). */
const RTP_FIXED_HEADER = 12;

/** Least time between two log lines about probes that started again. */
const RESTART_LOG_MS = 1000;
/** So many messages of two runs in turn are no restart. */
const INTERLEAVED_TOLD = 100;

/** Takes the packets as they come in. */
export interface PacketTaker {
  /** Nothing more is taken: what has not been received stays with the probe, if that keeps its messages. */
  readonly done?: boolean;
  /** Where to put the next payload, with room for RESERVE_BYTES; 0 when the stream is not wanted. */
  reserve(track: StreamTrack): number;
  /** `bytes` octets of whole TS packets were put there; `header` is null for a message without one. */
  commit(track: StreamTrack, bytes: number, header: Header | null): void;
  /**
   * RTP packets end to end, their lengths in the header and as long as the octets, which are valid during the call;
   * false when the stream is not wanted. Without it they are passed over.
   */
  rtp?(track: StreamTrack, header: Header, octets: Uint8Array): boolean;
  /** A report, an event or a picture; the octets are valid during the call. Without it they are passed over. */
  document?(track: StreamTrack, octets: Uint8Array): void;
}

/** Messages that were not taken, by reason; totals. */
export interface Refused {
  /** Neither one frame nor topic, header and payload. */
  parts: number;
  /** The first of three parts is no topic of ours. */
  topic: number;
  /** The header is neither Cap'n Proto nor JSON, or a field is missing or wrong, or it contradicts the topic. */
  header: number;
  /** The payload is not as long as its header says. */
  length: number;
  /** Larger than a message may be. */
  oversize: number;
  /** More streams than can be followed. */
  streams: number;
}

/** Good messages without packets to write; totals. */
export interface Passed {
  /** Messages of RTP other than TS that nobody took. */
  rtp: number;
  /** Reports, events, images. */
  other: number;
  /** TS packets of streams that are not wanted. */
  unwanted: number;
}

/** How to receive. */
export interface SubscriberOptions {
  readonly endpoints: readonly string[];
  /** pub: connects to each endpoint and subscribes; push: binds the one endpoint; share: connects to each. */
  readonly transport: Transport;
  /** Time in ms between heartbeats to probes (pub), 0 for none. */
  readonly heartbeatMs?: number;
  /** Where probes that keep their messages hear what has come; empty for the port after the endpoint's. */
  readonly ackEndpoint?: string;
  /** Most messages queued from one peer. */
  readonly highWaterMark: number;
  /** Keys for CURVE; plain ZeroMQ without. */
  readonly curve?: CurveSettings | null;
  readonly log: WireLog;
}

/**
 * Receives what publishers send and hands packets to a taker, straight into its memory. Everything that
 * comes is hostile until proven: what does not fit is counted by reason, and nothing throws.
 */
export class Subscriber {
  messages = 0;
  readonly refused: Refused = { parts: 0, topic: 0, header: 0, length: 0, oversize: 0, streams: 0 };
  readonly passed: Passed = { rtp: 0, other: 0, unwanted: 0 };
  /** Finds packets in one-frame messages, and counts what is none. */
  readonly aligner = new TsAligner(PAYLOAD_MAX_BYTES);
  readonly #options: SubscriberOptions;
  readonly #context = new ZmqContext();
  readonly #socket: ZmqSocket;
  readonly #guard: SocketGuard;
  readonly #table: TrackTable;
  readonly #first = new ReceivedPart();
  readonly #topic = alloc(TOPIC_MAX_BYTES);
  readonly #topicAt = addressOf(this.#topic);
  readonly #header = alloc(HEADER_MAX_BYTES);
  readonly #headerAt = addressOf(this.#header);
  readonly #memcpy = libc().memcpy;
  readonly #decoder = new TextDecoder();
  /** Room for RTP packets, a report or an event; made when the first comes. */
  #document: Uint8Array | null = null;
  #oneFrame: StreamTrack | null = null;
  #restartToldMs = Number.NEGATIVE_INFINITY;
  /** Probes whose name two have, once told. */
  readonly #toldTwo = new Set<string>();
  #acknowledger: Acknowledger | null = null;
  #ackFailed = false;
  #bytes = 0;
  #acknowledgedBytes = 0;

  /** Opens the socket; throws a usage error for a bad endpoint, an environment error for one in use. */
  constructor(options: SubscriberOptions) {
    this.#options = options;
    const push = options.transport === "push";
    const pub = options.transport === "pub";
    this.#table = new TrackTable(options.transport === "share");
    const [first, ...others] = options.endpoints;
    if (first === undefined || (push && others.length > 0)) {
      const got = options.endpoints.length;
      throw usageError(
        "endpoint.count",
        `--endpoint (ENDPOINT): expected ${push ? "exactly one with --transport push" : "at least one"}, got ${got}.`,
      );
    }
    const parsed = options.endpoints.map(parseEndpoint);
    if (push) checkIpcFree(first);
    const socket = this.#context.socket(pub ? SOCKET.sub : SOCKET.pull);
    this.#socket = socket;
    try {
      socket.setInt("ZMQ_LINGER", 0);
      socket.setInt("ZMQ_RCVHWM", options.highWaterMark);
      socket.setInt64("ZMQ_MAXMSGSIZE", PART_MAX_BYTES);
      this.#guard = new SocketGuard(this.#context, socket, {
        role: push ? "bind" : "connect",
        curve: options.curve ?? null,
        peer: "Probe",
        log: options.log,
      });
      // One-frame messages start with any octet, so nothing less than everything will do.
      if (pub) socket.setBytes("ZMQ_SUBSCRIBE", new Uint8Array(0));
      for (const [i, endpoint] of options.endpoints.entries()) {
        setConnectionOptions(
          socket,
          parsed[i] ?? parseEndpoint(endpoint),
          pub ? (options.heartbeatMs ?? 0) : 0,
        );
        const code = push ? this.#guard.bind(endpoint) : this.#guard.connect(endpoint);
        if (code !== 0) throw push ? bindError(endpoint, code) : connectError(endpoint, code);
      }
    } catch (error) {
      this.#context.close();
      throw error;
    }
  }

  /** Where it is bound (push), with the port that the system chose for `*`. */
  get boundEndpoint(): string {
    return this.#socket.lastEndpoint();
  }

  /** Peers connected, as of the last `poll`. */
  get peers(): number {
    return this.#guard.peers;
  }

  /** Connections that were refused or failed in their handshake, as of the last `poll`. */
  get failedConnections(): number {
    return this.#guard.failed;
  }

  /** The streams seen so far. */
  get tracks(): readonly StreamTrack[] {
    return this.#oneFrame === null ? this.#table.tracks : [...this.#table.tracks, this.#oneFrame];
  }

  /** The probes that have sent or said hello. */
  get probes(): readonly ProbeTrack[] {
    return this.#table.probes;
  }

  /** True when a probe keeps its messages until they are acknowledged. */
  get acknowledges(): boolean {
    return this.#acknowledger !== null;
  }

  /** Octets that have come since `acknowledge` was called last. */
  get unacknowledgedBytes(): number {
    return this.#bytes - this.#acknowledgedBytes;
  }

  /** Tells the probes that keep their messages what has come: call it once that is safe. */
  acknowledge(nowMs: number): void {
    this.#acknowledgedBytes = this.#bytes;
    this.#acknowledger?.tell(this.#table.tracks, nowMs);
  }

  /** Waits up to `timeoutMs` for a message and takes at most `most`; how many came. */
  receive(taker: PacketTaker, most: number, timeoutMs: number): number {
    if (!this.#socket.waitReadable(timeoutMs)) return 0;
    let taken = 0;
    while (taken < most && taker.done !== true && this.#message(taker)) taken++;
    return taken;
  }

  /** Logs the probes that came, went or failed; never waits. */
  poll(): void {
    this.#guard.poll((kind, address) => this.#peerEvent(kind, address));
    this.#acknowledger?.poll();
  }

  /** Closes the socket; what libzmq still holds is dropped. */
  close(): void {
    this.aligner.reset();
    this.#socket.close();
    this.#guard.close();
    this.#context.close();
    this.#acknowledger?.close();
  }

  #peerEvent(kind: "came" | "went", address: string): void {
    const { log } = this.#options;
    const { peers } = this.#guard;
    if (kind === "came") log("info", `Connected to probe at ${address}`, { address, peers });
    else if (this.#options.transport === "push")
      log("info", `Probe at ${address} is gone`, { address, peers });
    else log("warning", `Probe at ${address} is gone; waiting for it to come back`, { address, peers });
  }

  /** Takes one message; false when there is none. */
  #message(taker: PacketTaker): boolean {
    const bytes = this.#first.receive(this.#socket.handle, ZMQ_DONTWAIT);
    if (bytes < 0) return false;
    this.messages++;
    if (!this.#socket.more()) {
      this.#takeOneFrame(taker, bytes);
      return true;
    }
    // A topic that is too long is cut here, and then is none.
    this.#memcpy(this.#topicAt, this.#first.address(), Math.min(bytes, TOPIC_MAX_BYTES));
    const headerBytes = this.#socket.receive(this.#headerAt, HEADER_MAX_BYTES);
    if (!this.#socket.more()) {
      this.refused.parts++;
      return true;
    }
    this.#takeThree(taker, bytes, headerBytes);
    return true;
  }

  #takeThree(taker: PacketTaker, topicBytes: number, headerBytes: number): void {
    const { refused } = this;
    const track = topicBytes > TOPIC_MAX_BYTES ? null : this.#table.find(this.#topic, topicBytes);
    if (track === null && this.#hello(topicBytes)) return;
    if (!track) {
      this.#skip(track === null ? "topic" : "streams");
      return;
    }
    const header =
      headerBytes > HEADER_MAX_BYTES ? null : decodeHeader(this.#header.subarray(0, headerBytes));
    // No payload has more packets than octets; the totals must not be a stranger's to choose.
    if (header === null || !track.matches(header) || header.packets > PAYLOAD_MAX_BYTES) {
      this.#skip("header");
      return;
    }
    if (taker.document !== undefined && track.kind !== "ts" && track.kind !== "rtp") {
      this.#takeDocument(taker, track, header);
      return;
    }
    if (taker.rtp !== undefined && track.kind === "rtp") {
      this.#takeRtp(taker, track, header);
      return;
    }
    const to = track.kind === "ts" ? taker.reserve(track) : 0;
    const bytes = this.#socket.receive(to === 0 ? this.#headerAt : to, to === 0 ? 0 : RESERVE_BYTES);
    if (this.#socket.more()) {
      this.#skip("parts");
      return;
    }
    if (bytes > PAYLOAD_MAX_BYTES) refused.oversize++;
    else if (track.kind === "ts" && bytes !== header.packets * TS_PACKET_BYTES) refused.length++;
    else this.#accept(taker, track, header, bytes, to !== 0);
  }

  #takeRtp(taker: PacketTaker, track: StreamTrack, header: Header): void {
    const octets = this.#receiveWhole();
    if (octets === null) return;
    const lengths = header.lengths ?? [];
    const total = lengths.reduce((sum, length) => sum + length, 0);
    // Shorter ones than an RTP header were never RTP.
    const fit = lengths.length === header.packets && total === octets.length;
    if (!fit || lengths.some((length) => length < RTP_FIXED_HEADER)) {
      this.refused.length++;
      return;
    }
    if (!this.#count(track, header, octets.length)) return;
    if (taker.rtp?.(track, header, octets) !== true) this.passed.rtp++;
  }

  #takeDocument(taker: PacketTaker, track: StreamTrack, header: Header): void {
    const octets = this.#receiveWhole();
    if (octets === null) return;
    if (this.#accept(taker, track, header, octets.length, false)) taker.document?.(track, octets);
  }

  /** The last part of a message, valid until the next; null, counted, when it is none or too large. */
  #receiveWhole(): Uint8Array | null {
    const room = this.#document ?? alloc(PAYLOAD_MAX_BYTES);
    this.#document = room;
    const bytes = this.#socket.receive(addressOf(room), PAYLOAD_MAX_BYTES);
    if (this.#socket.more()) {
      this.#skip("parts");
      return null;
    }
    if (bytes <= PAYLOAD_MAX_BYTES) return room.subarray(0, bytes);
    this.refused.oversize++;
    return null;
  }

  /** False when the message has come before. */
  #accept(taker: PacketTaker, track: StreamTrack, header: Header, bytes: number, wanted: boolean): boolean {
    if (!this.#count(track, header, bytes)) return false;
    if (wanted) taker.commit(track, bytes, header);
    else if (track.kind === "ts") this.passed.unwanted += header.packets;
    else if (track.kind === "rtp") this.passed.rtp++;
    else this.passed.other++;
    return true;
  }

  /** False when the message has come before. */
  #count(track: StreamTrack, header: Header, bytes: number): boolean {
    this.#bytes += bytes;
    track.source.messages++;
    if (this.#sequence(track, header) === DUPLICATE) return false;
    track.messages++;
    track.packets += header.packets;
    track.bytes += bytes;
    return true;
  }

  #sequence(track: StreamTrack, header: Header): number {
    const missing = track.arrived(header.run, header.sequence);
    if (missing === RESTARTED) this.#tellRestart(track, header);
    // What was under way when a probe started again comes between its new messages, for a moment.
    else if (track.interleaved >= INTERLEAVED_TOLD && !this.#toldTwo.has(track.probe)) this.#tellTwo(track);
    return missing;
  }

  #tellRestart(track: StreamTrack, header: Header): void {
    // One line for all streams of the probe; and two probes under one name must not flood the log.
    const now = performance.now();
    if (now - this.#restartToldMs < RESTART_LOG_MS) return;
    this.#restartToldMs = now;
    const { probe, stream } = track;
    this.#options.log(
      "warning",
      `Probe ${probe} has started again; ${stream} goes on at its message ${header.sequence}`,
      { probe, stream, sequence: header.sequence },
    );
  }

  #tellTwo({ probe, stream }: StreamTrack): void {
    this.#toldTwo.add(probe);
    this.#options.log(
      "warning",
      `Two probes publish ${stream} under the name ${probe}, and their packets are mixed. Give each a name of its own with --probe-id (PROBE_ID).`,
      { probe, stream },
    );
  }

  /** Takes the hello of a probe that wants acknowledgements; false when it is none. */
  #hello(topicBytes: number): boolean {
    if (this.#options.transport !== "push" || topicBytes > TOPIC_MAX_BYTES) return false;
    const name = helloFrom(this.#decoder.decode(this.#topic.subarray(0, topicBytes)));
    const probe = name === null ? null : this.#table.probe(name);
    if (probe === null) return false;
    this.#passOver();
    probe.acknowledged = true;
    if (this.#acknowledger === null && !this.#ackFailed) this.#acknowledger = this.#openAcks();
    return true;
  }

  /** Null, with a line in the log, where acknowledgements can't be given: probes go on without. */
  #openAcks(): Acknowledger | null {
    const { ackEndpoint, curve = null, log } = this.#options;
    try {
      const endpoint = ackEndpoint || ackEndpointFor(this.boundEndpoint);
      if (endpoint !== null) return new Acknowledger({ endpoint, curve, log });
    } catch (error) {
      if (!(error instanceof RscapError)) throw error;
      log(
        "warning",
        `Can't acknowledge, so what a broken connection loses is not sent again. ${error.message}`,
      );
    }
    this.#ackFailed = true;
    return null;
  }

  /** Reads over the rest of a message that is refused. */
  #skip(reason: keyof Refused): void {
    this.refused[reason]++;
    this.#passOver();
  }

  #passOver(): void {
    do this.#socket.receive(this.#headerAt, 0);
    while (this.#socket.more());
  }

  #takeOneFrame(taker: PacketTaker, bytes: number): void {
    if (bytes > PAYLOAD_MAX_BYTES) {
      this.refused.oversize++;
      return;
    }
    this.#oneFrame ??= new StreamTrack({ probe: "", stream: "", kind: "ts" });
    const track = this.#oneFrame;
    track.messages++;
    const { aligner } = this;
    this.#memcpy(aligner.roomAddress, this.#first.address(), bytes);
    aligner.take(bytes);
    for (let run = aligner.next(); run > 0; run = aligner.next()) {
      track.packets += run / TS_PACKET_BYTES;
      track.bytes += run;
      const to = taker.reserve(track);
      if (to === 0) {
        this.passed.unwanted += run / TS_PACKET_BYTES;
        continue;
      }
      this.#memcpy(to, aligner.runAddress, run);
      taker.commit(track, run, null);
    }
  }
}
