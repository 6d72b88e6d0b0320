import { SOCKET } from "../../ffi/libzmq/constants.ts";
import type { ZmqContext, ZmqSocket } from "../../ffi/libzmq/socket.ts";
import { addressOf, alloc } from "../../ffi/memory.ts";
import { encodeZ85, KEY_BYTES } from "./z85.ts";

/** Where libzmq asks, in each context (ZeroMQ RFC 27). */
const ZAP_ENDPOINT = "inproc://zeromq.zap.01";
const ZAP_VERSION = "1.0";

/** Longest part of a request that is looked at; the rest of a longer one is cut. */
const PART_BYTES = 256;

/** Parts of a request: version, id, domain, address, identity, mechanism, credentials. */
const REQUEST_PARTS = 7;

/** An IPv4 peer of a socket that listens on both versions (RFC 4291 2.5.5.2). */
const MAPPED = /^::ffff:(?=\d+\.)/;

/** Requests answered in one call: a flood of connections must not keep the packet loop waiting. */
const REQUESTS_A_CALL = 64;

/** Who wants to connect. */
export interface ZapRequest {
  /** Of the peer, without its port; empty for a Unix socket. */
  readonly address: string;
  /** `CURVE`, or what a peer without security says: `NULL`. */
  readonly mechanism: string;
  /** The peer's public key as Z85, which it has proven to own; empty for other mechanisms. */
  readonly publicKey: string;
}

/** A peer's name when it may connect, null when it is refused. */
export type ZapDecision = (request: ZapRequest) => string | null;

/**
 * Answers libzmq's question who may connect (ZAP, RFC 27). libzmq asks over a socket of the same context and lets the
 * peer wait meanwhile, so the owner's loop answers when it comes by; nothing blocks.
 */
export class ZapHandler {
  readonly #socket: ZmqSocket;
  readonly #part = alloc(PART_BYTES);
  readonly #at = addressOf(this.#part);
  readonly #decoder = new TextDecoder();

  /** Make it before the sockets it guards are bound: without a handler libzmq would let in every key. */
  constructor(context: ZmqContext) {
    this.#socket = context.socket(SOCKET.rep);
    this.#socket.setInt("ZMQ_LINGER", 0);
    const code = this.#socket.bind(ZAP_ENDPOINT);
    if (code !== 0) throw new Error(`one context has two ZAP handlers (errno ${code})`);
  }

  /** Answers what has been asked since the last call; never waits. */
  poll(decide: ZapDecision): void {
    for (let i = 0; i < REQUESTS_A_CALL; i++) {
      const bytes = this.#socket.receive(this.#at, PART_BYTES);
      if (bytes < 0) return;
      this.#answer(bytes, decide);
    }
  }

  /** Close it after the sockets it guards. */
  close(): void {
    this.#socket.close();
  }

  #answer(firstBytes: number, decide: ZapDecision): void {
    const texts: string[] = [this.#text(firstBytes)];
    let publicKey = "";
    let parts = 1;
    while (this.#socket.more()) {
      const bytes = this.#socket.receive(this.#at, PART_BYTES);
      parts++;
      if (parts < REQUEST_PARTS) texts.push(this.#text(bytes));
      else if (parts === REQUEST_PARTS && bytes === KEY_BYTES) {
        publicKey = encodeZ85(this.#part.subarray(0, KEY_BYTES));
      }
    }
    const [version, id = "", , address = "", , mechanism = ""] = texts;
    if (version !== ZAP_VERSION || parts < REQUEST_PARTS - 1) {
      this.#reply(id, "500", "not a request of ZAP 1.0", "");
      return;
    }
    const name = decide({
      address: address.replace(MAPPED, ""),
      mechanism,
      publicKey: mechanism === "CURVE" ? publicKey : "",
    });
    if (name === null) this.#reply(id, "400", "this key is not known here", "");
    else this.#reply(id, "200", "OK", name);
  }

  #text(bytes: number): string {
    return this.#decoder.decode(this.#part.subarray(0, Math.max(0, Math.min(bytes, PART_BYTES))));
  }

  /** Status and text go to libzmq; the peer learns the status alone. The last part is metadata: none. */
  #reply(id: string, status: string, text: string, user: string): void {
    const parts = [ZAP_VERSION, id, status, text, user, ""];
    for (const [i, part] of parts.entries()) this.#socket.sendText(part, i + 1 < parts.length);
  }
}
