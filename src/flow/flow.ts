import { u8 } from "../bits/read.ts";
import { TsAnalyser } from "../mpegts/analyser.ts";
import { SYNC_BYTE } from "../mpegts/packet.ts";
import { RtpReorder } from "../net/reorder.ts";
import { looksLikeRtcp, rtpPayloadType, rtpSequence, rtpSsrc, rtpTimestamp } from "../net/rtp.ts";
import type { Finding } from "../report/finding.ts";
import type { PacketOutput, StreamInfo } from "../report/output.ts";
import type { RtpReport, StreamReport } from "../report/schema.ts";
import { type Epoch, formatTime, NS_PER_SECOND } from "../report/time.ts";
import type { RecentTimestamps } from "../st2110/recent-timestamps.ts";
import type { SdpStream } from "../st2110/sdp/description.ts";
import { Detector, LOOKS, type Looks, RtpPayload } from "./detect.ts";
import { FlowFindings } from "./findings.ts";
import type { FlowAddress, FlowContext } from "./flow-context.ts";
import type { LegOutput } from "./leg-output.ts";
import type { LegFlow } from "./legs.ts";
import { NetworkMeter } from "./network.ts";
import { RtpMedia } from "./rtp-media.ts";

/** A stream without a datagram for this long, by the capture's time, is no longer active. */
export const INACTIVE_AFTER_NS = 2 * NS_PER_SECOND;

/** First octet of RTP without padding, extension and CSRC list: nothing in it can be wrong. */
const PLAIN_RTP = 0x80;

/** One flow and the analyser of what it carries. Reads no clock and does no I/O. */
export class Flow {
  packets = 0;
  bytes = 0;
  firstNs = Number.NaN;
  lastNs = Number.NaN;
  recentBitrateBps: number | null = null;
  readonly address: FlowAddress;
  /** What a session description says of it. */
  readonly said: SdpStream | null;
  /** What it is to the search for legs of ST 2022-7, once RTP has come. */
  leg: LegFlow | null = null;
  /** What its packets go through while it may become a leg whose merged stream is passed on in its place. */
  readonly legOutput: LegOutput | null;
  readonly #context: FlowContext;
  readonly #output: PacketOutput | null;
  readonly #detector = new Detector();
  readonly #rtpPayload = new RtpPayload();
  readonly #findings = new FlowFindings();
  /** What the network did to the stream; null for a file, whose times are no times of arrival. */
  readonly #network: NetworkMeter | null;
  #looks: Looks | -1 = -1;
  #held: { octets: Uint8Array; cut: number; timeNs: number }[] = [];
  #firstBytes = 0;
  #windowBytes = 0;
  #windowStartNs = Number.NaN;
  #analyser: TsAnalyser | null = null;
  #reorder: RtpReorder | null = null;
  /** RTP without TS. */
  #media2110: RtpMedia | null = null;
  /** Packets lost in all when the last one was delivered. */
  #lostBefore = 0;
  #stream = -1;
  #payloadType = 0;
  #ssrc = 0;

  constructor(address: FlowAddress, context: FlowContext, said: SdpStream | null = null) {
    this.address = address;
    this.said = said;
    this.#context = context;
    const onNetwork = address.destinationAddress !== "";
    this.legOutput = onNetwork ? (context.legs?.outputFor(context.output) ?? null) : null;
    this.#output = this.legOutput ?? context.output;
    this.#network = onNetwork && context.merged === null ? new NetworkMeter() : null;
  }

