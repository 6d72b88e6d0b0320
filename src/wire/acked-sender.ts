import { SOCKET, ZMQ_DONTWAIT, ZMQ_SNDMORE } from "../../ffi/libzmq/constants.ts";
import { MessageParts } from "../../ffi/libzmq/message.ts";
import { ZmqContext, type ZmqSocket } from "../../ffi/libzmq/socket.ts";
import { addressOf, alloc, viewAt } from "../../ffi/memory.ts";
import { usageError } from "../report/error.ts";
import { DiskSpool } from "../spool/disk-spool.ts";
import { OverflowSpool } from "../spool/overflow-spool.ts";
import { ACK_MAX_BYTES, ackEndpointFor, ackTopic, decodeAcks, helloTopic } from "./acks.ts";
import { setConnectionOptions } from "./connection.ts";
import { connectError, parseEndpoint } from "./endpoint.ts";
import type { WireLog } from "./log.ts";
import type { MessageSender, SpoolState } from "./message-sender.ts";
import { type CurveSettings, SocketGuard } from "./security.ts";
import { SpoolQueue } from "./spool-queue.ts";

/** Octets of messages in memory; with more the disk begins. It is also the most that is in flight. */
const MEMORY_BYTES = 16 * 1024 * 1024;

/** Messages that libzmq keeps; what it has is lost with the connection and sent again. */
const INNER_MESSAGES = 16;

/** Messages handed over in one call, so that a long queue does not keep the packets waiting. */
const MESSAGES_A_CALL = 64;

/** Time between two tries to connect, doubled up to the second. */
const RETRY_MS = 100;
const RETRY_MAX_MS = 1000;

/** A client that takes messages, acknowledges none and can't be reached for so long counts as one that never does. */
const PATIENCE_MS = 10_000;

/** The client opens its end for acknowledgements when the first message comes: so no long waits between tries. */
const ACK_RECONNECT_MAX_MS = 200;

/** A connection that has stood for so long was a good one. */
const STEADY_MS = 1000;

/** As RETRY_MAX_MS, where the other end is there and sends us away. */
const REFUSED_RETRY_MAX_MS = 5000;

/** Time between two lines about messages that were dropped. */
const DROPPED_LOG_MS = 10_000;

/** Step of a wait for acknowledgements. */
const WAIT_STEP_MS = 20;

/** What an AckedSender needs. */
export interface AckedSenderOptions {
  /** Where a client with `--transport push` listens. */
  readonly endpoint: string;
  /** Where that client publishes its acknowledgements; empty for the next port. */
  readonly ackEndpoint: string;
  readonly probe: string;
  /** Of this start of the probe. */
  readonly run: string;
  /** Most messages in memory. */
  readonly highWaterMark: number;
  /** Folder of the messages that find no room in memory, and its size in octets. */
  readonly spool: string;
  readonly spoolBytes: number;
  /** Who is to own its files: the user that the process is about to become. */
  readonly owner?: { readonly uid: number; readonly gid: number } | null;
  /** Keys for CURVE; plain ZeroMQ without. */
  readonly curve?: CurveSettings | null;
  /** Time in ms after which a client that acknowledges nothing counts as one that never does. */
  readonly patienceMs?: number;
  readonly log: WireLog;
}

/**
 * A PUSH that loses nothing with a connection: each message stays in a spool until the client says that it has
 * it, and is sent again when the connection was a new one in between. It never holds the caller back: what finds
 * room neither in memory nor on disk is counted.
 */
export class AckedSender implements MessageSender {
  readonly queue: SpoolQueue;
  readonly heldBackMs = 0;
  readonly #options: AckedSenderOptions;
  readonly #spool: OverflowSpool;
  readonly #context = new ZmqContext();
  readonly #acks: ZmqSocket;
  readonly #ackGuard: SocketGuard;
  readonly #ack = alloc(ACK_MAX_BYTES);
  readonly #parts = new MessageParts(3);
  #socket: ZmqSocket;
  #guard: SocketGuard;
  /** Failures of earlier connections. */
  #failed = 0;
  /** The first message of a connection has not been sent. */
  #helloDue = true;
  /** Parts of the message that is being handed over: from `#part` on they are still ours. */
  #part = 0;
  #staged = false;
  #broken = false;
  #retryMs = RETRY_MS;
  #openedMs = 0;
  #droppedTold = 0;
  #droppedToldMs = Number.NEGATIVE_INFINITY;
  #unacknowledgedSinceMs = Number.NaN;
  /** The client took messages for a while and has no way to acknowledge them. */
  #neverAcknowledges = false;
  /** Its end for acknowledgements was there at the last look. */
  #reached = false;
  /** That it acknowledges nothing was said, on this connection. */
  #silenceTold = false;
  #closed = false;

