import { u16, u16le, u32, u32le } from "../bits/read.ts";
import { type Epoch, NO_WALL_CLOCK } from "../report/time.ts";
import { emptyStats, type FrameBatch, type SourceStats, type TimestampSource } from "./batch.ts";
import { type ByteWindow, MAX_WINDOW_OCTETS } from "./chunk.ts";
import { PcapngInterface } from "./pcapng-interface.ts";
import { type Damage, MAX_CAPTURED_OCTETS, type RecordParser } from "./savefile.ts";
import type { FilterTable } from "./savefile-filter.ts";

/** Block types (draft-ietf-opsawg-pcapng, 10.1). The first reads the same in both byte orders. */
export const BLOCK = {
  sectionHeader: 0x0a0d0d0a,
  interfaceDescription: 1,
  /** Obsolete, but old files have it. */
  packet: 2,
  simplePacket: 3,
  enhancedPacket: 6,
} as const;

/** Byte-order magic of a Section Header Block. */
const PCAPNG_BYTE_ORDER = 0x1a2b3c4d;

/** Octets of a block without body: type, length, and the length again. */
const BLOCK_FRAME_OCTETS = 12;
/** Interfaces a section may have before it is taken for damage: each costs memory. */
const MAX_INTERFACES = 65_536;
/** Octets of a block's body before options or packet data. */
const BODY_OCTETS = { section: 16, interface: 8, packet: 20, simple: 4 } as const;

/**
 * pcapng: sections of either byte order, any number of interfaces; blocks it does not know are skipped. The
 * content must begin with a Section Header Block.
 */
export class PcapngParser implements RecordParser {
  readonly kind = "pcapng";
  readonly stats: SourceStats = emptyStats();
  epoch: Epoch = NO_WALL_CLOCK;
  need = BLOCK_FRAME_OCTETS;
  damage: Damage | null = null;
  readonly #filters: FilterTable;
  #little = true;
  #interfaces: PcapngInterface[] = [];
  #resolutionNs = 1000;
  /** Octets of a skipped block's body that are still to come; -1 when no block is being skipped. */
  #skip = -1;
  #skippedBlock = 0;
  #skippedLength = 0;

  constructor(filters: FilterTable) {
    this.#filters = filters;
  }

