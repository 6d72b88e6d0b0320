import { RateFit } from "../rate-fit.ts";
import { am824FrameStart, am824Reserved } from "./am824-word.ts";
import { ContentGuess } from "./content-guess.ts";
import {
  type AudioEncoding,
  type AudioFormat,
  ENCODED_OCTETS,
  type EncodingBasis,
  SAMPLE_RATES_HZ,
} from "./format.ts";

/** What an SDP or the settings say of a stream; null for what they don't. */
export interface GivenFormat {
  readonly encoding: AudioEncoding | null;
  readonly sampleRateHz: number | null;
  readonly channels: number | null;
}

/** This much by the clock is enough for a rate within 2 %, whatever the capture's batches do. */
const ENOUGH_NS = 100e6;
/** A pause of the sender at either end moves a rate by its share of the time: by 4 % here, half of 48 kHz to 44.1. */
const ENOUGH_GAPS = 25;
/** But no longer than this: a sender that stood still once is not waited for. */
const MOST_FOR_GAPS_NS = 1e9;
/** Each span without a rate is followed by one of double length; after so many there is none to be found. */
const MOST_FAILURES = 5;
/** And this much when a report is due: an interrupt's batch of packets is shorter. */
const SOME_NS = 20e6;
/** Channels that fit the largest payload, 1440 octets of L16; more are no audio of ST 2110-30. */
const MAX_CHANNELS = 720;
const ENCODINGS = ["L16", "L24", "AM824"] as const;
/** Whole packets after which the encoding is no longer looked for. */
const ENOUGH_PACKETS = 64;

/**
 * Finds out what an audio stream carries from its first packets: samples per packet by the steps of the timestamp,
 * the sampling rate by timestamps against arrival, channels by the payload's size, the encoding by what fits.
 * Memory is constant; sequence gaps are left out of the steps.
 */
export class FormatFinder {
  readonly #given: GivenFormat;
  #packets = 0;
  readonly #rate = new RateFit(SAMPLE_RATES_HZ);
  #started = false;
  #ticks = 0;
  /** How long the rate is measured, and the spans whose timestamps fitted none. */
  #spanNs = ENOUGH_NS;
  #failures = 0;
  #lastNs = Number.NaN;
  /** Longest time without a packet in this span. */
  #longestGapNs = 0;
  #lastTimestamp = -1;
  /** The step in the majority so far and its lead over the others (majority vote, Boyer and Moore). */
  #step = 0;
  #lead = 0;
  #size = 0;
  #sizeLead = 0;
  #whole = 0;
  /** Packets that hold nothing but AM824 subframes with the frame bit on every first one. */
  #am824 = 0;
  /** For samples of 6n octets, which may be L16 or L24. */
  #content: ContentGuess | null = null;

  constructor(given: GivenFormat) {
    this.#given = given;
  }

