import { Message } from "capnp-es";
import { addressOf, alloc } from "../../ffi/memory.ts";
import { type Epoch, nanosecondsBeyond, wholeSeconds } from "../report/time.ts";
import { Clock, Header } from "./header.gen.ts";
import {
  addressAndPort,
  BATCH_MAX_DATAGRAMS,
  HEADER_VERSION,
  type HeaderEncoder,
  type HeaderFacts,
  type HeaderNumbers,
  TIME_LIMIT_NS,
} from "./header.ts";
import { KINDS } from "./topic.ts";

/** Octets of a word, in which Cap'n Proto counts. */
export const WORD_BYTES = 8;

/** Where the one segment begins, after the number of segments and its length; its first word is the root pointer. */
export const SEGMENT_AT = 8;

/** Octets of a segment's length, from the start of the message. */
export const SEGMENT_WORDS_AT = 4;

/** Where each number of the header is, in octets from the start of its data section (`capnp compile -ocapnp`). */
export const DATA_AT = {
  version: 0,
  kind: 2,
  datagrams: 4,
  packets: 8,
  firstClock: 12,
  lastClock: 14,
  sequence: 16,
  firstSeconds: 24,
  firstNanoseconds: 32,
  lastNanoseconds: 36,
  lastSeconds: 40,
} as const;

/** Octets of the data section. */
export const DATA_BYTES = 48;

/** Which pointer leads to each text and to the lengths. */
export const POINTER = {
  probe: 0,
  run: 1,
  stream: 2,
  source: 3,
  destination: 4,
  timestampSource: 5,
  lengths: 6,
} as const;

/** A list pointer's kind of element, in the low three bits of its upper half. */
export const ELEMENT = { octet: 2, fourOctets: 4 } as const;

/** Low two bits of a pointer. */
export const POINTER_KIND = { struct: 0, list: 1 } as const;

/** Start of the data section in what we write: the root follows its pointer. */
const DATA = SEGMENT_AT + WORD_BYTES;
const LENGTHS_POINTER = DATA + DATA_BYTES + POINTER.lengths * WORD_BYTES;

/** The message without its numbers: one segment, because capnp-es lets its first one grow. */
function constantMessage(facts: HeaderFacts): Uint8Array {
  const message = new Message();
  const header = message.initRoot(Header);
  header.version = HEADER_VERSION;
  header.kind = KINDS.indexOf(facts.kind) as Header["kind"];
  header.probe = facts.probe;
  header.run = facts.run;
  header.stream = facts.stream;
  const source = addressAndPort(facts.sourceAddress, facts.sourcePort);
  if (source !== null) header.source = source;
  const destination = addressAndPort(facts.destinationAddress, facts.destinationPort);
  if (destination !== null) header.destination = destination;
  header.timestampSource = facts.timestampSource;
  return new Uint8Array(message.toArrayBuffer());
}

/**
 * Writes Cap'n Proto headers: capnp-es makes a stream's message once, each message then gets its numbers at their
 * fixed places, and for RTP the list of lengths behind the texts.
 */
export class CapnpHeaderEncoder implements HeaderEncoder {
  readonly buf: Uint8Array;
  readonly address: number;
  readonly #view: DataView;
  readonly #constantBytes: number;
  /** Lower half of the pointer to a list that stands behind the constant part. */
  readonly #lengthsOffset: number;
  readonly #epoch: Epoch;
  readonly #clock: number;

  constructor(facts: HeaderFacts, epoch: Epoch) {
    const constant = constantMessage(facts);
    this.#constantBytes = constant.length;
    this.buf = alloc(constant.length + (facts.kind === "rtp" ? BATCH_MAX_DATAGRAMS * 4 : 0));
    this.address = addressOf(this.buf);
    this.buf.set(constant);
    this.#view = new DataView(this.buf.buffer, this.buf.byteOffset, this.buf.length);
    const words = (constant.length - LENGTHS_POINTER) / WORD_BYTES - 1;
    this.#lengthsOffset = (words << 2) | POINTER_KIND.list;
    this.#epoch = epoch;
    this.#clock = epoch.wallClock ? Clock.UTC : Clock.START;
  }

  encode(numbers: HeaderNumbers): number {
    const view = this.#view;
    view.setUint32(DATA + DATA_AT.datagrams, numbers.datagrams, true);
    view.setUint32(DATA + DATA_AT.packets, numbers.packets, true);
    putWord(view, DATA + DATA_AT.sequence, numbers.sequence);
    this.#putTime(DATA_AT.firstClock, DATA_AT.firstSeconds, DATA_AT.firstNanoseconds, numbers.firstNs);
    this.#putTime(DATA_AT.lastClock, DATA_AT.lastSeconds, DATA_AT.lastNanoseconds, numbers.lastNs);
    const { lengths, packets } = numbers;
    view.setUint32(LENGTHS_POINTER, lengths === null ? 0 : this.#lengthsOffset, true);
    view.setUint32(LENGTHS_POINTER + 4, lengths === null ? 0 : (packets << 3) | ELEMENT.fourOctets, true);
    const end = lengths === null ? this.#constantBytes : this.#putLengths(lengths, packets);
    view.setUint32(SEGMENT_WORDS_AT, (end - SEGMENT_AT) / WORD_BYTES, true);
    return end;
  }

  #putTime(clockAt: number, secondsAt: number, nanosecondsAt: number, timeNs: number): void {
    const view = this.#view;
    const epoch = this.#epoch;
    // Nanoseconds count from the epoch's own, so that the second and its fraction come apart exactly.
    const sinceSecond = timeNs + epoch.nanoseconds;
    const seconds = epoch.seconds + wholeSeconds(sinceSecond);
    const known = Math.abs(timeNs) < TIME_LIMIT_NS && Number.isSafeInteger(seconds);
    view.setUint16(DATA + clockAt, known ? this.#clock : Clock.NONE, true);
    putWord(view, DATA + secondsAt, known ? seconds : 0);
    const nanoseconds = known ? nanosecondsBeyond(sinceSecond) : 0;
    view.setUint32(DATA + nanosecondsAt, nanoseconds, true);
  }

  /** Writes the list, padded to whole words; the message's length in octets. */
  #putLengths(lengths: Uint32Array, packets: number): number {
    const view = this.#view;
    let at = this.#constantBytes;
    for (let i = 0; i < packets; i++, at += 4) view.setUint32(at, lengths[i] as number, true);
    if ((packets & 1) === 1) {
      view.setUint32(at, 0, true);
      at += 4;
    }
    return at;
  }
}

/** Writes a whole number within ±2^53 as 64 bits in two's complement. */
function putWord(view: DataView, off: number, value: number): void {
  view.setUint32(off, value, true);
  view.setInt32(off + 4, Math.floor(value / 2 ** 32), true);
}
