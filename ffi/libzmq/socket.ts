import { environmentError } from "../../src/report/error.ts";
import { errno } from "../libc/libc.ts";
import { addressOf, alloc, cString, readCString } from "../memory.ts";
import {
  ERRNO,
  OPTION,
  type OptionName,
  ZMQ_DONTWAIT,
  ZMQ_POLLIN,
  ZMQ_POLLOUT,
  ZMQ_SNDMORE,
} from "./constants.ts";
import { libzmq, zmqErrorText } from "./libzmq.ts";

/** A libzmq context: the I/O threads that its sockets share. Used by the thread that made it only. */
export class ZmqContext {
  #handle: number;
  readonly #sockets = new Set<ZmqSocket>();

  constructor() {
    this.#handle = libzmq().zmq_ctx_new();
    if (!this.#handle) throw failed("zmq_ctx_new");
  }

  /** Opens a socket of one of the SOCKET types. */
  socket(type: number): ZmqSocket {
    const handle = libzmq().zmq_socket(this.#handle, type);
    if (!handle) throw failed("zmq_socket");
    // One who opens sockets again and again must not pile up those that were closed.
    for (const socket of this.#sockets) if (socket.handle === 0) this.#sockets.delete(socket);
    const socket = new ZmqSocket(handle);
    this.#sockets.add(socket);
    return socket;
  }

  /** Closes what is still open and waits until each socket has sent what its ZMQ_LINGER allows. */
  close(): void {
    if (this.#handle === 0) return;
    for (const socket of this.#sockets) socket.close();
    // A signal may interrupt the wait; only a second call frees the context.
    while (libzmq().zmq_ctx_term(this.#handle) !== 0 && errno() === ERRNO.eintr);
    this.#handle = 0;
  }
}

/** One socket. `bind` and `connect` return an errno value: what it means depends on who asks. */
export class ZmqSocket {
  /** The `void *` of libzmq, for hot paths; 0 once closed. */
  handle: number;
  readonly #scratch = alloc(24);
  readonly #view = new DataView(this.#scratch.buffer);
  readonly #at = addressOf(this.#scratch);
  readonly #pollItem = alloc(16);
  readonly #pollView = new DataView(this.#pollItem.buffer);
  readonly #pollAt = addressOf(this.#pollItem);

  constructor(handle: number) {
    this.handle = handle;
    this.#pollView.setBigUint64(0, BigInt(handle), true);
  }

  /** Sets an int option. */
  setInt(name: OptionName, value: number): void {
    this.#view.setInt32(0, value, true);
    this.#set(name, this.#at, 4);
  }

  /** Sets an int64 option. */
  setInt64(name: OptionName, value: number): void {
    this.#view.setBigInt64(0, BigInt(value), true);
    this.#set(name, this.#at, 8);
  }

  /** Sets an option of octets, e.g. a subscription. */
  setBytes(name: OptionName, value: Uint8Array): void {
    const copy = alloc(value.length);
    copy.set(value);
    this.#set(name, addressOf(copy), copy.length);
  }

  /** Reads an int option. */
  getInt(name: OptionName): number {
    this.#view.setBigUint64(8, 4n, true);
    const rc = libzmq().zmq_getsockopt(this.handle, OPTION[name], this.#at, this.#at + 8);
    if (rc !== 0) throw failed(`zmq_getsockopt ${name}`);
    return this.#view.getInt32(0, true);
  }

  /** Where the socket is bound, with the port that the system chose for `tcp://host:*`. */
  lastEndpoint(): string {
    const text = alloc(512);
    this.#view.setBigUint64(8, BigInt(text.length), true);
    const at = addressOf(text);
    const rc = libzmq().zmq_getsockopt(this.handle, OPTION.ZMQ_LAST_ENDPOINT, at, this.#at + 8);
    return rc === 0 ? readCString(at) : "";
  }

  /** 0, or the errno value of the failure. */
  bind(endpoint: string): number {
    return libzmq().zmq_bind(this.handle, addressOf(cString(endpoint))) === 0 ? 0 : errno();
  }

  /** 0, or the errno value of the failure. */
  connect(endpoint: string): number {
    return libzmq().zmq_connect(this.handle, addressOf(cString(endpoint))) === 0 ? 0 : errno();
  }

  /** Ends what `connect` began; an endpoint that libzmq has given up by itself is no fault. */
  disconnect(endpoint: string): void {
    libzmq().zmq_disconnect(this.handle, addressOf(cString(endpoint)));
  }

  /** True when the last received part has another one after it. */
  more(): boolean {
    return this.getInt("ZMQ_RCVMORE") === 1;
  }

  /** Receives one part without waiting: its whole length (which may exceed `bytes`), or -1. */
  receive(address: number, bytes: number): number {
    return libzmq().zmq_recv(this.handle, address, bytes, ZMQ_DONTWAIT);
  }

  /** Sends one part of text without waiting; false when there is no room or nobody to take it. */
  sendText(text: string, more: boolean): boolean {
    return this.send(new TextEncoder().encode(text), more);
  }

  /** Sends one part without waiting; false when there is no room or nobody to take it. */
  send(octets: Uint8Array, more: boolean): boolean {
    const copy = alloc(octets.length);
    copy.set(octets);
    const flags = more ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT;
    return libzmq().zmq_send(this.handle, addressOf(copy), copy.length, flags) >= 0;
  }

  /** Waits up to `timeoutMs` for a message; false also when a signal cut the wait short. */
  waitReadable(timeoutMs: number): boolean {
    return this.#wait(ZMQ_POLLIN, timeoutMs);
  }

  /** Waits up to `timeoutMs` for room to send; false also when a signal cut the wait short. */
  waitWritable(timeoutMs: number): boolean {
    return this.#wait(ZMQ_POLLOUT, timeoutMs);
  }

  /** Publishes the socket's events (EVENT mask) on an inproc endpoint. */
  monitor(endpoint: string, events: number): void {
    const rc = libzmq().zmq_socket_monitor(this.handle, addressOf(cString(endpoint)), events);
    if (rc !== 0) throw failed("zmq_socket_monitor");
  }

  /** Closes the socket; what it may still send is for ZMQ_LINGER and the context's close. */
  close(): void {
    if (this.handle === 0) return;
    libzmq().zmq_close(this.handle);
    this.handle = 0;
  }

  #wait(events: number, timeoutMs: number): boolean {
    this.#pollView.setInt16(12, events, true);
    return libzmq().zmq_poll(this.#pollAt, 1, timeoutMs) > 0;
  }

  #set(name: OptionName, address: number, bytes: number): void {
    const rc = libzmq().zmq_setsockopt(this.handle, OPTION[name], address, bytes);
    if (rc !== 0) throw failed(`zmq_setsockopt ${name}`);
  }
}

function failed(what: string): Error {
  const code = errno();
  return environmentError(
    "zmq.failed",
    `${what} failed: ${zmqErrorText(code)} (${code}). If there are too many open files, raise \`ulimit -n\`.`,
  );
}
