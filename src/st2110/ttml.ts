import { u16 } from "../bits/read.ts";
import {
  rtpHeaderLength,
  rtpMarker,
  rtpPadding,
  rtpPaddingLength,
  rtpSequence,
  rtpSsrc,
  rtpTimestamp,
} from "../net/rtp.ts";
import { type Finding, findingsOf, type Rule, ruleCounters } from "../report/finding.ts";
import type { St2110TtmlReport } from "../report/st2110-ttml-schema.ts";
import { type Epoch, formatTime, NS_PER_SECOND } from "../report/time.ts";
import { isTimed, type RtpAnalyser, type TimestampQuality } from "./analyser.ts";
import { rootTag } from "./tt-root.ts";

/** Reserved and Length, before the user data words (RFC 8759 4.2). */
const TTML_HEADER = 4;
/** The longest document that is put together, 1 MiB; RFC 8759 sets no bound. */
const MAX_DOCUMENT_OCTETS = 1 << 20;
const FIRST_DOCUMENT_OCTETS = 1 << 13;
const SHOWN_CHARACTERS = 256;

/** Rules of RFC 8759. */
export const TTML_RULES = {
  header: {
    code: "ttml-header",
    clause: "RFC 8759 4.2",
    severity: "error",
    text: "{count} packet(s) are too short for the RTP header, its padding, or the 4 octets of the payload header.",
  },
  reserved: {
    code: "ttml-reserved",
    clause: "RFC 8759 4.2",
    severity: "warning",
    text: "{count} packet(s) have reserved bits that are not 0.",
  },
  length: {
    code: "ttml-length",
    clause: "RFC 8759 4.2",
    severity: "error",
    text: "{count} packet(s) have a Length that is not the number of octets of user data they carry.",
  },
  markerMissing: {
    code: "ttml-marker-missing",
    clause: "RFC 8759 4.1",
    severity: "error",
    text: "{count} document(s) ended without the marker bit on their last packet.",
  },
  markerEarly: {
    code: "ttml-marker-early",
    clause: "RFC 8759 4.1",
    severity: "error",
    text: "{count} time(s) packets with a document's timestamp came after the one with its marker bit.",
  },
  ssrcMoves: {
    code: "ttml-ssrc",
    clause: "RFC 3550 8",
    severity: "warning",
    text: "{count} packet(s) have another SSRC than the one before, though the sequence goes on: one sender keeps one.",
  },
  document: {
    code: "ttml-document",
    clause: "RFC 8759 5",
    severity: "error",
    text: "{count} document(s) are no UTF-8 or UTF-16 text with one tt element from its first to its last character.",
  },
  tooLong: {
    code: "ttml-too-long",
    clause: "RFC 8759 4.1",
    severity: "warning",
    text: "{count} document(s) are longer than 1 MiB and were not put together.",
  },
} as const satisfies Record<string, Rule>;

/** One flow of timed text: header rules of RFC 8759, documents put together and looked at. */
export class TtmlAnalyser implements RtpAnalyser {
  readonly #counters = ruleCounters(TTML_RULES);
  #document = new Uint8Array(FIRST_DOCUMENT_OCTETS);
  #octets = 0;
  /** The document at hand was seen to begin: the packet before it had another timestamp. */
  #began = false;
  /** It has its marker. Judged when the next begins or someone asks: packets may yet follow the marker. */
  #due = false;
  #dueNs = Number.NaN;
  /** All octets of the document at hand since then are there. */
  #sound = true;
  /** A packet was seen that this one may be compared with. */
  #known = false;
  #timestamp = 0;
  #marker = false;
  #ssrc = -1;
  #sequence = 0;
  #ssrcChanges = 0;
  #packets = 0;
  #documents = 0;
  #skipped = 0;
  #minOctets = Number.POSITIVE_INFINITY;
  #maxOctets = 0;
  #text = "";
  #language: string | null = null;
  #firstNs = Number.NaN;
  #lastNs = Number.NaN;
  #clockTicks = 0;
  #clockNs = 0;
  #beganNs = Number.NaN;
  readonly #timed: boolean;

  constructor(timestamps: TimestampQuality) {
    this.#timed = isTimed(timestamps);
  }

  packet(buf: Uint8Array, off: number, len: number, wireLength: number, lost: number, timeNs: number): void {
    this.#packets += 1;
    const header = rtpHeaderLength(buf, off, len);
    const cut = len < wireLength;
    const padding = cut ? 0 : rtpPaddingLength(buf, off, len);
    const captured = len - header - padding;
    if (header < 0 || padding < 0 || captured < TTML_HEADER) {
      if (!cut) this.#counters.header.hit(timeNs);
      this.#sound = false;
      return;
    }
    this.#identity(buf, off, timeNs);
    if (lost > 0) this.#forget();
    this.#boundary(rtpTimestamp(buf, off), rtpMarker(buf, off) === 1, timeNs);
    const at = off + header;
    if (u16(buf, at) !== 0) this.#counters.reserved.hit(timeNs);
    const length = u16(buf, at + 2);
    const endKnown = !cut || rtpPadding(buf, off) === 0;
    if (endKnown && length !== wireLength - header - padding - TTML_HEADER) this.#counters.length.hit(timeNs);
    this.#append(buf, at + TTML_HEADER, Math.min(length, captured - TTML_HEADER), timeNs);
    if (cut) this.#sound = false;
    if (this.#marker) {
      this.#due = true;
      this.#dueNs = timeNs;
    }
  }

