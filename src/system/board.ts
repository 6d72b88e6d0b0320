import type { SystemReport } from "../report/system-schema.ts";

/** Room for one report of the system: ten times what the largest takes. */
const ROOM = 256 * 1024;

/** Words before the text: a count that is odd while it is written, and the text's octets. */
const HEAD_OCTETS = 8;
const SEQUENCE = 0;
const LENGTH = 1;

/** How often a text that changed while it was read is read again. */
const TRIES = 3;

/** The memory that both ends share. */
export function boardMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEAD_OCTETS + ROOM);
}

/**
 * Where the main thread leaves the figures of the system for the thread with the hot path, which can take no message
 * while it captures, and must not wait for a slow disk or driver itself.
 */
export class SystemBoard {
  readonly #words: Int32Array;
  readonly #octets: Uint8Array;
  #last: SystemReport | null = null;
  #lastSequence = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, HEAD_OCTETS / 4);
    this.#octets = new Uint8Array(memory, HEAD_OCTETS);
  }

  /** Leaves `report`, by the only thread that writes; false when there is no room for it. */
  write(report: SystemReport): boolean {
    const text = new TextEncoder().encode(JSON.stringify(report));
    if (text.length > this.#octets.length) return false;
    Atomics.add(this.#words, SEQUENCE, 1);
    this.#octets.set(text);
    Atomics.store(this.#words, LENGTH, text.length);
    Atomics.add(this.#words, SEQUENCE, 1);
    return true;
  }

  /** The figures left last; null before the first. */
  read(): SystemReport | null {
    for (let i = 0; i < TRIES; i++) {
      const sequence = Atomics.load(this.#words, SEQUENCE);
      if (sequence === this.#lastSequence) break;
      if (sequence % 2 !== 0) continue;
      const length = Atomics.load(this.#words, LENGTH);
      const text = new TextDecoder().decode(this.#octets.slice(0, length));
      if (Atomics.load(this.#words, SEQUENCE) !== sequence) continue;
      this.#last = JSON.parse(text) as SystemReport;
      this.#lastSequence = sequence;
      break;
    }
    return this.#last;
  }
}
