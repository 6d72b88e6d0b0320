import type { Arena } from "./arena.ts";
import type { PacketSink } from "./sink.ts";
import {
  BAD_SYNC_TO_LOSE,
  detectPacketLength,
  findResync,
  goodCount,
  goodRun,
  NO_PHASE,
  type PacketLength,
  SYNC_TO_LOCK,
  syncOffset,
  syncPositions,
  wholeLength,
} from "./sync.ts";

/** This datagram holds no transport stream. */
const STRAY = -1;
/** Octets of the longest unit. */
const LONGEST_UNIT = 204;

/**
 * Finds packets in datagrams. Each datagram shows its own phase, so that a stray one harms no other:
 *
 * 1. packets start where the datagram starts, and at least half have their sync byte (a wrong one then costs
 *    only its own packet);
 * 2. or they go on from the packet that the datagram before left unfinished;
 * 3. or they start somewhere else, from where on no sync byte is wrong (a datagram was lost between);
 * 4. or it is a stray datagram, skipped whole.
 *
 * Where sync bytes are wrong from some packet on, the place where packets start again is searched for octet by
 * octet.
 *
 * TR 101 290 1.1 counts on top of that, over the packets in their order: two wrong sync bytes in a row lose
 * synchronisation, five right ones in a row regain it. So do two stray datagrams in a row that have the
 * length of whole packets. Legal packets are passed on in either state: their place is known.
 */
export class DatagramFramer {
  /** Octets of a unit; 0 until known. */
  packetLength: PacketLength | 0 = 0;

  readonly #sink: PacketSink;
  readonly #arena: Arena;
  /** Start of a unit whose end is in the next datagram. */
  readonly #tail = new Uint8Array(LONGEST_UNIT);
  #tailBytes = 0;
  /** The last datagram went on from the one before. */
  #spanning = false;
  #lost = false;
  /** Right sync bytes since the last wrong one; matters only around wrong ones. */
  #goodSinceBad = SYNC_TO_LOCK;
  #badInRow = 0;
  #straysInRow = 0;

  constructor(sink: PacketSink, arena: Arena) {
    this.#sink = sink;
    this.#arena = arena;
  }

  /** Takes a datagram's payload `buf[off, off + len)`. */
  datagram(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    const length = this.packetLength;
    if (length !== 0 && this.#tailBytes === 0 && this.#badInRow === 0) {
      const count = Math.floor(len / length);
      const first = off + syncOffset(length);
      if (count > 0 && count * length === len && goodRun(buf, first, count, length) === count) {
        this.#goodSinceBad += count;
        this.#straysInRow = 0;
        this.#sink.packets(buf, first, count, length, timeNs);
        return;
      }
    }
    this.#irregular(buf, off, len, timeNs);
  }

  /** The stream has ended: an unfinished packet is skipped. */
  end(timeNs: number): void {
    this.#dropTail(timeNs);
  }

  #irregular(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    const whole = wholeLength(buf, off, len);
    if (whole !== 0 && whole !== this.packetLength && !this.#spanning) {
      this.#dropTail(timeNs);
      this.packetLength = whole;
    }
    let phase = this.packetLength === 0 ? STRAY : this.#phase(buf, off, len);
    if (phase === STRAY) {
      const length = detectPacketLength(buf, off, len);
      if (length !== 0) {
        if (length !== this.packetLength) this.#dropTail(timeNs);
        this.packetLength = length;
        phase = Math.max(0, this.#phase(buf, off, len));
      }
    }
    if (phase === STRAY) this.#stray(len, timeNs);
    else this.#walk(buf, off, len, phase, timeNs);
  }

