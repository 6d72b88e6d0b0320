import { ftruncateSync } from "node:fs";
import { errno, libc } from "../../ffi/libc/libc.ts";
import { TS_PACKET_BYTES } from "../wire/stream-batch.ts";

/** pwrite(2): octets written, or -1 with errno set. */
export type Pwrite = (fd: number, address: number, bytes: number, at: number) => number;

/** Smallest page of the page cache; larger ones are multiples of it. */
const PAGE_BYTES = 4096;

const EINTR = 4;
const EIO = 5;

/**
 * Writes whole TS packets to a regular file so that it ends on a packet boundary at any time, even when the
 * process is killed in the middle of a call.
 *
 * The kernel copies a write page by page and looks for a fatal signal in between, so a long write is cut at
 * a page boundary, and that is nearly always inside a packet. A write within one page is done whole or not
 * at all. So each write stays within one page and ends with a packet, and of a packet across two pages the
 * first part is written last, when the end of the file is beyond it. Killed in between, the file has one
 * packet damaged among its last 22, but no half one.
 */
export class PageWriter {
  /** Octets of whole packets in the file. */
  position = 0;
  readonly #fd: number;
  readonly #pwrite: Pwrite;

  /** Another `pwrite` can stand in for the system's. */
  constructor(fd: number, pwrite: Pwrite = libc().pwrite) {
    this.#fd = fd;
    this.#pwrite = pwrite;
  }

  /**
   * Writes `bytes` octets, a multiple of 188, from `address`: 0, or the errno value of the failure. After a
   * failure the file is cut back to its last whole packet and `position` tells what it holds.
   */
  write(address: number, bytes: number): number {
    let from = address;
    const end = address + bytes;
    while (from < end) {
      const inPage = PAGE_BYTES - (this.position % PAGE_BYTES);
      const fits = Math.min(inPage, end - from);
      const whole = fits - (fits % TS_PACKET_BYTES);
      // Where not even one packet fits, it goes with all that follow it in the next page.
      const tail = Math.min(end - from - inPage, PAGE_BYTES);
      const step = whole > 0 ? whole : inPage + tail - ((inPage + tail) % TS_PACKET_BYTES);
      const code = whole > 0 ? this.#put(from, whole, this.position) : this.#putAcross(from, inPage, step);
      if (code !== 0) return this.#fail(code);
      this.position += step;
      from += step;
    }
    return 0;
  }

  #putAcross(from: number, head: number, bytes: number): number {
    const code = this.#put(from + head, bytes - head, this.position + head);
    return code === 0 ? this.#put(from, head, this.position) : code;
  }

  #put(address: number, bytes: number, at: number): number {
    let done = 0;
    while (done < bytes) {
      const written = this.#pwrite(this.#fd, address + done, bytes - done, at + done);
      if (written > 0) {
        done += written;
        continue;
      }
      const code = written === 0 ? EIO : errno();
      if (code === EINTR) continue;
      if (at === this.position) this.position += done - (done % TS_PACKET_BYTES);
      return code;
    }
    return 0;
  }

  #fail(code: number): number {
    ftruncateSync(this.#fd, this.position);
    return code;
  }
}
