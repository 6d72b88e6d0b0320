import { SOCKET, ZMQ_DONTWAIT, ZMQ_SNDMORE } from "../../ffi/libzmq/constants.ts";
import { MessageParts } from "../../ffi/libzmq/message.ts";
import { PeerMonitor } from "../../ffi/libzmq/monitor.ts";
import { ZmqContext, type ZmqSocket } from "../../ffi/libzmq/socket.ts";
import { addressOf, alloc, viewAt } from "../../ffi/memory.ts";
import { environmentError, usageError } from "../report/error.ts";
import { DiskSpool } from "../spool/disk-spool.ts";
import { OverflowSpool } from "../spool/overflow-spool.ts";
import { ACK_MAX_BYTES, ackEndpointFor, ackTopic, decodeAcks, helloTopic } from "./acks.ts";
import { setConnectionOptions } from "./connection.ts";
import { connectError, parseEndpoint } from "./endpoint.ts";
import type { WireLog } from "./log.ts";
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

/** Without an acknowledgement for so long the log says what to do. */
const UNACKNOWLEDGED_LOG_MS = 10_000;

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
  readonly log: WireLog;
}

/**
 * A PUSH that loses nothing with a connection: each message stays in a spool until the client says that it has
 * it, and is sent again when the connection was a new one in between. It never holds the caller back: what finds
 * room neither in memory nor on disk is counted.
 */
