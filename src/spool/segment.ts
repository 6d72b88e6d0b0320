import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

/** First octets of each segment file; the last is the version of the format. */
const MAGIC = new TextEncoder().encode("rscapsp1");

/** Octets before the first record: MAGIC, the mark, and the mark with every bit turned. */
const HEADER_BYTES = 16;
const MARK_AT = 8;

/** Octets before each record: its length and its CRC-32, both 32 bits, little-endian. */
export const RECORD_HEADER_BYTES = 8;

/** Longest record in octets. */
export const RECORD_MAX_BYTES = 16 * 1024 * 1024;

/** Mixed into the CRC with the length, so that a file full of zeros holds no records. */
const CRC_SEED = 0x5350_4f4c;

/** Name of a segment file. */
export const SEGMENT_NAME = /^(\d{12})\.spool$/;

/** CRC-32 (ISO 3309) of a record, its length included. */
function recordCrc(record: Uint8Array): number {
  return Bun.hash.crc32(record, record.length ^ CRC_SEED) >>> 0;
}

/** Writes length and CRC before the `bytes` octets that stand at RECORD_HEADER_BYTES of `buf`. */
export function sealRecord(buf: Uint8Array, bytes: number): void {
  const view = new DataView(buf.buffer, buf.byteOffset);
  view.setUint32(0, bytes, true);
  view.setUint32(4, recordCrc(buf.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + bytes)), true);
}

/** Octets of the record whose header stands at `off`; -1 where no record can be that ends within `buf`. */
export function recordBytes(buf: Uint8Array, off: number): number {
  const start = off + RECORD_HEADER_BYTES;
  if (start > buf.length) return -1;
  const bytes = new DataView(buf.buffer, buf.byteOffset + off).getUint32(0, true);
  return bytes > RECORD_MAX_BYTES || bytes > buf.length - start ? -1 : bytes;
}

/** True when the `bytes` octets at `start` are those that the header before them was written for. */
export function isSound(buf: Uint8Array, start: number, bytes: number): boolean {
  const crc = new DataView(buf.buffer, buf.byteOffset + start - 4).getUint32(0, true);
  return crc === recordCrc(buf.subarray(start, start + bytes));
}

/**
 * One file of records, appended to at its end and read from its mark. The mark stands in the file's header, so
 * that a program that is killed finds it again.
 */
export class Segment {
  readonly id: number;
  readonly path: string;
  /** Octets of the file. */
  size = HEADER_BYTES;
  /** Where the oldest record stands that is still wanted. */
  mark = HEADER_BYTES;
  /** Records that nobody has read since the file was opened. */
  unread = 0;
  /** Octets that were cut off when the file was opened: no whole records. */
  cutBytes = 0;
  #fd = -1;
  #made = true;
  readonly #markOctets = new Uint8Array(8);

  private constructor(folder: string, id: number) {
    this.id = id;
    this.path = join(folder, `${String(id).padStart(12, "0")}.spool`);
  }

  /** A new, empty file. Throws what the file system says. */
  static create(folder: string, id: number): Segment {
    const segment = Segment.later(folder, id);
    segment.#make();
    return segment;
  }

  /** The same without its file, which is made when the first record comes. */
  static later(folder: string, id: number): Segment {
    const segment = new Segment(folder, id);
    segment.#made = false;
    return segment;
  }

