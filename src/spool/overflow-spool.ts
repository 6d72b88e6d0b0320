import type { DiskSpool } from "./disk-spool.ts";
import { MemorySpool } from "./memory-spool.ts";
import { RECORD_HEADER_BYTES, RECORD_MAX_BYTES } from "./segment.ts";

/**
 * Records in memory as long as they fit there, on disk when they do not: first in, first out over both. What is
 * on disk is always older than what is in memory. `close` puts what is left on the disk.
 */
export class OverflowSpool {
  readonly #memory: MemorySpool;
  readonly #disk: DiskSpool;

  /** Takes over `disk`, which may hold records of an earlier run. */
  constructor(disk: DiskSpool, memoryBytes: number, memoryRecords: number) {
    this.#disk = disk;
    this.#memory = new MemorySpool(memoryBytes, memoryRecords);
  }

  /** Records that wait. */
  get count(): number {
    return this.#disk.count + this.#memory.count;
  }

  /** Records that `next` has not read yet. */
  get unread(): number {
    return this.#disk.unread + this.#memory.unread;
  }

  /** Records on disk. */
  get diskCount(): number {
    return this.#disk.count;
  }

  /** Octets on disk. */
  get diskBytes(): number {
    return this.#disk.bytes;
  }

  /** Records of the disk that were found damaged. */
  get damaged(): number {
    return this.#disk.damaged;
  }

  /** True when a record of `bytes` octets has a place in memory. */
  fitsInMemory(bytes: number): boolean {
    return (this.#memory.count > 0 || this.#disk.unread === 0) && this.#memory.fits(bytes);
  }

  /** True when a record of `bytes` octets has a place. */
  fits(bytes: number): boolean {
    if (this.fitsInMemory(bytes)) return true;
    // Before it goes to disk, what is in memory must go there too.
    const { bytes: memoryBytes, count } = this.#memory;
    const spilled = memoryBytes + count * RECORD_HEADER_BYTES + RECORD_HEADER_BYTES + bytes;
    return bytes <= RECORD_MAX_BYTES && spilled <= this.#disk.freeBytes;
  }

  /** Appends a record given in parts; false when neither memory nor disk take it. */
  push(parts: readonly Uint8Array[]): boolean {
    let bytes = 0;
    for (const part of parts) bytes += part.length;
    if (this.fitsInMemory(bytes)) return this.#memory.push(parts);
    return this.fits(bytes) && this.#spill() && this.#disk.push(parts);
  }

  /** The record after the one that `next` gave before, valid until the next call; null when all were read, or not now. */
  next(): Uint8Array | null {
    const record = this.#disk.unread > 0 ? this.#disk.next() : null;
    // What the disk does not give now comes before what is in memory.
    return record !== null || this.#disk.unread > 0 ? record : this.#memory.next();
  }

  /** Takes the oldest record out, whether it was read or not; false when there is none, or not now. */
  shift(): boolean {
    return this.#disk.shift() || (this.#disk.count === 0 && this.#memory.shift());
  }

  /** Lets `next` begin again with the oldest record. */
  rewind(): void {
    this.#disk.rewind();
    this.#memory.rewind();
  }

  /** Puts everything on disk, as far as it goes, and closes that; records that were lost for want of room. */
  close(): number {
    this.#spill();
    const lost = this.#memory.count;
    this.#disk.close();
    return lost;
  }

  /** Moves what is in memory to the disk; false when not all of it went there. */
  #spill(): boolean {
    const memory = this.#memory;
    // Only where all of the disk was read can some of the memory have been, too.
    let read = memory.count - memory.unread;
    memory.rewind();
    let whole = true;
    for (let record = memory.next(); record !== null; record = memory.next()) {
      whole = this.#disk.push(record);
      if (!whole) break;
      memory.shift();
      if (read === 0) continue;
      read--;
      this.#disk.next();
    }
    memory.rewind();
    for (; read > 0; read--) memory.next();
    return whole;
  }
}
