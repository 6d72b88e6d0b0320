import { u16 } from "../../bits/read.ts";
import { rtpHeaderLength, rtpMarker, rtpSequence, rtpSsrc, rtpTimestamp } from "../../net/rtp.ts";
import { type Finding, findingsOf, ruleCounters } from "../../report/finding.ts";
import type { VideoReport } from "../../report/st2110-video-schema.ts";
import type { Epoch } from "../../report/time.ts";
import { isTimed, type RtpAnalyser, type TimestampQuality } from "../analyser.ts";
import { type Rational, toNumber } from "../timing21/rational.ts";
import { VIDEO_CLOCK_HZ } from "../timing21/timing.ts";
import { TimingCounters } from "../timing21/timing-counters.ts";
import type { SenderType } from "../timing21/verdict.ts";
import { FieldCheck } from "./field-check.ts";
import { BLOCK_UNIT_OCTETS, FormatLearner, type VideoFormat } from "./format-learner.ts";
import { formatReport } from "./format-report.ts";
import { rateOfSteps } from "./frame-rate.ts";
import { VIDEO_RULES } from "./rules.ts";
import { MOST_SRDS, SRD_STATUS, SrdHeaders } from "./srd.ts";
import { TimingFeed } from "./timing-feed.ts";

/** How a video stream is judged. */
export interface VideoOptions {
  /** What the times of packets count from. */
  readonly epoch: Epoch;
  readonly timestamps: TimestampQuality;
  /** Also measure as EBU LIST does (`--timing list`). */
  readonly list?: boolean;
  /** TROFF of the SDP, nanoseconds. */
  readonly troffset?: Rational;
  /** TP of the SDP. */
  readonly senderType?: SenderType;
  /** MAXUDP of the SDP, octets, or 1460 when an SDP has none. Without an SDP the extended limit of 8960 is granted. */
  readonly maxUdpOctets?: number;
}

/** UDP size limits, ST 2110-10: octets of the datagram, its header included. */
const STANDARD_UDP_OCTETS = 1460;
const EXTENDED_UDP_OCTETS = 8960;
const UDP_HEADER = 8;
/** Steps of the timestamp in a row, all of another rate, that are a change of the rate and not faults. */
const STEPS_OF_ANOTHER_RATE = 3;
/** General packing mode should keep datagrams at least this long. */
const SMALL_OCTETS = 1000;

/** One ST 2110-20 stream: format, headers, rasters and timing, live and without an SDP. */
export class VideoAnalyser implements RtpAnalyser {
  readonly #options: VideoOptions;
  /** False where the times say nothing of the sender's. */
  readonly #timed: boolean;
  readonly #srd = new SrdHeaders();
  readonly #field = new FieldCheck();
  #learner: FormatLearner | null = new FormatLearner();
  readonly #timingHits = new TimingCounters();
  #feed: TimingFeed;
  #format: VideoFormat | null = null;
  readonly #hits = ruleCounters(VIDEO_RULES);
  #packets = 0;
  #skipped = 0;
  #notMeasured = 0;
  #frames = 0;
  #complete = 0;
  #lost = 0;
  #missingLines = 0;
  #extraLines = 0;
  #lastNs = Number.NaN;

  /** The field that runs: -1 before the first whole frame. */
  #current = -1;
  /** False between its end and the next one's start. */
  #open = false;
  #marker = false;
  #timestamp = 0;
  /** Timestamp of the field before; -1 when there is none to compare with. */
  #lastTimestamp = -1;
  #lastField = -1;
  #framePackets = 0;
  #frameComplete = false;
  #frameOpen = false;
  #ssrc = -1;
  #seen = false;
  #sequence = -1;
  #esn = 0;
  #wrongEsn = -1;
  /** Ticks between fields or frames; 0 when not known. */
  #stepTicks = 0;
  /** Steps in a row that are not that, until it shows whether the rate has changed; the last ones are alike. */
  #strangeSteps = 0;
  #alike = 0;
  #strangeTicks = 0;
  #strangeFromNs = Number.NaN;
  #strangeNs = Number.NaN;
  #blocks = false;
  #general = false;

  /** Packets missing or not readable since the last one that was. */
  #carried = 0;
  /** The same before the packet that is looked at. */
  #lossBefore = 0;
  /** The packet that is judged next has been given to the timing already. */
  #starting = false;

