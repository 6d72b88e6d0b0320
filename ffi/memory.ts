/**
 * Memory that native code reads and writes. The only file that calls `ptr`: a small typed array can move
 * when its `.buffer` is touched or its user is compiled, so everything here lives over an ArrayBuffer of
 * its own, which stays where it is for as long as it is referenced.
 */
import { CString, type Pointer, ptr, toArrayBuffer } from "bun:ffi";

/** Zeroed memory of `bytes` octets that native code may keep the address of while `buf` is referenced. */
export function alloc(bytes: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(Math.max(bytes, 1)), 0, bytes);
}

/**
 * Address of `buf[0]`. `buf` must come from `alloc`, `viewAt` or stand over a large ArrayBuffer of its own;
 * keep it referenced while native code uses the address.
 */
export function addressOf(buf: Uint8Array): number {
  return Number(ptr(buf.buffer as ArrayBuffer)) + buf.byteOffset;
}

/** `bytes` octets of native memory as a typed array, without a copy; no finalizer: the owner frees it. */
export function viewAt(address: number, bytes: number): Uint8Array {
  return new Uint8Array(toArrayBuffer(address as Pointer, 0, bytes));
}

/** `text` as NUL-terminated UTF-8 in memory of its own. */
export function cString(text: string): Uint8Array {
  const octets = new TextEncoder().encode(text);
  const buf = alloc(octets.length + 1);
  buf.set(octets);
  return buf;
}

/** The NUL-terminated UTF-8 string at `address`, or an empty one for a null pointer. */
export function readCString(address: number): string {
  return address === 0 ? "" : new CString(address as Pointer).toString();
}

/** Room for a `T**` result; `value` reads the pointer that native code stored. */
export class OutPointer {
  readonly #words = new Uint32Array(new ArrayBuffer(8));
  readonly address: number;

  constructor() {
    this.address = Number(ptr(this.#words.buffer as ArrayBuffer));
  }

  /** The stored pointer as a number; exact below 2^53, as user-space addresses are. */
  get value(): number {
    return (this.#words[0] as number) + (this.#words[1] as number) * 2 ** 32;
  }
}
