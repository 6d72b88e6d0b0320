import { addressOf, alloc } from "../memory.ts";
import { ZMQ_POLLIN } from "./constants.ts";
import { libzmq } from "./libzmq.ts";
import type { ZmqSocket } from "./socket.ts";

/** Octets of a `zmq_pollitem_t`, and where its events stand. */
const ITEM_BYTES = 16;
const EVENTS_AT = 12;

/** Waits for messages on several sockets at once. */
export class ZmqPoller {
  readonly #items: Uint8Array;
  readonly #at: number;
  readonly #count: number;

  constructor(sockets: readonly ZmqSocket[]) {
    this.#items = alloc(sockets.length * ITEM_BYTES);
    this.#at = addressOf(this.#items);
    this.#count = sockets.length;
    const view = new DataView(this.#items.buffer);
    for (const [i, { handle }] of sockets.entries()) {
      view.setBigUint64(i * ITEM_BYTES, BigInt(handle), true);
      view.setInt16(i * ITEM_BYTES + EVENTS_AT, ZMQ_POLLIN, true);
    }
  }

  /** Waits up to `timeoutMs` until one of the sockets has a message; false also when a signal cut the wait short. */
  wait(timeoutMs: number): boolean {
    return libzmq().zmq_poll(this.#at, this.#count, timeoutMs) > 0;
  }
}
