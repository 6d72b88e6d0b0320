/** Live capture by a TPACKET_V3 ring: the kernel writes frames into memory that we read in place. */
import { POLLERR, POLLHUP, POLLIN, POLLNVAL } from "../../ffi/libc/constants.ts";
import { clockNow, interfaceExists, interfaceIndex, libc, PollOne } from "../../ffi/libc/libc.ts";
import { alloc } from "../../ffi/memory.ts";
import { LINKTYPE } from "../net/linktype.ts";
import type { RingReport } from "../report/schema.ts";
import type { Epoch } from "../report/time.ts";
import {
  emptyStats,
  type FrameBatch,
  type FrameSource,
  type SourceStats,
  type TimestampSource,
} from "./batch.ts";
import { receiveDropsOf } from "./devices.ts";
import { deviceGone, type LiveOptions } from "./live-options.ts";
import { BLOCK_STATUS, RingCursor, STATUS_KERNEL, STATUS_USER } from "./ring-layout.ts";
import { type OpenRing, readPacketStatistics, setUpRing, takeSocketError } from "./ring-setup.ts";

const POLL_ERRORS = POLLERR | POLLHUP | POLLNVAL;
const NO_BUFFER = new Uint8Array(0);

/**
 * Starts capturing. Each batch is (a part of) one block of the ring, read in place and released by the next
 * call. Throws an environment error (permission, device, memory) or a usage error (filter).
 */
export function openRing(options: LiveOptions): FrameSource {
  return new RingSource(options, setUpRing(options));
}

class RingSource implements FrameSource {
  readonly kind = "ring";
  readonly live = true;
  readonly name: string;
  readonly epoch: Epoch = { seconds: clockNow().seconds, nanoseconds: 0, wallClock: true };
  readonly #ring: OpenRing;
  /** The ring as 32-bit words, for the blocks' status, which the kernel writes at any time. */
  readonly #status: Int32Array;
  readonly #cursor: RingCursor;
  readonly #poll: PollOne;
  readonly #statistics = alloc(12);
  readonly #interfaceDropsAtOpen: number;
  readonly #stats: SourceStats = emptyStats();
  /** The block we read, or read next; and whether it is ours. */
  #block = 0;
  #held = false;
  /** True from the moment the device went down until frames come again. */
  #down = false;
  #closed = false;
  #mostWaiting = 0;
  #lastBatch: FrameBatch | null = null;

  constructor(options: LiveOptions, ring: OpenRing) {
    this.name = options.device;
    this.#ring = ring;
    this.#status = new Int32Array(ring.memory.buffer, ring.memory.byteOffset, ring.memory.length >>> 2);
    this.#cursor = new RingCursor(ring.memory, {
      epochSeconds: this.epoch.seconds,
      linkType: ring.cooked ? LINKTYPE.linuxSll : LINKTYPE.ethernet,
      cooked: ring.cooked,
      loopbackIndex: interfaceIndex("lo"),
    });
    this.#poll = new PollOne(ring.fd, POLLIN);
    this.#interfaceDropsAtOpen = receiveDropsOf(ring.interfaceIndex);
  }

  get timestampSource(): TimestampSource {
    const hardware =
      this.#ring.hardwareTimestamps && (this.#stats.packets === 0 || this.#cursor.hardwareTime);
    return { kind: hardware ? "hardware" : "kernel", resolutionNs: 1 };
  }

  next(batch: FrameBatch, timeoutMs: number): number {
    batch.count = 0;
    if (this.#closed) return 0;
    this.#lastBatch = batch;
    let waited = false;
    for (;;) {
      if (this.#cursor.left > 0) {
        this.#stats.bytes += this.#cursor.fill(batch);
        if (batch.count > 0) {
          this.#stats.packets += batch.count;
          return batch.count;
        }
      }
      this.#release();
      if (!this.#take()) {
        if (waited) return 0;
        waited = true;
        this.#wait(timeoutMs);
      }
    }
  }

  #statusWord(): number {
    return (this.#block * this.#ring.shape.bytes + BLOCK_STATUS) >>> 2;
  }

  /** Gives the block back to the kernel, if we have one. */
  #release(): void {
    if (!this.#held) return;
    this.#held = false;
    Atomics.store(this.#status, this.#statusWord(), STATUS_KERNEL);
    this.#block = (this.#block + 1) % this.#ring.shape.count;
  }

  /** Takes the next block if the kernel is done with it. */
  #take(): boolean {
    // Atomics: what the kernel wrote into the block before the status must be seen after it.
    if ((Atomics.load(this.#status, this.#statusWord()) & STATUS_USER) === 0) return false;
    this.#held = true;
    this.#down = false;
    this.#cursor.begin(this.#block * this.#ring.shape.bytes);
    return true;
  }

  #wait(timeoutMs: number): void {
    const ready = this.#poll.wait(timeoutMs);
    if (ready > 0 && (this.#poll.revents & POLL_ERRORS) !== 0) {
      // A device that went down may come up again, and the kernel then goes on by itself.
      takeSocketError(this.#ring.fd);
      this.#down = true;
    }
    if (this.#down && this.#ring.interfaceIndex !== 0 && !interfaceExists(this.#ring.interfaceIndex)) {
      throw deviceGone(this.name);
    }
  }

  stats(): SourceStats {
    if (!this.#closed) {
      const { drops, freezes } = readPacketStatistics(this.#ring.fd, this.#statistics);
      this.#stats.kernelDrops += drops;
      this.#stats.ringFreezes += freezes;
      const now = receiveDropsOf(this.#ring.interfaceIndex);
      // Counters of a device that was made anew start again.
      this.#stats.interfaceDrops = Math.max(this.#stats.interfaceDrops, now - this.#interfaceDropsAtOpen);
    }
    return { ...this.#stats };
  }

  ring(): RingReport {
    const { count, bytes } = this.#ring.shape;
    let waiting = 0;
    // The kernel fills them one after the other, so the first that is not ours ends them.
    while (!this.#closed && waiting < count) {
      const word = (((this.#block + waiting) % count) * bytes + BLOCK_STATUS) >>> 2;
      if ((Atomics.load(this.#status, word) & STATUS_USER) === 0) break;
      waiting++;
    }
    this.#mostWaiting = Math.max(this.#mostWaiting, waiting);
    return { blocks: count, waiting, mostWaiting: this.#mostWaiting };
  }

  close(): void {
    if (this.#closed) return;
    this.stats();
    this.#closed = true;
    // The memory is about to go: nobody may read the last batch through a view of it.
    if (this.#lastBatch !== null) {
      this.#lastBatch.buf = NO_BUFFER;
      this.#lastBatch.count = 0;
    }
    libc().close(this.#ring.fd);
    libc().munmap(this.#ring.address, this.#ring.memory.length);
  }
}
