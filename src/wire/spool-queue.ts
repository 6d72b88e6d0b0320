import { addressOf, alloc } from "../../ffi/memory.ts";
import type { OverflowSpool } from "../spool/overflow-spool.ts";
import type { Ack } from "./acks.ts";
import { HEADER_MAX_BYTES, PAYLOAD_MAX_BYTES } from "./header.ts";
import type { QueueCounts } from "./push-queue.ts";
import { type MessageRecord, parseRecord, putPrefix, RECORD_PREFIX_BYTES } from "./record.ts";
import { TOPIC_MAX_BYTES } from "./topic.ts";

/** Parts of a message: topic, header, payload. */
const PARTS = 3;

/** Streams whose acknowledgements are remembered. */
const ACKED_STREAMS = 8192;

/** A message that was given out, now or on an earlier connection, and not acknowledged. */
interface GivenOut {
  readonly key: string;
  readonly sequence: number;
  readonly payloadBytes: number;
  readonly datagrams: number;
  readonly recordBytes: number;
}

/**
 * The messages of a sender whose other end acknowledges: made here, kept in a spool, given out in order and kept
 * until the acknowledgement comes. Messages of one connection arrive in their order, so that one acknowledged
 * message stands for all that were given out before it.
 */
export class SpoolQueue {
  readonly counts: QueueCounts = { messages: 0, bytes: 0, datagrams: 0, dropped: 0 };
  /** Messages that were given out once more after a connection broke. */
  resent = 0;
  /** Messages that counted as delivered without an acknowledgement. */
  unacknowledged = 0;
  /** True once an acknowledgement has come for what was given out on this connection. */
  acknowledged = false;
  readonly limit: number;
  readonly #spool: OverflowSpool;
  readonly #run: Uint8Array;
  readonly #prefix = new Uint8Array(RECORD_PREFIX_BYTES);
  readonly #stage = alloc(TOPIC_MAX_BYTES + HEADER_MAX_BYTES + PAYLOAD_MAX_BYTES);
  readonly #stageAt = addressOf(this.#stage);
  readonly #ends = new Float64Array(PARTS);
  readonly #acked = new Map<string, number>();
  /** The oldest messages of the spool; the first `#sent` of them are on their way on this connection. */
  readonly #givenOut: GivenOut[] = [];
  #sent = 0;
  #inFlightBytes = 0;
  readonly #decoder = new TextDecoder();

  /** Takes over `spool`; `limit` is the number of messages that its memory holds. */
  constructor(spool: OverflowSpool, run: string, limit: number) {
    this.#spool = spool;
    this.#run = new TextEncoder().encode(run);
    this.limit = limit;
  }

  /** Messages that wait for their acknowledgement, given out or not. */
  get count(): number {
    return this.#spool.count;
  }

  /** Messages that were not given out yet. */
  get unread(): number {
    return this.#spool.unread;
  }

  /** Octets given out and not acknowledged. */
  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  /** True when a message of `bytes` payload octets has no place. */
  full(bytes: number): boolean {
    return !this.#spool.fits(RECORD_PREFIX_BYTES + this.#run.length + bytes);
  }

  /** True when a message of `bytes` payload octets, whatever its header, would have to go to disk. */
  goesToDisk(bytes: number): boolean {
    return !this.#spool.fitsInMemory(this.#stage.length - PAYLOAD_MAX_BYTES + bytes);
  }

