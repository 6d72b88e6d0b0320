import { u16, u16le, u32, u32le } from "../bits/read.ts";
import { LINKTYPE_TS } from "../net/linktype.ts";
import { type Epoch, NO_WALL_CLOCK, NS_PER_SECOND } from "../report/time.ts";
import { emptyStats, type FrameBatch, type SourceStats, type TimestampSource } from "./batch.ts";
import type { ByteWindow } from "./chunk.ts";
import { type Damage, MAX_CAPTURED_OCTETS, type RecordParser } from "./savefile.ts";
import type { FilterPredicate, FilterTable } from "./savefile-filter.ts";

/** Octets of the file header (draft-ietf-opsawg-pcap, 4). */
export const PCAP_HEADER_OCTETS = 24;
/** Octets of a record header (draft-ietf-opsawg-pcap, 5). */
const PCAP_RECORD_OCTETS = 16;
/** Magic number of a file with microseconds. */
export const PCAP_MAGIC_US = 0xa1b2c3d4;
/** Magic number of a file with nanoseconds. */
export const PCAP_MAGIC_NS = 0xa1b23c4d;
/** Magic number of the "modified" format of the 1990s, whose record header is longer. */
export const PCAP_MAGIC_MODIFIED = 0xa1b2cd34;

/** Our own mark for "octets of a transport stream file" must not be taken from a file header. */
const LINKTYPE_RESERVED = 0xfffe;

/** A savefile's link type in our 16 bits; what we can't tell apart becomes a type that nobody walks. */
export function savefileLinkType(value: number): number {
  return value >= LINKTYPE_TS ? LINKTYPE_RESERVED : value;
}

/** Classic pcap, both byte orders, microseconds and nanoseconds. */
export class PcapParser implements RecordParser {
  readonly kind = "pcap";
  readonly stats: SourceStats = emptyStats();
  readonly timestampSource: TimestampSource;
  epoch: Epoch = NO_WALL_CLOCK;
  need = PCAP_RECORD_OCTETS;
  damage: Damage | null = null;
  readonly #littleEndian: boolean;
  readonly #nsPerUnit: number;
  readonly #linkType: number;
  readonly #filter: FilterPredicate | null | undefined;
  #epochSeconds = Number.NaN;

  /** Reads the file header at `buf[off]`, PCAP_HEADER_OCTETS long, whose magic number was recognised. */
  constructor(buf: Uint8Array, off: number, filters: FilterTable) {
    const magic = u32le(buf, off);
    this.#littleEndian = magic === PCAP_MAGIC_US || magic === PCAP_MAGIC_NS;
    const nanoseconds = (this.#littleEndian ? magic : u32(buf, off)) === PCAP_MAGIC_NS;
    this.#nsPerUnit = nanoseconds ? 1 : 1000;
    this.timestampSource = { kind: "savefile", resolutionNs: this.#nsPerUnit };
    const major = this.#littleEndian ? u16le(buf, off + 4) : u16(buf, off + 4);
    if (major !== 2) {
      this.damage = {
        code: "pcap-version",
        offset: off + 4,
        expected: "pcap version 2",
        found: `version ${major}`,
      };
    }
    // The upper 4 bits say how long a frame check sequence is (draft-ietf-opsawg-pcap, 4).
    const field = this.#littleEndian ? u32le(buf, off + 20) : u32(buf, off + 20);
    this.#linkType = savefileLinkType(field & 0x03ffffff);
    this.#filter = filters.get(this.#linkType);
  }

  parse(window: ByteWindow, batch: FrameBatch): void {
    const { buf, end } = window;
    const { offset, capturedLength, wireLength, timeNs, linkType, capacity } = batch;
    const little = this.#littleEndian;
    const nsPerUnit = this.#nsPerUnit;
    const link = this.#linkType;
    const filter = this.#filter;
    let p = window.start;
    let count = batch.count;
    let bytes = 0;
    let announced = 0;
    this.need = PCAP_RECORD_OCTETS;
    while (count < capacity) {
      if (end - p < PCAP_RECORD_OCTETS) break;
      const captured = little ? u32le(buf, p + 8) : u32(buf, p + 8);
      const data = p + PCAP_RECORD_OCTETS;
      if (captured > MAX_CAPTURED_OCTETS) {
        announced = captured;
        break;
      }
      if (end - data < captured) {
        this.need = PCAP_RECORD_OCTETS + captured;
        break;
      }
      let wire = little ? u32le(buf, p + 12) : u32(buf, p + 12);
      if (wire < captured) wire = captured; // Some writers leave it 0.
      if (filter !== undefined) {
        if (filter === null) {
          this.stats.unreadable++;
          p = data + captured;
          continue;
        }
        if (filter(buf, data, captured, wire) === 0) {
          this.stats.filtered++;
          p = data + captured;
          continue;
        }
      }
      const seconds = little ? u32le(buf, p) : u32(buf, p);
      if (Number.isNaN(this.#epochSeconds)) this.#setEpoch(seconds);
      offset[count] = data;
      capturedLength[count] = captured;
      wireLength[count] = wire;
      timeNs[count] =
        (seconds - this.#epochSeconds) * NS_PER_SECOND +
        (little ? u32le(buf, p + 4) : u32(buf, p + 4)) * nsPerUnit;
      linkType[count] = link;
      bytes += wire;
      count++;
      p = data + captured;
    }
    this.stats.packets += count - batch.count;
    this.stats.bytes += bytes;
    batch.count = count;
    window.start = p;
    if (count < capacity) this.damage = this.#judgeRest(window, announced);
  }

  /** The rest of the window is no whole record: damage, or is it for want of octets that may yet come? */
  #judgeRest(window: ByteWindow, announced: number): Damage | null {
    const offset = window.origin + window.start;
    const left = window.end - window.start;
    if (announced > 0) {
      return {
        code: "pcap-record-length",
        offset,
        expected: `a record of at most ${MAX_CAPTURED_OCTETS} octets`,
        found: `one that says ${announced}`,
      };
    }
    if (!window.ended || left === 0) return null;
    return {
      code: "file-truncated",
      offset,
      expected: `a record${this.need > PCAP_RECORD_OCTETS ? "" : " header"} of ${this.need} octets`,
      found: `${left} octets and the end of the file`,
    };
  }

  #setEpoch(seconds: number): void {
    this.#epochSeconds = seconds;
    this.epoch = { seconds, nanoseconds: 0, wallClock: true };
  }
}
