import {
  rtpHeaderLength,
  rtpMarker,
  rtpPadding,
  rtpPaddingLength,
  rtpPayloadType,
  rtpSsrc,
  rtpTimestamp,
} from "../../net/rtp.ts";
import { type Finding, type FindingCounter, findingsOf, ruleCounters } from "../../report/finding.ts";
import type { AudioReport, AudioTimingReport } from "../../report/st2110-audio-schema.ts";
import type { Epoch } from "../../report/time.ts";
import { isTimed, type RtpAnalyser, type TimestampQuality } from "../analyser.ts";
import { Am824Monitor } from "./am824.ts";
import { type AudioFormat, conformanceLevel, packetTimeNs } from "./format.ts";
import { FormatFinder, type GivenFormat } from "./format-finder.ts";
import { PcmMeter, type SampleLayout } from "./pcm-meter.ts";
import { HeldBreaches, RateCheck } from "./rate-check.ts";
import { AUDIO_RULES } from "./rules.ts";
import { AudioTiming } from "./timing.ts";

/** Most octets of payload (ST 2110-30 6.2.1: 1460 of UDP less its header and that of RTP). */
const MAX_PAYLOAD = 1440;
/** Octets of first packets that are kept until the format is known. */
const MAX_HELD_OCTETS = 1 << 20;
/** Packets that tell enough about a format for a report in the meantime. */
const ENOUGH_FOR_REPORT = 16;
/** Packets in a row that do not fit the format before it is looked for anew. */
const STRANGE_PACKETS = 16;

/** What an `AudioAnalyser` is told. */
export interface AudioOptions {
  readonly timestamps: TimestampQuality;
  /** What an SDP says, or the clock rate that detection found; asked when the format is decided. */
  readonly given?: Partial<GivenFormat>;
  /** False while the sampling rate that is given may turn out to be another. */
  readonly settled?: () => boolean;
}

/** A packet kept until the format is known. */
interface Held {
  readonly octets: Uint8Array;
  readonly wireLength: number;
  readonly lost: number;
  readonly timeNs: number;
  /** The input started again before it. */
  readonly afterGap: boolean;
}

/**
 * One audio stream: PCM of ST 2110-30 (AES67) or AES3 of ST 2110-31. The first packets are kept, at most 1 MiB of
 * them, until format and rate are known; then they are judged like all others.
 */
export class AudioAnalyser implements RtpAnalyser {
  #packets = 0;
  #payloadType = -1;
  #ssrc = -1;
  #unmetered = 0;
  readonly #timestamps: TimestampQuality;
  readonly #given: GivenFormat;
  readonly #settled: () => boolean;
  readonly #counters = ruleCounters(AUDIO_RULES);
  #finder: FormatFinder;
  #held: Held[] = [];
  #heldOctets = 0;
  #format: AudioFormat | null = null;
  /** Octets of payload of every packet; 0 when the format has no such size. */
  #payloadOctets = 0;
  #meter: PcmMeter | null = null;
  #am824: Am824Monitor | null = null;
  #timing: AudioTiming | null = null;
  #lastTimestamp = -1;
  #afterGap = false;
  /** Packets in a row that do not fit the format, and what each of them broke, counted once the row is over. */
  #strange = 0;
  #strangeSizes = 0;
  #strangeSteps = 0;
  #strangeFromNs = Number.NaN;
  #strangeNs = Number.NaN;
  /** The format has changed, and no packet of the new one has come yet: those that do not fit are of the old one. */
  #changing = false;
  #beyondWide = 0;
  /** Watches a rate that was measured, until it is sure; null when it is, or when there is none. */
  #check: RateCheck | null = null;
  #rateSure = false;
  #adoptedNs = Number.NaN;
  readonly #heldTsDf = new HeldBreaches("tsDf");

