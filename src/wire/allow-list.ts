import { statSync } from "node:fs";
import { RscapError } from "../report/error.ts";
import { type KnownKey, readKnownKeys } from "./curve-files.ts";
import type { WireLog } from "./log.ts";

/** Least time between two looks at the folder: a stranger's knocking must not keep the disk busy. */
const LOOK_MS = 1000;

/**
 * The public keys that may connect. The folder is read again when it has changed, so that a key which is put there, or
 * taken away, counts for the next connection.
 */
export class AllowList {
  readonly #folder: string;
  readonly #log: WireLog;
  #names: ReadonlyMap<string, string>;
  #changed: number;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #told = false;

  /** `known`: what the folder held when it was read last. */
  constructor(folder: string, known: readonly KnownKey[], log: WireLog) {
    this.#folder = folder;
    this.#log = log;
    this.#names = byKey(known);
    this.#changed = changeTime(folder);
  }

  /** Name of the key's owner, or null for a key that is not known. */
  nameOf(publicKey: string, nowMs: number): string | null {
    if (nowMs - this.#lookedMs >= LOOK_MS) {
      this.#lookedMs = nowMs;
      this.#look();
    }
    return this.#names.get(publicKey) ?? null;
  }

  #look(): void {
    const changed = changeTime(this.#folder);
    if (changed === this.#changed) return;
    this.#changed = changed;
    try {
      this.#names = byKey(readKnownKeys(this.#folder));
      this.#told = false;
    } catch (error) {
      if (this.#told) return;
      this.#told = true;
      const why = error instanceof RscapError ? error.message : String(error);
      this.#log("warning", `The keys in ${this.#folder} were not read again; those known stay. ${why}`);
    }
  }
}

function byKey(known: readonly KnownKey[]): Map<string, string> {
  return new Map(known.map(({ name, publicKey }) => [publicKey, name]));
}

/** When an entry of the folder was made, renamed or removed; NaN would differ from itself, so 0 where it is gone. */
function changeTime(folder: string): number {
  try {
    return statSync(folder).mtimeMs;
  } catch {
    return 0;
  }
}
