import { alloc } from "../../ffi/memory.ts";

/**
 * Records of any octets in memory, first in, first out, within one piece of memory that is made once: no record
 * costs an allocation. It answers as DiskSpool does, and forgets all when the process ends.
 */
export class MemorySpool {
  readonly #octets: Uint8Array;
  readonly #start: Uint32Array;
  readonly #length: Uint32Array;
  /** Number of the oldest record, and how many wait; a record's slot is its number modulo the slots. */
  #first = 0;
  #count = 0;
  #read = 0;
  #bytes = 0;
  /** Where the next record may start. */
  #end = 0;

  /** Room for `maxBytes` octets in at most `maxRecords` records. */
  constructor(maxBytes: number, maxRecords: number) {
    this.#octets = alloc(maxBytes);
    this.#start = new Uint32Array(maxRecords);
    this.#length = new Uint32Array(maxRecords);
  }

  /** Records that wait. */
  get count(): number {
    return this.#count;
  }

  /** Records that `next` has not read yet. */
  get unread(): number {
    return this.#count - this.#read;
  }

  /** Octets that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** True when a record of `bytes` octets has a place: a record is never split over the end of the memory. */
  fits(bytes: number): boolean {
    return this.#place(bytes) >= 0;
  }

  /** Appends a record given in parts; false when there is no room for it. */
  push(parts: readonly Uint8Array[]): boolean {
    let bytes = 0;
    for (const part of parts) bytes += part.length;
    const start = this.#place(bytes);
    if (start < 0) return false;
    let at = start;
    for (const part of parts) {
      this.#octets.set(part, at);
      at += part.length;
    }
    const slot = this.#slot(this.#count);
    this.#start[slot] = start;
    this.#length[slot] = bytes;
    this.#count++;
    this.#bytes += bytes;
    this.#end = at;
    return true;
  }

  /** The record after the one that `next` gave before, valid until it is taken out; null when all were read. */
  next(): Uint8Array | null {
    if (this.#read === this.#count) return null;
    const slot = this.#slot(this.#read++);
    const start = this.#start[slot] as number;
    return this.#octets.subarray(start, start + (this.#length[slot] as number));
  }

  /** Lets `next` begin again with the oldest record. */
  rewind(): void {
    this.#read = 0;
  }

  /** Takes the oldest record out; false when there is none. */
  shift(): boolean {
    if (this.#count === 0) return false;
    this.#bytes -= this.#length[this.#first] as number;
    this.#first = this.#slot(1);
    this.#count--;
    this.#read = Math.max(0, this.#read - 1);
    if (this.#count === 0) this.#end = 0;
    return true;
  }

  #slot(index: number): number {
    return (this.#first + index) % this.#start.length;
  }

  /** Where a record of `bytes` octets can stand, or -1. */
  #place(bytes: number): number {
    if (this.#count === this.#start.length) return -1;
    if (this.#count === 0) return bytes <= this.#octets.length ? 0 : -1;
    const oldest = this.#start[this.#first] as number;
    const newest = this.#start[this.#slot(this.#count - 1)] as number;
    // What waits stands in one piece, or in two: then all that is free is before the oldest.
    if (newest < oldest) return this.#end + bytes <= oldest ? this.#end : -1;
    if (this.#end + bytes <= this.#octets.length) return this.#end;
    return bytes <= oldest ? 0 : -1;
  }
}
