import { addressOf, alloc } from "../memory.ts";
import { ZMQ_MSG_BYTES } from "./constants.ts";
import { libzmq } from "./libzmq.ts";

/**
 * Room for `count` message parts (`zmq_msg_t`) in our own memory, told apart by number. A part is filled
 * by `begin`, whose address the payload is copied to, and emptied by a send that succeeds or by `drop`.
 */
export class MessageParts {
  readonly #memory: Uint8Array;
  readonly #base: number;
  readonly #initSize = libzmq().zmq_msg_init_size;
  readonly #data = libzmq().zmq_msg_data;
  readonly #send = libzmq().zmq_msg_send;
  readonly #close = libzmq().zmq_msg_close;

  constructor(count: number) {
    this.#memory = alloc(count * ZMQ_MSG_BYTES);
    this.#base = addressOf(this.#memory);
  }

  /** Allocates exactly `bytes` octets for part `index`; their address, or 0 when memory has run out. */
  begin(index: number, bytes: number): number {
    const at = this.#base + index * ZMQ_MSG_BYTES;
    return this.#initSize(at, bytes) === 0 ? this.#data(at) : 0;
  }

  /** Hands part `index` to a socket: octets sent, or -1 and the part is still ours. */
  send(index: number, socket: number, flags: number): number {
    return this.#send(this.#base + index * ZMQ_MSG_BYTES, socket, flags);
  }

  /** Frees part `index` unsent. */
  drop(index: number): void {
    this.#close(this.#base + index * ZMQ_MSG_BYTES);
  }
}

/** One part that is received whole whatever its length; its octets stand in libzmq's memory. */
export class ReceivedPart {
  readonly #memory = alloc(ZMQ_MSG_BYTES);
  readonly #at = addressOf(this.#memory);
  readonly #data = libzmq().zmq_msg_data;
  readonly #receive = libzmq().zmq_msg_recv;
  readonly #send = libzmq().zmq_msg_send;

  constructor() {
    libzmq().zmq_msg_init(this.#at);
  }

  /** Receives a part in place of the one before; its length, or -1 when there is none. */
  receive(socket: number, flags: number): number {
    return this.#receive(this.#at, socket, flags);
  }

  /** Hands the part on to another socket without a copy: octets sent, or -1 and the part is still ours. */
  send(socket: number, flags: number): number {
    return this.#send(this.#at, socket, flags);
  }

  /** Where the octets are, until the next `receive`. */
  address(): number {
    return this.#data(this.#at);
  }
}
