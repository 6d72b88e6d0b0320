import { errno, libc, PollOne } from "../../ffi/libc/libc.ts";
import { addressOf, alloc } from "../../ffi/memory.ts";

/** Numbers of asm-generic/fcntl.h and poll.h, under their C names. */
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const F_SETFL = 4;
const F_SETPIPE_SZ = 1031;
const POLLOUT = 4;

const EINTR = 4;
const EAGAIN = 11;

/** Room asked for in the pipe; where the system allows less, it stays at its 64 KiB. */
const PIPE_BYTES = 1024 * 1024;

/** Step of a wait for the reader. */
const WAIT_MS = 100;

/** A pipe whose one end is given to a command, and whose other end never blocks for long. */
export class ExecPipe {
  /** The end that the command reads; close it with `handedOver` when the command has it. */
  readonly readEnd: number;
  readonly #writeEnd: number;
  readonly #ready: PollOne;
  #open = true;
  #readEndOpen = true;

  /** Throws an error with the system's number when there are no more descriptors. */
  constructor() {
    const pair = alloc(8);
    const calls = libc();
    if (calls.pipe2(addressOf(pair), O_CLOEXEC) !== 0) throw new Error(`pipe2 failed: errno ${errno()}`);
    const view = new DataView(pair.buffer);
    this.readEnd = view.getInt32(0, true);
    this.#writeEnd = view.getInt32(4, true);
    calls.fcntl(this.#writeEnd, F_SETFL, O_NONBLOCK);
    calls.fcntl(this.#writeEnd, F_SETPIPE_SZ, PIPE_BYTES);
    this.#ready = new PollOne(this.#writeEnd, POLLOUT);
  }

  /** The command has its end: it sees the end of the stream when this process closes the other. */
  handedOver(): void {
    if (this.#readEndOpen) libc().close(this.readEnd);
    this.#readEndOpen = false;
  }

  /**
   * Writes what the pipe takes of `bytes` octets at `address` and returns how many it took; -1 when nobody reads it
   * any more. Waits 100 ms at most for the reader.
   */
  write(address: number, bytes: number): number {
    if (!this.#open) return -1;
    for (;;) {
      const written = libc().write(this.#writeEnd, address, bytes);
      if (written >= 0) return written;
      const code = errno();
      if (code === EINTR) continue;
      if (code !== EAGAIN) return -1;
      return this.#ready.wait(WAIT_MS) > 0 ? this.#retry(address, bytes) : 0;
    }
  }

  #retry(address: number, bytes: number): number {
    const written = libc().write(this.#writeEnd, address, bytes);
    if (written >= 0) return written;
    const code = errno();
    return code === EAGAIN || code === EINTR ? 0 : -1;
  }

  /** The stream ends for the command. */
  close(): void {
    this.handedOver();
    if (this.#open) libc().close(this.#writeEnd);
    this.#open = false;
  }
}
