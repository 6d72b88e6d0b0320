import { isSound, RECORD_HEADER_BYTES, recordBytes, type Segment } from "./segment.ts";

/** Octets that are read at once: neighbouring records cost one call. */
const WINDOW_BYTES = 256 * 1024;

/** The process or the machine is short of something: says nothing of the file. */
const SHORTAGES: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EINTR"]);

/** Any other failure may pass, too, but not after this time: then what follows is more than what can't be read. */
const PATIENCE_MS = 60_000;

/** Reads records of segments through a window, so that not each record costs two reads. */
export class SpoolReader {
  #window = new Uint8Array(new ArrayBuffer(WINDOW_BYTES));
  #segment: Segment | null = null;
  #from = 0;
  #bytes = 0;
  readonly #patienceMs: number;
  #failingSinceMs = Number.NaN;

  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
  }

  /**
   * The record at `off` of `segment`, valid until the next call. Where there is none that is sound: the offset
   * to go on at, which is the end of the segment when nothing more of it can be read. Null when the disk does not
   * give it now and may later.
   */
  read(segment: Segment, off: number): Uint8Array | number | null {
    let bytes = this.#recordBytes(segment, off);
    if (bytes < 0) {
      const loaded = this.#load(segment, off);
      if (loaded === null) return null;
      if (loaded) bytes = this.#recordBytes(segment, off);
    }
    if (bytes < 0) return segment.size;
    const start = off - this.#from + RECORD_HEADER_BYTES;
    if (isSound(this.#window, start, bytes)) return this.#window.subarray(start, start + bytes);
    return off + RECORD_HEADER_BYTES + bytes;
  }

  /** Forgets what was read of `segment`, whose octets are no longer those of its file. */
  forget(segment: Segment): void {
    if (this.#segment === segment) this.#segment = null;
  }

  /** Length of the record at `off` when the whole of it is in the window, or -1. */
  #recordBytes(segment: Segment, off: number): number {
    if (segment !== this.#segment || off < this.#from) return -1;
    return recordBytes(this.#window.subarray(0, this.#bytes), off - this.#from);
  }

  /** Reads from `off` on, at least the whole record; false when the disk does not give it, null when it may later. */
  #load(segment: Segment, off: number): boolean | null {
    try {
      this.#bytes = segment.read(this.#window, off);
      if (this.#bytes < RECORD_HEADER_BYTES) return false;
      const whole = RECORD_HEADER_BYTES + new DataView(this.#window.buffer).getUint32(0, true);
      if (whole > this.#window.length && off + whole <= segment.size) {
        this.#window = new Uint8Array(new ArrayBuffer(whole));
        this.#bytes = segment.read(this.#window, off);
      }
    } catch (error) {
      // The caller counts what can't be read.
      this.#bytes = 0;
      return this.#mayPass(error) ? null : false;
    }
    this.#failingSinceMs = Number.NaN;
    this.#segment = segment;
    this.#from = off;
    return true;
  }

  #mayPass(error: unknown): boolean {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (SHORTAGES.has(code)) return true;
    const nowMs = performance.now();
    if (Number.isNaN(this.#failingSinceMs)) this.#failingSinceMs = nowMs;
    if (code !== "ENOENT" && nowMs - this.#failingSinceMs < this.#patienceMs) return true;
    this.#failingSinceMs = Number.NaN;
    return false;
  }
}
