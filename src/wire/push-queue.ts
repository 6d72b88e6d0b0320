import { ZMQ_DONTWAIT, ZMQ_SNDMORE } from "../../ffi/libzmq/constants.ts";
import { MessageParts } from "../../ffi/libzmq/message.ts";

/** Parts of one message at most: topic, header, payload. */
const PARTS_A_MESSAGE = 3;

/** Payload octets that may wait in front of libzmq. */
export const QUEUE_MAX_BYTES = 64 * 1024 * 1024;

/** Messages that were handed over, kept or lost since the queue was made. */
export interface QueueCounts {
  /** Handed to libzmq; with acknowledgements those that were acknowledged. */
  messages: number;
  bytes: number;
  datagrams: number;
  /** Given up: the peer went away in the middle of a message, or the queue was closed with them. */
  dropped: number;
}

/**
 * Whole messages on their way to libzmq, first in, first out, bounded in number and octets. It stands in
 * front of libzmq's own queue because that one tells nobody how full it is and is not bounded in octets.
 */
export class PushQueue {
  readonly counts: QueueCounts = { messages: 0, bytes: 0, datagrams: 0, dropped: 0 };
  /** Most messages. */
  readonly limit: number;
  readonly #parts: MessageParts;
  readonly #partCount: Uint8Array;
  readonly #bytes: Uint32Array;
  readonly #datagrams: Uint32Array;
  #head = 0;
  #count = 0;
  #queuedBytes = 0;

  constructor(limit: number) {
    this.limit = limit;
    this.#parts = new MessageParts(limit * PARTS_A_MESSAGE);
    this.#partCount = new Uint8Array(limit);
    this.#bytes = new Uint32Array(limit);
    this.#datagrams = new Uint32Array(limit);
  }

  /** Messages that wait. */
  get count(): number {
    return this.#count;
  }

  /** True when a message of `bytes` payload octets must wait outside; an empty queue takes any. */
  full(bytes: number): boolean {
    if (this.#count === 0) return false;
    return this.#count === this.limit || this.#queuedBytes + bytes > QUEUE_MAX_BYTES;
  }

  /** Allocates part `part` of the next message; where to copy its octets, or 0 without memory. */
  begin(part: number, bytes: number): number {
    return this.#parts.begin(this.#slot(this.#count) * PARTS_A_MESSAGE + part, bytes);
  }

  /** Gives up the next message, of which `parts` parts were begun. */
  abandon(parts: number): void {
    for (let part = 0; part < parts; part++) {
      this.#parts.drop(this.#slot(this.#count) * PARTS_A_MESSAGE + part);
    }
    this.counts.dropped++;
  }

  /** Puts the message whose `parts` parts were begun and filled into the queue. */
  push(parts: number, bytes: number, datagrams: number): void {
    const slot = this.#slot(this.#count);
    this.#partCount[slot] = parts;
    this.#bytes[slot] = bytes;
    this.#datagrams[slot] = datagrams;
    this.#count++;
    this.#queuedBytes += bytes;
  }

  /** Hands over as many messages as libzmq takes without waiting. */
  drain(socket: number): void {
    while (this.#count > 0) {
      const slot = this.#head;
      const first = slot * PARTS_A_MESSAGE;
      const parts = this.#partCount[slot] as number;
      if (this.#parts.send(first, socket, flagsOf(0, parts)) < 0) return;
      // From here on libzmq takes the rest, unless the peer has gone: then the message is lost as a whole.
      let whole = true;
      for (let part = 1; part < parts; part++) {
        if (this.#parts.send(first + part, socket, flagsOf(part, parts)) >= 0) continue;
        this.#parts.drop(first + part);
        whole = false;
      }
      this.#tally(slot, whole);
      this.#remove(slot);
    }
  }

  /** Drops what still waits; the number of messages. */
  clear(): number {
    const left = this.#count;
    while (this.#count > 0) {
      const slot = this.#head;
      const parts = this.#partCount[slot] as number;
      for (let part = 0; part < parts; part++) this.#parts.drop(slot * PARTS_A_MESSAGE + part);
      this.counts.dropped++;
      this.#remove(slot);
    }
    return left;
  }

  #slot(index: number): number {
    const slot = this.#head + index;
    return slot >= this.limit ? slot - this.limit : slot;
  }

  #tally(slot: number, whole: boolean): void {
    const { counts } = this;
    if (!whole) {
      counts.dropped++;
      return;
    }
    counts.messages++;
    counts.bytes += this.#bytes[slot] as number;
    counts.datagrams += this.#datagrams[slot] as number;
  }

  #remove(slot: number): void {
    this.#queuedBytes -= this.#bytes[slot] as number;
    this.#head = slot + 1 === this.limit ? 0 : slot + 1;
    this.#count--;
  }
}

function flagsOf(part: number, parts: number): number {
  return part + 1 < parts ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT;
}