  get timestampSource(): TimestampSource {
    return { kind: "savefile", resolutionNs: this.#resolutionNs };
  }

  parse(window: ByteWindow, batch: FrameBatch): void {
    this.need = BLOCK_FRAME_OCTETS;
    while (batch.count < batch.capacity && this.damage === null) {
      if (!(this.#skip >= 0 ? this.#skipOn(window) : this.#block(window, batch))) break;
    }
    const left = window.end - window.start;
    if (!window.ended || this.damage !== null || batch.count === batch.capacity) return;
    if (left > 0 || this.#skip >= 0) {
      this.#fail(window.origin + window.start, "file-truncated", `${this.need} more octets of a block`, left);
    }
  }

  /** Takes the block at `window.start`; false when it needs more octets or is damaged. */
  #block(window: ByteWindow, batch: FrameBatch): boolean {
    const { buf, start } = window;
    const left = window.end - start;
    if (left < BLOCK_FRAME_OCTETS) return this.#needs(BLOCK_FRAME_OCTETS);
    const read32 = this.#little ? u32le : u32;
    let type = read32(buf, start);
    if (type === BLOCK.sectionHeader && !this.#readByteOrder(window)) return false;
    const little = this.#little;
    const length = little ? u32le(buf, start + 4) : u32(buf, start + 4);
    if (length < BLOCK_FRAME_OCTETS || length % 4 !== 0) {
      const expected = "a block length that is a multiple of 4 and at least 12";
      return this.#fail(window.origin + start, "pcapng-block-length", expected, length);
    }
    if (!isKnown(type)) type = 0;
    if (type === 0) {
      this.#skip = length - BLOCK_FRAME_OCTETS;
      this.#skippedBlock = window.origin + start;
      this.#skippedLength = length;
      window.start += 8;
      return true;
    }
    if (length > MAX_WINDOW_OCTETS) {
      const expected = `a block of at most ${MAX_WINDOW_OCTETS} octets`;
      return this.#fail(window.origin + start, "pcapng-block-length", expected, length);
    }
    if (left < length) return this.#needs(length);
    const trailer = little ? u32le(buf, start + length - 4) : u32(buf, start + length - 4);
    if (trailer !== length) {
      const expected = `the block's length, ${length}, again at its end`;
      return this.#fail(window.origin + start, "pcapng-block-length", expected, trailer);
    }
    if (!this.#body(window, batch, type, start + 8, start + length - 4)) return false;
    window.start = start + length;
    return true;
  }

  #body(window: ByteWindow, batch: FrameBatch, type: number, body: number, end: number): boolean {
    const size = end - body;
    const buf = window.buf;
    const read32 = this.#little ? u32le : u32;
    switch (type) {
      case BLOCK.enhancedPacket:
      case BLOCK.packet: {
        if (size < BODY_OCTETS.packet) return this.#tooShort(window, BODY_OCTETS.packet, size);
        const read16 = this.#little ? u16le : u16;
        const id = type === BLOCK.packet ? read16(buf, body) : read32(buf, body);
        const captured = read32(buf, body + 12);
        const wire = read32(buf, body + 16);
        const room = size - BODY_OCTETS.packet;
        if (captured > MAX_CAPTURED_OCTETS || captured > room) {
          const most = Math.min(room, MAX_CAPTURED_OCTETS);
          const expected = `a packet of at most ${most} octets in its block`;
          return this.#fail(window.origin + window.start, "pcapng-packet-length", expected, captured);
        }
        this.#frame(batch, buf, id, body + BODY_OCTETS.packet, captured, wire, body + 4);
        return true;
      }
      case BLOCK.simplePacket: {
        if (size < BODY_OCTETS.simple) return this.#tooShort(window, BODY_OCTETS.simple, size);
        const wire = read32(buf, body);
        const snaplen = this.#interfaces[0]?.snaplen ?? 0;
        const captured = Math.min(wire, snaplen === 0 ? wire : snaplen);
        if (captured > MAX_CAPTURED_OCTETS || captured > size - BODY_OCTETS.simple) {
          const expected = `a packet of at most ${size - BODY_OCTETS.simple} octets in its block`;
          return this.#fail(window.origin + window.start, "pcapng-packet-length", expected, captured);
        }
        this.#frame(batch, buf, 0, body + BODY_OCTETS.simple, captured, wire, -1);
        return true;
      }
      case BLOCK.interfaceDescription:
        if (size < BODY_OCTETS.interface) return this.#tooShort(window, BODY_OCTETS.interface, size);
        return this.#interface(window, body, end);
      default:
        return this.#section(window, body, size);
    }
  }

  /** Gives out one packet; `timeAt` is where its 64-bit time stands, -1 without one (4.4). */
  #frame(
    batch: FrameBatch,
    buf: Uint8Array,
    id: number,
    data: number,
    captured: number,
    wireLength: number,
    timeAt: number,
  ): void {
    const from = this.#interfaces[id];
    const filter = from?.filter;
    if (from === undefined || filter === null) {
      this.stats.unreadable++;
      return;
    }
    const wire = Math.max(wireLength, captured); // Some writers leave it 0.
    if (filter !== undefined && filter(buf, data, captured, wire) === 0) {
      this.stats.filtered++;
      return;
    }
    const n = batch.count;
    batch.offset[n] = data;
    batch.capturedLength[n] = captured;
    batch.wireLength[n] = wire;
    batch.linkType[n] = from.linkType;
    if (timeAt >= 0) {
      const high = this.#little ? u32le(buf, timeAt) : u32(buf, timeAt);
      const low = this.#little ? u32le(buf, timeAt + 4) : u32(buf, timeAt + 4);
      if (!this.epoch.wallClock) this.#setEpoch(from, high, low);
      batch.timeNs[n] = from.timeNs(high, low);
    } else {
      batch.timeNs[n] = Number.NaN;
    }
    batch.count = n + 1;
    this.stats.packets++;
    this.stats.bytes += wire;
  }

  #setEpoch(from: PcapngInterface, high: number, low: number): void {
    const seconds = from.wholeSecond(high, low);
    this.epoch = { seconds, nanoseconds: 0, wallClock: true };
    this.#resolutionNs = from.resolutionNs;
    for (const one of this.#interfaces) one.setEpoch(seconds);
  }

  #readByteOrder(window: ByteWindow): boolean {
    const at = window.start + 8;
    if (u32le(window.buf, at) === PCAPNG_BYTE_ORDER) this.#little = true;
    else if (u32(window.buf, at) === PCAPNG_BYTE_ORDER) this.#little = false;
    else {
      const found = `0x${u32(window.buf, at).toString(16).padStart(8, "0")}`;
      return this.#fail(window.origin + at, "pcapng-byte-order", "the byte-order magic 0x1a2b3c4d", found);
    }
    return true;
  }

  #section(window: ByteWindow, body: number, size: number): boolean {
    if (size < BODY_OCTETS.section) return this.#tooShort(window, BODY_OCTETS.section, size);
    const major = this.#little ? u16le(window.buf, body + 4) : u16(window.buf, body + 4);
    if (major !== 1) {
      const found = `version ${major}`;
      return this.#fail(window.origin + body + 4, "pcapng-version", "pcapng version 1", found);
    }
    this.#interfaces = [];
    return true;
  }

