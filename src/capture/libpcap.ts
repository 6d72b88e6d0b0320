/** Live capture by libpcap, for systems and link types that the ring does not suit. */
import { POLLERR, POLLHUP, POLLIN, POLLNVAL } from "../../ffi/libc/constants.ts";
import { clockNow, interfaceExists, PollOne } from "../../ffi/libc/libc.ts";
import { PCAP_ERROR } from "../../ffi/libpcap/constants.ts";
import { createLive, type LiveHandle } from "../../ffi/libpcap/libpcap.ts";
import { addressOf, alloc } from "../../ffi/memory.ts";
import { environmentError } from "../report/error.ts";
import type { Epoch } from "../report/time.ts";
import {
  emptyStats,
  type FrameBatch,
  type FrameSource,
  NO_VLAN,
  type SourceStats,
  type TimestampSource,
} from "./batch.ts";
import { ANY_DEVICE, findDevice, receiveDropsOf } from "./devices.ts";
import { filterError } from "./filter.ts";
import { activateError, filterText } from "./filter-live.ts";
import { deviceGone, type LiveOptions } from "./live-options.ts";

/** Octets that one batch's frames are copied into, besides room for one of the snap length. */
const BATCH_BYTES = 1 << 20;
const MAX_BUFFER_BYTES = 2 ** 31 - 1;
const POLL_ERRORS = POLLERR | POLLHUP | POLLNVAL;

/**
 * Starts capturing. libpcap shows one frame at a time and reuses its place, so the frames of a batch are copied
 * into one buffer. VLAN tags stand in the frames: libpcap puts them back. Throws like `openRing`.
 */
export function openLibpcap(options: LiveOptions): FrameSource {
  const interfaceIndex = options.device === ANY_DEVICE ? 0 : findDevice(options.device).index;
  const { handle, text } = createLive(options.device);
  if (handle === null) throw activateError(options.device, PCAP_ERROR, text);
  try {
    const started = handle.activate({
      snaplen: options.snaplen,
      // libpcap can't do it on `any`, and the ring has no use for it there.
      promiscuous: options.promiscuous && interfaceIndex !== 0,
      bufferBytes: Math.min(options.ringBytes, MAX_BUFFER_BYTES),
      timeoutMs: options.blockTimeoutMs,
      hardwareTimestamps: options.hardwareTimestamps,
    });
    if (started.status < 0) throw activateError(options.device, started.status, started.text);
    setFilter(handle, options);
    return new LibpcapSource(options, handle, interfaceIndex);
  } catch (error) {
    handle.close();
    throw error;
  }
}

function setFilter(handle: LiveHandle, options: LiveOptions): void {
  const text = filterText(options, handle.linkType);
  if (text === "") return;
  const compiled = handle.compile(text);
  if (!compiled.ok) throw filterError(text, compiled);
  const { status, text: problem } = handle.setFilter(compiled.program);
  if (status === 0) return;
  throw environmentError(
    "capture.filter",
    `The filter "${text}" can't be put to work: ${problem}. Use a shorter filter or fewer sources.`,
  );
}

class LibpcapSource implements FrameSource {
  readonly kind = "libpcap";
  readonly live = true;
  readonly name: string;
  readonly epoch: Epoch = { seconds: clockNow().seconds, nanoseconds: 0, wallClock: true };
  readonly timestampSource: TimestampSource;
  readonly #handle: LiveHandle;
  readonly #linkType: number;
  readonly #fractionNs: number;
  readonly #snaplen: number;
  readonly #buf: Uint8Array;
  readonly #address: number;
  readonly #poll: PollOne;
  readonly #interfaceIndex: number;
  readonly #interfaceDropsAtOpen: number;
  readonly #stats: SourceStats = emptyStats();
  /** What the last drain ended with, to be thrown when the frames before it were handed out. */
  #failed = false;
  #down = false;

  constructor(options: LiveOptions, handle: LiveHandle, interfaceIndex: number) {
    this.name = options.device;
    this.#handle = handle;
    this.#linkType = handle.linkType;
    this.#fractionNs = handle.nanoseconds ? 1 : 1000;
    this.timestampSource = {
      kind: handle.hardwareTimestamps ? "hardware" : "libpcap",
      resolutionNs: this.#fractionNs,
    };
    // libpcap adds a VLAN tag or an SLL header beyond the snap length.
    this.#snaplen = options.snaplen + 64;
    this.#buf = alloc(BATCH_BYTES + this.#snaplen);
    this.#address = addressOf(this.#buf);
    this.#poll = new PollOne(handle.selectableFd, POLLIN);
    this.#interfaceIndex = interfaceIndex;
    this.#interfaceDropsAtOpen = receiveDropsOf(interfaceIndex);
  }

  next(batch: FrameBatch, timeoutMs: number): number {
    batch.buf = this.#buf;
    batch.count = 0;
    if (!this.#handle.open) return 0;
    if (!this.#failed && this.#drain(batch) === 0) {
      this.#wait(timeoutMs);
      this.#drain(batch);
    }
    if (batch.count === 0 && this.#failed) this.#recover();
    return batch.count;
  }

  /** Copies waiting frames until none is left or the batch is full. */
  #drain(batch: FrameBatch): number {
    const handle = this.#handle;
    const { offset, capturedLength, wireLength, timeNs, linkType, vlanTci, capacity } = batch;
    const epochSeconds = this.epoch.seconds;
    const fractionNs = this.#fractionNs;
    const address = this.#address;
    const type = this.#linkType;
    let at = 0;
    let count = 0;
    let bytes = 0;
    while (count < capacity && at <= BATCH_BYTES) {
      const status = handle.nextInto(address + at, this.#snaplen);
      if (status !== 1) {
        this.#failed = status < 0;
        break;
      }
      offset[count] = at;
      capturedLength[count] = handle.capturedLength;
      wireLength[count] = handle.wireLength;
      timeNs[count] = (handle.seconds - epochSeconds) * 1e9 + handle.fraction * fractionNs;
      linkType[count] = type;
      vlanTci[count] = NO_VLAN;
      bytes += handle.wireLength;
      at += handle.capturedLength;
      count++;
    }
    if (count > 0) this.#down = false;
    batch.count = count;
    this.#stats.packets += count;
    this.#stats.bytes += bytes;
    return count;
  }

  #wait(timeoutMs: number): void {
    const ready = this.#poll.wait(timeoutMs);
    if (ready > 0 && (this.#poll.revents & POLL_ERRORS) !== 0) this.#down = true;
    if (this.#down) this.#throwIfGone();
  }

  #throwIfGone(): void {
    if (this.#interfaceIndex !== 0 && !interfaceExists(this.#interfaceIndex)) throw deviceGone(this.name);
  }

  /** After an error: a device that is only down may come up again, anything else is the end. */
  #recover(): void {
    this.#failed = false;
    const text = this.#handle.lastError;
    this.#throwIfGone();
    if (/went down|network is down/i.test(text)) {
      this.#down = true;
      return;
    }
    throw environmentError(
      "capture.failed",
      `Capturing on "${this.name}" has ended: libpcap says: ${text}. Check the device with \`ip link\`.`,
    );
  }

  stats(): SourceStats {
    if (this.#handle.open) {
      this.#stats.kernelDrops = this.#handle.dropped();
      const now = receiveDropsOf(this.#interfaceIndex);
      this.#stats.interfaceDrops = Math.max(this.#stats.interfaceDrops, now - this.#interfaceDropsAtOpen);
    }
    return { ...this.#stats };
  }

  close(): void {
    if (!this.#handle.open) return;
    this.stats();
    this.#handle.close();
  }
}
