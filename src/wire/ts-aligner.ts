import { addressOf, alloc } from "../../ffi/memory.ts";
import { TS_PACKET_BYTES } from "./stream-batch.ts";

const SYNC_BYTE = 0x47;

/** Sync bytes at the right distance that make an alignment, where there is that much to look at. */
const SYNCS_TO_LOCK = 3;

/** Most octets kept for the next message: not enough to find an alignment in. */
export const CARRY_MAX_BYTES = SYNCS_TO_LOCK * TS_PACKET_BYTES;

/**
 * Finds whole TS packets in messages that need not be cut at packet boundaries, as ffmpeg's `zmq:` output
 * sends them. Use: put a message at `roomAddress`, call `take`, then `next` until it returns 0.
 */
export class TsAligner {
  /** Octets that belonged to no packet. */
  skippedBytes = 0;
  /** Packets kept in spite of a wrong sync byte, because the next one stood where it should. */
  badSyncs = 0;
  /** Where the run that `next` found starts. */
  runAddress = 0;
  readonly #buf: Uint8Array;
  readonly #base: number;
  #carry = 0;
  #pos = 0;
  #end = 0;
  #locked = false;

  /** `messageMaxBytes`: the largest message. */
  constructor(messageMaxBytes: number) {
    this.#buf = alloc(CARRY_MAX_BYTES + messageMaxBytes);
    this.#base = addressOf(this.#buf);
  }

  /** Where to put the next message. */
  get roomAddress(): number {
    return this.#base + this.#carry;
  }

  /** `bytes` octets were put at `roomAddress`. */
  take(bytes: number): void {
    this.#pos = 0;
    this.#end = this.#carry + bytes;
    // A message of whole packets, as rscap sends them, needs no second opinion.
    if (this.#carry === 0 && bytes >= TS_PACKET_BYTES && bytes % TS_PACKET_BYTES === 0) {
      this.#locked = this.#sync(0) && this.#sync(bytes - TS_PACKET_BYTES);
    }
  }

  /** Octets of the next run of whole packets at `runAddress`; 0 when the message is used up. */
  next(): number {
    while (this.#locked || this.#search()) {
      const bytes = this.#run();
      if (bytes > 0) {
        this.runAddress = this.#base + this.#pos;
        this.#pos += bytes;
        return bytes;
      }
      if (this.#locked) break;
    }
    this.#buf.copyWithin(0, this.#pos, this.#end);
    this.#carry = this.#end - this.#pos;
    this.#pos = 0;
    this.#end = 0;
    return 0;
  }

  /** The sender has gone: what is left is no packet any more; its octets are counted as skipped. */
  reset(): void {
    this.skippedBytes += this.#carry;
    this.#carry = 0;
    this.#locked = false;
  }

  /** Octets of the packets at `#pos` that are whole and in step; unlocks where the step is lost. */
  #run(): number {
    let at = this.#pos;
    for (; at + TS_PACKET_BYTES <= this.#end; at += TS_PACKET_BYTES) {
      if (this.#sync(at)) continue;
      const after = at + TS_PACKET_BYTES;
      // The next sync byte decides; where it is still to come, this packet waits for it.
      if (after >= this.#end) break;
      if (!this.#sync(after)) {
        this.#locked = false;
        break;
      }
      this.badSyncs++;
    }
    return at - this.#pos;
  }

  /** Moves to the next place where packets may start; true when it is sure. */
  #search(): boolean {
    const from = this.#pos;
    let at = from;
    while (at < this.#end && !this.#plausible(at)) at++;
    this.skippedBytes += at - from;
    this.#pos = at;
    this.#locked = at + (SYNCS_TO_LOCK - 1) * TS_PACKET_BYTES < this.#end;
    return this.#locked;
  }

  /** True when every sync byte that is there to see, up to SYNCS_TO_LOCK, stands in step with `at`. */
  #plausible(at: number): boolean {
    for (let i = 0; i < SYNCS_TO_LOCK; i++) {
      const place = at + i * TS_PACKET_BYTES;
      if (place < this.#end && !this.#sync(place)) return false;
    }
    return true;
  }

  #sync(at: number): boolean {
    return this.#buf[at] === SYNC_BYTE;
  }
}
