import { keepFreedMemory } from "../../ffi/libc/libc.ts";
import { SOCKET } from "../../ffi/libzmq/constants.ts";
import { ZmqContext, type ZmqSocket } from "../../ffi/libzmq/socket.ts";
import { setConnectionOptions } from "./connection.ts";
import { bindError, checkIpcFree, connectError, parseEndpoint } from "./endpoint.ts";
import type { WireLog } from "./log.ts";
import type { MessageSender } from "./message-sender.ts";
import { PushQueue } from "./push-queue.ts";
import { type CurveSettings, SocketGuard } from "./security.ts";
import type { Transport } from "./transport.ts";

/** Messages that libzmq itself keeps for the peer of a PUSH socket; the rest waits in our own queue. */
const PUSH_INNER_MESSAGES = 16;

/** Most messages in front of libzmq, whatever the high-water mark says. */
const QUEUE_MAX_MESSAGES = 65536;

/** Messages up to this are of memory that malloc keeps, with so much of it while it is free. */
const LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024;
const KEPT_FREE_BYTES = 16 * 1024 * 1024;

/** Step of a wait for room, so that the stop flag is seen in time. */
const WAIT_STEP_MS = 20;

/** A hold-up as long as this is told in the log. */
const HELD_BACK_LOG_MS = 1000;

/** What a peer is called in the log. */
const PEER_NAMES = { pub: "Subscriber", push: "Client", share: "Worker" } as const;

/** Largest message that a PUB accepts from a subscriber: a subscription. */
const SUBSCRIPTION_MAX_BYTES = 4096;

/** What a Sender needs. */
export interface SenderOptions {
  readonly endpoint: string;
  readonly transport: Transport;
  /** Messages queued for one peer (pub), or in all (push, share). */
  readonly highWaterMark: number;
  /** Octets of the kernel's send buffer, 0 for the system's choice. */
  readonly sendBuffer: number;
  /** Time between heartbeats to subscribers (pub), 0 for none. */
  readonly heartbeatMs?: number;
  /** Word 0 becomes non-zero when a wait for room must end. */
  readonly stop: Int32Array;
  /** Longest time that messages may still wait for room once the stop flag is up. */
  readonly lingerMs: number;
  /** Keys for CURVE; plain ZeroMQ without. */
  readonly curve?: CurveSettings | null;
  readonly log: WireLog;
}

/**
 * The sending socket. PUB binds and never waits: libzmq drops for a subscriber whose queue is full, and
 * that one sees the gap. PUSH connects, or binds where workers share what is sent, and a full queue holds the
 * caller back until a peer takes more.
 */
export class Sender implements MessageSender {
  readonly queue: PushQueue;
  /** Total time that callers stood still for a full queue, in ms. */
  heldBackMs = 0;
  readonly spooled = null;
  readonly #options: SenderOptions;
  readonly #context = new ZmqContext();
  readonly #socket: ZmqSocket;
  readonly #guard: SocketGuard;
  readonly #endpoint: string;
  #stopSeenMs = Number.NaN;

