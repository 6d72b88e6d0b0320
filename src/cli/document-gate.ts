import type { DocumentKind } from "../sinks/document-sink.ts";

/** Documents and their octets on the way between the threads at most. */
export const GATE_DOCUMENTS = 4096;
/** See GATE_DOCUMENTS. */
export const GATE_OCTETS = 64 * 1024 * 1024;

const DOCUMENTS = 0;
const OCTETS = 1;

/** A document as it goes from the receiving thread to the main thread; structured-cloneable. */
export interface PassedDocument {
  readonly type: "document";
  readonly probe: string;
  readonly stream: string;
  readonly kind: DocumentKind;
  readonly receivedMs: number;
  readonly octets: Uint8Array;
}

/** The memory that both ends of a gate share. */
export function gateMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(8);
}

/**
 * Bounds what is on its way from the receiving thread to the main thread: messages between threads have no limit of
 * their own, and a main thread that is busy must not make them pile up.
 */
export class DocumentGate {
  /** Documents that found no room; counted on the side that sends. */
  dropped = 0;
  readonly #onTheWay: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#onTheWay = new Int32Array(memory);
  }

  /** True when a document of `octets` may be sent, and counts it; else it is dropped. */
  admit(octets: number): boolean {
    const documents = Atomics.load(this.#onTheWay, DOCUMENTS);
    const waiting = Atomics.load(this.#onTheWay, OCTETS);
    if (documents >= GATE_DOCUMENTS || (documents > 0 && waiting + octets > GATE_OCTETS)) {
      this.dropped++;
      return false;
    }
    Atomics.add(this.#onTheWay, DOCUMENTS, 1);
    Atomics.add(this.#onTheWay, OCTETS, octets);
    return true;
  }

  /** A document of `octets` has arrived on the other side. */
  arrived(octets: number): void {
    Atomics.sub(this.#onTheWay, DOCUMENTS, 1);
    Atomics.sub(this.#onTheWay, OCTETS, octets);
  }
}
