import { closeSync, openSync, readSync } from "node:fs";

/** A file of the kernel is read up to here; none that is read is near it. */
const MOST_OCTETS = 256 * 1024;

/** Room that is asked for at once. */
const PIECE = 16 * 1024;

/** Shared by all: a file is read to its end before the next one. */
const buffer = Buffer.alloc(MOST_OCTETS);

/**
 * A file that the kernel makes anew for each reader (`/proc`, `/sys`), kept open: reading it again costs no walk
 * along the path, and needs no permission that was given up since.
 */
export class ProcFile {
  readonly #path: string;
  #fd: number | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** What stands in it now; null where it is missing or can't be read. It is looked for again at the next call. */
  read(): string | null {
    try {
      this.#fd ??= openSync(this.#path, "r");
      let length = 0;
      while (length < MOST_OCTETS) {
        const got = readSync(this.#fd, buffer, length, Math.min(PIECE, MOST_OCTETS - length), length);
        if (got === 0) break;
        length += got;
      }
      return buffer.toString("latin1", 0, length);
    } catch {
      this.close();
      return null;
    }
  }

  /** A whole number that stands alone in it; null where there is none. */
  readNumber(): number | null {
    const text = this.read()?.trim() ?? "";
    return /^-?\d+$/.test(text) ? Number(text) : null;
  }

  /** Gives the descriptor back. */
  close(): void {
    if (this.#fd === null) return;
    closeSync(this.#fd);
    this.#fd = null;
  }
}