  #interface(window: ByteWindow, body: number, end: number): boolean {
    if (this.#interfaces.length >= MAX_INTERFACES) {
      const expected = `at most ${MAX_INTERFACES} interfaces in a section`;
      return this.#fail(window.origin + window.start, "pcapng-interfaces", expected, "one more");
    }
    const added = new PcapngInterface(window.buf, body, end, this.#little, this.#filters);
    if (this.epoch.wallClock) added.setEpoch(this.epoch.seconds);
    this.#interfaces.push(added);
    return true;
  }

  /** Passes over an unknown block of any length without holding it, then checks the length at its end. */
  #skipOn(window: ByteWindow): boolean {
    const some = Math.min(this.#skip, window.end - window.start);
    this.#skip -= some;
    window.start += some;
    if (this.#skip > 0) return this.#needs(1);
    if (window.end - window.start < 4) return this.#needs(4);
    const trailer = this.#little ? u32le(window.buf, window.start) : u32(window.buf, window.start);
    if (trailer !== this.#skippedLength) {
      const expected = `the block's length, ${this.#skippedLength}, again at its end`;
      return this.#fail(this.#skippedBlock, "pcapng-block-length", expected, trailer);
    }
    window.start += 4;
    this.#skip = -1;
    return true;
  }

  #needs(octets: number): false {
    this.need = octets;
    return false;
  }

  #tooShort(window: ByteWindow, expected: number, found: number): false {
    const want = `a block body of at least ${expected} octets`;
    return this.#fail(window.origin + window.start, "pcapng-block-length", want, found);
  }

  #fail(offset: number, code: string, expected: string, found: string | number): false {
    this.damage = { code, offset, expected, found: typeof found === "number" ? `${found}` : found };
    return false;
  }
}

function isKnown(type: number): boolean {
  return (
    type === BLOCK.enhancedPacket ||
    type === BLOCK.sectionHeader ||
    type === BLOCK.interfaceDescription ||
    type === BLOCK.simplePacket ||
    type === BLOCK.packet
  );
}
