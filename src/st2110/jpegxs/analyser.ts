import {
  rtpHeaderLength,
  rtpMarker,
  rtpPadding,
  rtpPaddingLength,
  rtpPayloadType,
  rtpSsrc,
  rtpTimestamp,
} from "../../net/rtp.ts";
import { type Finding, findingsOf, ruleCounters } from "../../report/finding.ts";
import type { JpegXsReport } from "../../report/st2110-jpegxs-schema.ts";
import type { Epoch } from "../../report/time.ts";
import { isTimed, type RtpAnalyser } from "../analyser.ts";
import { type Rational, rational, times } from "../timing21/rational.ts";
import type { TimingFormat } from "../timing21/schedule.ts";
import { TimingCounters } from "../timing21/timing-counters.ts";
import { CHANGED, ChangeWatch } from "./change-watch.ts";
import { rateOf, ticksPerPicture } from "./frame-rate.ts";
import {
  JXS_HEADER_OCTETS,
  jxsFrame,
  jxsInterlace,
  jxsLast,
  jxsPacket,
  jxsPacketization,
  jxsSep,
  jxsTransmission,
} from "./header.ts";
import { type JxsPicture, profileName, readPicture, startsPicture } from "./picture.ts";
import { JXS_RULES } from "./rules.ts";
import { JxsTraffic, type TrafficOptions } from "./traffic.ts";

/** SEP of the packets that carry the header segment in slice packetization (RFC 9134 4.3). */
const HEADER_SEP = 0x7ff;
const SLICE_MODULO = 0x7ff;
/** Octets of IPv4 and UDP headers. */
const IP_UDP_OCTETS = 28;
/** I of the second field; the first has 2. */
const SECOND_FIELD = 3;

/** What a `JpegXsAnalyser` is told. */
export interface JpegXsOptions extends TrafficOptions {
  /** b=AS of the SDP in kbit/s. */
  readonly bandwidthKbps?: number;
}

/**
 * One JPEG XS stream of ST 2110-22. A picture here is what shares a run of packets up to the marker: a frame, or a
 * field of an interlaced one. The first picture of a capture counts only when its first packet is there.
 */
export class JpegXsAnalyser implements RtpAnalyser {
  #packets = 0;
  #payloadType = -1;
  #ssrc = -1;
  readonly #options: JpegXsOptions;
  readonly #counters = ruleCounters(JXS_RULES);
  readonly #timing = new TimingCounters();
  readonly #otherPackets = new ChangeWatch(this.#counters.packets, 0);
  readonly #otherOctets = new ChangeWatch(this.#counters.octets, 0);
  /** Both timestamps are rounded. */
  readonly #otherStep = new ChangeWatch(this.#counters.timestampStep, 1);
  /** Of the packet before; -1 for none. */
  #transmission = -1;
  #packetization = -1;
  /** The open picture, or the one before when it is not `#open`. */
  #open = false;
  #seen = false;
  #timestamp = 0;
  #interlace = 0;
  #frame = 0;
  #complete = false;
  #picturePackets = 0;
  #pictureOctets = 0;
  #networkOctets = 0;
  #lastSep = 0;
  #lastPacket = 0;
  #lastWasLast = false;
  /** Packets just before that could not be read: as good as lost. */
  #unread = 0;
  #segment: JxsPicture | null = null;
  #pictures = 0;
  #partial = 0;
  /** Of the first whole picture of the format; 0 before it. */
  #packetsPerPicture = 0;
  #octetsPerPicture = 0;
  #networkPerPicture = 0;
  #packetOctets = 0;
  #countsFields: boolean | null = null;
  #picture: JxsPicture | null = null;
  /** Timestamp steps between pictures that follow each other without loss. */
  #steps = 0;
  #ticks = 0;
  /** Timestamps a second. */
  #rate: Rational | null = null;
  /** Both segments of a frame share a timestamp (PsF); null before a second one followed its first. */
  #segmented: boolean | null = null;
  #traffic: JxsTraffic | null = null;
  /** Rate and size were known once, and were held to what is said of them. */
  #measured = false;

  constructor(options: JpegXsOptions) {
    this.#options = options;
  }

