/** libzmq, wrapped: addresses and lengths in, numbers out, -1 as in C with `errno` kept by libc. */
import { errno, type NumberCalls } from "../libc/libc.ts";
import { type LibrarySource, openLibrary } from "../load.ts";
import { addressOf, alloc, cString, readCString } from "../memory.ts";
import { LIBZMQ_SYMBOLS } from "./symbols.ts";

/** The raw functions of libzmq, plain numbers in and out. */
export type Libzmq = NumberCalls<typeof LIBZMQ_SYMBOLS>;

let calls: Libzmq | undefined;

/** The raw functions, loaded on the first call; throws an environment error where there is no libzmq. */
export function libzmq(): Libzmq {
  calls ??= openLibrary("libzmq", LIBZMQ_SYMBOLS).symbols as unknown as Libzmq;
  return calls;
}

/** libzmq's words for an errno value, its own ones included. */
export function zmqErrorText(code: number = errno()): string {
  return readCString(libzmq().zmq_strerror(code));
}

/** Version, where the library was loaded from, and whether it can encrypt (CURVE). */
export function libzmqVersion(): { version: string; source: LibrarySource; path: string; curve: boolean } {
  const { zmq_version, zmq_has } = libzmq();
  const { source, path } = openLibrary("libzmq", LIBZMQ_SYMBOLS);
  const words = alloc(12);
  const at = addressOf(words);
  zmq_version(at, at + 4, at + 8);
  const view = new DataView(words.buffer);
  const version = [0, 4, 8].map((off) => view.getInt32(off, true)).join(".");
  return { version, source, path, curve: zmq_has(addressOf(cString("curve"))) === 1 };
}