  /** Offset in the datagram where its first unit starts; or STRAY. */
  #phase(buf: Uint8Array, off: number, len: number): number {
    const length = this.packetLength;
    const lead = syncOffset(length);
    const end = off + len;
    const aligned = syncPositions(off + lead, end, length);
    const alignedGood = goodCount(buf, off + lead, aligned, length);
    if (this.#tailBytes > 0) {
      const next = length - this.#tailBytes;
      const spanning = syncPositions(off + next + lead, end, length);
      const spanningGood = goodCount(buf, off + next + lead, spanning, length);
      const bothFit = alignedGood === aligned && spanningGood === spanning;
      if (bothFit ? this.#spanning || aligned === 0 : spanningGood === spanning && spanning > 0) return next;
      if (spanning > 0 && alignedGood * 2 < aligned && spanningGood * 2 >= spanning) return next;
      // Too short to hold a sync byte where one is due: nothing speaks against its going on.
      if (spanning === 0 && alignedGood < aligned) return next;
    }
    if (alignedGood > 0 && alignedGood * 2 >= aligned) return 0;
    // One packet of the right length: its sync byte may be wrong, its place is not in doubt.
    if (len === length && !this.#spanning) return 0;
    const found = findResync(buf, off, len, length);
    if (found === NO_PHASE) return STRAY;
    return goodRun(buf, off + lead, 1, 1) === 1 ? 0 : found;
  }

  #walk(buf: Uint8Array, off: number, len: number, phase: number, timeNs: number): void {
    const length = this.packetLength;
    const lead = syncOffset(length);
    const end = off + len;
    this.#straysInRow = 0;
    let unit = off + phase;
    if (this.#tailBytes > 0 && this.#tailBytes + phase === length) {
      this.#spanning = true;
      this.#tail.set(buf.subarray(off, Math.min(unit, end)), this.#tailBytes);
      if (unit > end) {
        this.#tailBytes += len;
        return;
      }
      const at = this.#arena.take(length);
      this.#arena.buf.set(this.#tail.subarray(0, length), at);
      this.#tailBytes = 0;
      this.#one(this.#arena.buf, at + lead, timeNs);
    } else {
      this.#dropTail(timeNs);
      this.#spanning = phase !== 0;
      if (phase > 0) this.#sink.skipped(Math.min(phase, len), timeNs);
    }
    while (unit + length <= end) {
      const good = goodRun(buf, unit + lead, Math.floor((end - unit) / length), length);
      if (good > 0) {
        this.#good(good);
        this.#sink.packets(buf, unit + lead, good, length, timeNs);
        unit += good * length;
      } else {
        const again = this.#resync(buf, unit, end);
        if (again === 0) this.#one(buf, unit + lead, timeNs);
        else this.#sink.skipped(again, timeNs);
        if (again > 0) this.#lose(timeNs);
        unit += again === 0 ? length : again;
      }
    }
    this.#keepTail(buf, unit, end - unit, timeNs);
  }

  /**
   * Octets from the wrong sync byte at `unit` to where packets start again out of step; 0 where those after it
   * are in step, or none are found.
   */
  #resync(buf: Uint8Array, unit: number, end: number): number {
    const length = this.packetLength;
    const next = unit + length + syncOffset(length);
    const after = syncPositions(next, end, length);
    if (after === 0 || goodCount(buf, next, after, length) * 2 >= after) return 0;
    const again = findResync(buf, unit, end - unit, length);
    return again === NO_PHASE || again % length === 0 ? 0 : again;
  }

  /** The octets after the last whole unit: kept where they may be the start of a packet. */
  #keepTail(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    if (len <= 0) return;
    const lead = syncOffset(this.packetLength);
    if (len > lead && goodRun(buf, off + lead, 1, 1) === 0) {
      this.#sink.skipped(len, timeNs);
      return;
    }
    this.#tail.set(buf.subarray(off, off + len));
    this.#tailBytes = len;
  }

  #dropTail(timeNs: number): void {
    if (this.#tailBytes > 0) this.#sink.skipped(this.#tailBytes, timeNs);
    this.#tailBytes = 0;
  }

  #stray(len: number, timeNs: number): void {
    const length = this.packetLength;
    if (len === 0) return;
    this.#sink.skipped(len, timeNs);
    if (length === 0 || len % length !== 0) return;
    this.#straysInRow += 1;
    this.#regain();
    if (this.#straysInRow === BAD_SYNC_TO_LOSE) this.#lose(timeNs);
  }

  #one(buf: Uint8Array, off: number, timeNs: number): void {
    if (goodRun(buf, off, 1, 1) === 1) {
      this.#good(1);
      this.#sink.packets(buf, off, 1, this.packetLength, timeNs);
      return;
    }
    this.#badInRow += 1;
    this.#regain();
    this.#sink.badSync(buf, off, timeNs);
    if (this.#badInRow === BAD_SYNC_TO_LOSE) this.#lose(timeNs);
  }

  #good(count: number): void {
    this.#badInRow = 0;
    this.#goodSinceBad += count;
  }

  /** Before a wrong sync byte counts: enough right ones since the last mean that the lock was back. */
  #regain(): void {
    if (this.#goodSinceBad >= SYNC_TO_LOCK) this.#lost = false;
    this.#goodSinceBad = 0;
  }

  #lose(timeNs: number): void {
    this.#regain();
    if (!this.#lost) this.#sink.syncLoss(timeNs);
    this.#lost = true;
  }
}