  packet(buf: Uint8Array, off: number, len: number, wireLength: number, lost: number, timeNs: number): void {
    const missing = lost + this.#unread;
    this.#packets += 1;
    const payloadType = rtpPayloadType(buf, off);
    this.#payloadType = payloadType;
    if (payloadType < 96) this.#counters.payloadType.hit(timeNs);
    const ssrc = rtpSsrc(buf, off);
    if (ssrc !== this.#ssrc) {
      if (this.#ssrc >= 0) {
        this.#counters.ssrc.hit(timeNs);
        this.gap();
      }
      this.#ssrc = ssrc;
    }
    const cut = len < wireLength;
    const header = rtpHeaderLength(buf, off, len);
    if (header < 0 || len < header + JXS_HEADER_OCTETS) {
      if (!cut) this.#counters.header.hit(timeNs);
      this.#unread += 1;
      return;
    }
    let padding = 0;
    if (rtpPadding(buf, off) === 1 && !cut) {
      padding = rtpPaddingLength(buf, off, len);
      if (padding < 0) this.#counters.padding.hit(timeNs);
      if (padding < 0 || len < header + JXS_HEADER_OCTETS + padding) {
        this.#unread += 1;
        return;
      }
    }
    const at = off + header;
    this.#unread = 0;
    if (missing > 0) this.#incomplete();
    this.#judgeModes(buf, at, rtpMarker(buf, off), timeNs);
    this.#judgePicture(buf, at, rtpTimestamp(buf, off), missing, timeNs);
    const data = at + JXS_HEADER_OCTETS;
    const octets = wireLength - header - JXS_HEADER_OCTETS - padding;
    if (this.#picturePackets === 0) this.#begin(buf, data, off + len - padding - data, timeNs);
    this.#picturePackets += 1;
    this.#pictureOctets += octets;
    this.#networkOctets += wireLength + IP_UDP_OCTETS;
    if (octets > this.#packetOctets) this.#packetOctets = octets;
    if (this.#measured) this.#traffic?.packet(timeNs);
    if (rtpMarker(buf, off) === 1) this.#close(timeNs);
  }

  gap(): void {
    this.#incomplete();
    this.#open = false;
    this.#seen = false;
    this.#transmission = -1;
    this.#traffic?.restart();
  }

  report(_nowNs: number, _epoch: Epoch, final: boolean): JpegXsReport {
    // Too few for another format, and no more come.
    if (final) this.#commitOthers();
    const known = this.#packetsPerPicture > 0;
    const picture = this.#picture;
    const pictureRate = this.#pictureRate();
    const seen = this.#transmission >= 0;
    return {
      packets: this.#packets,
      payloadType: this.#payloadType < 0 ? null : this.#payloadType,
      ssrc: this.#ssrc < 0 ? null : this.#ssrc,
      transmission: seen ? (this.#transmission === 1 ? "sequential" : "out of order") : null,
      packetization: seen ? (this.#packetization === 1 ? "slice" : "codestream") : null,
      scan: seen ? (this.#interlace >= 2 ? "interlaced" : "progressive") : null,
      frameCounter: this.#countsFields === null ? null : this.#countsFields ? "fields" : "frames",
      pictures: this.#pictures,
      partial: this.#partial,
      packetsPerPicture: known ? this.#packetsPerPicture : null,
      octetsPerPicture: known ? this.#octetsPerPicture : null,
      packetOctets: this.#packetOctets,
      pictureRate: pictureRate === null ? null : rateText(pictureRate),
      bitrateBps: known ? this.#bitrate(this.#octetsPerPicture) : null,
      networkBitrateBps: known ? this.#bitrate(this.#networkPerPicture) : null,
      picture:
        picture === null
          ? null
          : {
              profile: profileName(picture.profile),
              level: `0x${picture.level.toString(16).padStart(4, "0")}`,
              width: picture.width,
              height: picture.height,
              components: picture.components,
              codestreamOctets: picture.codestreamOctets,
            },
      traffic: this.#traffic?.report() ?? null,
    };
  }

  findings(streamId: string, epoch: Epoch): Finding[] {
    return [
      ...findingsOf(Object.values(this.#counters), streamId, epoch),
      ...this.#timing.findings(streamId, epoch),
    ];
  }

  #commitOthers(): void {
    this.#otherPackets.commit();
    this.#otherOctets.commit();
    this.#otherStep.commit();
  }

  /** Finds the format anew: nothing is held to the one before. */
  #forget(): void {
    this.#packetsPerPicture = 0;
    this.#octetsPerPicture = 0;
    this.#networkPerPicture = 0;
    this.#countsFields = null;
    this.#segmented = null;
    this.#steps = 0;
    this.#ticks = 0;
    this.#rate = null;
    this.#measured = false;
  }

  /** The stream goes on in another format, which is one fault and not one a picture. */
  #changed(timeNs: number): void {
    this.#counters.formatChange.hit(timeNs);
    this.#timing.revert("format");
    this.#otherPackets.drop();
    this.#otherOctets.drop();
    this.#otherStep.drop();
    this.#traffic = null;
    this.#forget();
  }

  /** Packets of the open picture are missing: its sizes and counters can't be judged. */
  #incomplete(): void {
    this.#complete = false;
  }

  /** Frames, fields or segments a second. */
  #pictureRate(): Rational | null {
    const rate = this.#rate;
    return rate === null || this.#segmented !== true ? rate : times(rate, 2);
  }

  /** Bits a second of `octets` in every picture. */
  #bitrate(octets: number): number | null {
    const rate = this.#pictureRate();
    return rate === null ? null : (octets * 8 * Number(rate.num)) / Number(rate.den);
  }

  /** What holds for each packet by itself or for the whole stream (RFC 9134 4.3). */
  #judgeModes(buf: Uint8Array, at: number, marker: number, timeNs: number): void {
    const counters = this.#counters;
    const transmission = jxsTransmission(buf, at);
    const packetization = jxsPacketization(buf, at);
    if (this.#transmission >= 0) {
      if (transmission !== this.#transmission) counters.transmission.hit(timeNs);
      if (packetization !== this.#packetization) counters.packetization.hit(timeNs);
    }
    this.#transmission = transmission;
    this.#packetization = packetization;
    if (transmission === 0 && packetization === 0) counters.outOfOrder.hit(timeNs);
    if (jxsInterlace(buf, at) === 1) counters.interlaceReserved.hit(timeNs);
    const last = jxsLast(buf, at);
    if (packetization === 0 ? last !== marker : marker > last) counters.last.hit(timeNs);
  }

  /** Opens a picture where one begins, and holds the packet to the one before. */
  #judgePicture(buf: Uint8Array, at: number, timestamp: number, lost: number, timeNs: number): void {
    const interlace = jxsInterlace(buf, at);
    const frame = jxsFrame(buf, at);
    const sep = jxsSep(buf, at);
    const packet = jxsPacket(buf, at);
    if (this.#open && timestamp !== this.#timestamp) {
      // Its end may be among the lost packets.
      if (lost === 0) this.#counters.marker.hit(timeNs);
      this.#partial += 1;
      this.#open = false;
      this.#complete = false;
    }
    const ordered = jxsTransmission(buf, at) === 1;
    if (!this.#open) {
      if (!this.#seen) {
        this.#commitOthers();
        this.#forget();
      }
      this.#openPicture(interlace, frame, timestamp, lost, timeNs);
      const first = packet === 0 && sep === (this.#packetization === 1 ? HEADER_SEP : 0);
      // Where the capture begins, or after loss, the start may be missing; out of order any packet may be first.
      this.#complete = ordered ? first : this.#seen && lost === 0;
      if (!first && ordered && lost === 0 && this.#seen) this.#counters.packetCounter.hit(timeNs);
      this.#seen = true;
    } else {
      if (interlace !== this.#interlace || frame !== this.#frame) {
        this.#counters.withinPicture.hit(timeNs);
      }
      if (lost === 0 && ordered && !this.#follows(sep, packet)) this.#counters.packetCounter.hit(timeNs);
    }
    this.#lastSep = sep;
    this.#lastPacket = packet;
    this.#lastWasLast = jxsLast(buf, at) === 1;
  }

  /** True when SEP and P go on from the packet before in the same picture. */
  #follows(sep: number, packet: number): boolean {
    if (this.#packetization === 0) {
      // One counter of 22 bits.
      return sep * 2048 + packet === ((this.#lastSep * 2048 + this.#lastPacket + 1) & 0x3fffff);
    }
    if (!this.#lastWasLast) return sep === this.#lastSep && packet === ((this.#lastPacket + 1) & 0x7ff);
    const next = this.#lastSep === HEADER_SEP ? 0 : (this.#lastSep + 1) % SLICE_MODULO;
    return sep === next && packet === 0;
  }

  #openPicture(interlace: number, frame: number, timestamp: number, lost: number, timeNs: number): void {
    if (this.#seen && lost === 0) {
      this.#judgeFields(interlace, frame, timeNs);
      this.#judgeTimestamp(interlace, timestamp, timeNs);
    }
    this.#open = true;
    this.#timestamp = timestamp;
    this.#interlace = interlace;
    this.#frame = frame;
    this.#picturePackets = 0;
    this.#pictureOctets = 0;
    this.#networkOctets = 0;
  }

  /** Order of fields, and F from picture to picture. */
  #judgeFields(interlace: number, frame: number, timeNs: number): void {
    const before = this.#interlace;
    const expected = before === 0 ? 0 : before === SECOND_FIELD ? 2 : SECOND_FIELD;
    if (interlace !== expected && interlace !== 1 && before !== 1) this.#counters.fieldOrder.hit(timeNs);
    const step = (frame - this.#frame) & 31;
    if (interlace !== SECOND_FIELD) {
      if (step !== 1) this.#counters.frameCounter.hit(timeNs);
      return;
    }
    // Both fields are of one frame and have its number; some senders number the fields.
    if (this.#countsFields === null && step <= 1) {
      this.#countsFields = step === 1;
      if (step === 1) this.#counters.frameCounterFields.hit(timeNs);
    } else if (step !== (this.#countsFields ? 1 : 0)) this.#counters.frameCounter.hit(timeNs);
  }

  #judgeTimestamp(interlace: number, timestamp: number, timeNs: number): void {
    const ticks = (timestamp - this.#timestamp) | 0;
    if (interlace === SECOND_FIELD) this.#segmented = ticks === 0;
    if (ticks === 0) {
      // The segments of a PsF frame share one timestamp (ST 2110-20 7.6.1).
      if (interlace !== SECOND_FIELD) this.#counters.timestampRepeated.hit(timeNs);
      return;
    }
    const rate = this.#rate;
    if (rate === null) {
      this.#steps += 1;
      this.#ticks += ticks;
      this.#rate = rateOf(this.#ticks, this.#steps);
    } else if (Math.abs(ticks - ticksPerPicture(rate)) < 1) {
      this.#otherStep.commit();
    } else if (this.#otherStep.other(ticks, timeNs)) {
      this.#otherRate(timeNs);
    }
  }

  /** Steps that are alike are those of another rate, if there is such a rate. */
  #otherRate(timeNs: number): void {
    const { sum } = this.#otherStep;
    const rate = rateOf(sum, CHANGED);
    if (rate === null) {
      this.#otherStep.commit();
      return;
    }
    this.#changed(timeNs);
    this.#steps = CHANGED;
    this.#ticks = sum;
    this.#rate = rate;
  }

  /** The first packet of a picture that is there; `octets` of its segment were captured at `data`. */
  #begin(buf: Uint8Array, data: number, octets: number, timeNs: number): void {
    this.#segment = null;
    if (this.#complete && octets >= 8 && this.#transmission === 1) {
      if (!startsPicture(buf, data, octets)) this.#counters.boxes.hit(timeNs);
      const segment = readPicture(buf, data, octets);
      this.#segment = segment;
      if (segment !== null) this.#picture = segment;
    }
    const rate = this.#pictureRate();
    const scanKnown = this.#interlace < 2 || this.#segmented !== null;
    const known = rate !== null && scanKnown && this.#packetsPerPicture > 0;
    if (!known || this.#measured || Number.isNaN(timeNs)) return;
    this.#measured = true;
    if (isTimed(this.#options.quality)) this.#traffic = this.#startTraffic(rate, timeNs);
    const bps = this.#bitrate(this.#networkPerPicture) ?? 0;
    if (bps > (this.#options.bandwidthKbps ?? Number.POSITIVE_INFINITY) * 1000) {
      this.#counters.bandwidth.hit(timeNs);
    }
  }

  #startTraffic(rate: Rational, timeNs: number): JxsTraffic {
    const fields = this.#interlace >= 2 ? 2 : 1;
    const height = (this.#picture?.height ?? 1080 / fields) * fields;
    const format: TimingFormat = {
      height,
      scan: fields === 2 ? "interlaced" : "progressive",
      rate: rational(rate.num, rate.den * BigInt(fields)),
      packets: this.#packetsPerPicture * fields,
    };
    const options = this.#options;
    const before = this.#traffic;
    if (before?.fits(format, this.#timestamp, timeNs, options)) return before;
    return new JxsTraffic(format, this.#timestamp, timeNs, { ...options, counters: this.#timing });
  }

  /** The marker has come. */
  #close(timeNs: number): void {
    this.#open = false;
    if (!this.#complete) {
      this.#partial += 1;
      return;
    }
    this.#pictures += 1;
    const segment = this.#segment;
    if (segment !== null && segment.codestreamOctets > 0) {
      const expected = segment.boxOctets + segment.codestreamOctets;
      if (expected !== this.#pictureOctets) this.#counters.codestream.hit(timeNs);
    }
    if (this.#packetsPerPicture > 0) {
      const packets = sizeChanged(this.#otherPackets, this.#picturePackets, this.#packetsPerPicture, timeNs);
      const octets = sizeChanged(this.#otherOctets, this.#pictureOctets, this.#octetsPerPicture, timeNs);
      if (!packets && !octets) {
        const { quiet } = this.#otherStep;
        if (quiet && this.#otherPackets.quiet && this.#otherOctets.quiet) this.#timing.settle("format");
        return;
      }
      this.#changed(timeNs);
    }
    this.#packetsPerPicture = this.#picturePackets;
    this.#octetsPerPicture = this.#pictureOctets;
    this.#networkPerPicture = this.#networkOctets;
  }
}

/** Holds `size` of a picture to that of all; true once all have another. */
function sizeChanged(watch: ChangeWatch, size: number, expected: number, timeNs: number): boolean {
  if (size !== expected) return watch.other(size, timeNs);
  watch.commit();
  return false;
}

/** `50`, or `60000/1001`. */
function rateText({ num, den }: Rational): string {
  return den === 1n ? `${num}` : `${num}/${den}`;
}
