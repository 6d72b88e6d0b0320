import { addressOf, alloc } from "../../ffi/memory.ts";
import { type Epoch, formatTime, NS_PER_SECOND } from "../report/time.ts";
import { INTEGER_MAX_DIGITS, putBytes, putDigits, putInteger } from "./ascii.ts";
import { BATCH_MAX_DATAGRAMS, type HeaderFacts, renderHeaderStart } from "./header.ts";

/** The numbers of one message. */
export interface HeaderNumbers {
  sequence: number;
  /** Nanoseconds since the source's epoch; NaN without times. */
  firstNs: number;
  lastNs: number;
  datagrams: number;
  packets: number;
  /** Octets of this message's payload, and of all payloads of the stream up to and with it. */
  payloadBytes: number;
  totalBytes: number;
  /** Length of each packet, `packets` of them, or null where all are alike. */
  lengths: Uint32Array | null;
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const SEQUENCE = ascii('"sequence":');
const FIRST = ascii(',"firstTime":');
const LAST = ascii(',"lastTime":');
const DATAGRAMS = ascii(',"datagrams":');
const PACKETS = ascii(',"packets":');
const LENGTHS = ascii(',"lengths":[');
const CONTENT = ascii(',"content_length":');
const CHUNK = ascii(',"chunk_size":');
const TOTAL = ascii(',"total_bytes":');
const COUNT = ascii(',"count":');
const TIMESTAMP = ascii(',"timestamp":');
const NULL = ascii("null");

const QUOTE = 0x22;
const COMMA = 0x2c;
const BRACKET = 0x5d;
const BRACE = 0x7d;

/** Beyond this no calendar goes (ECMA-262 21.4.1.1); only a damaged capture has such times. NaN is neither. */
const TIME_LIMIT_NS = 8.64e21;

/** Room for all fixed words, numbers and times. */
const VARIABLE_BYTES = 640;

/** A whole second as text up to its decimal point, kept because neighbouring messages share it. */
class SecondText {
  #second = Number.NaN;
  #text: Uint8Array = new Uint8Array(0);
  #end: Uint8Array = new Uint8Array(0);

  put(buf: Uint8Array, off: number, epoch: Epoch, timeNs: number): number {
    if (!(Math.abs(timeNs) < TIME_LIMIT_NS)) return putBytes(buf, off, NULL);
    // Nanoseconds count from the epoch's own, so that the second and its fraction come apart exactly.
    const sinceSecond = timeNs + epoch.nanoseconds;
    const second = Math.floor(sinceSecond / NS_PER_SECOND);
    if (second !== this.#second) {
      const whole = formatTime(epoch, second * NS_PER_SECOND - epoch.nanoseconds);
      const point = whole.indexOf(".");
      this.#text = ascii(whole.slice(0, point + 1));
      this.#end = ascii(whole.slice(point + 10));
      this.#second = second;
    }
    let at = off;
    buf[at++] = QUOTE;
    at = putBytes(buf, at, this.#text);
    at = putDigits(buf, at, Math.floor(sinceSecond - second * NS_PER_SECOND), 9);
    at = putBytes(buf, at, this.#end);
    buf[at++] = QUOTE;
    return at;
  }
}

/**
 * Writes a stream's headers into one reused buffer: the constant part once, then only numbers, so that a
 * message costs no string and no object.
 */
export class HeaderEncoder {
  /** Holds the header after `encode`; made by `alloc`, so that its address may be given to native code. */
  readonly buf: Uint8Array;
  /** Address of `buf`. */
  readonly address: number;
  readonly #start: number;
  readonly #epoch: Epoch;
  readonly #second = new SecondText();

  constructor(facts: HeaderFacts, epoch: Epoch) {
    const start = new TextEncoder().encode(renderHeaderStart(facts));
    const lengthsBytes = facts.kind === "rtp" ? BATCH_MAX_DATAGRAMS * (INTEGER_MAX_DIGITS + 1) : 0;
    this.buf = alloc(start.length + VARIABLE_BYTES + lengthsBytes);
    this.address = addressOf(this.buf);
    this.buf.set(start);
    this.#start = start.length;
    this.#epoch = epoch;
  }

  /** Writes the header of one message; its length in octets. */
  encode(numbers: HeaderNumbers): number {
    const { buf } = this;
    const { sequence, firstNs, lastNs, datagrams, packets, payloadBytes, totalBytes, lengths } = numbers;
    let at = putInteger(buf, putBytes(buf, this.#start, SEQUENCE), sequence);
    at = this.#second.put(buf, putBytes(buf, at, FIRST), this.#epoch, firstNs);
    at = this.#second.put(buf, putBytes(buf, at, LAST), this.#epoch, lastNs);
    at = putInteger(buf, putBytes(buf, at, DATAGRAMS), datagrams);
    at = putInteger(buf, putBytes(buf, at, PACKETS), packets);
    if (lengths !== null) at = this.#putLengths(putBytes(buf, at, LENGTHS), lengths, packets);
    at = putInteger(buf, putBytes(buf, at, CONTENT), payloadBytes);
    at = putInteger(buf, putBytes(buf, at, CHUNK), payloadBytes);
    at = putInteger(buf, putBytes(buf, at, TOTAL), totalBytes);
    at = putInteger(buf, putBytes(buf, at, COUNT), sequence + 1);
    at = putBytes(buf, at, TIMESTAMP);
    at = this.#putMilliseconds(at, firstNs);
    buf[at++] = BRACE;
    return at;
  }

  #putLengths(off: number, lengths: Uint32Array, packets: number): number {
    let at = off;
    for (let i = 0; i < packets; i++) {
      if (i > 0) this.buf[at++] = COMMA;
      at = putInteger(this.buf, at, lengths[i] as number);
    }
    this.buf[at++] = BRACKET;
    return at;
  }

  /** The earlier rscap's `timestamp`: milliseconds since 1970, or null where the input has no clock. */
  #putMilliseconds(off: number, timeNs: number): number {
    const { seconds, nanoseconds, wallClock } = this.#epoch;
    if (!wallClock || !(Math.abs(timeNs) < TIME_LIMIT_NS)) return putBytes(this.buf, off, NULL);
    const ms = seconds * 1000 + Math.floor((nanoseconds + timeNs) / 1e6);
    return putInteger(this.buf, off, Math.max(0, ms));
  }
}
