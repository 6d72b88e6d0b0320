import { chownSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { FolderLock, folderError, LOCK_NAME } from "./folder-lock.ts";
import { RECORD_HEADER_BYTES, RECORD_MAX_BYTES, SEGMENT_NAME, Segment, sealRecord } from "./segment.ts";
import { SpoolReader } from "./spool-reader.ts";

/** A file is full at a sixteenth of the spool, within these bounds; then it can be deleted when it is read. */
const SEGMENTS = 16;
const SEGMENT_MIN_BYTES = 64 * 1024;
const SEGMENT_MAX_BYTES = 16 * 1024 * 1024;

/** Where the spool tells what went wrong with the disk. */
export type SpoolLog = (level: "info" | "warning", message: string) => void;

/** What a DiskSpool needs. */
export interface DiskSpoolOptions {
  /** A folder of its own; made where there is none. */
  readonly folder: string;
  /** Octets of records, with 8 for each, that may wait; on disk one file's worth more. */
  readonly maxBytes: number;
  /** How messages call the setting: its flag and its variable. */
  readonly setting: string;
  /** Who is to own the files from now on: the user that the process is about to become. */
  readonly owner?: { readonly uid: number; readonly gid: number } | null;
  readonly log: SpoolLog;
}

/** A record that `next` has read and `shift` has not taken out. */
interface Ahead {
  readonly segment: Segment;
  readonly start: number;
}

/**
 * Records of any octets on disk, first in, first out, up to a size. It outlives the process: what was pushed
 * and not taken out by `shift` is there again when the folder is opened the next time, in order. A record that
 * was read but not yet taken out then comes once more. Nothing waits for the disk (no fsync): a kill loses
 * nothing, a power cut the last seconds; damaged records are found by their CRC and counted.
 */
export class DiskSpool {
  /** Octets that an earlier run left unfinished and that were cut off. */
  readonly cutBytes: number;
  readonly #options: DiskSpoolOptions;
  readonly #lock: FolderLock;
  readonly #segmentBytes: number;
  readonly #reader = new SpoolReader();
  readonly #segments: Segment[] = [];
  /** Records from the oldest on that were read at least once; the first `#read` of them since the last rewind. */
  readonly #ahead: Ahead[] = [];
  #read = 0;
  /** Where the first record stands that was never read. */
  #cursor: Segment;
  #cursorAt: number;
  #tail: Segment;
  #nextId = 1;
  #count = 0;
  #bytes = 0;
  #dropped = 0;
  #damaged = 0;
  #diskFailed = false;
  #closed = false;
  #record = new Uint8Array(new ArrayBuffer(SEGMENT_MIN_BYTES));

  /** Opens the folder and counts what is in it; throws an environment error that names the setting. */
  constructor(options: DiskSpoolOptions) {
    this.#options = options;
    const { folder, maxBytes, setting, log } = options;
    this.#segmentBytes = Math.min(SEGMENT_MAX_BYTES, Math.max(SEGMENT_MIN_BYTES, maxBytes / SEGMENTS));
    this.#lock = new FolderLock(folder, setting);
    try {
      this.cutBytes = this.#takeUp(folder);
      this.#tail = this.#firstTail(folder, this.#nextId++);
      if (options.owner) giveTo(options.owner, folder, this.#lock.made);
    } catch (error) {
      this.#lock.release();
      throw folderError(folder, setting, error);
    }
    this.#segments.push(this.#tail);
    this.#cursor = this.#segments[0] ?? this.#tail;
    this.#cursorAt = this.#cursor.mark;
    if (this.cutBytes > 0) {
      log(
        "warning",
        `${this.cutBytes} octets at the end of files in ${folder} were no whole records: cut off.`,
      );
    }
  }

  /** Records that wait. */
  get count(): number {
    return this.#count;
  }

  /** Records that `next` has not read yet. */
  get unread(): number {
    return this.#count - this.#read;
  }

  /** Octets that wait, with 8 for each record. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Records that were refused for want of room, that the disk did not take, or that were found damaged. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Those of them that were found damaged, or that the disk did not give any more. */
  get damaged(): number {
    return this.#damaged;
  }

  /** Octets that may still come, with 8 for each record; below 0 where an earlier run was allowed more. */
  get freeBytes(): number {
    return this.#options.maxBytes - this.#bytes;
  }

  /** True when a record of `bytes` octets has a place. */
  fits(bytes: number): boolean {
    return bytes <= RECORD_MAX_BYTES && RECORD_HEADER_BYTES + bytes <= this.freeBytes;
  }

  /** Appends a record, given whole or in parts; false, counted in `dropped`, when there is no room for it. */
  push(record: Uint8Array | readonly Uint8Array[]): boolean {
    const parts = record instanceof Uint8Array ? [record] : record;
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    if (!this.fits(bytes) || !this.#append(parts, bytes)) {
      this.#dropped++;
      return false;
    }
    this.#count++;
    this.#bytes += RECORD_HEADER_BYTES + bytes;
    return true;
  }

  /** The oldest record, valid until the next call; null when there is none, or the disk does not give it now. */
  peek(): Uint8Array | null {
    const record = this.#again(0);
    return record === null && this.#ahead.length === 0 ? this.#atCursor() : record;
  }

  /** Takes the oldest record out, whether it was read or not; false when there is none, or not now. */
  shift(): boolean {
    if (this.#ahead.length === 0) {
      const record = this.#atCursor();
      if (record === null) return false;
      this.#pass(record);
    } else {
      this.#ahead.shift();
      this.#read = Math.max(0, this.#read - 1);
    }
    this.#count--;
    this.#moveMark();
    return true;
  }

  /**
   * The record after the one that `next` gave before, valid until the next call, without taking it out; null
   * when all were read, or the disk does not give it now.
   */
  next(): Uint8Array | null {
    if (this.#read < this.#ahead.length) {
      const record = this.#again(this.#read);
      if (record !== null) {
        this.#read++;
        return record;
      }
      if (this.#read < this.#ahead.length) return null;
    }
    const record = this.#atCursor();
    if (record === null) return null;
    this.#ahead.push({ segment: this.#cursor, start: this.#cursorAt });
    this.#read++;
    this.#pass(record);
    return record;
  }

  /** Lets `next` begin again with the oldest record. */
  rewind(): void {
    this.#read = 0;
  }

  /** Closes the files and lets others have the folder; what waits stays for the next time. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const segment of this.#segments) {
      if (segment.done) attempt(() => segment.remove());
      else segment.close();
    }
    this.#lock.release();
  }

  /** Opens what an earlier run left; the octets that were cut off. */
  #takeUp(folder: string): number {
    let cut = 0;
    for (const name of readdirSync(folder).sort()) {
      const id = Number(SEGMENT_NAME.exec(name)?.[1] ?? Number.NaN);
      if (Number.isNaN(id)) continue;
      this.#nextId = id + 1;
      const segment = Segment.open(folder, id);
      cut += segment.cutBytes;
      if (segment.done) {
        segment.remove();
        continue;
      }
      this.#segments.push(segment);
      this.#count += segment.unread;
      this.#bytes += segment.size - segment.mark;
    }
    return cut;
  }

  /** Whether one may write there is better known now than when the first record comes; that the disk is full passes. */
  #firstTail(folder: string, id: number): Segment {
    try {
      return Segment.create(folder, id);
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#tellFailure(error);
      return Segment.later(folder, id);
    }
  }

  #append(parts: readonly Uint8Array[], bytes: number): boolean {
    const whole = RECORD_HEADER_BYTES + bytes;
    if (this.#record.length < whole) this.#record = new Uint8Array(new ArrayBuffer(2 * whole));
    let at = RECORD_HEADER_BYTES;
    for (const part of parts) {
      this.#record.set(part, at);
      at += part.length;
    }
    sealRecord(this.#record, bytes);
    try {
      if (!this.#tail.empty && this.#tail.size + whole > this.#segmentBytes) this.#roll();
      this.#tail.append(this.#record, whole);
    } catch (error) {
      this.#tellFailure(error);
      return false;
    }
    if (this.#diskFailed) this.#options.log("info", `${this.#options.folder} takes records again.`);
    this.#diskFailed = false;
    return true;
  }

  #roll(): void {
    const segment = Segment.create(this.#options.folder, this.#nextId);
    this.#nextId++;
    this.#tail.close();
    this.#tail = segment;
    this.#segments.push(segment);
    this.#moveMark();
  }

  /** One line, until the disk has taken a record again. */
  #tellFailure(error: unknown): void {
    if (this.#diskFailed) return;
    this.#diskFailed = true;
    const { folder, log } = this.#options;
    const why = error instanceof Error ? error.message : String(error);
    log(
      "warning",
      `${folder} does not take any more: ${why}. Records are dropped and counted until it does.`,
    );
  }

  /** Entry `index` of `#ahead` once more; those that can't be read any more are dropped. Null when none is left, or not now. */
  #again(index: number): Uint8Array | null {
    for (let entry = this.#ahead[index]; entry !== undefined; entry = this.#ahead[index]) {
      const record = this.#reader.read(entry.segment, entry.start);
      if (typeof record !== "number") return record;
      this.#ahead.splice(index, 1);
      this.#lose(1);
      this.#moveMark();
    }
    return null;
  }

  /** The first record that was never read, null when not now; damaged ones before it are passed and counted. */
  #atCursor(): Uint8Array | null {
    for (;;) {
      if (this.#cursorAt >= this.#cursor.size) {
        if (this.#cursor === this.#tail) return null;
        const after = this.#segments[this.#segments.indexOf(this.#cursor) + 1] ?? this.#tail;
        this.#cursor.close();
        this.#cursor = after;
        this.#cursorAt = after.mark;
        continue;
      }
      const record = this.#reader.read(this.#cursor, this.#cursorAt);
      if (typeof record !== "number") return record;
      const lost = record >= this.#cursor.size ? this.#cursor.unread : 1;
      this.#cursor.unread -= lost;
      this.#cursorAt = record;
      this.#lose(lost);
      this.#moveMark();
    }
  }

  #pass(record: Uint8Array): void {
    this.#cursor.unread--;
    this.#cursorAt += RECORD_HEADER_BYTES + record.length;
  }

  #lose(records: number): void {
    this.#dropped += records;
    this.#damaged += records;
    this.#count -= records;
  }

  /** Deletes and marks what stands before the oldest record that is still wanted. */
  #moveMark(): void {
    const oldest = this.#ahead[0] ?? { segment: this.#cursor, start: this.#cursorAt };
    while (this.#segments[0] !== oldest.segment) this.#removeFirst();
    const { segment } = oldest;
    if (segment.mark !== oldest.start) attempt(() => segment.saveMark(oldest.start));
    if (segment.done && segment === this.#tail && segment.size > this.#segmentBytes / 2) {
      attempt(() => segment.reset());
      this.#reader.forget(segment);
      this.#cursorAt = segment.mark;
    }
    this.#bytes = 0;
    for (const each of this.#segments) this.#bytes += each.size - each.mark;
  }

  #removeFirst(): void {
    const segment = this.#segments.shift();
    if (segment === undefined) return;
    this.#reader.forget(segment);
    attempt(() => segment.remove());
  }
}

/** The folder itself changes hands only where we made it. */
function giveTo(
  { uid, gid }: { readonly uid: number; readonly gid: number },
  folder: string,
  made: boolean,
): void {
  for (const name of readdirSync(folder)) {
    if (name === LOCK_NAME || SEGMENT_NAME.test(name)) chownSync(join(folder, name), uid, gid);
  }
  if (made) chownSync(folder, uid, gid);
}

/** No room, for anybody or for this user. */
function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
}

/** What fails here can't be helped: at worst a record comes once more after a restart. */
function attempt(what: () => void): void {
  try {
    what();
  } catch {
    // See above.
  }
}
