/**
 * libc, wrapped: addresses and lengths in, numbers out, `errno` read at once. What can fail returns -1 as in
 * C; `lastError` tells why. Opened once a thread, since `errno` is one place a thread.
 */
import { openLibrary } from "../load.ts";
import { addressOf, alloc, cString, readCString, viewAt } from "../memory.ts";
import { CLOCK_MONOTONIC, CLOCK_REALTIME, SO_ATTACH_FILTER, SOL_SOCKET } from "./constants.ts";
import { LIBC_SYMBOLS } from "./symbols.ts";

type Numbers<Args extends readonly unknown[]> = { -readonly [I in keyof Args]: number };

/** Every function of a symbols table with plain numbers in and out: addresses are numbers here. */
export type NumberCalls<Table extends Record<string, { readonly args: readonly unknown[] }>> = {
  readonly [Name in keyof Table]: (...args: Numbers<Table[Name]["args"]>) => number;
};

/** The raw functions of libc; for hot paths (memcpy, write, sendmmsg), which take what they need of it. */
export type Libc = NumberCalls<typeof LIBC_SYMBOLS>;

let calls: Libc | undefined;
let errnoPlace: Int32Array | undefined;
const scratch = alloc(64);
const scratchView = new DataView(scratch.buffer);

/** The raw functions, loaded on the first call. */
export function libc(): Libc {
  if (calls === undefined) {
    const loaded = openLibrary("libc", LIBC_SYMBOLS).symbols as unknown as Libc;
    errnoPlace = new Int32Array(viewAt(loaded.__errno_location(), 4).buffer as ArrayBuffer, 0, 1);
    calls = loaded;
  }
  return calls;
}

/** `errno` of this thread; ask right after the call that returned -1. */
export function errno(): number {
  libc();
  return (errnoPlace as Int32Array)[0] as number;
}

/** The system's words for an errno value, e.g. `No such device`. */
export function errorText(code: number): string {
  const buf = alloc(256);
  return readCString(libc().strerror_r(code, addressOf(buf), buf.length));
}

/** The clock `clock` (CLOCK_REALTIME, CLOCK_MONOTONIC) as whole seconds and nanoseconds. */
export function clockNow(clock: number = CLOCK_REALTIME): { seconds: number; nanoseconds: number } {
  libc().clock_gettime(clock, addressOf(scratch));
  return {
    seconds: Number(scratchView.getBigInt64(0, true)),
    nanoseconds: Number(scratchView.getBigInt64(8, true)),
  };
}

/** Nanoseconds of CLOCK_MONOTONIC, the same in all threads; exact to 104 days since the machine started. */
export function monotonicNs(): number {
  libc().clock_gettime(CLOCK_MONOTONIC, addressOf(scratch));
  return scratchView.getUint32(0, true) * 1e9 + scratchView.getUint32(8, true);
}

/** Index of the interface `name`, or 0 when there is none. */
export function interfaceIndex(name: string): number {
  return libc().if_nametoindex(addressOf(cString(name)));
}

/** Name of the interface with this index, or an empty text when there is none. */
export function interfaceName(index: number): string {
  const name = alloc(16);
  return libc().if_indextoname(index, addressOf(name)) === 0 ? "" : readCString(addressOf(name));
}

/** True while there is an interface with this index, whatever its name. */
export function interfaceExists(index: number): boolean {
  return interfaceName(index) !== "";
}

/** setsockopt with the option's octets; returns 0 or -1. */
export function setSocketOption(fd: number, level: number, option: number, value: Uint8Array): number {
  const copy = alloc(value.length);
  copy.set(value);
  return libc().setsockopt(fd, level, option, addressOf(copy), copy.length);
}

/** setsockopt with an int; returns 0 or -1. */
export function setSocketOptionInt(fd: number, level: number, option: number, value: number): number {
  scratchView.setInt32(0, value, true);
  return libc().setsockopt(fd, level, option, addressOf(scratch), 4);
}

/**
 * getsockopt into `value` (made by `alloc`); returns the octets that were written, or -1.
 */
export function getSocketOption(fd: number, level: number, option: number, value: Uint8Array): number {
  scratchView.setUint32(0, value.length, true);
  if (libc().getsockopt(fd, level, option, addressOf(value), addressOf(scratch)) !== 0) return -1;
  return scratchView.getUint32(0, true);
}

/** Attaches a compiled classic filter (`struct bpf_insn` records) to the socket; 0 or -1. */
export function attachFilter(fd: number, instructions: Uint8Array): number {
  const copy = alloc(instructions.length);
  copy.set(instructions);
  // struct sock_fprog: u16 len, padding, struct sock_filter *filter.
  const program = new Uint8Array(16);
  const view = new DataView(program.buffer);
  view.setUint16(0, instructions.length / 8, true);
  view.setBigUint64(8, BigInt(addressOf(copy)), true);
  const status = setSocketOption(fd, SOL_SOCKET, SO_ATTACH_FILTER, program);
  // `copy` is only named in native memory: keep it referenced until the call is over.
  return copy.length === instructions.length ? status : -1;
}

/** One descriptor to wait on, its poll(2) structure kept, so that a wait allocates nothing. */
export class PollOne {
  readonly #pollfd = alloc(8);
  readonly #view = new DataView(this.#pollfd.buffer);
  readonly #address = addressOf(this.#pollfd);
  readonly #poll = libc().poll;

  constructor(fd: number, events: number) {
    this.#view.setInt32(0, fd, true);
    this.#view.setInt16(4, events, true);
  }

  /** Waits up to `timeoutMs`; 1 ready, 0 not, -1 with errno set (EINTR counts as not ready). */
  wait(timeoutMs: number): number {
    return this.#poll(this.#address, 1, timeoutMs);
  }

  /** What the last wait found: POLLIN, POLLERR, POLLHUP, POLLNVAL. */
  get revents(): number {
    return this.#view.getInt16(6, true);
  }
}

/** mallopt(3) parameters (malloc.h). */
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;

/**
 * Lets malloc keep up to `keepBytes` of freed memory for the next messages. By default it gives what is freed
 * back to the kernel at once, and then each message costs page faults: more than copying its packets.
 */
export function keepFreedMemory(largestBytes: number, keepBytes: number): void {
  libc().mallopt(M_MMAP_THRESHOLD, largestBytes);
  libc().mallopt(M_TRIM_THRESHOLD, keepBytes);
}