  /** A field that is not as the format says, until the next shows whether the format has changed. */
  #pending = {
    at: Number.NaN,
    holes: 0,
    beyond: 0,
    extra: 0,
    missing: 0,
    counts: 0,
    rows: 0,
    end: 0,
    packets: 0,
  };

  constructor(options: VideoOptions) {
    this.#options = options;
    this.#timed = isTimed(options.timestamps);
    this.#feed = this.#newFeed();
  }

  /** See RtpAnalyser. */
  packet(buf: Uint8Array, off: number, len: number, wireLength: number, lost: number, timeNs: number): void {
    this.#packets += 1;
    this.#lastNs = timeNs;
    const ssrc = rtpSsrc(buf, off);
    if (ssrc !== this.#ssrc) {
      if (this.#ssrc !== -1) this.gap();
      this.#ssrc = ssrc;
    }
    const header = rtpHeaderLength(buf, off, len);
    const udpOctets = wireLength + UDP_HEADER;
    if (udpOctets > (this.#options.maxUdpOctets ?? EXTENDED_UDP_OCTETS)) this.#hits.udpSize.hit(timeNs);
    if (header < 0) {
      if (len < wireLength) this.#notMeasured += 1;
      else this.#hits.rtpHeader.hit(timeNs);
      this.#unread(lost + 1);
      return;
    }
    let padding = 0;
    const whole = len === wireLength;
    const padded = ((buf[off] as number) & 0x20) !== 0;
    if (padded && whole) padding = buf[off + len - 1] as number;
    if (padding > len - header || (padded && whole && padding === 0)) {
      this.#hits.rtpHeader.hit(timeNs);
      this.#unread(lost + 1);
      return;
    }
    const srd = this.#srd;
    const payload = wireLength - header - padding;
    const status = srd.read(buf, off + header, Math.min(len - header, payload), payload);
    if (status !== SRD_STATUS.ok) {
      if (status === SRD_STATUS.cut) this.#notMeasured += 1;
      else this.#hits[status === SRD_STATUS.short ? "headerShort" : "headerCount"].hit(timeNs);
      this.#unread(lost + 1);
      return;
    }
    this.#extendedSequence(rtpSequence(buf, off), u16(buf, off + header), timeNs);
    const marker = rtpMarker(buf, off) === 1;
    const timestamp = rtpTimestamp(buf, off);
    // The count of padding octets is cut away with the end: then the sum can't be checked.
    const sumFits = srd.headerOctets + srd.octets === payload || (padded && !whole);
    this.#place(timestamp, lost, timeNs);
    if (this.#current >= 0 && this.#open) {
      this.#judge(sumFits, marker, udpOctets, timeNs);
    } else {
      this.#skipped += 1;
    }
  }

  /** See RtpAnalyser. */
  gap(): void {
    this.#commit();
    this.#commitSteps();
    this.#current = -1;
    this.#open = false;
    this.#frameOpen = false;
    this.#lastTimestamp = -1;
    this.#lastField = -1;
    this.#sequence = -1;
    this.#seen = false;
    this.#learner?.fieldEnd(0, 0, 0, 0, false);
    this.#feed.restart();
  }

  /** See RtpAnalyser. */
  report(_nowNs: number, _epoch: Epoch, final: boolean): VideoReport {
    const { timing, list } = this.#feed.report(final);
    const report: VideoReport = {
      format: formatReport(this.#format),
      packets: this.#packets,
      packetsPerFrame: this.#format?.packetsPerFrame ?? null,
      octetsPerFrame: this.#format?.octetsPerFrame ?? null,
      frames: this.#frames,
      completeFrames: this.#complete,
      lost: this.#lost,
      missingLines: this.#missingLines,
      extraLines: this.#extraLines,
      skippedPackets: this.#skipped,
      notMeasured: this.#notMeasured,
      timing,
    };
    if (this.#options.list === true) report.list = list;
    return report;
  }

  /** See RtpAnalyser. */
  findings(streamId: string, epoch: Epoch): Finding[] {
    this.#commit();
    this.#commitSteps();
    const own = findingsOf(Object.values(this.#hits), streamId, epoch);
    return [...own, ...this.#timingHits.findings(streamId, epoch)];
  }

  /** Whatever the format is so far; null before it is known. */
  get format(): VideoFormat | null {
    return this.#format;
  }

  #newFeed(): TimingFeed {
    const { epoch, timestamps, list, senderType } = this.#options;
    return new TimingFeed({
      epoch,
      quality: timestamps,
      list: list === true,
      counters: this.#timingHits,
      ...(senderType === undefined ? {} : { senderType }),
    });
  }

  /** A packet without readable headers counts as one that is missing. */
  #unread(missing: number): void {
    this.#carried += missing;
  }

  #extendedSequence(sequence: number, esn: number, timeNs: number): void {
    const before = this.#sequence;
    this.#sequence = sequence;
    if (before < 0) {
      this.#esn = esn;
      return;
    }
    const expected = sequence < before ? (this.#esn + 1) & 0xffff : this.#esn;
    if (esn === expected) {
      this.#esn = expected;
      this.#wrongEsn = -1;
      return;
    }
    this.#hits.extendedSequence.hit(timeNs);
    // The sender has gone on from there, or one packet was wrong.
    this.#esn = esn === this.#wrongEsn ? esn : expected;
    this.#wrongEsn = esn;
  }

  /** Finds out whether the packet in `#srd` begins a field, and ends the one before. */
  #place(timestamp: number, lost: number, timeNs: number): void {
    const srd = this.#srd;
    const field = srd.field[0] as number;
    const row = srd.row[0] as number;
    const offset = srd.offset[0] as number;
    const missing = lost + this.#carried;
    this.#carried = 0;
    this.#lossBefore = missing;
    const same = timestamp === this.#timestamp && field === this.#lastField;
    if (!this.#seen) {
      // The capture may begin anywhere: only a frame's very first sample shows that it is whole.
      this.#seen = true;
      this.#timestamp = timestamp;
      this.#lastField = field;
      if (field === 0 && row === 0 && offset === 0) this.#begin(timestamp, field, 0, timeNs);
      return;
    }
    const check = this.#field;
    if (same) {
      if (!this.#marker || this.#current < 0) {
        if (missing > 0 && this.#open) check.loss(missing);
        return;
      }
      this.#hits.markerEarly.hit(timeNs);
      this.#marker = false;
      if (missing > 0 && this.#open) check.loss(missing);
      return;
    }
    if (this.#open && !this.#marker && missing === 0 && row > 0 && check.continues(row, offset)) {
      const rule = timestamp !== this.#timestamp ? "timestampWithin" : "fieldMix";
      this.#hits[rule].hit(timeNs);
      return;
    }
    if (this.#open) {
      if (!this.#marker && missing === 0) this.#hits.markerMissing.hit(timeNs);
      // Of packets lost between two fields nobody knows which was whose.
      if (missing > 0 && !check.atEnd) check.loss(missing);
      this.#endField(timeNs);
    }
    this.#begin(timestamp, field, missing, timeNs);
  }

  /** A field begins; the first partial frame is passed over. */
  #begin(timestamp: number, field: number, lost: number, timeNs: number): void {
    if (this.#current >= 0 && lost === 0) this.#step(timestamp, field, timeNs);
    this.#timestamp = timestamp;
    this.#marker = false;
    const before = this.#lastField;
    this.#lastField = field;
    if (this.#current < 0 && field !== 0) return;
    this.#current = field;
    this.#open = true;
    const learner = this.#learner;
    if (learner !== null) {
      const format = learner.decide(field, timestamp);
      if (format !== null) this.#learned(format);
    }
    const second = field === 1 && before === 0 && this.#frameOpen;
    if (!second) {
      // Where packets are lost, a whole field may be among them.
      if (lost > 0) this.#frameComplete = false;
      if (this.#frameOpen) this.#endFrame();
      this.#frameOpen = true;
      this.#framePackets = 0;
      this.#frameComplete = true;
    }
    this.#field.start(field, lost);
    this.#lastTimestamp = timestamp;
    if (this.#timed && !Number.isNaN(timeNs)) this.#feed.start(second, timestamp, lost, timeNs);
    this.#starting = true;
  }

  /** Timestamps step by the period on the floor grid; fields alternate. */
  #step(timestamp: number, field: number, timeNs: number): void {
    const format = this.#format;
    if (format === null || this.#lastTimestamp < 0) return;
    const two = format.scan !== "progressive";
    const alternates = two ? field !== this.#lastField : field === 0;
    if (!alternates) {
      this.#frameComplete = false;
      this.#hits.fieldOrder.hit(timeNs);
      return;
    }
    if (this.#stepTicks === 0) return;
    const within = format.scan === "psf" && field === 1;
    const expected = within ? 0 : this.#stepTicks;
    const step = (timestamp - this.#lastTimestamp) | 0;
    // Both are floored, so any difference below one tick is right.
    if (Math.abs(step - expected) < 1) {
      if (!within) this.#commitSteps();
      return;
    }
    if (within) this.#hits.timestampStep.hit(timeNs);
    else this.#strangeStep(step, timeNs);
  }

  /** A step that is not the period: several that are of another rate in use are a change of it. */
  #strangeStep(step: number, timeNs: number): void {
    const other = this.#strangeSteps > 0 && Math.abs(step - this.#strangeTicks) > 1;
    // Where the change is, one step may be of neither rate.
    const joint = other && this.#strangeSteps === 1;
    if (other && !joint) this.#commitSteps();
    if (this.#strangeSteps === 0) {
      this.#strangeFromNs = timeNs;
      this.#alike = 0;
    }
    if (joint) this.#alike = 0;
    if (this.#alike === 0) this.#strangeTicks = step;
    this.#strangeNs = timeNs;
    this.#strangeSteps += 1;
    this.#alike += 1;
    if (this.#alike < STEPS_OF_ANOTHER_RATE) return;
    if (step > 0 && rateOfSteps(step, 1) !== null) this.#forget();
    else this.#commitSteps();
  }

  /** Strange steps, if any, were no new rate. */
  #commitSteps(): void {
    const steps = this.#strangeSteps;
    if (steps === 0) return;
    this.#hits.timestampStep.hit(this.#strangeFromNs);
    if (steps > 1) this.#hits.timestampStep.hit(this.#strangeNs, steps - 1);
    this.#strangeSteps = 0;
  }

  /** The segments of a packet that belongs to the current field. */
  #judge(sumFits: boolean, marker: boolean, udpOctets: number, timeNs: number): void {
    const srd = this.#srd;
    const check = this.#field;
    const hits = this.#hits;
    const learner = this.#learner;
    check.packets += 1;
    check.octets += srd.octets;
    this.#framePackets += 1;
    this.#lost += this.#lossBefore;
    let faulty = false;
    if (!sumFits) {
      hits.lengthSum.hit(timeNs);
      faulty = true;
    }
    const count = srd.count;
    for (let i = 0; i < count && i < MOST_SRDS; i += 1) {
      const length = srd.length[i] as number;
      const offset = srd.offset[i] as number;
      if (length === 0 && count > 1) {
        hits.lengthZero.hit(timeNs);
        faulty = true;
      }
      if (!check.lengthFits(length)) {
        hits.lengthPgroup.hit(timeNs);
        faulty = true;
      }
      if (!check.offsetFits(offset)) {
        hits.offsetPgroup.hit(timeNs);
        faulty = true;
      }
      if (srd.field[i] !== srd.field[0]) {
        hits.fieldMix.hit(timeNs);
        faulty = true;
      }
    }
    if (faulty) {
      check.fault();
    } else {
      for (let i = 0; i < count; i += 1) {
        const row = srd.row[i] as number;
        const offset = srd.offset[i] as number;
        const length = srd.length[i] as number;
        // A packet may hold no samples at all.
        if (length === 0) continue;
        if (learner !== null)
          learner.segment(this.#current, length, row, offset, !this.#starting && this.#lossBefore === 0);
        const order = check.segment(length, row, offset);
        if (order !== 0) hits[order === -1 ? "rowOrder" : "offsetOrder"].hit(timeNs);
      }
      learner?.packet(srd.octets, marker);
    }
    if (this.#blocks) {
      if (!marker && srd.octets % BLOCK_UNIT_OCTETS !== 0) hits.blockLength.hit(timeNs);
      if (udpOctets > STANDARD_UDP_OCTETS) hits.blockSize.hit(timeNs);
    } else if (this.#general && !marker && udpOctets < SMALL_OCTETS) {
      hits.smallPacket.hit(timeNs);
    }
    if (this.#starting) this.#starting = false;
    else if (this.#timed && !Number.isNaN(timeNs)) this.#feed.packet(this.#lossBefore, timeNs);
    if (marker) {
      this.#marker = true;
      if (check.atEnd) this.#endField(timeNs);
    }
  }

  #learned(format: VideoFormat): void {
    this.#format = format;
    this.#learner = null;
    this.#field.format(format);
    this.#blocks = format.packing === "BPM";
    this.#general = format.packing === "GPM";
    const { rate, scan } = format;
    if (rate === null) return;
    this.#stepTicks = VIDEO_CLOCK_HZ / toNumber(rate) / (scan === "interlaced" ? 2 : 1);
    if (!this.#timed) return;
    const { troffset, maxUdpOctets } = this.#options;
    this.#feed.begin({
      height: format.height,
      scan,
      rate,
      packets: format.packetsPerFrame,
      ...(troffset === undefined ? {} : { offset: troffset }),
      ...(maxUdpOctets === undefined || maxUdpOctets <= STANDARD_UDP_OCTETS ? {} : { maxUdpOctets }),
    });
  }

  #endField(timeNs: number): void {
    const check = this.#field;
    this.#open = false;
    check.end();
    // Where a header was wrong, rows that seem to be skipped are not known to be missing.
    if (!check.faulty) {
      this.#missingLines += check.missingRows;
      this.#extraLines += check.extra;
    }
    if (!check.complete) this.#frameComplete = false;
    const whole = check.lost === 0 && !check.faulty;
    const learner = this.#learner;
    if (learner !== null) {
      const { packets, octets } = check;
      const contradiction = learner.fieldEnd(this.#current, this.#timestamp, packets, octets, whole);
      if (contradiction !== null) {
        this.#frameComplete = false;
        this.#hits[contradiction === "lines" ? "missingLines" : "samples"].hit(timeNs);
      }
    }
    if (this.#format !== null && whole) this.#compare(timeNs);
    const last = this.#format === null ? false : this.#format.scan === "progressive" || this.#current === 1;
    if (last) this.#endFrame();
  }

  /** A whole field against the format: two that differ in the same way are a new format. */
  #compare(timeNs: number): void {
    const check = this.#field;
    const pending = this.#pending;
    if (!check.deviates) {
      this.#commit();
      if (this.#strangeSteps === 0) this.#timingHits.settle("format");
      return;
    }
    const { packets, lastRow, maxEnd } = check;
    const repeats = pending.packets === packets && pending.rows === lastRow && pending.end === maxEnd;
    if (repeats) {
      this.#pending = { ...pending, at: Number.NaN, holes: 0, beyond: 0, extra: 0, missing: 0, packets: 0 };
      this.#forget();
      return;
    }
    this.#commit();
    pending.at = timeNs;
    pending.holes = check.holes;
    pending.beyond = check.beyond;
    pending.extra = check.extra;
    pending.missing = check.missingRows;
    pending.packets = packets;
    pending.rows = lastRow;
    pending.end = maxEnd;
  }

  /** The format is to be found anew. */
  #forget(): void {
    this.#hits.formatChange.hit(this.#lastNs);
    this.#timingHits.revert("format");
    this.#strangeSteps = 0;
    this.#format = null;
    this.#learner = new FormatLearner();
    this.#feed = this.#newFeed();
    this.#stepTicks = 0;
    this.#blocks = false;
    this.#general = false;
    this.#frameOpen = false;
    // As at the start, a second field without its first is passed over.
    this.#current = -1;
    this.#field.forget();
  }

  /** What was found in the field before was no new format. */
  #commit(): void {
    const pending = this.#pending;
    if (pending.packets === 0) return;
    const hits = this.#hits;
    if (pending.missing > 0) hits.missingLines.hit(pending.at, pending.missing);
    else if (pending.extra > 0) hits.extraLines.hit(pending.at, pending.extra);
    else if (pending.beyond > 0) hits.rowEnd.hit(pending.at, pending.beyond);
    else if (pending.holes > 0) hits.samples.hit(pending.at, pending.holes);
    pending.packets = 0;
  }

  #endFrame(): void {
    this.#frameOpen = false;
    this.#frames += 1;
    const format = this.#format;
    let complete = this.#frameComplete;
    if (format !== null && complete && this.#framePackets !== format.packetsPerFrame) {
      this.#hits.packetCount.hit(this.#lastNs);
      complete = false;
    }
    if (complete) this.#complete += 1;
    if (this.#timed) this.#feed.end(complete);
  }
}
