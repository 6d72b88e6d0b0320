import type { Arena } from "./arena.ts";
import { SYNC_BYTE, TS_PACKET_BYTES } from "./packet.ts";
import type { PacketSink } from "./sink.ts";
import {
  goodRun,
  PACKET_LENGTHS,
  type PacketLength,
  SYNC_TO_LOCK,
  syncOffset,
  syncPositions,
} from "./sync.ts";

/** The most octets that wait for a decision: a lock is seen from its first octet to its fifth sync byte. */
const MOST_PENDING = 5 * 204;
/** Octets joined with the pending ones: enough to decide on each of those, and to move past them. */
const BRIDGE = 6 * 204;

/**
 * Finds packets in a run of octets (a file), given in chunks of any size; the result does not depend on where
 * the chunks were cut. The hysteresis is that of ISO/IEC 13818-1 annex G.1: five sync bytes, each a unit
 * apart, make a lock; two wrong ones in a row lose it, and the search starts at the first of them, octet by
 * octet. One wrong sync byte alone costs its packet only. Octets passed over in the search are skipped ones,
 * unless the lock is found again in the same phase: then they were packets with wrong sync bytes.
 */
export class OctetFramer {
  /** Octets of a unit; 0 until the first lock, and then for good. */
  packetLength: PacketLength | 0 = 0;

  readonly #sink: PacketSink;
  readonly #arena: Arena;
  #locked = false;
  /** Octets passed over since the lock was lost, or from the start. */
  #hunted = 0;
  /** Pending octets: `#tailBuf[#tailOff, #tailOff + #tailBytes)`, in the caller's buffer or in `#own`. */
  #tailBuf: Uint8Array;
  #tailOff = 0;
  #tailBytes = 0;
  readonly #own = new Uint8Array(new ArrayBuffer(MOST_PENDING + BRIDGE));

  constructor(sink: PacketSink, arena: Arena) {
    this.#sink = sink;
    this.#arena = arena;
    this.#tailBuf = this.#own;
  }

