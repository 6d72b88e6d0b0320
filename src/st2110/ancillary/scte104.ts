import { u8, u16, u32 } from "../../bits/read.ts";
import type { AncDecoded, Scte104Message } from "../../report/st2110-ancillary-schema.ts";
import { type Epoch, formatTime } from "../../report/time.ts";
import type { AncContent } from "./content.ts";
import type { AncCounters } from "./rules.ts";
import { scte104Operation } from "./scte104-operations.ts";

/** Longest message that ST 2010 carries. */
const MAX_MESSAGE_OCTETS = 2000;
/** The last messages that are kept for the report. */
const KEPT_MESSAGES = 16;
/** Octets of a single_operation_message before its data, and of a multiple_operation_message before its timestamp. */
const SINGLE_HEADER = 13;
const MULTIPLE_HEADER = 10;
/** opID that says: multiple_operation_message. */
const MULTIPLE = 0xffff;

/** Octets of timestamp() after its time_type: none, UTC, VITC, GPI. */
const TIME_OCTETS: readonly number[] = [0, 6, 4, 2];

/** Payload descriptor (ST 2010): version 1 in b4 and b3, then continued, following and duplicate. */
const DESCRIPTOR = { version: 0x18, version1: 0x08, continued: 4, following: 2, duplicate: 1 } as const;

/** SCTE 104 messages in ancillary data (ST 2010), put together from up to as many packets as they take. */
export class Scte104Content implements AncContent {
  readonly #counters: AncCounters;
  readonly #message = new Uint8Array(MAX_MESSAGE_OCTETS);
  #have = 0;
  #open = false;
  #messages = 0;
  #duplicates = 0;
  /** Whole messages, the latest KEPT_MESSAGES of them, in a ring. */
  readonly #kept = new Uint8Array(KEPT_MESSAGES * MAX_MESSAGE_OCTETS);
  readonly #keptLength = new Uint32Array(KEPT_MESSAGES);
  readonly #keptNs = new Float64Array(KEPT_MESSAGES);

  constructor(counters: AncCounters) {
    this.#counters = counters;
  }

  packet(octets: Uint8Array, count: number, timeNs: number): void {
    if (count < 2 || (u8(octets, 0) & DESCRIPTOR.version) !== DESCRIPTOR.version1) {
      this.#reject(timeNs);
      return;
    }
    const descriptor = u8(octets, 0);
    if ((descriptor & DESCRIPTOR.duplicate) !== 0) {
      this.#duplicates += 1;
      return;
    }
    if ((descriptor & DESCRIPTOR.continued) === 0) {
      if (this.#open) this.#counters.scte104.hit(timeNs);
      this.#have = 0;
      this.#open = true;
    } else if (!this.#open) {
      // Its beginning was before the capture, or was lost and is counted as lost.
      return;
    }
    if (this.#have + count - 1 > MAX_MESSAGE_OCTETS) {
      this.#reject(timeNs);
      return;
    }
    for (let index = 1; index < count; index += 1) {
      this.#message[this.#have] = u8(octets, index);
      this.#have += 1;
    }
    if ((descriptor & DESCRIPTOR.following) === 0) this.#complete(timeNs);
  }

  gap(): void {
    this.#open = false;
    this.#have = 0;
  }

  report(epoch: Epoch): AncDecoded {
    const kept = Math.min(this.#messages, KEPT_MESSAGES);
    const messages: Scte104Message[] = [];
    for (let index = this.#messages - kept; index < this.#messages; index += 1) {
      const slot = index % KEPT_MESSAGES;
      const timeNs = this.#keptNs[slot] as number;
      const time = Number.isNaN(timeNs) ? null : formatTime(epoch, timeNs);
      messages.push(decode(this.#kept, slot * MAX_MESSAGE_OCTETS, this.#keptLength[slot] as number, time));
    }
    return { kind: "scte104", messages: this.#messages, duplicates: this.#duplicates, last: messages };
  }

  #reject(timeNs: number): void {
    this.#counters.scte104.hit(timeNs);
    this.gap();
  }

  #complete(timeNs: number): void {
    this.#open = false;
    if (!wellFormed(this.#message, this.#have)) {
      this.#reject(timeNs);
      return;
    }
    const slot = this.#messages % KEPT_MESSAGES;
    const from = slot * MAX_MESSAGE_OCTETS;
    for (let index = 0; index < this.#have; index += 1) this.#kept[from + index] = u8(this.#message, index);
    this.#keptLength[slot] = this.#have;
    this.#keptNs[slot] = timeNs;
    this.#messages += 1;
    this.#have = 0;
  }
}

/** True when sizes agree: messageSize with the octets there, and the operations with messageSize. */
function wellFormed(message: Uint8Array, length: number): boolean {
  if (length < MULTIPLE_HEADER || u16(message, 2) !== length) return false;
  if (u16(message, 0) !== MULTIPLE) return length >= SINGLE_HEADER;
  let at = operationsStart(message, 0, length);
  if (at < 0) return false;
  const operations = u8(message, at - 1);
  for (let index = 0; index < operations; index += 1) {
    if (at + 4 > length) return false;
    at += 4 + u16(message, at + 2);
  }
  return at === length;
}

/** Offset of the first operation of a multiple_operation_message, just after num_ops; -1 when it does not fit. */
function operationsStart(message: Uint8Array, off: number, length: number): number {
  if (length < MULTIPLE_HEADER + 2) return -1;
  const time = TIME_OCTETS[u8(message, off + MULTIPLE_HEADER)];
  if (time === undefined) return -1;
  const start = MULTIPLE_HEADER + 1 + time + 1;
  return start > length ? -1 : off + start;
}

/** A well-formed message `buf[off, off + length)` as report data. */
function decode(buf: Uint8Array, off: number, length: number, time: string | null): Scte104Message {
  if (u16(buf, off) !== MULTIPLE) {
    return {
      time,
      type: "single",
      messageNumber: u8(buf, off + 10),
      dpiPidIndex: u16(buf, off + 11),
      splicePoint: null,
      operations: [scte104Operation(u16(buf, off), buf, off + SINGLE_HEADER, length - SINGLE_HEADER)],
    };
  }
  const operations = [];
  let at = operationsStart(buf, off, length);
  while (at >= 0 && at + 4 <= off + length) {
    const octets = u16(buf, at + 2);
    operations.push(scte104Operation(u16(buf, at), buf, at + 4, octets));
    at += 4 + octets;
  }
  return {
    time,
    type: "multiple",
    messageNumber: u8(buf, off + 6),
    dpiPidIndex: u16(buf, off + 7),
    splicePoint: splicePoint(buf, off + MULTIPLE_HEADER),
    operations,
  };
}

/** timestamp() of a multiple_operation_message in words; null for time_type 0, at once. */
function splicePoint(buf: Uint8Array, off: number): string | null {
  const two = (value: number) => String(value).padStart(2, "0");
  switch (u8(buf, off)) {
    case 1:
      // Seconds since 1980-01-06, and microseconds (SCTE 104, 12.4).
      return `UTC ${u32(buf, off + 1)} s ${u16(buf, off + 5)} us`;
    case 2: {
      const digits = [u8(buf, off + 1), u8(buf, off + 2), u8(buf, off + 3), u8(buf, off + 4)];
      return `VITC ${digits.map(two).join(":")}`;
    }
    case 3:
      return `GPI ${u8(buf, off + 1)} ${u8(buf, off + 2) === 0 ? "opens" : "closes"}`;
    default:
      return null;
  }
}
