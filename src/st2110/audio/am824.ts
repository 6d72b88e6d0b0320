import type { RuleCounters } from "../../report/finding.ts";
import type { ChannelStatusReport } from "../../report/st2110-audio-schema.ts";
import {
  AM824_OCTETS,
  am824BlockStart,
  am824ChannelStatus,
  am824FrameStart,
  am824ParityError,
  am824Reserved,
  am824Validity,
} from "./am824-word.ts";
import {
  isLinearPcm,
  isProfessional,
  STATUS_OCTETS,
  statusCrcError,
  statusFrameRateHz,
  statusMode,
  statusRateHz,
  statusText,
  statusWordLength,
} from "./channel-status.ts";
import { HeldBreaches } from "./rate-check.ts";
import type { AudioRule } from "./rules.ts";

/** Frames of a block (AES3 5.1). */
const BLOCK_FRAMES = 192;

/** What one packet broke, by rule; one object, reused. */
class Breaches {
  reserved = 0;
  frame = 0;
  block = 0;
  blockLength = 0;
  parity = 0;
  crc = 0;
  rate = 0;
  readonly heldRate = new HeldBreaches("channelStatusRate");
  rateIsSure = false;

  flush(counters: RuleCounters<AudioRule>, timeNs: number): void {
    if (this.reserved > 0) counters.am824Reserved.hit(timeNs, this.reserved);
    if (this.frame > 0) counters.am824Frame.hit(timeNs, this.frame);
    if (this.block > 0) counters.am824Block.hit(timeNs, this.block);
    if (this.blockLength > 0) counters.am824BlockLength.hit(timeNs, this.blockLength);
    if (this.parity > 0) counters.am824Parity.hit(timeNs, this.parity);
    if (this.crc > 0) counters.channelStatusCrc.hit(timeNs, this.crc);
    if (this.rate > 0) this.heldRate.add(timeNs, this.rate);
    if (this.rateIsSure) this.heldRate.release(counters);
    this.reserved = this.frame = this.block = this.blockLength = this.parity = this.crc = this.rate = 0;
  }
}

/**
 * AES3 subframe sequences of an AM824 stream (ST 2110-31): frame and block starts, parity, validity and channel
 * status. Sequences 2n and 2n+1 are one AES3 signal with blocks of its own.
 */
export class Am824Monitor {
  readonly #channels: number;
  readonly #rateHz: number | null;
  readonly #counters: RuleCounters<AudioRule>;
  readonly #breaches = new Breaches();
  /** Frames since the block began, by AES3 signal; -1 before the first block start. */
  readonly #position: Int16Array;
  /** The block being put together, and the last whole one, by channel. */
  readonly #building: Uint8Array;
  readonly #status: Uint8Array;
  readonly #blocks: Float64Array;
  readonly #crcErrors: Float64Array;
  readonly #invalid: Float64Array;

  /** The stream's rate is sure: what was found by it counts. */
  rateIsSure(): void {
    this.#breaches.rateIsSure = true;
    this.#breaches.heldRate.release(this.#counters);
  }

  /** `channels` is even; `rateHz` the stream's, to compare with what channel status says. */
  constructor(channels: number, rateHz: number | null, counters: RuleCounters<AudioRule>) {
    this.#channels = channels;
    this.#rateHz = rateHz;
    this.#counters = counters;
    this.#position = new Int16Array(channels / 2).fill(-1);
    this.#building = new Uint8Array(channels * STATUS_OCTETS);
    this.#status = new Uint8Array(channels * STATUS_OCTETS);
    this.#blocks = new Float64Array(channels);
    this.#crcErrors = new Float64Array(channels);
    this.#invalid = new Float64Array(channels);
  }

  /** Frames are missing: where blocks end is known again after their next start. */
  gap(): void {
    this.#position.fill(-1);
  }