  constructor(options: AudioOptions) {
    this.#timestamps = options.timestamps;
    this.#settled = options.settled ?? (() => true);
    const given = options.given ?? {};
    this.#given = {
      encoding: given.encoding ?? null,
      channels: given.channels ?? null,
      get sampleRateHz() {
        return given.sampleRateHz ?? null;
      },
    };
    this.#finder = new FormatFinder(this.#given);
  }

  /** The sampling rate as it is known now, hertz; null where it is not. */
  get sampleRateHz(): number | null {
    return this.#format?.sampleRateHz ?? null;
  }

  /** True when the sampling rate will not turn out to be another. */
  get rateSettled(): boolean {
    return this.#rateSure;
  }

  packet(buf: Uint8Array, off: number, len: number, wireLength: number, lost: number, timeNs: number): void {
    this.#packets += 1;
    const payloadType = rtpPayloadType(buf, off);
    this.#payloadType = payloadType;
    if (payloadType < 96) this.#counters.payloadType.hit(timeNs);
    if (rtpMarker(buf, off) === 1) this.#counters.marker.hit(timeNs);
    const ssrc = rtpSsrc(buf, off);
    if (ssrc !== this.#ssrc) this.#newSource(ssrc, timeNs);
    if (this.#format !== null) {
      this.#judge(buf, off, len, wireLength, lost, timeNs);
      return;
    }
    const afterGap = this.#afterGap;
    this.#afterGap = false;
    this.#hold({ octets: buf.slice(off, off + len), wireLength, lost, timeNs, afterGap });
  }

  gap(): void {
    this.#countStrange();
    this.#afterGap = true;
    this.#finder.gap();
    this.#breakOff();
  }

  report(_nowNs: number, epoch: Epoch, final: boolean): AudioReport {
    this.#settleForReport(final);
    if (final) this.#endCheck();
    const levels = this.#meter?.report() ?? [];
    return {
      packets: this.#packets,
      undecided: this.#held.length,
      payloadType: this.#payloadType < 0 ? null : this.#payloadType,
      ssrc: this.#ssrc < 0 ? null : this.#ssrc,
      format: this.#formatReport(levels),
      timing: this.#timingReport(epoch, final),
      unmetered: this.#unmetered,
      levels,
      channelStatus: this.#am824?.report() ?? [],
    };
  }

  findings(streamId: string, epoch: Epoch): Finding[] {
    this.#settleForReport(false);
    this.#countStrange();
    return findingsOf(Object.values(this.#counters), streamId, epoch);
  }

  #newSource(ssrc: number, timeNs: number): void {
    if (this.#ssrc >= 0) {
      this.#counters.ssrc.hit(timeNs);
      this.#restart();
    }
    this.#ssrc = ssrc;
  }

  /** What is judged next is not compared with what was judged before. */
  #breakOff(): void {
    this.#lastTimestamp = -1;
    this.#am824?.gap();
    this.#timing?.gap();
    this.#check?.gap();
  }

  /** Looks for the format anew. */
  #restart(): void {
    if (this.#format === null) this.#settle(true);
    this.#changing = false;
    this.#format = null;
    this.#check = null;
    this.#finder = new FormatFinder(this.#given);
    this.#breakOff();
  }

  /** Keeps a packet until the format is known, and looks at it for that. */
  #hold(packet: Held): void {
    const { octets, wireLength, lost, timeNs, afterGap } = packet;
    const { length } = octets;
    this.#held.push(packet);
    this.#heldOctets += length;
    if (afterGap) this.#finder.gap();
    const header = rtpHeaderLength(octets, 0, length);
    if (header >= 0) {
      const padding = length < wireLength ? 0 : Math.max(0, rtpPaddingLength(octets, 0, length));
      const captured = length - header - padding;
      const onWire = wireLength - header - padding;
      const arrivalNs = isTimed(this.#timestamps) ? timeNs : Number.NaN;
      this.#finder.packet(octets, header, captured, onWire, rtpTimestamp(octets, 0), lost === 0, arrivalNs);
    }
    if (this.#finder.enough || this.#heldOctets >= MAX_HELD_OCTETS) this.#settle(false);
  }

  /** A report is due: with some packets their format can be told, and a final one tells what it can. */
  #settleForReport(final: boolean): void {
    const { length } = this.#held;
    if (length === 0) {
      this.#followGiven();
      return;
    }
    if (
      final ||
      (length >= ENOUGH_FOR_REPORT &&
        this.#finder.someTime &&
        this.#finder.decide(false).sampleRateHz !== null)
    )
      this.#settle(final);
  }

  /**
   * Takes the format for what it looks like and judges the packets that were kept. Where they go on in another one,
   * those that follow are kept for it; when they are the `last`, they are settled too.
   */
  #settle(last: boolean): void {
    const format = this.#finder.decide(last);
    const held = this.#held;
    this.#held = [];
    this.#heldOctets = 0;
    this.#adopt(format, held[0]?.timeNs ?? Number.NaN);
    for (const packet of held) {
      if (this.#format === null) {
        this.#hold(packet);
        continue;
      }
      const { octets, wireLength, lost, timeNs, afterGap } = packet;
      if (afterGap) this.#breakOff();
      this.#judge(octets, 0, octets.length, wireLength, lost, timeNs);
    }
    if (last && this.#format === null && this.#held.length > 0) this.#settle(true);
  }

  #adopt(format: AudioFormat, timeNs: number): void {
    this.#format = format;
    this.#payloadOctets = format.sampleOctets * format.samplesPerPacket;
    this.#lastTimestamp = -1;
    this.#countStrange();
    this.#strange = 0;
    this.#beyondWide = 0;
    this.#adoptedNs = timeNs;
    this.#rateSure = false;
    this.#heldTsDf.drop();
    const { encoding, sampleRateHz, channels } = format;
    const layout = sampleLayout(format);
    this.#meter = layout === null ? null : new PcmMeter(layout);
    const pairs = encoding === "AM824" && channels % 2 === 0;
    this.#am824 = pairs ? new Am824Monitor(channels, sampleRateHz, this.#counters) : null;
    if (encoding === "AM824" && !pairs) this.#counters.am824Odd.hit(timeNs);
    const timeOfPacketNs = packetTimeNs(format);
    this.#timing =
      sampleRateHz === null || timeOfPacketNs === null || !isTimed(this.#timestamps)
        ? null
        : new AudioTiming({ sampleRateHz, packetTimeNs: timeOfPacketNs, timestamps: this.#timestamps });
    this.#check =
      sampleRateHz === null || sampleRateHz === this.#given.sampleRateHz ? null : new RateCheck(sampleRateHz);
    if (format.samplesPerPacket === 0) return;
    if (encoding === null) this.#counters.noEncoding.hit(timeNs);
    if (sampleRateHz === null && this.#finder.longEnough) this.#counters.rate.hit(timeNs);
    if (sampleRateHz !== null && this.#check === null && this.#settled()) this.#rateIsSure();
  }

  /** Takes over the rate that was given, once it is settled. */
  #followGiven(): void {
    const { sampleRateHz } = this.#given;
    const format = this.#format;
    if (
      format === null ||
      this.#rateSure ||
      this.#check !== null ||
      sampleRateHz === null ||
      !this.#settled()
    )
      return;
    if (sampleRateHz === format.sampleRateHz) this.#rateIsSure();
    else this.#adopt({ ...format, sampleRateHz }, this.#adoptedNs);
  }

  /** What was found by the sampling rate counts, and the level is judged by it. */
  #rateIsSure(): void {
    this.#check = null;
    this.#rateSure = true;
    this.#am824?.rateIsSure();
    this.#heldTsDf.release(this.#counters);
    const format = this.#format as AudioFormat;
    const { encoding } = format;
    if (encoding === null || format.samplesPerPacket === 0 || conformanceLevel(format) !== null) return;
    this.#counters[encoding === "AM824" ? "am824Level" : "level"].hit(this.#adoptedNs);
  }

  /** The rate was watched for a while. */
  #rateChecked(check: RateCheck, timeNs: number): void {
    const format = this.#format as AudioFormat;
    if (check.verdict === "right") this.#rateIsSure();
    else if (check.verdict === "none") {
      this.#adopt({ ...format, sampleRateHz: null }, timeNs);
      this.#check = null;
    } else {
      this.#adopt({ ...format, sampleRateHz: check.rateHz }, timeNs);
      if (this.#check !== null) this.#check = check;
    }
  }

  /** The input is over: where all of it shows another rate, what was measured by the one before is none. */
  #endCheck(): void {
    const check = this.#check;
    const format = this.#format;
    if (check === null || format === null) return;
    check.end();
    if (check.verdict === "right") this.#rateIsSure();
    else if (check.rateHz !== format.sampleRateHz) {
      this.#format = { ...format, sampleRateHz: check.rateHz };
      this.#timing = null;
    }
  }

  #judge(buf: Uint8Array, off: number, len: number, wireLength: number, lost: number, timeNs: number): void {
    const cut = len < wireLength;
    const timestamp = rtpTimestamp(buf, off);
    const check = this.#check;
    if (check?.packet(timestamp, timeNs) === true) this.#rateChecked(check, timeNs);
    const strange = this.#judgeStep(timestamp, lost);
    const timing = this.#timing;
    if (timing !== null) {
      timing.packet(timestamp, lost === 0, timeNs);
      if (timing.beyondWide > this.#beyondWide) {
        this.#heldTsDf.add(timeNs, timing.beyondWide - this.#beyondWide);
        if (this.#rateSure) this.#heldTsDf.release(this.#counters);
        this.#beyondWide = timing.beyondWide;
      }
    }
    if (lost > 0) this.#am824?.gap();
    const header = rtpHeaderLength(buf, off, len);
    if (header < 0) {
      if (!cut) this.#counters.header.hit(timeNs);
      this.#unmeasured();
      this.#watchFormat(false, strange, timeNs);
      return;
    }
    let padding = 0;
    if (!cut && rtpPadding(buf, off) === 1) {
      padding = rtpPaddingLength(buf, off, len);
      if (padding < 0) {
        this.#counters.padding.hit(timeNs);
        this.#unmeasured();
        this.#watchFormat(false, strange, timeNs);
        return;
      }
    }
    const octets = wireLength - header - padding;
    if (octets > MAX_PAYLOAD) this.#counters.payloadLimit.hit(timeNs);
    // Padding that the snap length cut away makes the payload look longer than it is.
    const sizeKnown = !cut || rtpPadding(buf, off) === 0;
    const otherSize = sizeKnown && this.#payloadOctets > 0 && octets !== this.#payloadOctets;
    if (cut) this.#unmeasured();
    else this.#samples(buf, off + header, octets, timeNs);
    this.#watchFormat(otherSize, strange, timeNs);
  }

  /** True when the timestamp is not where it was to be. */
  #judgeStep(timestamp: number, lost: number): boolean {
    const { samplesPerPacket } = this.#format as AudioFormat;
    const last = this.#lastTimestamp;
    this.#lastTimestamp = timestamp;
    if (last < 0 || samplesPerPacket === 0) return false;
    const expected = (last + samplesPerPacket * (lost + 1)) >>> 0;
    return expected !== timestamp;
  }

  /** Peaks, and for AES3 its rules, of as many whole samples as there are. */
  #samples(buf: Uint8Array, off: number, octets: number, timeNs: number): void {
    const { sampleOctets } = this.#format as AudioFormat;
    if (sampleOctets === 0) return;
    const count = Math.floor(octets / sampleOctets);
    this.#am824?.add(buf, off, count, timeNs);
    this.#meter?.add(buf, off, count);
  }

  #unmeasured(): void {
    this.#unmetered += 1;
    this.#am824?.gap();
  }

  /** A sender that goes on in another format is followed, which is one fault and not one a packet. */
  #watchFormat(otherSize: boolean, otherStep: boolean, timeNs: number): void {
    if (!otherSize && !otherStep) {
      if (this.#strange > 0) {
        this.#countStrange();
        this.#strange = 0;
      }
      this.#changing = false;
      return;
    }
    if (this.#strangeSizes + this.#strangeSteps === 0) this.#strangeFromNs = timeNs;
    this.#strangeNs = timeNs;
    this.#strange += 1;
    if (otherSize) this.#strangeSizes += 1;
    if (otherStep) this.#strangeSteps += 1;
    if (this.#strange < STRANGE_PACKETS) return;
    this.#strangeSizes = 0;
    this.#strangeSteps = 0;
    this.#counters.formatChange.hit(timeNs);
    this.#restart();
    this.#changing = true;
  }

  /** The row is over, or somebody asks: they were packets of this format with faults. */
  #countStrange(): void {
    if (!this.#changing) {
      this.#hitRow(this.#counters.payloadSize, this.#strangeSizes);
      this.#hitRow(this.#counters.timestampStep, this.#strangeSteps);
    }
    this.#strangeSizes = 0;
    this.#strangeSteps = 0;
  }

  #hitRow(counter: FindingCounter, count: number): void {
    if (count > 1) counter.hit(this.#strangeFromNs, count - 1);
    if (count > 0) counter.hit(this.#strangeNs);
  }

  #formatReport(levels: AudioReport["levels"]): AudioReport["format"] {
    const format = this.#format;
    if (format === null) return null;
    const { encoding, basis, sampleRateHz, channels, samplesPerPacket } = format;
    const timeOfPacketNs = packetTimeNs(format);
    return {
      standard: encoding === null ? null : encoding === "AM824" ? "ST 2110-31" : "ST 2110-30",
      encoding,
      encodingBasis: basis,
      significantBits: levels.length === 0 ? null : Math.max(...levels.map((level) => level.significantBits)),
      sampleRateHz,
      channels,
      samplesPerPacket,
      packetTimeUs: timeOfPacketNs === null ? null : timeOfPacketNs / 1000,
      payloadOctets: this.#payloadOctets,
      level: conformanceLevel(format),
    };
  }

  #timingReport(epoch: Epoch, final: boolean): AudioTimingReport | null {
    return this.#timing?.report(epoch, final) ?? null;
  }
}

/** Where the samples of `format` stand; null when it has no known encoding. */
function sampleLayout(format: AudioFormat): SampleLayout | null {
  const { encoding, channels, sampleRateHz } = format;
  const windowSamples = sampleRateHz ?? 48_000;
  switch (encoding) {
    case "L16":
      return { channels, stride: 2, skip: 0, octets: 2, windowSamples };
    case "L24":
      return { channels, stride: 3, skip: 0, octets: 3, windowSamples };
    case "AM824":
      return { channels, stride: 4, skip: 1, octets: 3, windowSamples };
    case null:
      return null;
  }
}
