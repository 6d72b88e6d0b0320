import type { PeerFailure } from "../../ffi/libzmq/monitor.ts";
import { PeerMonitor } from "../../ffi/libzmq/monitor.ts";
import type { ZmqContext, ZmqSocket } from "../../ffi/libzmq/socket.ts";
import { AllowList } from "./allow-list.ts";
import type { KnownKey } from "./curve-files.ts";
import { failureAdvice, type Role } from "./failure-text.ts";
import type { WireLog } from "./log.ts";
import { ThrottledLog } from "./throttled-log.ts";
import { decodeZ85 } from "./z85.ts";
import { ZapHandler, type ZapRequest } from "./zap.ts";

/** Keys of one run, as text in Z85; structured-cloneable. Never to be logged. */
export interface CurveSettings {
  readonly publicKey: string;
  readonly secretKey: string;
  /** Folder that the keys came from; its `*.key` files are those who may connect. */
  readonly folder: string;
  readonly known: readonly KnownKey[];
  /** The side that connects: the other end's public key, one for all endpoints or one for each. */
  readonly serverKeys: readonly string[];
}

/** How a socket meets its peers. */
export interface GuardOptions {
  readonly role: Role;
  /** Null for plain ZeroMQ, which anybody can read and connect to. */
  readonly curve: CurveSettings | null;
  /** A peer has come when the handshake is over, as always with CURVE: before it, anything may listen there. */
  readonly afterHandshake?: boolean;
  /** What a peer is called in the log: `Subscriber`, `Probe`, `Client`. */
  readonly peer: string;
  readonly log: WireLog;
}

/** A peer that came or went. */
export type OnPeer = (kind: "came" | "went", address: string) => void;

/** Names our sockets in requests to the ZAP handler. */
const ZAP_DOMAIN = new TextEncoder().encode("rscap");

/** libzmq gives an endpoint up for ever when the other end refuses us; it may have changed its mind after this time. */
const REDIAL_MS = 5000;

/** Failures after which libzmq does not connect again by itself. */
const GIVEN_UP: ReadonlySet<PeerFailure> = new Set(["refused", "mechanism", "keys", "protocol"]);

/**
 * Everything between a socket and its peers: CURVE keys, who may connect, who came and went, and what is to be said of
 * those who could not. Use: make one before the socket binds or connects, do that through it, call `poll` in the loop,
 * and close it after the socket. A context takes one guard of role `bind` with CURVE.
 */
export class SocketGuard {
  /** Connections that were refused or failed in their handshake. */
  failed = 0;
  readonly #socket: ZmqSocket;
  readonly #options: GuardOptions;
  readonly #monitor: PeerMonitor;
  readonly #zap: ZapHandler | null;
  readonly #allowed: AllowList | null;
  readonly #warnings: ThrottledLog;
  /** Bound or connected to. */
  readonly #endpoints: string[] = [];
  /** When to connect again, by endpoint. */
  readonly #redial = new Map<string, number>();

  constructor(context: ZmqContext, socket: ZmqSocket, options: GuardOptions) {
    const { curve, role, log, afterHandshake = false } = options;
    this.#socket = socket;
    this.#options = options;
    this.#warnings = new ThrottledLog(log);
    this.#monitor = new PeerMonitor(context, socket, curve !== null || afterHandshake);
    const server = curve !== null && role === "bind";
    this.#zap = server ? new ZapHandler(context) : null;
    this.#allowed = server ? new AllowList(curve.folder, curve.known, log) : null;
    if (curve === null) return;
    socket.setBytes("ZMQ_CURVE_SECRETKEY", octetsOf(curve.secretKey));
    if (role === "connect") {
      socket.setBytes("ZMQ_CURVE_PUBLICKEY", octetsOf(curve.publicKey));
      // What waits for a peer that then refuses us would be lost, and nobody could count it.
      socket.setInt("ZMQ_IMMEDIATE", 1);
      return;
    }
    socket.setInt("ZMQ_CURVE_SERVER", 1);
    socket.setBytes("ZMQ_ZAP_DOMAIN", ZAP_DOMAIN);
  }

  /** Connections that stand, by what has been read so far. */
  get peers(): number {
    return this.#monitor.peers;
  }

