import { FFIType } from "bun:ffi";

/**
 * The functions of libc that rscap calls, as `dlopen` wants them. Addresses go in as numbers (`addressOf`),
 * results that may be -1 come back as i64_fast: a number, never a BigInt, for every value we can meet.
 */
export const LIBC_SYMBOLS = {
  /** int *__errno_location(void): one place a thread. */
  __errno_location: { args: [], returns: "ptr" },
  /** The GNU form: returns the text, which need not stand in the buffer. */
  strerror_r: { args: ["i32", "ptr", "u64"], returns: "ptr" },
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
  connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
  send: { args: ["i32", "ptr", "u64", "i32"], returns: FFIType.i64_fast },
  recv: { args: ["i32", "ptr", "u64", "i32"], returns: FFIType.i64_fast },
  sendto: { args: ["i32", "ptr", "u64", "i32", "ptr", "u32"], returns: FFIType.i64_fast },
  sendmmsg: { args: ["i32", "ptr", "u32", "i32"], returns: "i32" },
  poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
  mmap: { args: ["ptr", "u64", "i32", "i32", "i32", "i64"], returns: FFIType.i64_fast },
  munmap: { args: ["ptr", "u64"], returns: "i32" },
  open: { args: ["ptr", "i32", "i32"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  pipe2: { args: ["ptr", "i32"], returns: "i32" },
  /** Of its variadic argument only the int form is used. */
  fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
  read: { args: ["i32", "ptr", "u64"], returns: FFIType.i64_fast },
  write: { args: ["i32", "ptr", "u64"], returns: FFIType.i64_fast },
  pwrite: { args: ["i32", "ptr", "u64", "i64"], returns: FFIType.i64_fast },
  flock: { args: ["i32", "i32"], returns: "i32" },
  fdatasync: { args: ["i32"], returns: "i32" },
  ftruncate: { args: ["i32", "i64"], returns: "i32" },
  /** Returned pointer left out: reading it back costs as much again as the call. */
  memcpy: { args: ["ptr", "ptr", "u64"], returns: "void" },
  mallopt: { args: ["i32", "i32"], returns: "i32" },
  clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
  adjtimex: { args: ["ptr"], returns: "i32" },
  clock_nanosleep: { args: ["i32", "i32", "ptr", "ptr"], returns: "i32" },
  if_nametoindex: { args: ["ptr"], returns: "u32" },
  if_indextoname: { args: ["u32", "ptr"], returns: "ptr" },
} as const;