  /**
   * Takes one datagram: `len` octets of UDP payload at `off`, all of them captured unless `cut` octets are
   * missing at the end.
   */
  datagram(buf: Uint8Array, off: number, len: number, cut: number, timeNs: number): void {
    this.#count(len + cut, timeNs);
    this.#network?.datagram(len + cut, timeNs);
    if (cut > 0) this.#findings.snapped.hit(timeNs);
    if (this.#looks === -1) this.#undecided(buf, off, len, cut, timeNs);
    else this.#judge(buf, off, len, cut, timeNs);
  }

  /** Takes the octets of a transport stream file, in order and without gaps, packet boundaries or not. */
  chunk(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    this.#count(len, timeNs);
    if (this.#looks === -1) this.#settle(LOOKS.tsUdp);
    this.#analyser?.chunk(buf, off, len, timeNs);
  }

  /** The capture's time has come to `nowNs`: held-back RTP packets may be due. */
  expire(nowNs: number): void {
    this.#analyser?.idle(nowNs);
    const reorder = this.#reorder;
    if (!reorder) return;
    reorder.expire(nowNs);
    this.#findings.update(reorder, nowNs);
  }

  /** The input starts again: sequence numbers and counters that follow are not compared with those before. */
  gap(): void {
    this.#network?.gap();
    // What still waits came before the gap.
    this.#reorder?.close();
    this.#media2110?.gap();
    this.#analyser?.gap();
  }

  /** The sender came back from another port after a silence; the datagrams that follow are of this flow. */
  senderRestarted(timeNs: number): void {
    this.#findings.senderRestart.hit(timeNs);
  }

  /** A second has passed: turns the octets since the last call into the recent bit rate. */
  endWindow(nowNs: number): void {
    const elapsedNs = nowNs - this.#windowStartNs;
    if (elapsedNs > 0) this.recentBitrateBps = (this.#windowBytes * 8 * NS_PER_SECOND) / elapsedNs;
    this.#windowBytes = 0;
    this.#windowStartNs = nowNs;
  }

  /** The capture buffer is about to be reused. */
  bufferEnd(): void {
    this.#analyser?.bufferEnd();
  }

  /** The input is over: decides what is undecided and delivers what is held back. */
  end(): void {
    if (this.#looks === -1) this.#settle(this.#detector.guess());
    this.#reorder?.close();
    if (this.#reorder) this.#findings.update(this.#reorder, this.lastNs);
    this.#media2110?.end();
    this.#analyser?.end();
    this.#context.release();
    if (this.#stream >= 0) this.#output?.close(this.#stream);
    this.#stream = -1;
  }

  /** The stream as report data; `nowNs` is the capture's time. Large parts are only in a `final` report. */
  report(epoch: Epoch, nowNs: number, final: boolean): StreamReport {
    const { address } = this;
    const onNetwork = address.destinationAddress !== "";
    const elapsedNs = this.lastNs - this.firstNs;
    const analyser = this.#analyser;
    const reorder = this.#reorder;
    const report: StreamReport = {
      id: address.id,
      kind: analyser ? "mpegts" : reorder ? "rtp" : "other",
      transport: !onNetwork ? "file" : this.#overRtp() ? "rtp" : "udp",
      source: onNetwork ? endpoint(address.sourceAddress, address.sourcePort) : null,
      destination: onNetwork ? endpoint(address.destinationAddress, address.destinationPort) : null,
      vlan: address.vlan,
      packets: this.packets,
      bytes: this.bytes,
      bitrate: elapsedNs > 0 ? ((this.bytes - this.#firstBytes) * 8 * NS_PER_SECOND) / elapsedNs : null,
      recentBitrate: this.recentBitrateBps,
      active: nowNs - this.lastNs <= INACTIVE_AFTER_NS,
      senderRestarts: this.#findings.senderRestart.count,
      firstTime: Number.isNaN(this.firstNs) ? null : formatTime(epoch, this.firstNs),
      lastTime: Number.isNaN(this.lastNs) ? null : formatTime(epoch, this.lastNs),
    };
    if (this.#network) report.network = this.#network.report(final);
    if (reorder) report.rtp = this.#rtpReport(reorder);
    if (this.#media2110 && !analyser) report.st2110 = this.#media2110.report(nowNs, final);
    if (analyser) report.mpegts = analyser.report(elapsedNs > 0 ? elapsedNs : null, { nowNs, epoch, final });
    return report;
  }

  /** Its RTP packets on their way into sequence order; null before there are any. */
  get reorder(): RtpReorder | null {
    return this.#reorder;
  }

  /** What it carries when that is RTP without TS; null before that is known. */
  get media(): RtpMedia | null {
    return this.#analyser ? null : this.#media2110;
  }

  /** RTP timestamps of media other than TS; null where there are none. */
  get recentTimestamps(): RecentTimestamps | null {
    return this.#media2110?.recent ?? null;
  }

  /** Everything that was found wrong by `nowNs`. */
  findings(epoch: Epoch, nowNs: number): Finding[] {
    const { id } = this.address;
    const media = this.#analyser ? null : this.#media2110;
    return [
      ...this.#findings.list(id, epoch, media !== null),
      ...(media?.findings(id, epoch) ?? []),
      ...(this.#analyser?.findings(id, epoch, nowNs) ?? []),
    ];
  }

  #overRtp(): boolean {
    return this.#looks === LOOKS.tsRtp || this.#looks === LOOKS.rtp;
  }

  #count(bytes: number, timeNs: number): void {
    if (this.packets === 0) {
      this.firstNs = timeNs;
      this.#firstBytes = bytes;
      this.#windowStartNs = timeNs;
    }
    this.packets++;
    this.bytes += bytes;
    this.#windowBytes += bytes;
    this.lastNs = timeNs;
  }

  /** Keeps a copy of the first datagrams until it is clear what they are: none goes unjudged. */
  #undecided(buf: Uint8Array, off: number, len: number, cut: number, timeNs: number): void {
    const looks = this.#detector.decide(buf, off, len);
    if (looks === -1) {
      this.#held.push({ octets: buf.slice(off, off + len), cut, timeNs });
      return;
    }
    this.#settle(looks);
    this.#judge(buf, off, len, cut, timeNs);
  }

  #settle(looks: Looks): void {
    this.#become(looks);
    const held = this.#held;
    this.#held = [];
    for (const { octets, cut, timeNs } of held) this.#judge(octets, 0, octets.length, cut, timeNs);
    if (held.length > 0) this.#releaseBuffers();
  }

  /** Sets the flow up for what it carries, at first or when the sender has changed it. */
  #become(looks: Looks): void {
    const context = this.#context;
    const carriesTs = looks === LOOKS.tsUdp || looks === LOOKS.tsRtp;
    if (this.#stream >= 0 && carriesTs && this.#analyser === null) {
      context.release();
      this.#output?.close(this.#stream);
      this.#stream = -1;
    }
    if (looks !== LOOKS.tsRtp && looks !== LOOKS.rtp) this.#reorder?.flush();
    this.#looks = looks;
    if (this.#stream < 0 && looks !== LOOKS.other) {
      this.#stream = context.nextStream();
      this.#output?.open(this.#stream, this.#streamInfo(looks));
    }
    if (looks === LOOKS.rtp && context.media !== null)
      this.#media2110 ??= new RtpMedia(context.media, this.said, context.merged?.found ?? null);
    if (carriesTs && this.#analyser === null) {
      this.#analyser = new TsAnalyser({
        stream: this.#stream,
        output: this.#output,
        passIllegal: context.passIllegal,
        dropNull: context.dropNull,
        clock: context.clock,
        monitor: context.monitor,
        release: () => context.release(),
      });
    }
    if ((looks === LOOKS.tsRtp || looks === LOOKS.rtp) && this.#reorder === null) {
      this.#reorder = new RtpReorder({
        windowPackets: context.reorderPackets,
        windowNs: context.reorderNs,
        memory: context.reorderMemory,
        deliver: (buf, off, len, timeNs, wire) => this.#deliver(buf, off, len, timeNs, wire),
        release: () => this.#releaseBuffers(),
        // Another SSRC its analyser sees for itself, and some senders draw one for each packet.
        reset: (sameSource) => {
          if (sameSource) this.#media2110?.gap();
        },
      });
    }
  }

  #releaseBuffers(): void {
    this.#context.release();
    this.#analyser?.bufferEnd();
  }

  #judge(buf: Uint8Array, off: number, len: number, cut: number, timeNs: number): void {
    const looks = this.#looks;
    if (looks === LOOKS.tsUdp) {
      if (!startsLikeRtp(buf, off, len) || !this.#changed(buf, off, len)) {
        this.#media(len + cut, timeNs);
        this.#transportPackets(buf, off, len, cut > 0, timeNs);
        return;
      }
    } else if (looks === LOOKS.other) {
      if (!this.#changed(buf, off, len)) return;
    }
    if (this.#looks === LOOKS.tsUdp) {
      this.#transportPackets(buf, off, len, cut > 0, timeNs);
      return;
    }
    if (this.#rtpPayload.locate(buf, off, len, cut > 0)) {
      this.#rtpPacket(buf, off, len, cut, timeNs);
    } else if (this.#changed(buf, off, len)) {
      this.#transportPackets(buf, off, len, cut > 0, timeNs);
    } else if (this.#isMediaPacket(buf, off, len)) {
      // Its number has come, so it is not lost; the analyser of the media says what is wrong with it.
      this.#reorder?.take(buf, off, len, timeNs, len + cut);
    } else {
      this.#findings.invalid.hit(timeNs);
    }
  }

  /** True for a packet of this stream of media, by its SSRC, though its header or padding does not fit. */
  #isMediaPacket(buf: Uint8Array, off: number, len: number): boolean {
    if (this.#looks !== LOOKS.rtp || this.#media2110 === null || this.#analyser !== null) return false;
    return startsLikeRtp(buf, off, len) && rtpSsrc(buf, off) === this.#ssrc && !looksLikeRtcp(buf, off, len);
  }

  /** True when enough datagrams in a row say that the flow now carries TS another way than before. */
  #changed(buf: Uint8Array, off: number, len: number): boolean {
    const looks = this.#detector.reconsider(buf, off, len);
    if (looks === -1 || looks === this.#looks) return false;
    this.#become(looks);
    return true;
  }

  #rtpPacket(buf: Uint8Array, off: number, len: number, cut: number, timeNs: number): void {
    const reorder = this.#reorder;
    if (!reorder) return;
    this.#payloadType = rtpPayloadType(buf, off);
    this.#ssrc = rtpSsrc(buf, off);
    const payload = this.#rtpPayload;
    this.#network?.rtp(rtpTimestamp(buf, off), this.#ssrc, timeNs);
    if (this.#looks === LOOKS.rtp) this.#network?.fec.datagram(buf, off, len);
    else this.#media(payload.len, timeNs);
    if (this.#looks === LOOKS.rtp && payload.len > 0 && u8(buf, payload.off) === SYNC_BYTE) {
      this.#changed(buf, off, len);
    }
    const { legs } = this.#context;
    if (legs !== null) {
      this.leg ??= legs.join(this, this.#context);
      legs.packet(this.leg, buf, off, len, len + cut, timeNs);
    }
    reorder.push(buf, off, len, timeNs, len + cut);
    this.#findings.update(reorder, timeNs);
  }

  /** Takes RTP packets in sequence order from the reorder window. */
  #deliver(buf: Uint8Array, off: number, len: number, timeNs: number, wireLength: number): void {
    const cut = wireLength > len;
    this.#context.merged?.passing?.packet(rtpSequence(buf, off));
    if (!this.#analyser) {
      const lost = this.#reorder?.lost ?? 0;
      this.#media2110?.packet(buf, off, len, wireLength, lost - this.#lostBefore, timeNs);
      this.#lostBefore = lost;
      // Half an RTP packet is of no use to anyone, nor is one whose header or padding does not fit.
      const whole = !cut && (u8(buf, off) === PLAIN_RTP || this.#rtpPayload.locate(buf, off, len, false));
      if (whole) this.#output?.packets(this.#stream, buf, off, len, timeNs, 1);
      return;
    }
    const payload = this.#rtpPayload;
    if (payload.locate(buf, off, len, cut)) {
      this.#transportPackets(buf, payload.off, payload.len, cut, timeNs);
    }
  }

  /** Octets of TS as they arrive; the rate that the delay factor needs is that of the PCRs. */
  #media(octets: number, timeNs: number): void {
    const network = this.#network;
    const analyser = this.#analyser;
    if (network === null || analyser === null) return;
    network.mdi.mediaRate(analyser.pcrBitrateBps);
    network.media(octets, this.#detector.packetLength, timeNs);
  }

  #transportPackets(buf: Uint8Array, off: number, len: number, cut: boolean, timeNs: number): void {
    const analyser = this.#analyser;
    if (!analyser) return;
    if (!cut) {
      const missing = analyser.missing;
      analyser.datagram(buf, off, len, timeNs);
      if (analyser.missing !== missing) this.#network?.mdi.lost(analyser.missing - missing);
      return;
    }
    analyser.datagram(buf, off, len - (len % this.#detector.packetLength), timeNs);
    // What the snap length cut away was never seen: the next packet of a PID has nothing to compare with.
    analyser.gap();
  }

  #streamInfo(looks: Looks): StreamInfo {
    const { address } = this;
    return {
      id: address.id,
      kind: looks === LOOKS.rtp ? "rtp" : "ts",
      sourceAddress: address.sourceAddress,
      sourcePort: address.sourcePort,
      destinationAddress: address.destinationAddress,
      destinationPort: address.destinationPort,
    };
  }

  #rtpReport(reorder: RtpReorder): RtpReport {
    return {
      payloadType: this.#payloadType,
      ssrc: this.#ssrc,
      packets: reorder.packets,
      lost: reorder.lost,
      reordered: reorder.reordered,
      duplicates: reorder.duplicates,
      late: reorder.late,
      invalid: this.#findings.invalid.count,
      restarts: reorder.restarts,
    };
  }
}

/** RTP version 2 in the first two bits (RFC 3550 5.1); a TS packet starts with 0x47. */
function startsLikeRtp(buf: Uint8Array, off: number, len: number): boolean {
  return len >= 12 && u8(buf, off) >> 6 === 2;
}

function endpoint(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
