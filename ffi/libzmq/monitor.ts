import { addressOf, alloc } from "../memory.ts";
import { EVENT, SOCKET } from "./constants.ts";
import { peerAddress } from "./peer-address.ts";
import type { ZmqContext, ZmqSocket } from "./socket.ts";

/** What happened to one connection. */
export interface PeerEvent {
  readonly kind: "came" | "went" | "failed";
  /** The other end as text; for a connection that we opened, the endpoint it was opened to. */
  readonly address: string;
  /** Why it failed; empty for the others. */
  readonly reason: string;
}

const WATCHED =
  EVENT.connected |
  EVENT.accepted |
  EVENT.acceptFailed |
  EVENT.disconnected |
  EVENT.handshakeFailedNoDetail |
  EVENT.handshakeFailedProtocol |
  EVENT.handshakeFailedAuth;

/** Longest endpoint that is read; the rest is cut. */
const ADDRESS_BYTES = 256;

/** Events handled in one call: a flood of connections must not keep the packet loop waiting. */
const EVENTS_A_CALL = 64;

let serial = 0;

/**
 * Follows the connections of a socket without callbacks: libzmq sends its events to a PAIR socket, which
 * is read without waiting.
 */
export class PeerMonitor {
  readonly #socket: ZmqSocket;
  /** Address by descriptor, of the connections that stand. */
  readonly #peers = new Map<number, string>();
  readonly #event = alloc(8);
  readonly #eventAt = addressOf(this.#event);
  readonly #eventView = new DataView(this.#event.buffer);
  readonly #address = alloc(ADDRESS_BYTES);
  readonly #addressAt = addressOf(this.#address);

  /** Call before bind or connect, so that no event is missed. */
  constructor(context: ZmqContext, watched: ZmqSocket) {
    const endpoint = `inproc://monitor-${++serial}`;
    watched.monitor(endpoint, WATCHED);
    this.#socket = context.socket(SOCKET.pair);
    this.#socket.setInt("ZMQ_LINGER", 0);
    this.#socket.connect(endpoint);
  }

  /** Connections that stand, by what has been read so far. */
  get peers(): number {
    return this.#peers.size;
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
        this.#came(value, endpoint, onEvent);
        return;
      case EVENT.accepted: {
        const peer = peerAddress(value);
        this.#came(value, peer === "" || peer === "unix" ? endpoint : peer, onEvent);
        return;
      }
      case EVENT.disconnected: {
        const address = this.#peers.get(value);
        if (address === undefined) return;
        this.#peers.delete(value);
        onEvent({ kind: "went", address, reason: "" });
        return;
      }
      case EVENT.acceptFailed:
        onEvent({ kind: "failed", address: endpoint, reason: `can't accept a connection (errno ${value})` });
        return;
      case EVENT.handshakeFailedAuth:
        onEvent({ kind: "failed", address: endpoint, reason: "not authorised" });
        return;
      default:
        onEvent({ kind: "failed", address: endpoint, reason: "the peer does not speak ZMTP as expected" });
    }
  }

  #came(fd: number, address: string, onEvent: (event: PeerEvent) => void): void {
    // A descriptor is used again at once: an old connection of that number has gone.
    const old = this.#peers.get(fd);
    if (old !== undefined) onEvent({ kind: "went", address: old, reason: "" });
    this.#peers.set(fd, address);
    onEvent({ kind: "came", address, reason: "" });
  }
}
