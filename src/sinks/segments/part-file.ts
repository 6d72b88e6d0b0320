import { closeSync, ftruncateSync, openSync, renameSync, unlinkSync, writeSync } from "node:fs";

/** Ending of a file that is still written to. */
export const PART = ".part";

/** A file under another name until it is whole. Each call throws the system's error. */
export class PartFile {
  /** Octets written. */
  bytes = 0;
  readonly path: string;
  readonly #fd: number;

  /** Makes `path` with PART behind it. */
  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path + PART, "wx");
  }

  /** Adds `buf[off, off + len)`; what a failed call has written counts. */
  write(buf: Uint8Array, off: number, len: number): void {
    for (let done = 0; done < len; ) {
      const written = writeSync(this.#fd, buf, off + done, len - done);
      done += written;
      this.bytes += written;
    }
  }

  /** Cuts off what is no whole unit of `unitBytes`. */
  trim(unitBytes: number): void {
    const whole = this.bytes - (this.bytes % unitBytes);
    if (whole !== this.bytes) ftruncateSync(this.#fd, whole);
    this.bytes = whole;
  }

  /** There is nothing in it: it goes. */
  discard(): void {
    closeSync(this.#fd);
    unlinkSync(this.path + PART);
  }

  /** It is whole: closed, and given its name. */
  finish(): void {
    closeSync(this.#fd);
    renameSync(this.path + PART, this.path);
  }
}
