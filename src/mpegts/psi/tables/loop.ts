import { u16 } from "../../../bits/read.ts";

/**
 * Walks the parts of a section: every length of a loop is held against the end of what contains it. A length
 * that does not fit is cut there, and `malformed` names its field; nothing is read past `end`.
 */
export class LoopReader {
  readonly buf: Uint8Array;
  /** Where the next octet is read. */
  at: number;
  readonly end: number;
  /** The field that did not fit, the first of them; null in a right section. */
  malformed: string | null = null;

  /** Reads `buf[at, end)`, which the caller has checked to be there. */
  constructor(buf: Uint8Array, at: number, end: number) {
    this.buf = buf;
    this.at = at;
    this.end = end;
  }

  /** Whether `bytes` more octets are there; where only a part of them is, `field` is malformed. */
  has(bytes: number, field: string): boolean {
    if (this.end - this.at >= bytes) return true;
    if (this.at < this.end) this.fault(field);
    return false;
  }

  /** Reads a length of 12 bits and returns where what it counts ends. Needs two octets (`has`). */
  length12(field: string): number {
    const to = this.at + 2 + (u16(this.buf, this.at) & 0x0fff);
    this.at += 2;
    if (to <= this.end) return to;
    this.fault(field);
    return this.end;
  }

  /** Notes that `field` does not fit. */
  fault(field: string): void {
    this.malformed ??= field;
  }
}

/** The property by which a table says that a length within it does not fit; absent in a right one. */
export interface Malformed {
  /** Field whose length does not fit into what contains it. */
  malformed?: string;
}

/** `table` with `malformed` where the reader met one. */
export function finished<T extends Malformed>(table: T, reader: LoopReader): T {
  if (reader.malformed !== null) table.malformed = reader.malformed;
  return table;
}