  /** Takes `count` samples of every channel from `off` on; the caller has checked that they are there. */
  add(buf: Uint8Array, off: number, count: number, timeNs: number): void {
    let at = off;
    for (let sample = 0; sample < count; sample += 1) {
      for (let channel = 0; channel < this.#channels; channel += 1) {
        this.#subframe(buf, at, channel);
        at += AM824_OCTETS;
      }
    }
    this.#breaches.flush(this.#counters, timeNs);
  }

  /** Channel status of every sequence that had a whole block, or samples that are not valid. */
  report(): ChannelStatusReport[] {
    const reports: ChannelStatusReport[] = [];
    for (let channel = 0; channel < this.#channels; channel += 1) {
      const off = channel * STATUS_OCTETS;
      const status = this.#status;
      const professional = isProfessional(status, off);
      if (this.#blocks[channel] === 0 && this.#invalid[channel] === 0) continue;
      reports.push({
        channel: channel + 1,
        blocks: this.#blocks[channel] as number,
        professional,
        linearPcm: isLinearPcm(status, off),
        sampleRateHz: professional ? statusRateHz(status, off) : null,
        wordLengthBits: professional ? statusWordLength(status, off) : null,
        mode: professional ? statusMode(status, off) : null,
        origin: professional ? statusText(status, off, 6) : null,
        destination: professional ? statusText(status, off, 10) : null,
        crcErrors: this.#crcErrors[channel] as number,
        invalidSamples: this.#invalid[channel] as number,
      });
    }
    return reports;
  }

  #subframe(buf: Uint8Array, at: number, channel: number): void {
    const breaches = this.#breaches;
    const first = (channel & 1) === 0;
    if (am824Reserved(buf, at) !== 0) breaches.reserved += 1;
    if ((am824FrameStart(buf, at) === 1) !== first) breaches.frame += 1;
    breaches.parity += am824ParityError(buf, at);
    if (am824Validity(buf, at) === 1) this.#invalid[channel] = (this.#invalid[channel] as number) + 1;
    const block = am824BlockStart(buf, at) === 1;
    const signal = channel >>> 1;
    if (first) this.#frame(signal, block);
    else if (block) breaches.block += 1;
    const position = this.#position[signal] as number;
    if (position < 0) return;
    const octet = channel * STATUS_OCTETS + (position >>> 3);
    this.#building[octet] =
      (this.#building[octet] as number) | (am824ChannelStatus(buf, at) << (position & 7));
    if (!first) this.#position[signal] = position + 1;
  }

  /** A frame of an AES3 signal begins, and with it perhaps a block. */
  #frame(signal: number, block: boolean): void {
    const position = this.#position[signal] as number;
    if (block) {
      if (position === BLOCK_FRAMES) {
        this.#whole(signal * 2);
        this.#whole(signal * 2 + 1);
      } else if (position >= 0) this.#breaches.blockLength += 1;
      const off = signal * 2 * STATUS_OCTETS;
      this.#building.fill(0, off, off + 2 * STATUS_OCTETS);
      this.#position[signal] = 0;
    } else if (position >= BLOCK_FRAMES) {
      this.#breaches.blockLength += 1;
      this.#position[signal] = -1;
    }
  }

  #whole(channel: number): void {
    const off = channel * STATUS_OCTETS;
    for (let at = off; at < off + STATUS_OCTETS; at += 1) this.#status[at] = this.#building[at] as number;
    this.#blocks[channel] = (this.#blocks[channel] as number) + 1;
    if (statusCrcError(this.#status, off)) {
      this.#crcErrors[channel] = (this.#crcErrors[channel] as number) + 1;
      this.#breaches.crc += 1;
      return;
    }
    if (!isProfessional(this.#status, off) || this.#rateHz === null) return;
    const rateHz = statusFrameRateHz(this.#status, off);
    if (rateHz !== null && rateHz !== this.#rateHz) this.#breaches.rate += 1;
  }
}