  /** A file that an earlier run left; what is not a whole record, and all after it, is cut off. */
  static open(folder: string, id: number): Segment {
    const segment = new Segment(folder, id);
    const octets = readFileSync(segment.path);
    if (octets.length < HEADER_BYTES || !MAGIC.every((octet, i) => octets[i] === octet)) {
      segment.size = segment.mark;
      segment.cutBytes = octets.length;
      return segment;
    }
    const view = new DataView(octets.buffer, octets.byteOffset);
    const mark = view.getUint32(MARK_AT, true);
    const sound = (mark ^ view.getUint32(MARK_AT + 4, true)) === -1;
    // Without a sound mark the records come once more rather than not at all.
    segment.mark = sound && mark >= HEADER_BYTES && mark <= octets.length ? mark : HEADER_BYTES;
    segment.#walk(octets);
    if (segment.cutBytes > 0) ftruncateSync(segment.#descriptor(), segment.size);
    segment.close();
    return segment;
  }

  /** Counts the records from the mark on; the file ends after the last that is sound. */
  #walk(octets: Uint8Array): void {
    let records = 0;
    this.size = this.mark;
    for (let at = this.mark; ; ) {
      const bytes = recordBytes(octets, at);
      if (bytes < 0) break;
      at += RECORD_HEADER_BYTES + bytes;
      records++;
      if (!isSound(octets, at - bytes, bytes)) continue;
      this.size = at;
      this.unread = records;
    }
    this.cutBytes = octets.length - this.size;
  }

  /** True when no record of it is wanted any more. */
  get done(): boolean {
    return this.mark >= this.size;
  }

  /** True when it never had a record, or was reset. */
  get empty(): boolean {
    return this.size === HEADER_BYTES;
  }

  /** Appends the first `bytes` octets of `buf`, a sealed record; after a failure, which it throws, it is as before. */
  append(buf: Uint8Array, bytes: number): void {
    try {
      writeAll(this.#descriptor(), buf, bytes, this.size);
    } catch (error) {
      this.#cutTo(this.size);
      throw error;
    }
    this.size += bytes;
    this.unread++;
  }

  /** Reads what stands at `off` into `buf`; octets read, fewer than asked at the end. Throws what the file system says. */
  read(buf: Uint8Array, off: number): number {
    const most = Math.min(buf.length, this.size - off);
    let done = 0;
    while (done < most) {
      const got = readSync(this.#descriptor(), buf, done, most - done, off + done);
      if (got === 0) break;
      done += got;
    }
    return done;
  }

  /** Everything before `off` is not wanted any more. */
  saveMark(off: number): void {
    this.mark = off;
    const view = new DataView(this.#markOctets.buffer);
    view.setUint32(0, off, true);
    view.setUint32(4, ~off, true);
    writeAll(this.#descriptor(), this.#markOctets, this.#markOctets.length, MARK_AT);
  }

  /** Makes a file empty whose records are all done. */
  reset(): void {
    // In this order: a kill in between leaves an empty file, whatever its mark.
    ftruncateSync(this.#descriptor(), HEADER_BYTES);
    this.size = HEADER_BYTES;
    this.saveMark(HEADER_BYTES);
  }

  /** Closes the descriptor; the next use opens it again. */
  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  /** Closes and deletes the file. */
  remove(): void {
    this.close();
    if (this.#made) unlinkSync(this.path);
  }

  #make(): void {
    this.#fd = openSync(this.path, "wx+", 0o600);
    try {
      const header = new Uint8Array(HEADER_BYTES);
      header.set(MAGIC);
      writeAll(this.#fd, header, header.length, 0);
      this.saveMark(HEADER_BYTES);
      this.#made = true;
    } catch (error) {
      this.close();
      unlinkSync(this.path);
      throw error;
    }
  }

  #cutTo(bytes: number): void {
    try {
      ftruncateSync(this.#descriptor(), bytes);
    } catch {
      // What can't be cut is written over by the next record, or cut when the file is opened again.
    }
  }

  #descriptor(): number {
    if (!this.#made && this.#fd < 0) this.#make();
    if (this.#fd < 0) {
      this.#fd = openSync(this.path, "r+");
      // Cut short by somebody else: what is gone can't be read.
      this.size = Math.min(this.size, Math.max(HEADER_BYTES, fstatSync(this.#fd).size));
    }
    return this.#fd;
  }
}

function writeAll(fd: number, buf: Uint8Array, bytes: number, position: number): void {
  for (let done = 0; done < bytes; ) done += writeSync(fd, buf, done, bytes - done, position + done);
}
