import type { NumberCalls } from "../libc/libc.ts";
import { openLibrary } from "../load.ts";
import { addressOf, alloc } from "../memory.ts";

const SYMBOLS = { getpeername: { args: ["i32", "ptr", "ptr"], returns: "i32" } } as const;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
/** `struct sockaddr_storage`. */
const STORAGE_BYTES = 128;

/**
 * Who is at the other end of the connection `fd`: `10.0.0.7:41234`, `[fe80::1]:41234`, `unix`, or an empty
 * text where the connection is gone. The monitor of libzmq tells only our own end and the descriptor.
 */
export function peerAddress(fd: number): string {
  const { getpeername } = openLibrary("libc", SYMBOLS).symbols as unknown as NumberCalls<typeof SYMBOLS>;
  const storage = alloc(STORAGE_BYTES + 4);
  const view = new DataView(storage.buffer);
  view.setUint32(STORAGE_BYTES, STORAGE_BYTES, true);
  const at = addressOf(storage);
  return getpeername(fd, at, at + STORAGE_BYTES) === 0 ? formatSocketAddress(storage) : "";
}

/** A `struct sockaddr` as text; an empty text for a family that is not known. */
export function formatSocketAddress(storage: Uint8Array): string {
  const view = new DataView(storage.buffer, storage.byteOffset, storage.byteLength);
  const family = view.getUint16(0, true);
  if (family === AF_UNIX) return "unix";
  if (family === AF_INET) return `${storage.subarray(4, 8).join(".")}:${view.getUint16(2)}`;
  if (family !== AF_INET6) return "";
  const words = Array.from({ length: 8 }, (_, i) => view.getUint16(8 + i * 2));
  // An IPv4 peer of a socket that listens on both versions (RFC 4291 2.5.5.2).
  const mapped = words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff;
  if (mapped) return `${storage.subarray(20, 24).join(".")}:${view.getUint16(2)}`;
  const text = words.map((word) => word.toString(16)).join(":");
  const host = new URL(`http://[${text}]/`).hostname;
  return `${host}:${view.getUint16(2)}`;
}
