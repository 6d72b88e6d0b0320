import type { AncSubStreamReport } from "../../report/st2110-ancillary-schema.ts";
import { type Epoch, formatTime } from "../../report/time.ts";
import { AfdContent } from "./afd.ts";
import { AtcContent } from "./atc.ts";
import { CdpContent } from "./cdp.ts";
import { Cea608Content } from "./cea608.ts";
import type { AncContent } from "./content.ts";
import { lineMeaning, offsetMeaning } from "./header.ts";
import { ancName, isType1 } from "./names.ts";
import { Op47Content } from "./op47.ts";
import type { AncCounters } from "./rules.ts";
import { Scte104Content } from "./scte104.ts";
import { VpidContent } from "./vpid.ts";
import { MAX_USER_WORDS } from "./words.ts";

/** Places kept for one sub-stream; SDI has 1125 lines, and a sender uses a few. */
const MAX_LOCATIONS = 32;
/** Octets of the last packet that reports show. */
const SHOWN_OCTETS = 64;

/** A line (and channel) that packets of a sub-stream stand on. */
interface Location {
  readonly line: number;
  readonly colorDifference: boolean;
  offset: number;
  packets: number;
  firstNs: number;
  lastNs: number;
}

/** ANC data packets with the same DID, SDID and stream number, and what they say. */
export class SubStream {
  readonly did: number;
  readonly #sdid: number;
  /** S and StreamNum: 0x80 and more where the number is given. */
  readonly #stream: number;
  readonly #content: AncContent | null;
  readonly #locations = new Map<number, Location>();
  readonly #last = new Uint8Array(MAX_USER_WORDS);
  #lastCount = 0;
  #packets = 0;
  #errors = 0;
  #minCount = MAX_USER_WORDS;
  #maxCount = 0;
  #firstNs = Number.NaN;
  #lastNs = Number.NaN;

  constructor(did: number, sdid: number, stream: number, counters: AncCounters) {
    this.did = did;
    this.#sdid = sdid;
    this.#stream = stream;
    this.#content = contentOf(did, sdid, counters);
  }

  /** A packet at a place, counted whether its words are right or not. False when its place is one too many to keep. */
  seen(place: number, offset: number, dataCount: number, timeNs: number): boolean {
    if (this.#packets === 0) this.#firstNs = timeNs;
    this.#packets += 1;
    this.#lastNs = timeNs;
    if (dataCount < this.#minCount) this.#minCount = dataCount;
    if (dataCount > this.#maxCount) this.#maxCount = dataCount;
    let location = this.#locations.get(place);
    if (location === undefined) {
      if (this.#locations.size >= MAX_LOCATIONS) return false;
      const colorDifference = (place & 1) === 1;
      location = { line: place >>> 1, colorDifference, offset, packets: 0, firstNs: timeNs, lastNs: timeNs };
      this.#locations.set(place, location);
    }
    location.offset = offset;
    location.packets += 1;
    location.lastNs = timeNs;
    return true;
  }

  /** The packet's words are wrong: it is not decoded, and what comes next has nothing to be compared with. */
  damaged(): void {
    this.#errors += 1;
    this.#content?.gap();
  }

  /** The low 8 bits of the packet's user words, all of them right. */
  data(octets: Uint8Array, count: number, timeNs: number, place: number): void {
    for (let index = 0; index < count; index += 1) this.#last[index] = octets[index] as number;
    this.#lastCount = count;
    this.#content?.packet(octets, count, timeNs, place);
  }

  /** Packets are missing, or the input starts again. */
  gap(): void {
    this.#content?.gap();
  }

  /** All of it as report data. */
  report(epoch: Epoch): AncSubStreamReport {
    const time = (ns: number) => (Number.isNaN(ns) ? null : formatTime(epoch, ns));
    return {
      did: this.did,
      sdid: isType1(this.did) ? null : this.#sdid,
      streamNumber: this.#stream >= 0x80 ? this.#stream & 0x7f : null,
      ...ancName(this.did, this.#sdid),
      packets: this.#packets,
      errors: this.#errors,
      first: time(this.#firstNs),
      last: time(this.#lastNs),
      dataCount: { min: this.#minCount, max: this.#maxCount },
      locations: [...this.#locations.values()]
        .sort((a, b) => a.line - b.line)
        .map((it) => ({
          line: it.line,
          lineMeaning: lineMeaning(it.line),
          horizontalOffset: it.offset,
          offsetMeaning: offsetMeaning(it.offset),
          colorDifference: it.colorDifference,
          packets: it.packets,
          first: time(it.firstNs),
          last: time(it.lastNs),
        })),
      decoded: this.#content?.report(epoch) ?? null,
      lastWords: this.#last.subarray(0, Math.min(this.#lastCount, SHOWN_OCTETS)).toHex(),
    };
  }
}

/** Decoder for a DID and SDID; null where only the octets are known. */
export function contentOf(did: number, sdid: number, counters: AncCounters): AncContent | null {
  switch (did * 256 + sdid) {
    case 0x4101:
      return new VpidContent(counters);
    case 0x4105:
      return new AfdContent(counters);
    case 0x4107:
      return new Scte104Content(counters);
    case 0x4302:
      return new Op47Content(counters);
    case 0x6060:
    case 0x6061:
      return new AtcContent(counters);
    case 0x6101:
      return new CdpContent(counters);
    case 0x6102:
      return new Cea608Content(counters);
    default:
      return null;
  }
}
