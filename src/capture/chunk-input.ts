import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { POLLIN } from "../../ffi/libc/constants.ts";
import { PollOne } from "../../ffi/libc/libc.ts";
import { inputError } from "../report/error.ts";

/** `read` found nothing within its time: only pipes and terminals do that. */
const NOTHING_YET = -1;

/** The octets of a file, a pipe or standard input, in order. */
export class FileInput {
  /** As the user gave it; `-` is standard input. */
  readonly name: string;
  /** Octets of the file as it stands on disk, or NaN for what has no size. */
  readonly size: number;
  /** Octets read so far. */
  position = 0;
  readonly #fd: number;
  readonly #poll: PollOne | null;
  #open = true;

  /** Opens `path`, or standard input for `-`; throws an RscapError of exit 3 that says why it can't. */
  constructor(path: string) {
    this.name = path;
    this.#fd = path === "-" ? 0 : openPath(path);
    const stat = fstatSync(this.#fd);
    if (stat.isDirectory()) {
      this.close();
      throw inputError("file-is-directory", `${path}: expected a capture file, found a directory.`);
    }
    this.size = stat.isFile() ? stat.size : Number.NaN;
    this.#poll = stat.isFile() ? null : new PollOne(this.#fd, POLLIN);
  }

  /**
   * Reads up to `length` octets to `buf[off]`. Returns their number, 0 at the end, or NOTHING_YET when a pipe
   * had none for `timeoutMs`.
   */
  read(buf: Uint8Array, off: number, length: number, timeoutMs: number): number {
    if (this.#poll !== null && this.#poll.wait(timeoutMs) <= 0) return NOTHING_YET;
    try {
      const octets = readSync(this.#fd, buf, off, length, null);
      this.position += octets;
      return octets;
    } catch (error) {
      const code = errorCode(error);
      // Another process may have set a shared standard input to non-blocking.
      if (code === "EAGAIN" || code === "EINTR") return NOTHING_YET;
      throw error;
    }
  }

  /** Closes the file; standard input stays open, it is not ours. */
  close(): void {
    if (this.#open && this.#fd > 2) closeSync(this.#fd);
    this.#open = false;
  }
}

function openPath(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw inputError("file-open", `${path}: ${openAdvice(errorCode(error), error)}`, error);
  }
}

function openAdvice(code: string, error: unknown): string {
  if (code === "ENOENT") return "there is no such file; check the name and the current folder.";
  if (code === "EACCES" || code === "EPERM") {
    return "no permission to read this file; check its owner and mode (ls -l).";
  }
  if (code === "EISDIR") return "expected a capture file, found a directory.";
  if (code === "ENOTDIR") return "a part of this path is a file, not a folder.";
  return `it can't be opened: ${error instanceof Error ? error.message : String(error)}.`;
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
