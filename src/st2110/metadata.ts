import { u32 } from "../bits/read.ts";
import { rtpHeaderLength, rtpMarker, rtpPadding, rtpPaddingLength, rtpSsrc } from "../net/rtp.ts";
import { type Finding, findingsOf, type Rule, ruleCounters } from "../report/finding.ts";
import type { St2110MetadataReport } from "../report/st2110-metadata-schema.ts";
import { type Epoch, formatTime } from "../report/time.ts";
import { isTimed, type RtpAnalyser, type TimestampQuality } from "./analyser.ts";

/** Octets of a Data Item's header: type of 22 bits, K, length of 9 bits. */
const ITEM_HEADER = 4;
/** A flow sends at least this often (ST 2110-41). */
const LONGEST_PAUSE_NS = 500_000_000;
/** Types that are kept apart. */
const MAX_TYPES = 64;
const SHOWN_OCTETS = 64;

/** Rules of ST 2110-41. */
export const METADATA_RULES = {
  header: {
    code: "fast-metadata-header",
    clause: "ST 2110-41",
    severity: "error",
    text: "{count} packet(s) are too short for the RTP header, its padding, or one Data Item header.",
  },
  length: {
    code: "fast-metadata-length",
    clause: "ST 2110-41",
    severity: "error",
    text: "{count} packet(s) have Data Items whose lengths do not add up to the packet's.",
  },
  marker: {
    code: "fast-metadata-marker",
    clause: "ST 2110-41",
    severity: "warning",
    text: "{count} packet(s) have the marker bit set; it is 0 in fast metadata.",
  },
  pause: {
    code: "fast-metadata-pause",
    clause: "ST 2110-41",
    severity: "warning",
    text: "{count} time(s) more than 500 ms went by without a packet.",
  },
} as const satisfies Record<string, Rule>;

/** Data Items of one type. */
class ItemType {
  items = 0;
  kBit = 0;
  minOctets = Number.POSITIVE_INFINITY;
  maxOctets = 0;
  firstNs = Number.NaN;
  lastNs = Number.NaN;
  readonly last = new Uint8Array(SHOWN_OCTETS);
  shown = 0;
}

/** True when the payload `buf[at, at + payload)`, all of it captured, is nothing but Data Items (ST 2110-41). */
export function holdsDataItems(buf: Uint8Array, at: number, captured: number, payload: number): boolean {
  if (captured < payload || payload < ITEM_HEADER) return false;
  const end = at + payload;
  let item = at;
  while (item + ITEM_HEADER <= end) item += ITEM_HEADER + (u32(buf, item) & 0x1ff) * 4;
  return item === end;
}

/** One flow of fast metadata: Data Items counted by type, and the rules of their headers. */
export class MetadataAnalyser implements RtpAnalyser {
  readonly #counters = ruleCounters(METADATA_RULES);
  readonly #types = new Map<number, ItemType>();
  #packets = 0;
  #ssrc = -1;
  #ssrcChanges = 0;
  #cut = 0;
  #unlisted = 0;
  #lastNs = Number.NaN;
  readonly #timed: boolean;

  constructor(timestamps: TimestampQuality) {
    this.#timed = isTimed(timestamps);
  }

  packet(buf: Uint8Array, off: number, len: number, wireLength: number, lost: number, timeNs: number): void {
    this.#packets += 1;
    const header = rtpHeaderLength(buf, off, len);
    const cut = len < wireLength;
    const padding = cut ? 0 : rtpPaddingLength(buf, off, len);
    if (header < 0 || padding < 0 || wireLength - header - padding < ITEM_HEADER) {
      if (!cut || header >= 0) this.#counters.header.hit(timeNs);
      return;
    }
    const ssrc = rtpSsrc(buf, off);
    if (ssrc !== this.#ssrc) {
      if (this.#ssrc >= 0) this.#ssrcChanges += 1;
      this.#ssrc = ssrc;
      this.#lastNs = Number.NaN;
    }
    const paused = this.#timed && lost === 0 && timeNs - this.#lastNs > LONGEST_PAUSE_NS;
    if (paused) this.#counters.pause.hit(timeNs);
    this.#lastNs = timeNs;
    if (rtpMarker(buf, off) === 1) this.#counters.marker.hit(timeNs);
    const endKnown = !cut || rtpPadding(buf, off) === 0;
    const end = endKnown ? off + wireLength - padding : Number.POSITIVE_INFINITY;
    this.#items(buf, off + header, off + len - padding, end, timeNs);
  }

  gap(): void {
    this.#lastNs = Number.NaN;
    this.#ssrc = -1;
  }

  report(_nowNs: number, epoch: Epoch, _final: boolean): St2110MetadataReport {
    const time = (ns: number) => (Number.isNaN(ns) ? null : formatTime(epoch, ns));
    return {
      packets: this.#packets,
      ssrcChanges: this.#ssrcChanges,
      items: [...this.#types]
        .sort(([a], [b]) => a - b)
        .map(([type, it]) => ({
          type,
          items: it.items,
          kBit: it.kBit,
          octets: { min: it.minOctets, max: it.maxOctets },
          first: time(it.firstNs),
          last: time(it.lastNs),
          lastData: it.last.subarray(0, it.shown).toHex(),
        })),
      cutItems: this.#cut,
      unlistedItems: this.#unlisted,
    };
  }

  findings(streamId: string, epoch: Epoch): Finding[] {
    return findingsOf(Object.values(this.#counters), streamId, epoch);
  }

  /** Walks the Data Items from `from`; octets are there up to `captured`, and were on the wire up to `end`. */
  #items(buf: Uint8Array, from: number, captured: number, end: number, timeNs: number): void {
    let at = from;
    while (at < end) {
      if (at + ITEM_HEADER > end) {
        this.#counters.length.hit(timeNs);
        return;
      }
      if (at + ITEM_HEADER > captured) {
        this.#cut += 1;
        return;
      }
      const word = u32(buf, at);
      const octets = (word & 0x1ff) * 4;
      const next = at + ITEM_HEADER + octets;
      if (next > end) {
        this.#counters.length.hit(timeNs);
        return;
      }
      if (next > captured) {
        this.#cut += 1;
        return;
      }
      this.#item(word, buf, at + ITEM_HEADER, octets, timeNs);
      at = next;
    }
  }

  #item(word: number, buf: Uint8Array, at: number, octets: number, timeNs: number): void {
    const type = word >>> 10;
    let it = this.#types.get(type);
    if (it === undefined) {
      if (this.#types.size >= MAX_TYPES) {
        this.#unlisted += 1;
        return;
      }
      it = new ItemType();
      it.firstNs = timeNs;
      this.#types.set(type, it);
    }
    it.items += 1;
    it.kBit += (word >>> 9) & 1;
    if (octets < it.minOctets) it.minOctets = octets;
    if (octets > it.maxOctets) it.maxOctets = octets;
    it.lastNs = timeNs;
    it.shown = Math.min(octets, SHOWN_OCTETS);
    for (let index = 0; index < it.shown; index += 1) it.last[index] = buf[at + index] as number;
  }
}
