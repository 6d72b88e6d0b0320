import { u8, u16, u32 } from "../bits/read.ts";
import { rtpHeaderLength, rtpMarker, rtpPadding, rtpTimestamp } from "../net/rtp.ts";
import { type ClockRateHz, RtpClock } from "./clock.ts";
import { holdsDataItems } from "./metadata.ts";
import { SRD_STATUS, SrdHeaders } from "./video/srd.ts";

/** What an RTP flow carries; `unknown` when nothing fits. */
export type Kind2110 = "video20" | "audio" | "anc" | "jpegxs" | "ttml" | "metadata" | "st2022-6" | "unknown";

/** A flow that shows no kind in this time is unknown. */
const DECIDE_NS = 500e6;
/** The same where the input has no times. */
const DECIDE_PACKETS = 4096;
/** The clock's rate is settled when it was watched for this long: pauses of a sender hide it for less. */
const CLOCK_NS = 1e9;
/** Packets that headers are judged by at least. */
const LEAST_PACKETS = 8;
/** Packets whose video headers all fit: enough to do without the clock. */
const SURE_VIDEO_PACKETS = 256;
/** Share of the packets that must be right: a fault here and there is for the analyser to find. */
const RIGHT_SHARE = 0.9;
/** Length of an ST 2022-6 media payload, and of the headers before it (ST 2022-6 6). */
const HBRMT_OCTETS = 1376;
const HBRMT_HEADER = 8;
/** Largest payload of ST 2110-30 and -31. */
const MOST_AUDIO_OCTETS = 1460;
/** Samples in a packet, and octets of one of all channels: 64 channels of AM824. 8-bit telephony is not of ST 2110. */
const LEAST_SAMPLES = 4;
const LEAST_SAMPLE_OCTETS = 2;
const MOST_SAMPLE_OCTETS = 256;
const ANC_HEADER = 8;
const JPEGXS_HEADER = 4;
const TTML_HEADER = 4;

/** Finds out what an RTP flow of unknown payload carries, by its clock and its payload headers, within half a second. */
export class Detector2110 {
  readonly #clock = new RtpClock();
  readonly #srd = new SrdHeaders();
  #kind: Kind2110 | null = null;
  /** The rate of the clock, once it and the kind are settled: then nothing is left to find out. */
  #rateHz: ClockRateHz | null = null;
  #packets = 0;
  #firstNs = Number.NaN;
  #lastNs = Number.NaN;
  #video = 0;
  #anc = 0;
  #jpegxs = 0;
  #ttml = 0;
  #metadata = 0;
  #ttmlStarts = 0;
  #hbrmt = 0;
  #audio = 0;
  /** Packets that go on by as many ticks as the one before, with samples for each tick. */
  #steady = 0;
  #steadyTimestamp = 0;
  #steadyStep = 0;
  #jpegxsNext = -1;
  #jpegxsTimestamp = -1;
  /** L of the packet before. */
  #jpegxsLast = 0;

