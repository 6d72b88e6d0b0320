import { u16le, u32le } from "../bits/read.ts";
import { formatTime, NS_PER_SECOND } from "../report/time.ts";
import { Clock } from "./header.gen.ts";
import {
  BATCH_MAX_DATAGRAMS,
  HEADER_VERSION,
  type Header,
  SEQUENCE_MAX,
  TEXT_MAX_CHARACTERS,
} from "./header.ts";
import {
  DATA_AT,
  ELEMENT,
  POINTER,
  POINTER_KIND,
  SEGMENT_AT,
  SEGMENT_WORDS_AT,
  WORD_BYTES,
} from "./header-capnp.ts";
import { KINDS } from "./topic.ts";

/** UTF-8 has at most three octets for a UTF-16 code unit. */
const TEXT_MAX_BYTES = 3 * TEXT_MAX_CHARACTERS;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The second of UTC read last, as text before and after its fraction: neighbouring messages share it. */
const recent = { seconds: Number.NaN, head: "", tail: "" };

/** Where the header is in a message, in octets. A field beyond the end of its section has its default, 0. */
interface Place {
  readonly dataAt: number;
  readonly dataBytes: number;
  readonly pointersAt: number;
  readonly pointers: number;
}

/**
 * The Cap'n Proto header in `octets`, or null when it is not one: not exactly one segment, a pointer that leads out
 * of it, bad UTF-8, a field wrong or beyond what a header may have. It reads each text and the one list once, so a
 * hostile message costs no more than a good one; sections longer than ours are a newer probe's.
 */
export function decodeCapnpHeader(octets: Uint8Array): Header | null {
  const place = findRoot(octets);
  if (place === null || data16(octets, place, DATA_AT.version) !== HEADER_VERSION) return null;
  const kind = KINDS[data16(octets, place, DATA_AT.kind)];
  const datagrams = data32(octets, place, DATA_AT.datagrams);
  const sequence = dataUnsigned64(octets, place, DATA_AT.sequence);
  if (kind === undefined || datagrams > BATCH_MAX_DATAGRAMS || sequence > SEQUENCE_MAX) return null;
  const { firstClock, firstSeconds, firstNanoseconds, lastClock, lastSeconds, lastNanoseconds } = DATA_AT;
  const firstTime = readTime(octets, place, firstClock, firstSeconds, firstNanoseconds);
  const lastTime = readTime(octets, place, lastClock, lastSeconds, lastNanoseconds);
  const probe = readText(octets, place, POINTER.probe);
  const run = readText(octets, place, POINTER.run);
  const stream = readText(octets, place, POINTER.stream);
  const source = readText(octets, place, POINTER.source);
  const destination = readText(octets, place, POINTER.destination);
  const timestampSource = readText(octets, place, POINTER.timestampSource);
  const lengths = readLengths(octets, place);
  if (
    firstTime === undefined ||
    lastTime === undefined ||
    probe === null ||
    run === null ||
    stream === null ||
    source === null ||
    destination === null ||
    timestampSource === null ||
    lengths === null
  ) {
    return null;
  }
  const header: Header = {
    rscap: HEADER_VERSION,
    probe,
    run,
    stream,
    kind,
    source: source === "" ? null : source,
    destination: destination === "" ? null : destination,
    timestampSource,
    sequence,
    firstTime,
    lastTime,
    datagrams,
    packets: data32(octets, place, DATA_AT.packets),
  };
  if (lengths !== undefined) header.lengths = lengths;
  return header;
}

/** The root struct of a message of one segment, all of it within the octets; null otherwise. */
function findRoot(octets: Uint8Array): Place | null {
  const end = octets.length;
  if (end < SEGMENT_AT + WORD_BYTES) return null;
  // The first word is the number of segments less one.
  if (u32le(octets, 0) !== 0 || SEGMENT_AT + u32le(octets, SEGMENT_WORDS_AT) * WORD_BYTES !== end)
    return null;
  const low = u32le(octets, SEGMENT_AT);
  if ((low & 3) !== POINTER_KIND.struct) return null;
  const dataAt = target(SEGMENT_AT, low);
  const dataBytes = u16le(octets, SEGMENT_AT + 4) * WORD_BYTES;
  const pointers = u16le(octets, SEGMENT_AT + 6);
  const pointersAt = dataAt + dataBytes;
  if (dataAt < SEGMENT_AT || pointersAt + pointers * WORD_BYTES > end) return null;
  return { dataAt, dataBytes, pointersAt, pointers };
}