  gap(): void {
    this.#forget();
    this.#beganNs = Number.NaN;
    this.#ssrc = -1;
  }

  report(_nowNs: number, epoch: Epoch, _final: boolean): St2110TtmlReport {
    this.#complete();
    const time = (ns: number) => (Number.isNaN(ns) ? null : formatTime(epoch, ns));
    return {
      packets: this.#packets,
      documents: this.#documents,
      skipped: this.#skipped,
      ssrcChanges: this.#ssrcChanges,
      octets: this.#documents > 0 ? { min: this.#minOctets, max: this.#maxOctets } : null,
      clockRateHz: this.#clockNs > 0 ? (this.#clockTicks * NS_PER_SECOND) / this.#clockNs : null,
      firstDocument: time(this.#firstNs),
      lastDocument: time(this.#lastNs),
      language: this.#language,
      lastText: this.#text.slice(0, SHOWN_CHARACTERS),
    };
  }

  findings(streamId: string, epoch: Epoch): Finding[] {
    this.#complete();
    return findingsOf(Object.values(this.#counters), streamId, epoch);
  }

  /** Another SSRC is another sender, unless the sequence goes on: then one sender draws it anew, as some do. */
  #identity(buf: Uint8Array, off: number, timeNs: number): void {
    const ssrc = rtpSsrc(buf, off);
    const sequence = rtpSequence(buf, off);
    if (ssrc !== this.#ssrc && this.#ssrc >= 0) {
      if (sequence === ((this.#sequence + 1) & 0xffff)) {
        this.#counters.ssrcMoves.hit(timeNs);
      } else {
        this.gap();
        this.#ssrcChanges += 1;
      }
    }
    this.#ssrc = ssrc;
    this.#sequence = sequence;
  }

  /** The next packet is not compared with those before, and may be the first of a document or not. */
  #forget(): void {
    this.#complete();
    this.#known = false;
    this.#began = false;
  }

  /** Where documents begin and end: one timestamp each, the marker on the last packet. */
  #boundary(timestamp: number, marker: boolean, timeNs: number): void {
    if (!this.#known) {
      this.#known = true;
      this.#octets = 0;
      this.#sound = true;
    } else if (timestamp !== this.#timestamp) {
      this.#complete();
      if (!this.#marker) {
        this.#counters.markerMissing.hit(timeNs);
        this.#skipped += 1;
      }
      this.#octets = 0;
      this.#began = true;
      this.#sound = true;
      const ticks = (timestamp - this.#timestamp) | 0;
      if (this.#timed && ticks > 0 && timeNs > this.#beganNs) {
        this.#clockTicks += ticks;
        this.#clockNs += timeNs - this.#beganNs;
      }
      this.#beganNs = timeNs;
    } else if (this.#marker) {
      this.#counters.markerEarly.hit(timeNs);
      this.#sound = false;
    }
    if (Number.isNaN(this.#beganNs)) this.#beganNs = timeNs;
    this.#timestamp = timestamp;
    this.#marker = marker;
  }

  #append(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    const octets = this.#octets + len;
    if (octets > MAX_DOCUMENT_OCTETS) {
      if (this.#sound) this.#counters.tooLong.hit(timeNs);
      this.#sound = false;
      return;
    }
    if (octets > this.#document.length) {
      const larger = new Uint8Array(Math.max(octets, this.#document.length * 2));
      larger.set(this.#document);
      this.#document = larger;
    }
    for (let index = 0; index < len; index += 1) {
      this.#document[this.#octets + index] = buf[off + index] as number;
    }
    this.#octets = octets;
  }

  /** Takes the document that has its marker, if there is one. */
  #complete(): void {
    if (!this.#due) return;
    this.#due = false;
    const timeNs = this.#dueNs;
    const text = this.#sound ? decodeText(this.#document.subarray(0, this.#octets)) : null;
    const root = text === null ? null : rootTag(text);
    // Without its beginning seen, only a root element from end to end says that it is all there.
    if (!this.#sound || (!this.#began && root === null)) {
      this.#skipped += 1;
      return;
    }
    this.#documents += 1;
    if (this.#documents === 1) this.#firstNs = timeNs;
    this.#lastNs = timeNs;
    this.#minOctets = Math.min(this.#minOctets, this.#octets);
    this.#maxOctets = Math.max(this.#maxOctets, this.#octets);
    if (text === null || root === null) this.#counters.document.hit(timeNs);
    this.#text = text ?? "";
    this.#language = root === null ? null : (/\sxml:lang\s*=\s*["']([^"']*)["']/.exec(root)?.[1] ?? null);
  }
}

/** UTF-8, or UTF-16 by its byte order mark (RFC 8759 5); null when it is neither. */
function decodeText(octets: Uint8Array): string | null {
  const mark = octets.length < 2 ? 0 : u16(octets, 0);
  const label = mark === 0xfeff ? "utf-16be" : mark === 0xfffe ? "utf-16le" : "utf-8";
  try {
    return new TextDecoder(label, { fatal: true }).decode(octets);
  } catch {
    return null;
  }
}
