import { decodeRecord, encodeRecord, type KafkaRecord, recordCost } from "./record.ts";

/** Times of one batch are written as 32-bit differences from its first. */
const BATCH_MS = 2 ** 31 - 1;

/** What the queue needs of a spool; `DiskSpool` is one. */
export interface Spool {
  readonly count: number;
  /** Records that `next` has not given yet. */
  readonly unread: number;
  fits(bytes: number): boolean;
  push(parts: readonly Uint8Array[]): boolean;
  shift(): boolean;
  next(): Uint8Array | null;
  rewind(): void;
  close(): void;
}

/**
 * Records on their way to Kafka, in one order: the spool on disk holds the older ones, memory the newer. So what
 * is in memory can be put behind the spool at any time, and whatever finds no room in either is the newest and is
 * dropped and counted.
 */
export class DeliveryQueue {
  /** Records given up: no room for them, or found damaged on the disk. */
  dropped = 0;
  readonly #maxBytes: number;
  readonly #spool: Spool | null;
  readonly #memory: KafkaRecord[] = [];
  #bytes = 0;

  /** `maxBytes`: most octets in memory. */
  constructor(maxBytes: number, spool: Spool | null) {
    this.#maxBytes = maxBytes;
    this.#spool = spool;
  }

  /** Records that wait. */
  get count(): number {
    return this.spooled + this.#memory.length;
  }

  /** Those of them that are on disk. */
  get spooled(): number {
    return this.#spool?.count ?? 0;
  }

  /** Appends a record; false, and counted, when there is no room for it. */
  push(record: KafkaRecord): boolean {
    const cost = recordCost(record);
    if (this.#bytes + cost > this.#maxBytes) this.stow();
    // One record may be larger than the whole memory; alone it has room.
    if (this.#bytes > 0 && this.#bytes + cost > this.#maxBytes) {
      this.dropped++;
      return false;
    }
    this.#memory.push(record);
    this.#bytes += cost;
    return true;
  }

  /** Puts what is in memory on disk, as far as there is room; nothing without a spool. */
  stow(): void {
    const spool = this.#spool;
    if (spool === null) return;
    for (let record = this.#memory[0]; record !== undefined; record = this.#memory[0]) {
      const parts = encodeRecord(record);
      const bytes = parts.reduce((sum, part) => sum + part.length, 0);
      if (!spool.fits(bytes) || !spool.push(parts)) return;
      this.#forget();
    }
  }

  /** The oldest records, at least one where there are any and the disk gives them, without taking them out. */
  head(maxRecords: number, maxBytes: number): KafkaRecord[] {
    const batch: KafkaRecord[] = [];
    let bytes = 0;
    const take = (record: KafkaRecord): boolean => {
      bytes += recordCost(record);
      if (batch.length > 0 && bytes > maxBytes) return false;
      const apartMs = record.timestampMs - (batch[0]?.timestampMs ?? record.timestampMs);
      if (Math.abs(apartMs) > BATCH_MS) return false;
      batch.push(record);
      return batch.length < maxRecords;
    };
    if (this.#headOfSpool(batch, take)) {
      for (const record of this.#memory) if (!take(record)) break;
    }
    return batch;
  }

  /** Takes out the oldest `count` records. */
  remove(count: number): void {
    let left = count;
    const spool = this.#spool;
    while (left > 0 && spool !== null && spool.count > 0) {
      const before = spool.count;
      const taken = spool.shift() ? 1 : 0;
      this.dropped += before - spool.count - taken;
      left -= taken;
      // Not now: delivered once more is better than taking out what was not.
      if (taken === 0 && spool.count > 0) return;
    }
    for (; left > 0; left--) this.#forget();
  }

  /** Ends the queue: what is left goes to the spool and stays there; what finds no room is dropped and counted. */
  close(): void {
    this.stow();
    this.dropped += this.#memory.length;
    while (this.#memory.length > 0) this.#forget();
    this.#spool?.close();
  }

  /** Gives `take` what is on disk; true when it wants what follows in memory too. */
  #headOfSpool(batch: readonly KafkaRecord[], take: (record: KafkaRecord) => boolean): boolean {
    const spool = this.#spool;
    if (spool === null || spool.count === 0) return true;
    spool.rewind();
    for (;;) {
      const before = spool.count;
      const octets = spool.next();
      this.dropped += before - spool.count;
      // What the disk does not give now comes before what is in memory.
      if (octets === null) return spool.unread === 0;
      const record = decodeRecord(octets);
      if (record !== null) {
        if (!take(record)) return false;
        continue;
      }
      // Not a record of ours. It is taken out when it is the oldest; until then the batch ends before it.
      if (batch.length > 0) return false;
      spool.shift();
      this.dropped++;
      spool.rewind();
    }
  }

  #forget(): void {
    const record = this.#memory.shift();
    if (record !== undefined) this.#bytes -= recordCost(record);
  }
}