  /** Where to put part `part` of the next message; 0 when it is larger than a message may be. */
  begin(part: number, bytes: number): number {
    const start = part === 0 ? 0 : (this.#ends[part - 1] as number);
    if (start + bytes > this.#stage.length) return 0;
    this.#ends[part] = start + bytes;
    return this.#stageAt + start;
  }

  /** Gives up the next message. */
  abandon(): void {
    this.counts.dropped++;
  }

  /** Puts the message whose three parts were begun and filled into the spool, or counts it as dropped. */
  push(_parts: number, _bytes: number, datagrams: number, sequence: number): void {
    const [topicEnd = 0, headerEnd = 0, end = 0] = this.#ends;
    putPrefix(this.#prefix, sequence, datagrams, this.#run.length, topicEnd, headerEnd - topicEnd);
    const message = this.#stage.subarray(0, end);
    if (!this.#spool.push([this.#prefix, this.#run, message])) this.counts.dropped++;
  }

  /** The next message to be sent, valid until the next call; null when there is none. Records of others are dropped. */
  next(): MessageRecord | null {
    for (;;) {
      const octets = this.#spool.next();
      if (octets === null) return null;
      const record = parseRecord(octets);
      const again = this.#note({
        key: record === null ? "" : `${record.run} ${this.#decoder.decode(record.topic)}`,
        sequence: record?.sequence ?? Number.NaN,
        payloadBytes: record?.payload.length ?? 0,
        datagrams: record?.datagrams ?? 0,
        recordBytes: octets.length,
      });
      if (record === null) continue;
      if (again) this.resent++;
      return record;
    }
  }

  /**
   * The connection is a new one: all that was not acknowledged is given out once more. What is acknowledged late,
   * for the connection before, is still known.
   */
  rewind(): void {
    this.acknowledged = false;
    this.#sent = 0;
    this.#inFlightBytes = 0;
    this.#spool.rewind();
  }

  /** Takes out what `acks` say has arrived. */
  acknowledge(acks: readonly Ack[]): void {
    for (const { run, topic, next } of acks) {
      const key = `${run} ${topic}`;
      this.#acked.delete(key);
      this.#acked.set(key, next);
      if (this.#acked.size > ACKED_STREAMS) {
        for (const oldest of this.#acked.keys()) {
          this.#acked.delete(oldest);
          break;
        }
      }
    }
    const last = this.#givenOut.findLastIndex(
      ({ key, sequence }) => sequence < (this.#acked.get(key) ?? Number.NEGATIVE_INFINITY),
    );
    if (last >= 0 && this.#sent > 0) this.acknowledged = true;
    this.#takeOut(last + 1);
  }

  /** Counts the oldest messages that were given out as delivered, until `bytes` octets or fewer are in flight. */
  forget(bytes: number): void {
    let messages = 0;
    for (let left = this.#inFlightBytes; left > bytes; messages++) {
      left -= this.#givenOut[messages]?.recordBytes ?? left;
    }
    this.unacknowledged += messages;
    this.#takeOut(messages);
  }

  /** Keeps what is left on disk, and closes that; messages that had no room there. */
  close(): number {
    const lost = this.#spool.close();
    this.counts.dropped += lost;
    return lost;
  }

  /** Takes down that `message` is on its way; true when it was before. */
  #note(message: GivenOut): boolean {
    const { key, sequence, recordBytes } = message;
    const known = this.#givenOut;
    // Those that the disk no longer gives are passed over there, and so here.
    let at = this.#sent;
    while (at < known.length && (known[at]?.key !== key || !Object.is(known[at]?.sequence, sequence))) at++;
    const again = at < known.length;
    if (again) known.splice(this.#sent, at - this.#sent);
    else known.splice(this.#sent, known.length, message);
    this.#sent++;
    this.#inFlightBytes += recordBytes;
    return again;
  }

  #takeOut(messages: number): void {
    const { counts } = this;
    const taken = this.#givenOut.splice(0, messages);
    const left = this.#spool.count - taken.length;
    // One that the disk has lost by now is among those that are taken out.
    while (this.#spool.count > left && this.#spool.shift());
    for (const [i, { sequence, payloadBytes, datagrams, recordBytes }] of taken.entries()) {
      if (i < this.#sent) this.#inFlightBytes -= recordBytes;
      if (Number.isNaN(sequence)) {
        counts.dropped++;
        continue;
      }
      counts.messages++;
      counts.bytes += payloadBytes;
      counts.datagrams += datagrams;
    }
    this.#sent = Math.max(0, this.#sent - taken.length);
  }
}
