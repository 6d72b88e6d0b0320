import { addressOf, alloc } from "../memory.ts";
import { EVENT, HANDSHAKE_ERROR, SOCKET } from "./constants.ts";
import { peerAddress } from "./peer-address.ts";
import type { ZmqContext, ZmqSocket } from "./socket.ts";

/**
 * Why a connection failed: it could not be accepted (`accept`); the other end refused us, or our own ZAP handler it
 * (`refused`); one end wants CURVE, the other not (`mechanism`); keys do not fit (`keys`); the other end closed in the
 * handshake (`closed`) or said what ZMTP does not have (`protocol`).
 */
export type PeerFailure = "accept" | "refused" | "mechanism" | "keys" | "closed" | "protocol";

/** What happened to one connection. */
export interface PeerEvent {
  readonly kind: "came" | "went" | "failed";
  /** The other end as text; for a connection that we opened, the endpoint it was opened to. */
  readonly address: string;
  /** Why it failed; null for the others. */
  readonly failure: PeerFailure | null;
}

const WATCHED =
  EVENT.connected |
  EVENT.accepted |
  EVENT.acceptFailed |
  EVENT.disconnected |
  EVENT.handshakeFailedNoDetail |
  EVENT.handshakeSucceeded |
  EVENT.handshakeFailedProtocol |
  EVENT.handshakeFailedAuth;

/** Longest endpoint that is read; the rest is cut. */
const ADDRESS_BYTES = 256;

/** Events handled in one call: a flood of connections must not keep the packet loop waiting. */
const EVENTS_A_CALL = 64;

/** Hosts that were let in and whose handshake is still to end, at most. */
const ADMITTED_MAX = 64;

let serial = 0;

/**
 * Follows the connections of a socket without callbacks: libzmq sends its events to a PAIR socket, which
 * is read without waiting.
 */
export class PeerMonitor {
  readonly #socket: ZmqSocket;
  readonly #secured: boolean;
  /** Address by descriptor, of the connections that stand. */
  readonly #peers = new Map<number, string>();
  /** Those whose handshake is not over, where it decides. */
  readonly #pending = new Map<number, string>();
  readonly #admitted: string[] = [];
  /** A failure whose connection the next `disconnected` names. */
  #failure: PeerFailure | null = null;
  readonly #event = alloc(8);
  readonly #eventAt = addressOf(this.#event);
  readonly #eventView = new DataView(this.#event.buffer);
  readonly #address = alloc(ADDRESS_BYTES);
  readonly #addressAt = addressOf(this.#address);

  /** Call before bind or connect, so that no event is missed. `secured`: only who passes the handshake has come. */
  constructor(context: ZmqContext, watched: ZmqSocket, secured = false) {
    const endpoint = `inproc://monitor-${++serial}`;
    this.#secured = secured;
    watched.monitor(endpoint, WATCHED);
    this.#socket = context.socket(SOCKET.pair);
    this.#socket.setInt("ZMQ_LINGER", 0);
    this.#socket.connect(endpoint);
  }

  /** Connections that stand, by what has been read so far. */
  get peers(): number {
    return this.#peers.size;
  }

  /** A peer at `host` was let in; libzmq does not say whose handshake succeeds next, and this tells. */
  admitted(host: string): void {
    if (this.#admitted.length < ADMITTED_MAX) this.#admitted.push(host);
  }

  /** Reads what has happened since the last call; never waits. */
  poll(onEvent: (event: PeerEvent) => void): void {
    for (let i = 0; i < EVENTS_A_CALL; i++) {
      const bytes = this.#socket.receive(this.#eventAt, this.#event.length);
      if (bytes < 0) return;
      const addressBytes = this.#socket.more() ? this.#socket.receive(this.#addressAt, ADDRESS_BYTES) : 0;
      if (bytes < 6) continue;
      const endpoint = new TextDecoder().decode(
        this.#address.subarray(0, Math.max(0, Math.min(addressBytes, ADDRESS_BYTES))),
      );
      this.#handle(this.#eventView.getUint16(0, true), this.#eventView.getInt32(2, true), endpoint, onEvent);
    }
  }

  /** Closes the reading end. */
  close(): void {
    this.#socket.close();
  }

  #handle(event: number, value: number, endpoint: string, onEvent: (event: PeerEvent) => void): void {
    switch (event) {
      case EVENT.connected:
        this.#opened(value, endpoint, onEvent);
        return;
      case EVENT.accepted: {
        const peer = peerAddress(value);
        this.#opened(value, peer === "" || peer === "unix" ? endpoint : peer, onEvent);
        return;
      }
      case EVENT.handshakeSucceeded:
        if (this.#secured) this.#passed(endpoint, onEvent);
        return;
      case EVENT.disconnected:
        this.#closed(value, onEvent);
        return;
      case EVENT.acceptFailed:
        onEvent({ kind: "failed", address: endpoint, failure: "accept" });
        return;
      default:
        this.#failure = failureOf(event, value);
    }
  }

  #opened(fd: number, address: string, onEvent: (event: PeerEvent) => void): void {
    // A descriptor is used again at once: an old connection of that number has gone.
    this.#pending.delete(fd);
    const old = this.#peers.get(fd);
    if (old !== undefined) {
      this.#peers.delete(fd);
      onEvent({ kind: "went", address: old, failure: null });
    }
    if (this.#secured) this.#pending.set(fd, address);
    else this.#came(fd, address, onEvent);
  }

  #came(fd: number, address: string, onEvent: (event: PeerEvent) => void): void {
    this.#peers.set(fd, address);
    onEvent({ kind: "came", address, failure: null });
  }

  /** The event names our own end alone: of several that are pending, it is the one that was let in. */
  #passed(endpoint: string, onEvent: (event: PeerEvent) => void): void {
    const host = this.#admitted.shift();
    const pending = [...this.#pending];
    const passed =
      pending.find(([, address]) => address === endpoint) ??
      pending.find(([, address]) => host !== undefined && isOf(address, host)) ??
      pending[0];
    if (passed === undefined) return;
    this.#pending.delete(passed[0]);
    this.#came(passed[0], passed[1], onEvent);
  }

  #closed(fd: number, onEvent: (event: PeerEvent) => void): void {
    const failure = this.#failure;
    this.#failure = null;
    const standing = this.#peers.get(fd);
    const address = standing ?? this.#pending.get(fd);
    if (address === undefined) return;
    this.#peers.delete(fd);
    this.#pending.delete(fd);
    if (failure !== null) onEvent({ kind: "failed", address, failure });
    if (standing !== undefined) onEvent({ kind: "went", address, failure: null });
  }
}

function isOf(address: string, host: string): boolean {
  return address.startsWith(`${host}:`) || address.startsWith(`[${host}]:`);
}

function failureOf(event: number, value: number): PeerFailure {
  if (event === EVENT.handshakeFailedAuth) return "refused";
  if (event === EVENT.handshakeFailedNoDetail) return "closed";
  if (value === HANDSHAKE_ERROR.mechanismMismatch) return "mechanism";
  return value === HANDSHAKE_ERROR.cryptographic ? "keys" : "protocol";
}
