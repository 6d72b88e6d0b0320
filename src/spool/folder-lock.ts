import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { LOCK_EX, LOCK_NB } from "../../ffi/libc/constants.ts";
import { libc } from "../../ffi/libc/libc.ts";
import { environmentError, type RscapError } from "../report/error.ts";

/** File of the lock in its folder. */
export const LOCK_NAME = "lock";

/** A folder that one process alone writes to; the kernel gives the lock back however the process ends. */
export class FolderLock {
  /** There was no such folder before. */
  readonly made: boolean;
  #fd: number;

  /**
   * Makes `folder` where there is none and locks it. Throws an environment error that names `setting`,
   * flag and variable, when that can't be done or another process has it.
   */
  constructor(folder: string, setting: string) {
    try {
      this.made = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined;
      this.#fd = openSync(join(folder, LOCK_NAME), "a", 0o600);
    } catch (error) {
      throw folderError(folder, setting, error);
    }
    if (libc().flock(this.#fd, LOCK_EX | LOCK_NB) === 0) return;
    closeSync(this.#fd);
    throw environmentError(
      "spool.locked",
      `${setting}: expected a folder of its own, but another rscap is using ${folder}. Choose another, or stop that one.`,
    );
  }

  /** Lets others have the folder. */
  release(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}

/** What to say when `folder`, of the setting so named, can't be used. */
export function folderError(folder: string, setting: string, cause: unknown): RscapError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return environmentError(
    "spool.folder",
    `${setting}: expected a folder that rscap may read and write, got ${folder}: ${why}. Change its owner or its permissions, or choose another.`,
    cause,
  );
}