export class AckedSender {
  readonly queue: SpoolQueue;
  readonly heldBackMs = 0;
  readonly #options: AckedSenderOptions;
  readonly #spool: OverflowSpool;
  readonly #context = new ZmqContext();
  readonly #acks: ZmqSocket;
  readonly #ack = alloc(ACK_MAX_BYTES);
  readonly #parts = new MessageParts(3);
  #socket: ZmqSocket;
  #monitor: PeerMonitor;
  /** Parts of the message that is being handed over: from `#part` on they are still ours. */
  #part = 0;
  #staged = false;
  #broken = false;
  #retryMs = RETRY_MS;
  #openedMs = 0;
  #droppedTold = 0;
  #unacknowledgedSinceMs = Number.NaN;
  #unacknowledgedTold = false;
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
    const disk = new DiskSpool({ folder: spool, maxBytes: spoolBytes, setting, log });
    this.#spool = new OverflowSpool(disk, MEMORY_BYTES, highWaterMark);
    this.queue = new SpoolQueue(this.#spool, options.run, highWaterMark);
    if (disk.count > 0) log("info", `${disk.count} messages of an earlier run wait in ${spool}: sent first.`);
    try {
      this.#acks = this.#context.socket(SOCKET.sub);
      this.#acks.setInt("ZMQ_LINGER", 0);
      this.#acks.setInt64("ZMQ_MAXMSGSIZE", ACK_MAX_BYTES);
      this.#acks.setBytes("ZMQ_SUBSCRIBE", new TextEncoder().encode(ackTopic(options.probe)));
      setConnectionOptions(this.#acks, parseEndpoint(ackEndpoint));
      const code = this.#acks.connect(ackEndpoint);
      if (code !== 0) throw connectError(ackEndpoint, code);
      [this.#socket, this.#monitor] = this.#open();
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
    return this.#monitor.peers;
  }

  /** Messages and octets on disk, and how often messages were sent again. */
  get spooled(): { messages: number; bytes: number; limitBytes: number; resent: number; damaged: number } {
    const { diskCount, diskBytes, damaged } = this.#spool;
    const { resent } = this.queue;
    return { messages: diskCount, bytes: diskBytes, limitBytes: this.#options.spoolBytes, resent, damaged };
  }

  /** True always: what finds no room is counted when it is pushed. */
  makeRoom(): boolean {
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
    this.#monitor.poll(({ kind, address, reason }) => {
      const who = `Client at ${address}`;
      const { peers } = this;
      if (kind === "failed") this.#options.log("warning", `${who} failed: ${reason}`, { address });
      else this.#options.log("info", `${who} ${kind === "came" ? "connected" : "gone"}`, { address, peers });
      if (kind === "came") this.#retryMs = RETRY_MS;
      else this.#broken = true;
    });
    const now = performance.now();
    if ((this.#broken || this.peers === 0) && now - this.#openedMs >= this.#retryMs) this.#reopen();
    this.flush();
    this.#tellUnacknowledged(now);
  }

  /** Waits for at most `lingerMs` until all is acknowledged; true when it is. */
  drain(lingerMs: number): boolean {
    const deadline = performance.now() + lingerMs;
    this.poll();
    while (!this.#delivered && performance.now() < deadline) {
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
    if (!queue.acknowledged) queue.forget(0);
    const waiting = queue.count;
    const lost = queue.close();
    const left = Math.max(0, Math.ceil(started + lingerMs - performance.now()));
    this.#socket.setInt("ZMQ_LINGER", queue.acknowledged ? 0 : left);
    this.#dropStaged();
    this.#monitor.close();
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
    return queue.count === 0 || (!queue.acknowledged && queue.unread === 0 && !this.#staged);
  }

  #open(): [ZmqSocket, PeerMonitor] {
    const { endpoint } = this.#options;
    const socket = this.#context.socket(SOCKET.push);
    try {
      socket.setInt("ZMQ_LINGER", 0);
      socket.setInt("ZMQ_SNDHWM", INNER_MESSAGES);
      setConnectionOptions(socket, parseEndpoint(endpoint));
      // A new connection must begin with the oldest message that is not acknowledged: so never by itself.
      socket.setInt("ZMQ_RECONNECT_IVL", -1);
      const monitor = new PeerMonitor(this.#context, socket);
      const code = socket.connect(endpoint);
      if (code !== 0) throw connectError(endpoint, code);
      this.#sayHello(socket);
      this.#openedMs = performance.now();
      this.#broken = false;
      return [socket, monitor];
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  #reopen(): void {
    this.#dropStaged();
    this.#monitor.close();
    this.#socket.close();
    this.queue.rewind();
    this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2);
    [this.#socket, this.#monitor] = this.#open();
  }

  /** The first message of a connection: it fits, for the queue is empty. */
  #sayHello(socket: ZmqSocket): void {
    const topic = new TextEncoder().encode(helloTopic(this.#options.probe));
    for (const [part, octets] of [topic, new Uint8Array(0), new Uint8Array(0)].entries()) {
      const sent = this.#stagePart(0, octets) && this.#parts.send(0, socket.handle, flagsOf(part)) >= 0;
      if (!sent) throw environmentError("zmq.hello", "libzmq takes no message: is there memory left?");
    }
  }

  #send(): void {
    for (let sent = 0; sent < MESSAGES_A_CALL && this.#stageNext(); sent++) {
      if (!this.#sendStaged()) return;
    }
  }

  /** Puts the next message into parts of libzmq's; false when there is none to be sent now. */
  #stageNext(): boolean {
    if (this.#staged) return true;
    const { queue } = this;
    if (queue.inFlightBytes >= MEMORY_BYTES) {
      // A client that has never acknowledged anything will not begin to: what it took is delivered.
      if (queue.acknowledged) return false;
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

  /** One line when it begins, one when it is over. */
  #tellDropped(): void {
    const { dropped } = this.queue.counts;
    const { log, spool } = this.#options;
    if (dropped > this.#droppedTold && this.#droppedTold === 0) {
      log("warning", `${spool} is full: messages are dropped and counted. See --spool-size (SPOOL_SIZE).`);
    }
    this.#droppedTold = dropped;
  }

  #tellUnacknowledged(now: number): void {
    const { queue } = this;
    if (queue.acknowledged || queue.inFlightBytes === 0 || this.peers === 0) {
      this.#unacknowledgedSinceMs = Number.NaN;
      return;
    }
    if (Number.isNaN(this.#unacknowledgedSinceMs)) this.#unacknowledgedSinceMs = now;
    if (this.#unacknowledgedTold || now - this.#unacknowledgedSinceMs < UNACKNOWLEDGED_LOG_MS) return;
    this.#unacknowledgedTold = true;
    const where = this.#options.ackEndpoint || ackEndpointFor(this.#options.endpoint);
    this.#options.log(
      "warning",
      `The client acknowledges nothing: what a broken connection loses can't be sent again. Is ${where} reachable, as --ack-endpoint (ACK_ENDPOINT) says on both ends, and is the client an rscap?`,
    );
  }
}

function flagsOf(part: number): number {
  return part < 2 ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT;
}
