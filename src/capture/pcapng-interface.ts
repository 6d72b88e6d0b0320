import { u16, u16le, u32, u32le } from "../bits/read.ts";
import { NS_PER_SECOND } from "../report/time.ts";
import { savefileLinkType } from "./pcap.ts";
import type { FilterPredicate, FilterTable } from "./savefile-filter.ts";

/** Option codes of an Interface Description Block (draft-ietf-opsawg-pcapng, 4.2). */
const OPT_ENDOFOPT = 0;
const OPT_IF_TSRESOL = 9;
const OPT_IF_TSOFFSET = 14;

/** Resolution of times where the block does not say: microseconds. */
const DEFAULT_TSRESOL = 6;

const TWO_32 = 2 ** 32;
/** Up to this many ticks a second, a tick is a whole number of nanoseconds if it divides 10^9. */
const BILLION = NS_PER_SECOND;

/**
 * One interface of a pcapng section: link type, snap length, and how its times are to be read. Times are
 * 64-bit tick counts of a resolution of its own; they are made nanoseconds after the capture's epoch without
 * a BigInt a packet: the epoch is turned into ticks once, and the difference fits a float64.
 */
export class PcapngInterface {
  readonly linkType: number;
  /** Most octets of a packet that were kept; 0 when not limited. */
  readonly snaplen: number;
  /** Smallest step of its times in nanoseconds. */
  readonly resolutionNs: number;
  readonly #ticksPerSecond: number;
  readonly #exactTicksPerSecond: bigint;
  readonly #offsetSeconds: bigint;
  readonly #filters: FilterTable;
  #filter: FilterPredicate | null | undefined;
  #filterKnown = false;
  #epochHigh = Number.NaN;
  #epochLow = Number.NaN;

  /** Reads the body of an Interface Description Block at `buf[off, end)`, at least 8 octets long. */
  constructor(buf: Uint8Array, off: number, end: number, littleEndian: boolean, filters: FilterTable) {
    const read16 = littleEndian ? u16le : u16;
    const read32 = littleEndian ? u32le : u32;
    this.linkType = savefileLinkType(read16(buf, off));
    this.snaplen = read32(buf, off + 4);
    this.#filters = filters;
    let resolution = DEFAULT_TSRESOL;
    let offsetSeconds = 0n;
    for (let p = off + 8; end - p >= 4; ) {
      const code = read16(buf, p);
      const length = read16(buf, p + 2);
      if (code === OPT_ENDOFOPT || end - p - 4 < length) break;
      if (code === OPT_IF_TSRESOL && length >= 1) resolution = buf[p + 4] as number;
      if (code === OPT_IF_TSOFFSET && length >= 8) {
        const high = BigInt(read32(buf, p + (littleEndian ? 8 : 4)));
        const low = BigInt(read32(buf, p + (littleEndian ? 4 : 8)));
        offsetSeconds = BigInt.asIntN(64, (high << 32n) | low);
      }
      p += 4 + ((length + 3) & ~3);
    }
    // The upper bit chooses between powers of 2 and of 10 (4.2, if_tsresol).
    const base = (resolution & 0x80) !== 0 ? 2n : 10n;
    this.#exactTicksPerSecond = base ** BigInt(resolution & 0x7f);
    this.#ticksPerSecond = Number(this.#exactTicksPerSecond);
    this.#offsetSeconds = offsetSeconds;
    this.resolutionNs = NS_PER_SECOND / this.#ticksPerSecond;
  }

  /** Its filter (see FilterTable.get), compiled when the first packet asks for it. */
  get filter(): FilterPredicate | null | undefined {
    if (!this.#filterKnown) {
      this.#filter = this.#filters.get(this.linkType);
      this.#filterKnown = true;
    }
    return this.#filter;
  }

  /** The whole second since 1970 that the time (`high`, `low`) falls in. */
  wholeSecond(high: number, low: number): number {
    const ticks = (BigInt(high) << 32n) | BigInt(low);
    return Number(ticks / this.#exactTicksPerSecond + this.#offsetSeconds);
  }

  /** Sets the second that `timeNs` counts from. */
  setEpoch(seconds: number): void {
    const ticks = (BigInt(seconds) - this.#offsetSeconds) * this.#exactTicksPerSecond;
    this.#epochHigh = Number(ticks >> 32n);
    this.#epochLow = Number(BigInt.asUintN(32, ticks));
  }

  /** Nanoseconds after the epoch; exact for whole nanoseconds up to 104 days from it. */
  timeNs(high: number, low: number): number {
    const ticks = (high - this.#epochHigh) * TWO_32 + (low - this.#epochLow);
    const perSecond = this.#ticksPerSecond;
    if (perSecond <= BILLION && BILLION % perSecond === 0) return ticks * (BILLION / perSecond);
    const seconds = Math.floor(ticks / perSecond);
    return seconds * NS_PER_SECOND + ((ticks - seconds * perSecond) / perSecond) * NS_PER_SECOND;
  }
}
