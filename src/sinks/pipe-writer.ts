import { errno, libc, PollOne } from "../../ffi/libc/libc.ts";
import { TS_PACKET_BYTES } from "../wire/stream-batch.ts";

/** Whole packets within PIPE_BUF (4096 octets): a pipe takes such a write whole or not at all. */
const CHUNK_BYTES = 4096 - (4096 % TS_PACKET_BYTES);

const POLLOUT = 0x4;
const EINTR = 4;
const EIO = 5;
const EAGAIN = 11;

/** Step of a wait for the reader, so that the stop flag is seen in time. */
const WAIT_STEP_MS = 100;

/** Time that the reader has to take the rest once the run is to end. */
const STOP_GRACE_MS = 2000;

/** The reader did not take the rest before the run had to end (errno value). */
export const ETIMEDOUT = 110;

/**
 * Writes whole TS packets to a pipe, a FIFO, standard output or a device, in order. A reader that stands
 * still holds the writer back, in steps, so that the run can still be ended.
 */
export class PipeWriter {
  /** Octets that the other end has taken. */
  position = 0;
  readonly #fd: number;
  readonly #ready: PollOne;
  readonly #stopped: () => boolean;
  readonly #write = libc().write;

  constructor(fd: number, stopped: () => boolean) {
    this.#fd = fd;
    this.#stopped = stopped;
    this.#ready = new PollOne(fd, POLLOUT);
  }

  /** Writes `bytes` octets from `address`: 0, or the errno value of the failure. */
  write(address: number, bytes: number): number {
    let done = 0;
    let deadline = Number.POSITIVE_INFINITY;
    while (done < bytes) {
      if (deadline === Number.POSITIVE_INFINITY && this.#stopped()) {
        deadline = performance.now() + STOP_GRACE_MS;
      }
      if (this.#ready.wait(WAIT_STEP_MS) <= 0) {
        if (performance.now() > deadline) return ETIMEDOUT;
        continue;
      }
      // What is left of a chunk that was cut goes first: the next one starts at a packet again.
      const chunk = CHUNK_BYTES - (done % CHUNK_BYTES);
      const written = this.#write(this.#fd, address + done, Math.min(chunk, bytes - done));
      if (written > 0) {
        done += written;
        this.position += written;
        continue;
      }
      const code = written === 0 ? EIO : errno();
      if (code !== EAGAIN && code !== EINTR) return code;
    }
    return 0;
  }
}