  /** One RTP packet, in order: `len` of its `wireLength` octets were captured. See RtpAnalyser. */
  packet(buf: Uint8Array, off: number, len: number, wireLength: number, timeNs: number): void {
    if (this.#rateHz !== null) return;
    this.#clock.packet(rtpTimestamp(buf, off), timeNs);
    if (this.#kind !== null) {
      if (this.#clock.spanNs >= CLOCK_NS) this.#rateHz = this.#clock.rateHz;
      return;
    }
    if (this.#packets === 0) this.#firstNs = timeNs;
    this.#lastNs = timeNs;
    this.#packets += 1;
    const header = rtpHeaderLength(buf, off, len);
    if (header >= 0) {
      const cut = len < wireLength;
      const padding = rtpPadding(buf, off) === 1 && !cut ? u8(buf, off + len - 1) : 0;
      const payload = wireLength - header - padding;
      const captured = Math.min(len - header, payload);
      if (captured >= 0) this.#headers(buf, off, off + header, captured, payload);
    }
    this.#decide();
  }

  /** What the flow carries; null while that is not settled. */
  kind(): Kind2110 | null {
    return this.#kind;
  }

  /** The rate of the clock, hertz; null while it is not settled or when it is none of those in use. */
  clockRateHz(): ClockRateHz | null {
    return this.#rateHz ?? this.#clock.rateHz;
  }

  /** The input is over: settles the kind by what there was. */
  finish(): Kind2110 {
    this.#kind ??= this.#packets === 0 ? "unknown" : (this.#candidate(this.#clock.likelyRateHz) ?? "unknown");
    return this.#kind;
  }

  #decide(): void {
    if (this.#packets < LEAST_PACKETS && !this.#late) return;
    this.#kind = this.#candidate(this.#clock.rateHz);
    if (this.#kind === null && this.#late) this.#kind = "unknown";
  }

  get #late(): boolean {
    const spanNs = this.#lastNs - this.#firstNs;
    return Number.isNaN(spanNs) ? this.#packets >= DECIDE_PACKETS : spanNs >= DECIDE_NS;
  }

  #candidate(rate: ClockRateHz | null): Kind2110 | null {
    const least = Math.ceil(this.#packets * RIGHT_SHARE);
    // Text comes seldom, and no other payload begins like XML.
    if (this.#ttmlStarts > 0 && this.#ttml >= least) return "ttml";
    // No other payload has headers whose lengths add up packet after packet; at a field's worth of packets between
    // two timestamps its clock takes long to tell.
    if (rate === null) {
      const video = this.#packets >= SURE_VIDEO_PACKETS && this.#video === this.#packets && this.#anc < least;
      if (video) return "video20";
      // Timestamps that count samples make audio, at whatever rate: the analyser says what is wrong with it.
      return this.#late && this.#steady >= least - 2 ? "audio" : null;
    }
    if (rate === 27_000_000) return this.#hbrmt >= least ? "st2022-6" : null;
    if (rate !== 90_000) return this.#audio >= least - 1 ? "audio" : null;
    // A packet of RFC 8331 reads as one segment of RFC 4175, of a row that is a multiple of 64 and from its first pixel
    // on; of video only a few packets are that.
    if (this.#anc >= least) return "anc";
    if (this.#video >= least) return "video20";
    if (this.#jpegxs >= least - 1) return "jpegxs";
    // Lengths that add up are little to go by: only where nothing else has fitted in all the time there is.
    return this.#late && this.#metadata === this.#packets ? "metadata" : null;
  }

  #headers(buf: Uint8Array, off: number, at: number, captured: number, payload: number): void {
    if (this.#looksVideo(buf, at, captured, payload)) this.#video += 1;
    if (looksAnc(buf, at, captured, payload)) this.#anc += 1;
    if (this.#looksJpegXs(buf, off, at, captured)) this.#jpegxs += 1;
    if (captured > TTML_HEADER && u16(buf, at) === 0 && u16(buf, at + 2) === payload - TTML_HEADER) {
      this.#ttml += 1;
      if (startsXml(buf, at + TTML_HEADER, captured - TTML_HEADER)) this.#ttmlStarts += 1;
    }
    if (holdsDataItems(buf, at, captured, payload)) this.#metadata += 1;
    const hbrmt = payload - HBRMT_OCTETS - HBRMT_HEADER;
    if (hbrmt === 0 || hbrmt === 4) this.#hbrmt += 1;
    if (payload > 0 && payload <= MOST_AUDIO_OCTETS && payload % Math.max(1, this.#clock.stepTicks) === 0) {
      this.#audio += 1;
    }
    this.#steadyPacket(rtpTimestamp(buf, off), payload);
  }

  #steadyPacket(timestamp: number, payload: number): void {
    const step = (timestamp - this.#steadyTimestamp) | 0;
    const octets = payload / step;
    const samples = step >= LEAST_SAMPLES && octets >= LEAST_SAMPLE_OCTETS && octets <= MOST_SAMPLE_OCTETS;
    if (samples && Number.isInteger(octets) && step === this.#steadyStep) this.#steady += 1;
    this.#steadyTimestamp = timestamp;
    this.#steadyStep = step;
  }

  /** RFC 4175 4: headers whose Lengths add up to what the packet holds. */
  #looksVideo(buf: Uint8Array, at: number, captured: number, payload: number): boolean {
    const srd = this.#srd;
    if (srd.read(buf, at, captured, payload) !== SRD_STATUS.ok) return false;
    return srd.octets > 0 && srd.headerOctets + srd.octets === payload;
  }

  /** RFC 9134 4.3: packet counters that go on from one packet to the next and begin anew with the timestamp. */
  #looksJpegXs(buf: Uint8Array, off: number, at: number, captured: number): boolean {
    if (captured < JPEGXS_HEADER) return false;
    const header = u32(buf, at);
    const interlace = (header >>> 27) & 3;
    const counter = header & 0x3f_ffff;
    const timestamp = rtpTimestamp(buf, off);
    const expected = timestamp === this.#jpegxsTimestamp ? this.#jpegxsNext : 0;
    const first = this.#jpegxsTimestamp < 0;
    // K = 0, codestream mode: SEP and P together are one counter. In slice mode SEP counts slices, and is not foretold.
    const slices = (header >>> 30) & 1;
    this.#jpegxsTimestamp = timestamp;
    this.#jpegxsNext = (counter & ~0x7ff) | ((counter + 1) & 0x7ff);
    if ((counter & 0x7ff) === 0x7ff) this.#jpegxsNext = counter + 1;
    // A slice ends with L, and the next begins at 0.
    const follows = this.#jpegxsLast === 1 ? 0 : expected & 0x7ff;
    this.#jpegxsLast = (header >>> 29) & 1;
    if (interlace === 1) return false;
    if (rtpMarker(buf, off) === 1 && ((header >>> 29) & 1) === 0) return false;
    return first || (slices === 0 ? counter === expected : (counter & 0x7ff) === follows || counter === 0);
  }
}

/** RFC 8331 2: Length is what follows, F is valid, 22 reserved bits are 0, and an empty packet is just that. */
function looksAnc(buf: Uint8Array, at: number, captured: number, payload: number): boolean {
  if (captured < ANC_HEADER) return false;
  const length = u16(buf, at + 2);
  const count = u8(buf, at + 4);
  const field = u8(buf, at + 5) >>> 6;
  const reserved = u32(buf, at + 4) & 0x3f_ffff;
  if (field === 1 || reserved !== 0) return false;
  return length + ANC_HEADER === payload && (count === 0) === (length === 0);
}

/** XML in UTF-8 or UTF-16, with or without a byte order mark. */
function startsXml(buf: Uint8Array, at: number, len: number): boolean {
  if (len < 4) return false;
  const first = u32(buf, at);
  if (first >>> 24 === 0x3c || first >>> 8 === 0xefbbbf) return true;
  return first >>> 16 === 0x003c || first === 0xfeff003c || first === 0xfffe3c00;
}