  constructor(options: SenderOptions) {
    this.#options = options;
    keepFreedMemory(LARGEST_MESSAGE_BYTES, KEPT_FREE_BYTES);
    const push = options.transport !== "pub";
    const connects = options.transport === "push";
    const parsed = parseEndpoint(options.endpoint);
    if (!connects) checkIpcFree(options.endpoint);
    const inner = Math.max(1, Math.min(PUSH_INNER_MESSAGES, options.highWaterMark >> 1));
    const limit = push ? Math.min(QUEUE_MAX_MESSAGES, Math.max(1, options.highWaterMark - inner)) : 1;
    this.queue = new PushQueue(limit);
    const socket = this.#context.socket(push ? SOCKET.push : SOCKET.pub);
    this.#socket = socket;
    try {
      socket.setInt("ZMQ_LINGER", 0);
      socket.setInt("ZMQ_SNDHWM", push ? inner : options.highWaterMark);
      if (options.sendBuffer > 0) socket.setInt("ZMQ_SNDBUF", options.sendBuffer);
      if (!push) socket.setInt64("ZMQ_MAXMSGSIZE", SUBSCRIPTION_MAX_BYTES);
      setConnectionOptions(socket, parsed, push ? 0 : (options.heartbeatMs ?? 0));
      this.#guard = new SocketGuard(this.#context, socket, {
        role: connects ? "connect" : "bind",
        curve: options.curve ?? null,
        peer: PEER_NAMES[options.transport],
        log: options.log,
      });
      const code = connects ? this.#guard.connect(options.endpoint) : this.#guard.bind(options.endpoint);
      if (code !== 0) {
        throw connects ? connectError(options.endpoint, code) : bindError(options.endpoint, code);
      }
      this.#endpoint = options.endpoint.endsWith(":*") ? socket.lastEndpoint() : options.endpoint;
    } catch (error) {
      this.#context.close();
      throw error;
    }
  }

  /** Where it is bound or connects to; for a port of `*` the one that the system chose. */
  get endpoint(): string {
    return this.#endpoint;
  }

  /** Peers connected, as of the last `poll`. */
  get peers(): number {
    return this.#guard.peers;
  }

  /** Connections that were refused or failed in their handshake, as of the last `poll`. */
  get failedConnections(): number {
    return this.#guard.failed;
  }

  /** Waits until a message of `bytes` payload octets has a place (push); false when it has to be dropped. */
  makeRoom(bytes: number): boolean {
    if (!this.queue.full(bytes)) return true;
    this.queue.drain(this.#socket.handle);
    if (!this.queue.full(bytes)) return true;
    if (this.#options.transport !== "pub") return this.#holdBack(bytes);
    // PUB takes every message; one that it refused (no memory) is given up, never waited for.
    this.queue.clear();
    return true;
  }

  /** Sends what waits, as far as there is room. */
  flush(): void {
    this.queue.drain(this.#socket.handle);
  }

  /** Sends what waits and logs the peers that came, went or failed; never waits. */
  poll(): void {
    this.flush();
    const { transport } = this.#options;
    const name = transport === "pub" ? PEER_NAMES.pub : `${PEER_NAMES[transport]} at`;
    this.#guard.poll((kind, address) => {
      const { peers } = this.#guard;
      const how = kind === "came" ? "connected" : "gone";
      this.#options.log("info", `${name} ${address} ${how}`, { address, peers });
    });
  }

  /** Sends what waits, for at most `lingerMs`; true when our queue is empty. */
  drain(lingerMs: number): boolean {
    const deadline = performance.now() + lingerMs;
    this.poll();
    while (this.queue.count > 0 && performance.now() < deadline) {
      this.#socket.waitWritable(Math.min(WAIT_STEP_MS, lingerMs));
      this.poll();
    }
    return this.queue.count === 0;
  }

  /** Sends what waits for at most `lingerMs`, then closes; messages of our queue that were dropped. */
  close(lingerMs: number): number {
    if (this.#socket.handle === 0) return 0;
    const deadline = performance.now() + lingerMs;
    this.drain(lingerMs);
    const dropped = this.queue.clear();
    const left = Math.max(0, Math.ceil(deadline - performance.now()));
    this.#socket.setInt("ZMQ_LINGER", left);
    this.#socket.close();
    this.#guard.close();
    const before = performance.now();
    this.#context.close();
    if (dropped > 0 || (left > 0 && performance.now() - before >= left)) this.#tellUnsent(dropped);
    return dropped;
  }

  #tellUnsent(dropped: number): void {
    const queued = dropped > 0 ? `${dropped} queued messages were dropped; ` : "";
    const { endpoint } = this.#options;
    this.#options.log(
      "warning",
      `${queued}the last messages to ${endpoint} were not taken in time and may be lost.`,
      { dropped },
    );
  }

  #holdBack(bytes: number): boolean {
    const started = performance.now();
    let told = false;
    let room = false;
    while (!room && !this.#giveUp()) {
      this.#socket.waitWritable(WAIT_STEP_MS);
      this.poll();
      room = !this.queue.full(bytes);
      if (!told && performance.now() - started > HELD_BACK_LOG_MS) {
        told = true;
        this.#options.log(
          "warning",
          this.peers === 0
            ? `The queue is full and no client is connected at ${this.#options.endpoint}: holding back. Start rscap client --transport ${this.#options.transport} ${this.#options.transport === "push" ? "there" : "that connects there"}.`
            : `The queue is full, the client does not take more: holding back.`,
          { queued: this.queue.count },
        );
      }
    }
    const heldMs = performance.now() - started;
    this.heldBackMs += heldMs;
    if (told && room) this.#options.log("info", `Sending again after ${(heldMs / 1000).toFixed(1)} s.`);
    return room;
  }

  /** True when the stop flag has been up for longer than the linger time. */
  #giveUp(): boolean {
    if (Atomics.load(this.#options.stop, 0) === 0) return false;
    const now = performance.now();
    if (Number.isNaN(this.#stopSeenMs)) this.#stopSeenMs = now;
    return now - this.#stopSeenMs >= this.#options.lingerMs;
  }
}
