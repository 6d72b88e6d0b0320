import { alloc } from "../../ffi/memory.ts";
import { inputError, type RscapError } from "../report/error.ts";
import type { FileInput } from "./chunk-input.ts";

/**
 * Octets asked of the system at once: large enough that the call costs nothing a packet, small enough that
 * what was read is still in the cache when it is looked at.
 */
export const READ_OCTETS = 512 * 1024;
/** Most octets of a file that are held at once: the longest pcapng block, the widest look-ahead. */
export const MAX_WINDOW_OCTETS = 16 * 1024 * 1024;

/**
 * The part of a file that is in memory: `buf[start, end)` is read and not yet used up. One buffer is reused
 * for the whole file, so memory stays flat however long the file is; a record across the border of two reads
 * is moved to the front, one copy a read and none a packet.
 */
export abstract class ByteWindow {
  buf: Uint8Array = alloc(READ_OCTETS + READ_OCTETS / 2);
  start = 0;
  end = 0;
  /** Offset in the content (decompressed, if it was compressed) of `buf[0]`. */
  origin = 0;
  /** Nothing comes after `end`. */
  ended = false;
  /** Why it ended too early, if it did: to be thrown once everything before it was used. */
  fault: RscapError | null = null;
  /** What offsets in messages count: `byte 24`, or `byte 24 of the decompressed content`. */
  abstract readonly offsetNote: string;

  /**
   * Reads on, so that at least `need` octets stand from `start` on if the content has them; fewer may come
   * from a pipe. Moves `buf[start, end)` and may replace `buf`. Returns the octets that came: 0 at the end
   * (`ended` is then set), or when a pipe had nothing for `timeoutMs`.
   */
  abstract fill(need: number, timeoutMs: number): number | Promise<number>;

  /** Closes what it reads from. */
  abstract close(): void;

  /** Moves what is left to the front and makes room for `need` octets and a good read after it. */
  protected makeRoom(need: number): void {
    const left = this.end - this.start;
    const wanted = Math.min(Math.max(need, left + READ_OCTETS / 2), MAX_WINDOW_OCTETS);
    if (wanted > this.buf.length) {
      const larger = alloc(Math.min(Math.max(wanted, this.buf.length * 2), MAX_WINDOW_OCTETS));
      larger.set(this.buf.subarray(this.start, this.end));
      this.buf = larger;
    } else if (this.start > 0) {
      this.buf.copyWithin(0, this.start, this.end);
    }
    this.origin += this.start;
    this.start = 0;
    this.end = left;
  }
}

/** A window over a file, pipe or standard input as it is. */
export class FileWindow extends ByteWindow {
  override readonly offsetNote = "";
  readonly #input: FileInput;

  constructor(input: FileInput) {
    super();
    this.#input = input;
  }

  override fill(need: number, timeoutMs: number): number {
    if (this.ended) return 0;
    this.makeRoom(need);
    const room = Math.min(this.buf.length - this.end, Math.max(READ_OCTETS, need - this.end));
    let octets: number;
    try {
      octets = this.#input.read(this.buf, this.end, room, timeoutMs);
    } catch (error) {
      this.fault = readFault(this.#input.name, error);
      octets = 0;
    }
    if (octets > 0) this.end += octets;
    else if (octets === 0) this.ended = true;
    return Math.max(octets, 0);
  }

  override close(): void {
    this.#input.close();
  }
}

/** The system could not read on in a file that was opened, e.g. a bad disk or a lost network share. */
function readFault(name: string, error: unknown): RscapError {
  const reason = error instanceof Error ? error.message : String(error);
  return inputError("file-read", `${name}: reading stopped before the end: ${reason}.`, error);
}