  /** Opens the spool and the sockets; throws a usage or an environment error. */
  constructor(options: AckedSenderOptions) {
    this.#options = options;
    const { spool, spoolBytes, log, highWaterMark } = options;
    const setting = "--spool (SPOOL)";
    const ackEndpoint = options.ackEndpoint || ackEndpointFor(options.endpoint);
    if (ackEndpoint === null) {
      throw usageError(
        "endpoint.ack",
        `--ack-endpoint (ACK_ENDPOINT): expected where the client acknowledges, since there is no port after that of ${options.endpoint}.`,
      );
    }
    const disk = new DiskSpool({
      folder: spool,
      maxBytes: spoolBytes,
      setting,
      owner: options.owner ?? null,
      log,
    });
    this.#spool = new OverflowSpool(disk, MEMORY_BYTES, highWaterMark);
    this.queue = new SpoolQueue(this.#spool, options.run, highWaterMark);
    if (disk.count > 0) log("info", `${disk.count} messages of an earlier run wait in ${spool}: sent first.`);
    try {
      this.#acks = this.#context.socket(SOCKET.sub);
      this.#acks.setInt("ZMQ_LINGER", 0);
      this.#acks.setInt64("ZMQ_MAXMSGSIZE", ACK_MAX_BYTES);
      this.#acks.setBytes("ZMQ_SUBSCRIBE", new TextEncoder().encode(ackTopic(options.probe)));
      setConnectionOptions(this.#acks, parseEndpoint(ackEndpoint));
      this.#acks.setInt("ZMQ_RECONNECT_IVL_MAX", ACK_RECONNECT_MAX_MS);
      this.#ackGuard = this.#guardOf(this.#acks, true);
      const code = this.#ackGuard.connect(ackEndpoint);
      if (code !== 0) throw connectError(ackEndpoint, code);
      [this.#socket, this.#guard] = this.#open();
    } catch (error) {
      this.#context.close();
      this.#spool.close();
      throw error;
    }
  }

  /** Where it connects to. */
  get endpoint(): string {
    return this.#options.endpoint;
  }

  /** Clients connected, as of the last `poll`. */
  get peers(): number {
    return this.#guard.peers;
  }

  /** Connections that were refused or failed in their handshake. */
  get failedConnections(): number {
    return this.#failed + this.#guard.failed;
  }

  /** Messages and octets on disk, and how often messages were sent again. */
  get spooled(): SpoolState {
    const { diskCount, diskBytes, damaged } = this.#spool;
    const { resent } = this.queue;
    return { messages: diskCount, bytes: diskBytes, limitBytes: this.#options.spoolBytes, resent, damaged };
  }

  /** True always: what finds no room is counted when it is pushed. */
  makeRoom(bytes: number): boolean {
    // No need for the disk where what is in memory was taken already.
    const { queue } = this;
    if (this.#neverAcknowledges && queue.goesToDisk(bytes)) queue.forget(queue.inFlightBytes / 2);
    return true;
  }

  /** Hands over what the client has room for. */
  flush(): void {
    this.#readAcks();
    this.#send();
    this.#tellDropped();
  }

  /** Hands over messages, takes acknowledgements, connects again and logs the peers; never waits. */
  poll(): void {
    this.#guard.poll((kind, address) => {
      const { peers } = this;
      const how = kind === "came" ? "connected" : "gone";
      this.#options.log("info", `Client at ${address} ${how}`, { address, peers });
      if (kind === "went") this.#broken = true;
    });
    // Its peer is the same client, and what ails it shows in what it acknowledges.
    this.#ackGuard.poll(() => {});
    const now = performance.now();
    // A connection that lasts: should it break, the next one is not long in coming.
    if (this.peers > 0 && now - this.#openedMs > STEADY_MS) this.#retryMs = RETRY_MS;
    if ((this.#broken || this.peers === 0) && now - this.#openedMs >= this.#retryMs) this.#reopen();
    this.flush();
    this.#lookForAcks(now);
  }

  /** Waits for at most `lingerMs` until all is acknowledged, not at all for a client that is away; true when it is. */
  drain(lingerMs: number): boolean {
    const deadline = performance.now() + lingerMs;
    this.poll();
    while (!this.#delivered && this.peers > 0 && performance.now() < deadline) {
      this.#acks.waitReadable(Math.min(WAIT_STEP_MS, lingerMs));
      this.poll();
    }
    return this.#delivered;
  }

  /** Waits for at most `lingerMs`, closes, and leaves the rest on disk; messages that had no room there. */
  close(lingerMs: number): number {
    if (this.#closed) return 0;
    this.#closed = true;
    const started = performance.now();
    this.drain(lingerMs);
    const { queue } = this;
    // A client that never acknowledges may still take what libzmq has.
    if (this.#neverAcknowledges) queue.forget(0);
    const waiting = queue.count;
    const lost = queue.close();
    const left = Math.max(0, Math.ceil(started + lingerMs - performance.now()));
    this.#socket.setInt("ZMQ_LINGER", this.#neverAcknowledges ? left : 0);
    this.#dropStaged();
    this.#acks.close();
    this.#socket.close();
    this.#ackGuard.close();
    this.#guard.close();
    this.#context.close();
    const { log, spool } = this.#options;
    if (waiting > lost) {
      log("info", `${waiting - lost} messages are left in ${spool}; the next start sends them.`, { waiting });
    }
    if (lost > 0) log("warning", `${lost} messages found no room in ${spool} and were dropped.`, { lost });
    return lost;
  }

  get #delivered(): boolean {
    const { queue } = this;
    return queue.count === 0 || (this.#neverAcknowledges && queue.unread === 0 && !this.#staged);
  }

  #guardOf(socket: ZmqSocket, afterHandshake = false): SocketGuard {
    const { curve = null, log } = this.#options;
    const options = { role: "connect", curve, peer: "Client", log, afterHandshake } as const;
    return new SocketGuard(this.#context, socket, options);
  }

  #open(): [ZmqSocket, SocketGuard] {
    const { endpoint } = this.#options;
    const socket = this.#context.socket(SOCKET.push);
    socket.setInt("ZMQ_LINGER", 0);
    socket.setInt("ZMQ_SNDHWM", INNER_MESSAGES);
    setConnectionOptions(socket, parseEndpoint(endpoint));
    // A new connection must begin with the oldest message that is not acknowledged: so never by itself.
    socket.setInt("ZMQ_RECONNECT_IVL", -1);
    const guard = this.#guardOf(socket);
    const code = guard.connect(endpoint);
    if (code !== 0) throw connectError(endpoint, code);
    this.#openedMs = performance.now();
    this.#broken = false;
    this.#helloDue = true;
    return [socket, guard];
  }

  #reopen(): void {
    this.#dropStaged();
    const most = this.#guard.failed > 0 ? REFUSED_RETRY_MAX_MS : RETRY_MAX_MS;
    this.#retryMs = Math.min(most, this.#retryMs * 2);
    this.#failed += this.#guard.failed;
    this.#socket.close();
    this.#guard.close();
    this.queue.rewind();
    // The next client may be another one.
    this.#neverAcknowledges = false;
    this.#silenceTold = false;
    [this.#socket, this.#guard] = this.#open();
  }

  /** The first message of a connection asks for acknowledgements; false as long as it can't be sent. */
  #sayHello(): boolean {
    if (!this.#helloDue) return true;
    const empty = new Uint8Array(0);
    const topic = new TextEncoder().encode(helloTopic(this.#options.probe));
    if (!this.#socket.send(topic, true)) return false;
    this.#socket.send(empty, true);
    this.#socket.send(empty, false);
    this.#helloDue = false;
    return true;
  }

  #send(): void {
    // Before the connection stands, libzmq would take some and lose them when the next try begins.
    // On one that is given up, nothing may overtake the message that could not be sent.
    if (this.#broken || this.peers === 0 || !this.#sayHello()) return;
    for (let sent = 0; sent < MESSAGES_A_CALL && this.#stageNext(); sent++) {
      if (!this.#sendStaged()) return;
    }
  }

  /** Puts the next message into parts of libzmq's; false when there is none to be sent now. */
  #stageNext(): boolean {
    if (this.#staged) return true;
    const { queue } = this;
    if (queue.inFlightBytes >= MEMORY_BYTES) {
      if (!this.#neverAcknowledges) return false;
      queue.forget(MEMORY_BYTES / 2);
    }
    const record = queue.next();
    if (record === null) return false;
    for (const [part, octets] of [record.topic, record.header, record.payload].entries()) {
      if (this.#stagePart(part, octets)) continue;
      for (let begun = 0; begun < part; begun++) this.#parts.drop(begun);
      // No memory: it is sent with the next connection.
      this.#broken = true;
      return false;
    }
    this.#part = 0;
    this.#staged = true;
    return true;
  }

  #sendStaged(): boolean {
    for (; this.#part < 3; this.#part++) {
      if (this.#parts.send(this.#part, this.#socket.handle, flagsOf(this.#part)) >= 0) continue;
      // The client went away in the middle of a message: with the next connection it comes as a whole.
      if (this.#part > 0) this.#broken = true;
      return false;
    }
    this.#staged = false;
    return true;
  }

  #stagePart(part: number, octets: Uint8Array): boolean {
    const to = this.#parts.begin(part, octets.length);
    if (to === 0) return false;
    if (octets.length > 0) viewAt(to, octets.length).set(octets);
    return true;
  }

  #dropStaged(): void {
    if (this.#staged) for (; this.#part < 3; this.#part++) this.#parts.drop(this.#part);
    this.#staged = false;
  }

  #readAcks(): void {
    const at = addressOf(this.#ack);
    while (this.#acks.receive(at, ACK_MAX_BYTES) >= 0) {
      if (!this.#acks.more()) continue;
      const bytes = this.#acks.receive(at, ACK_MAX_BYTES);
      const acks = bytes > ACK_MAX_BYTES ? null : decodeAcks(this.#ack.subarray(0, bytes));
      while (this.#acks.more()) this.#acks.receive(at, ACK_MAX_BYTES);
      if (acks !== null) this.queue.acknowledge(acks);
    }
  }

  #tellDropped(): void {
    const { dropped } = this.queue.counts;
    const now = performance.now();
    if (dropped === this.#droppedTold || now - this.#droppedToldMs < DROPPED_LOG_MS) return;
    this.#droppedTold = dropped;
    this.#droppedToldMs = now;
    const { log, spool } = this.#options;
    log(
      "warning",
      `${spool} has no room: ${dropped} messages dropped so far. A larger --spool-size (SPOOL_SIZE) bridges longer outages.`,
      { dropped },
    );
  }

  /**
   * Finds out whether the client is one that never acknowledges. One that we reach for acknowledgements is waited for:
   * what it took may not be written yet. So is one that takes nothing: what it has is what libzmq holds.
   */
  #lookForAcks(now: number): void {
    const { queue } = this;
    const reached = this.#ackGuard.peers > 0;
    this.#neverAcknowledges &&= !queue.acknowledged && !reached;
    const idle = queue.acknowledged || queue.inFlightBytes === 0 || this.peers === 0 || this.#staged;
    if (idle || reached !== this.#reached) this.#unacknowledgedSinceMs = Number.NaN;
    this.#reached = reached;
    if (idle) return;
    if (Number.isNaN(this.#unacknowledgedSinceMs)) this.#unacknowledgedSinceMs = now;
    if (now - this.#unacknowledgedSinceMs < (this.#options.patienceMs ?? PATIENCE_MS)) return;
    this.#neverAcknowledges = !reached;
    if (this.#silenceTold) return;
    this.#silenceTold = true;
    const where = this.#options.ackEndpoint || ackEndpointFor(this.#options.endpoint);
    const consequence = reached
      ? `what it took is kept until it does. If it writes what comes, is what listens at ${where} that client?`
      : `what a broken connection loses can't be sent again. Is ${where} reachable, as --ack-endpoint (ACK_ENDPOINT) says on both ends, and is the client an rscap?`;
    this.#options.log("warning", `The client acknowledges nothing: ${consequence}`);
  }
}

function flagsOf(part: number): number {
  return part < 2 ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT;
}
