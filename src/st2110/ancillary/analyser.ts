import {
  rtpHeaderLength,
  rtpMarker,
  rtpPadding,
  rtpPaddingLength,
  rtpSequence,
  rtpSsrc,
  rtpTimestamp,
} from "../../net/rtp.ts";
import { type Finding, findingsOf, ruleCounters } from "../../report/finding.ts";
import type { St2110AncillaryReport } from "../../report/st2110-ancillary-schema.ts";
import type { Epoch } from "../../report/time.ts";
import { isTimed, type RtpAnalyser, type TimestampQuality } from "../analyser.ts";
import { ArrivalLatency } from "./arrival-latency.ts";
import { ANC_CLOCK_HZ, FieldWatch } from "./field-watch.ts";
import {
  ANC_DATA_HEADER,
  ANC_PAYLOAD_HEADER,
  ancCount,
  ancExtendedSequence,
  ancField,
  ancHorizontalOffset,
  ancLength,
  ancPlace,
  ancReserved,
  ancStream,
  FIELD,
} from "./header.ts";
import { hasWideWords, isType1 } from "./names.ts";
import { ANC_RULES } from "./rules.ts";
import { SubStream } from "./sub-stream.ts";
import {
  alignedOctets,
  alignmentIsZero,
  checksumWord,
  FRAME_WORDS,
  isForbidden,
  MAX_USER_WORDS,
  parityOk,
  unpackWords,
  wordAt,
} from "./words.ts";

/** Sub-streams kept for one flow; more come only from damage or ill will. At about 1 to 34 kB each. */
const MAX_SUB_STREAMS = 64;

/** DID, SDID and data count, as 30 bits. */
const HEADER_WORDS = 3;
const HEADER_WORDS_OCTETS = 4;

/** One flow of ST 2110-40: the rules of RFC 8331, the words of ST 291-1, and what they carry. */
export class AncillaryAnalyser implements RtpAnalyser {
  readonly #quality: TimestampQuality;
  readonly #counters = ruleCounters(ANC_RULES);
  readonly #watch = new FieldWatch(this.#counters);
  readonly #latency = new ArrivalLatency(ANC_CLOCK_HZ);
  readonly #subStreams = new Map<number, SubStream>();
  /** Words of the ANC data packet at hand, and the low 8 bits of its user words. */
  readonly #words = new Uint16Array(MAX_USER_WORDS + FRAME_WORDS);
  readonly #octets = new Uint8Array(MAX_USER_WORDS);
  #packets = 0;
  #keepAlives = 0;
  #ancPackets = 0;
  #cutPackets = 0;
  #unlisted = 0;
  #ssrc = -1;
  #ssrcChanges = 0;
  /** Extended sequence number of the last packet, as one number of 32 bits; -1 for none to compare with. */
  #sequence = -1;
  #timestamp = -1;

  constructor(quality: TimestampQuality) {
    this.#quality = quality;
  }