  /**
   * One packet: `octets` of payload on the wire, of which `buf[off, off + captured)` are there; `adjacent` when none
   * is missing since the one before.
   */
  packet(
    buf: Uint8Array,
    off: number,
    captured: number,
    octets: number,
    timestamp: number,
    adjacent: boolean,
    timeNs: number,
  ): void {
    this.#packets += 1;
    this.#count(octets);
    if (this.#lastTimestamp >= 0) {
      const step = (timestamp - this.#lastTimestamp) | 0;
      this.#ticks += step;
      if (adjacent && step > 0) this.#vote(step);
    }
    this.#lastTimestamp = timestamp;
    if (!Number.isNaN(timeNs)) this.#time(timeNs);
    if (this.#spanIsOver && this.#rate.rateHz === null) this.#measureAgain(timeNs);
    if (captured !== octets || octets === 0 || this.#whole >= ENOUGH_PACKETS) return;
    this.#whole += 1;
    if (looksLikeAm824(buf, off, octets)) this.#am824 += 1;
    if (this.#step > 0 && octets % (this.#step * 6) === 0) this.#readBoth(buf, off, octets / this.#step);
  }

  /** The input starts again: steps and times count from the next packet on. */
  gap(): void {
    this.#lastTimestamp = -1;
    this.#started = false;
  }

  /** True when the times span enough to tell a rate from all others. */
  get longEnough(): boolean {
    return this.#spanIsOver || this.#failures >= MOST_FAILURES;
  }

  /** True when the times span more than a batch of packets that one interrupt brings. */
  get someTime(): boolean {
    return this.#rate.spanNs >= SOME_NS;
  }

  /** True when more packets would not make the answer better. */
  get enough(): boolean {
    const known = this.#given.sampleRateHz !== null || this.longEnough;
    return known && this.#lead > 0 && this.#packets >= 16;
  }

  /** What the packets so far say; `last` when no more come, so that a likely rate is better than none. */
  decide(last: boolean): AudioFormat {
    const samplesPerPacket = this.#step;
    const measuredHz = this.#rate.rateHz ?? (last || this.longEnough ? this.#rate.likelyHz : null);
    const sampleRateHz = this.#given.sampleRateHz ?? measuredHz;
    const sampleOctets =
      samplesPerPacket > 0 && this.#size % samplesPerPacket === 0 ? this.#size / samplesPerPacket : 0;
    const [encoding, basis] = this.#encoding(sampleOctets);
    const channels = encoding === null ? 0 : sampleOctets / ENCODED_OCTETS[encoding];
    return { encoding, basis, sampleRateHz, samplesPerPacket, sampleOctets, channels };
  }

  /** No rate fits: a sender that began with a burst is in time later, one that always sends bursts over a longer time. */
  #measureAgain(timeNs: number): void {
    this.#failures += 1;
    this.#spanNs *= 2;
    this.#start(timeNs);
  }

  #time(timeNs: number): void {
    if (!this.#started) this.#start(timeNs);
    else {
      this.#rate.add(this.#ticks, timeNs);
      this.#longestGapNs = Math.max(this.#longestGapNs, timeNs - this.#lastNs);
    }
    this.#lastNs = timeNs;
  }

  get #spanIsOver(): boolean {
    const forGapsNs = Math.min(this.#longestGapNs * ENOUGH_GAPS, MOST_FOR_GAPS_NS);
    return this.#rate.spanNs >= Math.max(this.#spanNs, forGapsNs);
  }

  #start(timeNs: number): void {
    this.#started = true;
    this.#ticks = 0;
    this.#longestGapNs = 0;
    this.#rate.start(timeNs);
  }

  #vote(step: number): void {
    if (step === this.#step) this.#lead += 1;
    else if (this.#lead === 0) {
      this.#step = step;
      this.#lead = 1;
    } else this.#lead -= 1;
  }

  #count(octets: number): void {
    if (octets === this.#size) this.#sizeLead += 1;
    else if (this.#sizeLead === 0) {
      this.#size = octets;
      this.#sizeLead = 1;
    } else this.#sizeLead -= 1;
  }

  /** What is seen comes before what is given: that decides only where the packets may be of it. */
  #encoding(sampleOctets: number): [AudioEncoding | null, EncodingBasis | null] {
    const { encoding, channels } = this.#given;
    const am824 = this.#whole > 0 && this.#am824 === this.#whole;
    if (encoding !== null && fitsOctets(encoding, sampleOctets) && (encoding === "AM824" || !am824))
      return [encoding, "given"];
    const counts =
      channels !== null && ENCODINGS.some((it) => sampleOctets === channels * ENCODED_OCTETS[it]);
    const fits = (candidate: AudioEncoding) =>
      fitsOctets(candidate, sampleOctets) &&
      (!counts || sampleOctets === channels * ENCODED_OCTETS[candidate]);
    if (am824 && fits("AM824")) return ["AM824", "structure"];
    if (fits("L24") !== fits("L16")) return [fits("L24") ? "L24" : "L16", "size"];
    if (!fits("L24")) return [null, null];
    const guess = this.#content?.sampleOctets === sampleOctets ? this.#content.guess() : null;
    return guess === null ? ["L24", "default"] : [guess, "content"];
  }

  /** Reads a packet of samples of `sampleOctets` as L16 and as L24. */
  #readBoth(buf: Uint8Array, off: number, sampleOctets: number): void {
    if (sampleOctets > MAX_CHANNELS * ENCODED_OCTETS.L16) return;
    if (this.#content?.sampleOctets !== sampleOctets) this.#content = new ContentGuess(sampleOctets);
    this.#content.add(buf, off, this.#step);
  }
}

/** True when a sample of `octets` is a whole number of channels of this encoding, and no more than there can be. */
function fitsOctets(encoding: AudioEncoding, octets: number): boolean {
  const channels = octets / ENCODED_OCTETS[encoding];
  return channels > 0 && Number.isInteger(channels) && channels <= MAX_CHANNELS;
}

/** True when `buf[off, off + octets)` are AM824 words, frame start set on each first one of a pair and on no other. */
export function looksLikeAm824(buf: Uint8Array, off: number, octets: number): boolean {
  if (octets === 0 || octets % 8 !== 0) return false;
  for (let at = off; at < off + octets; at += 8) {
    if (am824Reserved(buf, at) !== 0 || am824Reserved(buf, at + 4) !== 0) return false;
    if (am824FrameStart(buf, at) !== 1 || am824FrameStart(buf, at + 4) !== 0) return false;
  }
  return true;
}