  /** Binds the socket; 0, or the errno value of the failure. */
  bind(endpoint: string): number {
    const code = this.#socket.bind(endpoint);
    this.#endpoints.push(this.#socket.lastEndpoint());
    return code;
  }

  /** Connects the socket to one more endpoint; 0, or the errno value of the failure. */
  connect(endpoint: string): number {
    this.#endpoints.push(endpoint);
    return this.#dial(endpoint);
  }

  /** Lets peers in or not, tells who came and went, and logs failures; never waits. */
  poll(onPeer: OnPeer): void {
    const nowMs = performance.now();
    this.#zap?.poll((request) => this.#decide(request, nowMs));
    this.#monitor.poll(({ kind, address, failure }) => {
      if (kind !== "failed") onPeer(kind, address);
      else if (failure !== null) this.#fail(address, failure, nowMs);
    });
    if (this.#redial.size > 0) this.#dialAgain(nowMs);
  }

  /** Call it after the socket was closed. */
  close(): void {
    this.#monitor.close();
    this.#zap?.close();
  }

  #dial(endpoint: string): number {
    const { curve } = this.#options;
    if (curve !== null) {
      const { serverKeys } = curve;
      const key = serverKeys[this.#endpoints.indexOf(endpoint)] ?? serverKeys[0] ?? "";
      this.#socket.setBytes("ZMQ_CURVE_SERVERKEY", octetsOf(key));
    }
    return this.#socket.connect(endpoint);
  }

  #decide({ address, mechanism, publicKey }: ZapRequest, nowMs: number): string | null {
    const name = publicKey === "" ? null : (this.#allowed?.nameOf(publicKey, nowMs) ?? null);
    const { peer, log, curve } = this.#options;
    const who = `${peer} at ${placeOf(address)}`;
    if (name !== null) {
      this.#monitor.admitted(address);
      log("info", `${who} has the key ${name}`, { address, key: name });
      return name;
    }
    this.failed++;
    const why =
      publicKey === "" ? `it came with ${mechanism}` : `its key ${publicKey} is not among the .key files`;
    this.#warnings.tell("refused", nowMs, `${who} was refused: ${why} in ${curve?.folder}.`, {
      address,
      publicKey,
    });
    return null;
  }

  #fail(address: string, failure: PeerFailure, nowMs: number): void {
    const { role, curve, peer } = this.#options;
    // On this side it was our own answer to ZAP, which has been told with the key.
    if (role === "bind" && failure === "refused") return;
    this.failed++;
    const advice = failureAdvice(failure, role, curve);
    // Who is gone when we look has left our own endpoint alone.
    const known = role === "connect" || !this.#endpoints.includes(address);
    const who = known ? `${peer} at ${address}` : `${peer} (gone before its address could be read)`;
    this.#warnings.tell(failure, nowMs, `${who}: ${advice}`, { address, failure });
    if (role === "bind" || !GIVEN_UP.has(failure)) return;
    // The monitor's name of an endpoint may have the address in place of the host's name.
    const same = this.#endpoints.filter((endpoint) => endpoint === address);
    for (const endpoint of same.length > 0 ? same : this.#endpoints) {
      this.#redial.set(endpoint, nowMs + REDIAL_MS);
    }
  }

  #dialAgain(nowMs: number): void {
    for (const [endpoint, dueMs] of this.#redial) {
      if (nowMs < dueMs) continue;
      this.#redial.delete(endpoint);
      this.#socket.disconnect(endpoint);
      this.#socket.setInt("ZMQ_IMMEDIATE", 1);
      this.#dial(endpoint);
    }
  }
}

/** An address of a ZAP request in words: of a Unix socket libzmq says `localhost:user:group:process`. */
function placeOf(address: string): string {
  const local = /^localhost:(\d+):(\d+):(\d+)$/.exec(address);
  if (local === null) return address === "" ? "a Unix socket" : address;
  return `a Unix socket (user ${local[1]}, process ${local[3]})`;
}

/** The 32 octets of a key that was checked when it was read. */
function octetsOf(key: string): Uint8Array {
  return decodeZ85(key) ?? new Uint8Array(0);
}