  packet(buf: Uint8Array, off: number, len: number, wireLength: number, lost: number, timeNs: number): void {
    this.#packets += 1;
    const header = rtpHeaderLength(buf, off, len);
    const cut = len < wireLength;
    // The padding's count is the last octet: cut off, the end of the payload isn't known.
    const padding = cut ? 0 : rtpPaddingLength(buf, off, len);
    const wirePayload = wireLength - header - padding;
    if (header < 0 || padding < 0 || wirePayload < ANC_PAYLOAD_HEADER) {
      if (!cut || header >= 0) this.#counters.header.hit(timeNs);
      else this.#cutPackets += 1;
      return;
    }
    this.#identity(buf, off, lost);
    const at = off + header;
    const captured = len - header - padding;
    if (captured < ANC_PAYLOAD_HEADER) {
      this.#cutPackets += 1;
      return;
    }
    const timestamp = rtpTimestamp(buf, off);
    this.#timestamp = timestamp;
    this.#payloadHeader(buf, off, at, timeNs);
    const begins = this.#watch.packet(timestamp, rtpMarker(buf, off) === 1, ancField(buf, at), timeNs);
    if (begins && isTimed(this.#quality)) {
      this.#latency.add(timestamp, timeNs);
    }
    const endKnown = !cut || rtpPadding(buf, off) === 0;
    this.#ancData(buf, at, captured, endKnown ? wirePayload : Number.POSITIVE_INFINITY, timeNs);
  }

  gap(): void {
    this.#watch.restart();
    this.#latency.restart();
    this.#sequence = -1;
    this.#ssrc = -1;
    this.#gapInContents();
  }

  report(_nowNs: number, epoch: Epoch, _final: boolean): St2110AncillaryReport {
    const watch = this.#watch;
    const rate = watch.rate();
    const { relation, latencyNs } = this.#latency.report(epoch);
    return {
      packets: this.#packets,
      keepAlives: this.#keepAlives,
      ancPackets: this.#ancPackets,
      cutPackets: this.#cutPackets,
      ssrcChanges: this.#ssrcChanges,
      scan: scanOf(watch),
      units: watch.units,
      ticksPerUnit: rate?.ticks ?? null,
      unitRate: rate?.rate ?? null,
      lastRtpTimestamp: this.#timestamp < 0 ? null : this.#timestamp,
      clock: relation,
      latencyNs,
      timestamps: { source: this.#quality.kind, resolutionNs: this.#quality.resolutionNs },
      subStreams: [...this.#subStreams].sort(([a], [b]) => a - b).map(([, it]) => it.report(epoch)),
      unlistedPackets: this.#unlisted,
    };
  }

  findings(streamId: string, epoch: Epoch): Finding[] {
    return findingsOf(Object.values(this.#counters), streamId, epoch);
  }

  /** Loss and a new sender: what follows is not compared with what was. */
  #identity(buf: Uint8Array, off: number, lost: number): void {
    const ssrc = rtpSsrc(buf, off);
    if (ssrc !== this.#ssrc) {
      if (this.#ssrc >= 0) {
        this.gap();
        this.#ssrcChanges += 1;
      }
      this.#ssrc = ssrc;
    }
    if (lost > 0) {
      this.#watch.loss();
      this.#gapInContents();
    }
  }

  #gapInContents(): void {
    for (const subStream of this.#subStreams.values()) subStream.gap();
  }

  #payloadHeader(buf: Uint8Array, off: number, at: number, timeNs: number): void {
    const counters = this.#counters;
    const low = rtpSequence(buf, off);
    const sequence = ancExtendedSequence(buf, at) * 0x10000 + low;
    if (this.#sequence >= 0) {
      // The packets between may be lost or reordered; the whole number still goes on by less than half of 16 bits.
      const step = (low - (this.#sequence & 0xffff)) & 0xffff;
      const expected = (this.#sequence + (step < 0x8000 ? step : step - 0x10000)) % 2 ** 32;
      if (sequence !== expected) counters.extendedSequence.hit(timeNs);
    }
    this.#sequence = sequence;
    if (ancReserved(buf, at) !== 0) counters.reserved.hit(timeNs);
    if (ancField(buf, at) === FIELD.invalid) counters.fieldInvalid.hit(timeNs);
  }

  /** Walks the ANC data packets of the payload at `at`, `captured` of its `wirePayload` octets being there. */
  #ancData(buf: Uint8Array, at: number, captured: number, wirePayload: number, timeNs: number): void {
    const counters = this.#counters;
    const length = ancLength(buf, at);
    const count = ancCount(buf, at);
    if (count === 0) this.#keepAlives += 1;
    const known = wirePayload !== Number.POSITIVE_INFINITY;
    const lengthWrong = known && length !== wirePayload - ANC_PAYLOAD_HEADER;
    if (lengthWrong) counters.length.hit(timeNs);
    const wireEnd = at + (known ? wirePayload : ANC_PAYLOAD_HEADER + length);
    const end = at + captured;
    let next = at + ANC_PAYLOAD_HEADER;
    for (let index = 0; index < count; index += 1) {
      // A Length that is wrong explains why packets are missing.
      if (next >= wireEnd) {
        if (!lengthWrong) counters.count.hit(timeNs);
        return;
      }
      const head = next + ANC_DATA_HEADER + HEADER_WORDS_OCTETS;
      if (head > wireEnd) {
        counters.overrun.hit(timeNs);
        return;
      }
      if (head > end) {
        this.#cutPackets += count - index;
        return;
      }
      const dataCount = wordAt(buf, next + ANC_DATA_HEADER, 2) & 0xff;
      const after = next + ANC_DATA_HEADER + alignedOctets(dataCount + FRAME_WORDS);
      this.#ancPackets += 1;
      if (after > wireEnd) {
        if (!this.#headerParityOk(buf, next)) counters.headerParity.hit(timeNs);
        else counters.overrun.hit(timeNs);
        return;
      }
      if (after > end) this.#cutPacket(buf, next, dataCount, timeNs);
      else this.#ancPacket(buf, next, dataCount, timeNs);
      next = after;
    }
    if (next < wireEnd && !lengthWrong) counters.count.hit(timeNs);
  }

  #headerParityOk(buf: Uint8Array, at: number): boolean {
    for (let index = 0; index < HEADER_WORDS; index += 1) {
      if (!parityOk(wordAt(buf, at + ANC_DATA_HEADER, index))) return false;
    }
    return true;
  }

  /** A whole ANC data packet with its checksum and fill. */
  #ancPacket(buf: Uint8Array, at: number, dataCount: number, timeNs: number): void {
    const counters = this.#counters;
    const words = this.#words;
    const octets = this.#octets;
    const wordCount = dataCount + FRAME_WORDS;
    unpackWords(buf, at + ANC_DATA_HEADER, wordCount, words);
    const headerOk = this.#headerParityOk(buf, at);
    const wide = hasWideWords((words[0] as number) & 0xff);
    let userOk = true;
    for (let index = 0; index < dataCount; index += 1) {
      const word = words[index + HEADER_WORDS] as number;
      // A forbidden value has wrong parity too: for words of 8 bits that says it all.
      if (wide ? isForbidden(word) : !parityOk(word)) userOk = false;
      octets[index] = word & 0xff;
    }
    const checksumOk = checksumWord(words, wordCount - 1) === words[wordCount - 1];
    if (!headerOk) counters.headerParity.hit(timeNs);
    if (!userOk) (wide ? counters.forbidden : counters.userParity).hit(timeNs);
    if (!checksumOk) counters.checksum.hit(timeNs);
    if (!alignmentIsZero(buf, at + ANC_DATA_HEADER, wordCount)) counters.align.hit(timeNs);
    const subStream = this.#place(buf, at, dataCount, timeNs);
    if (subStream === null) return;
    if (headerOk && userOk && checksumOk) subStream.data(octets, dataCount, timeNs, ancPlace(buf, at));
    else subStream.damaged();
  }

  /** The snap length cut an ANC data packet after its header words. */
  #cutPacket(buf: Uint8Array, at: number, dataCount: number, timeNs: number): void {
    this.#cutPackets += 1;
    if (!this.#headerParityOk(buf, at)) this.#counters.headerParity.hit(timeNs);
    const subStream = this.#place(buf, at, dataCount, timeNs);
    // What it would have said is missing from here on.
    subStream?.gap();
  }

  /** Counts the packet at its place; its sub-stream, or null where there are too many. */
  #place(buf: Uint8Array, at: number, dataCount: number, timeNs: number): SubStream | null {
    const did = wordAt(buf, at + ANC_DATA_HEADER, 0) & 0xff;
    const sdid = isType1(did) ? 0 : wordAt(buf, at + ANC_DATA_HEADER, 1) & 0xff;
    const stream = ancStream(buf, at);
    // Without S, StreamNum says nothing (RFC 8331 2.1).
    const key = (did * 256 + sdid) * 256 + (stream >= 0x80 ? stream : 0);
    let subStream = this.#subStreams.get(key);
    if (subStream === undefined) {
      if (this.#subStreams.size >= MAX_SUB_STREAMS) {
        this.#unlisted += 1;
        return null;
      }
      subStream = new SubStream(did, sdid, stream, this.#counters);
      this.#subStreams.set(key, subStream);
    }
    if (!subStream.seen(ancPlace(buf, at), ancHorizontalOffset(buf, at), dataCount, timeNs)) {
      this.#unlisted += 1;
    }
    return subStream;
  }
}

function scanOf(watch: FieldWatch): St2110AncillaryReport["scan"] {
  if (watch.interlaced && watch.progressive) return "mixed";
  if (watch.interlaced) return "interlaced or PsF";
  return watch.progressive ? "progressive or unspecified" : "unknown";
}
