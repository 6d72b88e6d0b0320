import { addressOf, alloc } from "../../ffi/memory.ts";
import { type Epoch, formatTime, NS_PER_SECOND, nanosecondsBeyond, wholeSeconds } from "../report/time.ts";
import { INTEGER_MAX_DIGITS, putBytes, putDigits, putInteger } from "./ascii.ts";
import {
  addressAndPort,
  BATCH_MAX_DATAGRAMS,
  HEADER_VERSION,
  type Header,
  type HeaderEncoder,
  type HeaderFacts,
  type HeaderNumbers,
  headerSchema,
  TIME_LIMIT_NS,
} from "./header.ts";
import type { Kind } from "./topic.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The JSON header in `octets`, or null when it is not one: bad UTF-8, bad JSON, a field missing or wrong. */
export function decodeJsonHeader(octets: Uint8Array): Header | null {
  try {
    const parsed = headerSchema.safeParse(JSON.parse(decoder.decode(octets)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The format's name in the earlier rscap's headers, which it had for packets only. */
const EARLIER_FORMAT: Partial<Record<Kind, string>> = { ts: "mpegts", rtp: "smpte2110" };

/**
 * The constant part of a stream's headers, from the opening brace to the comma before the first number. The
 * second half repeats the facts under the earlier rscap's names: there `source_ip` is the captured group.
 */
function renderHeaderStart(facts: HeaderFacts): string {
  const ours = {
    rscap: HEADER_VERSION,
    probe: facts.probe,
    run: facts.run,
    stream: facts.stream,
    kind: facts.kind,
    source: addressAndPort(facts.sourceAddress, facts.sourcePort),
    destination: addressAndPort(facts.destinationAddress, facts.destinationPort),
    timestampSource: facts.timestampSource,
  };
  const format = EARLIER_FORMAT[facts.kind];
  const earlier = format && {
    type: "mpegts_chunk",
    format,
    source_ip: facts.destinationAddress,
    source_port: facts.destinationPort,
    source_device: facts.deviceName,
    target_ip: facts.targetHost,
    target_port: facts.targetPort,
    batch_size: facts.batchSize,
  };
  return `${JSON.stringify({ ...ours, ...earlier }).slice(0, -1)},`;
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
    const second = wholeSeconds(sinceSecond);
    if (second < 0 && !epoch.wallClock) {
      // Before the start digits count towards it: -0.25 s is of second -1, and has 750 ms of it.
      return putBytes(buf, off, ascii(`"${formatTime(epoch, timeNs)}"`));
    }
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
    at = putDigits(buf, at, nanosecondsBeyond(sinceSecond), 9);
    at = putBytes(buf, at, this.#end);
    buf[at++] = QUOTE;
    return at;
  }
}

/** Writes JSON headers, in the order of `headerSchema`, then the earlier rscap's names. */
export class JsonHeaderEncoder implements HeaderEncoder {
  readonly buf: Uint8Array;
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