  /** Takes the next octets of the stream, `buf[off, off + len)`. */
  chunk(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    let start = off;
    const end = off + len;
    if (this.#tailBytes > 0) {
      if (buf === this.#tailBuf && off === this.#tailOff + this.#tailBytes) start = this.#tailOff;
      else start += this.#bridge(buf, off, len, timeNs);
    }
    if (start >= end && this.#tailBuf === this.#own) return;
    const used = this.#consume(buf, start, end, timeNs, false);
    this.#tailBuf = buf;
    this.#tailOff = used;
    this.#tailBytes = end - used;
  }

  /** The caller's buffer is about to be reused: pending octets are copied out of it. */
  bufferEnd(): void {
    if (this.#tailBytes > 0) this.#keep(this.#tailBuf, this.#tailOff, this.#tailBytes);
    // Also with nothing pending: a reference would keep a buffer alive that its owner has given up.
    this.#tailBuf = this.#own;
    this.#tailOff = 0;
  }

  /** The stream has ended: fewer sync bytes must do for what is left, and the rest is skipped. */
  end(timeNs: number): void {
    if (this.#tailBytes === 0 && this.#hunted === 0) return;
    // Into the arena, as an output may hold what is found here.
    const at = this.#arena.take(this.#tailBytes);
    this.#arena.buf.set(this.#tailBuf.subarray(this.#tailOff, this.#tailOff + this.#tailBytes), at);
    const end = at + this.#tailBytes;
    const used = this.#consume(this.#arena.buf, at, end, timeNs, true);
    this.#tailBytes = 0;
    const left = end - used + this.#hunted;
    this.#hunted = 0;
    if (left > 0) this.#sink.skipped(left, timeNs);
  }

  #keep(buf: Uint8Array, off: number, len: number): void {
    this.#own.set(buf.subarray(off, off + len));
    this.#tailBuf = this.#own;
    this.#tailOff = 0;
    this.#tailBytes = len;
  }

  /** Joins pending octets with the first of `buf`. Returns how many of `buf` are done with or pending. */
  #bridge(buf: Uint8Array, off: number, len: number, timeNs: number): number {
    const had = this.#tailBytes;
    const added = Math.min(len, BRIDGE);
    const at = this.#arena.take(had + added);
    const joined = this.#arena.buf;
    joined.set(this.#tailBuf.subarray(this.#tailOff, this.#tailOff + had), at);
    joined.set(buf.subarray(off, off + added), at + had);
    const used = this.#consume(joined, at, at + had + added, timeNs, false) - at;
    if (used >= had) {
      this.#tailBytes = 0;
      return used - had;
    }
    // All of `buf` fitted in, or a decision would have been made.
    this.#keep(joined, at + used, had + added - used);
    return len;
  }

  /** Delivers what can be decided of `buf[pos, end)`; returns where the undecided octets start. */
  #consume(buf: Uint8Array, pos: number, end: number, timeNs: number, final: boolean): number {
    let at = pos;
    while (at < end) {
      const next = this.#locked
        ? this.#follow(buf, at, end, timeNs, final)
        : this.#hunt(buf, at, end, timeNs, final);
      if (next === at && !this.#moved) return at;
      at = next;
    }
    return at;
  }

  /** The last step changed the state though it took no octet. */
  #moved = false;

  /** Locked: packets up to the first wrong sync byte, and the decision on that. */
  #follow(buf: Uint8Array, pos: number, end: number, timeNs: number, final: boolean): number {
    const length = this.packetLength as PacketLength;
    const lead = syncOffset(length);
    const units = Math.floor((end - pos) / length);
    const good = goodRun(buf, pos + lead, units, length);
    this.#moved = false;
    if (good > 0) {
      this.#sink.packets(buf, pos + lead, good, length, timeNs);
      return pos + good * length;
    }
    const after = pos + length + lead;
    if (units === 0 || (after >= end && !final)) return pos;
    if (after >= end || buf[after] === SYNC_BYTE) {
      this.#sink.badSync(buf, pos + lead, timeNs);
      return pos + length;
    }
    this.#sink.syncLoss(timeNs);
    this.#locked = false;
    this.#moved = true;
    return pos;
  }

  /** Not locked: octet by octet to the first that may start a lock. */
  #hunt(buf: Uint8Array, pos: number, end: number, timeNs: number, final: boolean): number {
    this.#moved = false;
    for (let at = pos; at < end; at += 1) {
      const verdict = this.#lockAt(buf, at, end, final);
      if (verdict === 0) continue;
      this.#hunted += at - pos;
      if (verdict < 0) return at;
      this.#found(verdict as PacketLength, timeNs);
      return at;
    }
    this.#hunted += end - pos;
    return end;
  }

  /** A lock starts here: what was passed over is accounted for. */
  #found(length: PacketLength, timeNs: number): void {
    const hunted = this.#hunted;
    if (hunted > 0 && this.packetLength !== 0 && hunted % length === 0) {
      this.#sink.lostPackets(hunted / length, timeNs);
    } else if (hunted > 0) {
      this.#sink.skipped(hunted, timeNs);
    }
    this.#hunted = 0;
    this.#locked = true;
    this.#moved = true;
    this.packetLength = length;
  }

  /** Packet length of the lock that starts at `at`; 0 for none; -1 where more octets must tell. */
  #lockAt(buf: Uint8Array, at: number, end: number, final: boolean): number {
    let undecided = false;
    for (const length of PACKET_LENGTHS) {
      if (this.packetLength !== 0 && length !== this.packetLength) continue;
      const first = at + syncOffset(length);
      const seen = Math.min(SYNC_TO_LOCK, syncPositions(first, end, length));
      if (goodRun(buf, first, seen, length) < seen) continue;
      if (seen === SYNC_TO_LOCK) return length;
      if (!final) undecided = true;
      // At the end of the input: two packets at least, or one that ends exactly there.
      else if (seen >= 2 && end - at >= 2 * TS_PACKET_BYTES) return length;
      else if (end - at === length) return length;
    }
    return undecided ? -1 : 0;
  }
}