/** Where the pointer at `off` leads whose lower half is `low`: 30 bits, signed, in words from its end. */
function target(off: number, low: number): number {
  return off + WORD_BYTES + ((low | 0) >> 2) * WORD_BYTES;
}

function data16(octets: Uint8Array, place: Place, off: number): number {
  return off < place.dataBytes ? u16le(octets, place.dataAt + off) : 0;
}

function data32(octets: Uint8Array, place: Place, off: number): number {
  return off < place.dataBytes ? u32le(octets, place.dataAt + off) : 0;
}

function dataUnsigned64(octets: Uint8Array, place: Place, off: number): number {
  return data32(octets, place, off) + data32(octets, place, off + 4) * 2 ** 32;
}

function dataSigned64(octets: Uint8Array, place: Place, off: number): number {
  return data32(octets, place, off) + (data32(octets, place, off + 4) | 0) * 2 ** 32;
}

/** A time as text; null when there is none, undefined when it is no time. */
function readTime(
  octets: Uint8Array,
  place: Place,
  clockAt: number,
  secondsAt: number,
  nanosecondsAt: number,
): string | null | undefined {
  const clock = data16(octets, place, clockAt);
  if (clock === Clock.NONE) return null;
  const seconds = dataSigned64(octets, place, secondsAt);
  const nanoseconds = data32(octets, place, nanosecondsAt);
  if (clock !== Clock.UTC && clock !== Clock.START) return undefined;
  if (!Number.isSafeInteger(seconds) || nanoseconds >= NS_PER_SECOND) return undefined;
  if (clock === Clock.START) return formatTime({ seconds, nanoseconds, wallClock: false }, 0);
  if (seconds !== recent.seconds) {
    const whole = formatTime({ seconds, nanoseconds: 0, wallClock: true }, 0);
    const fraction = whole.indexOf(".") + 1;
    recent.seconds = seconds;
    recent.head = whole.slice(0, fraction);
    recent.tail = whole.slice(fraction + 9);
  }
  return recent.head + String(nanoseconds).padStart(9, "0") + recent.tail;
}

/** Offset of the list that the pointer at `off` leads to, if its elements are such and all of it is there; else -1. */
function listAt(octets: Uint8Array, off: number, element: number, bytes: number): number {
  const low = u32le(octets, off);
  const high = u32le(octets, off + 4);
  const at = target(off, low);
  if ((low & 3) !== POINTER_KIND.list || (high & 7) !== element) return -1;
  return at >= SEGMENT_AT && at + (high >>> 3) * bytes <= octets.length ? at : -1;
}

/** True when pointer `index` is not there or null. */
function isNull(octets: Uint8Array, place: Place, index: number): boolean {
  const off = place.pointersAt + index * WORD_BYTES;
  return index >= place.pointers || (u32le(octets, off) === 0 && u32le(octets, off + 4) === 0);
}

/** A text, empty when it is not there; null when it is none or too long. */
function readText(octets: Uint8Array, place: Place, index: number): string | null {
  if (isNull(octets, place, index)) return "";
  const off = place.pointersAt + index * WORD_BYTES;
  const at = listAt(octets, off, ELEMENT.octet, 1);
  // The octet 0 at its end counts.
  const end = at + (u32le(octets, off + 4) >>> 3) - 1;
  if (at < 0 || end < at || end - at > TEXT_MAX_BYTES || octets[end] !== 0) return null;
  try {
    const text = decoder.decode(octets.subarray(at, end));
    return text.length <= TEXT_MAX_CHARACTERS ? text : null;
  } catch {
    return null;
  }
}

/** The lengths of the packets, undefined when there are none; null when they are wrong. */
function readLengths(octets: Uint8Array, place: Place): number[] | null | undefined {
  if (isNull(octets, place, POINTER.lengths)) return undefined;
  const off = place.pointersAt + POINTER.lengths * WORD_BYTES;
  const at = listAt(octets, off, ELEMENT.fourOctets, 4);
  const count = u32le(octets, off + 4) >>> 3;
  if (at < 0 || count > BATCH_MAX_DATAGRAMS) return null;
  const lengths: number[] = [];
  for (let i = 0; i < count; i++) {
    const length = u32le(octets, at + i * 4);
    if (length === 0) return null;
    lengths.push(length);
  }
  return lengths;
}
