/**
 * Where packets lie among octets: the packet lengths in use, and how sync bytes tell them apart.
 *
 * A unit is a packet with what stands around it: 188 octets bare, 192 with a time stamp of 4 octets before
 * the sync byte (m2ts), 204 with 16 octets of Reed-Solomon code or stuffing after the packet.
 */
import { SYNC_BYTE } from "./packet.ts";

/** Octets of a unit. */
export type PacketLength = 188 | 192 | 204;

/** Units in the order they are tried. */
export const PACKET_LENGTHS: readonly PacketLength[] = [188, 204, 192];

/** Sync bytes in a row that make a lock in a run of octets: ISO/IEC 13818-1 annex G.1, TR 101 290 1.1. */
export const SYNC_TO_LOCK = 5;
/** Wrong sync bytes in a row that lose it: the annex says "two or more". */
export const BAD_SYNC_TO_LOSE = 2;
/** Sync bytes in a row, none wrong, that give the phase of a single datagram which does not start on a packet. */
const SYNC_TO_PHASE = 3;
/** `findPhase` found nothing. */
export const NO_PHASE = -1;

/** Octets of a unit that stand before its sync byte. */
export function syncOffset(length: number): number {
  return length === 192 ? 4 : 0;
}

/** Number of sync positions in `buf[off, end)`, the first at `off`, `stride` apart. */
export function syncPositions(off: number, end: number, stride: number): number {
  return off < end ? Math.floor((end - off - 1) / stride) + 1 : 0;
}

/** How many of `count` positions from `off`, `stride` apart, hold a sync byte, up to the first that does not. */
export function goodRun(buf: Uint8Array, off: number, count: number, stride: number): number {
  let at = off;
  for (let i = 0; i < count; i += 1, at += stride) if (buf[at] !== SYNC_BYTE) return i;
  return count;
}

/** How many of `count` positions from `off`, `stride` apart, hold a sync byte. */
export function goodCount(buf: Uint8Array, off: number, count: number, stride: number): number {
  let good = 0;
  let at = off;
  for (let i = 0; i < count; i += 1, at += stride) if (buf[at] === SYNC_BYTE) good += 1;
  return good;
}

/**
 * The phase of units of `length` in a datagram: the first offset, 0 to `length` - 1, from which on every
 * sync position holds a sync byte, at least three of them. NO_PHASE where there is none.
 */
export function findPhase(buf: Uint8Array, off: number, len: number, length: number): number {
  const lead = syncOffset(length);
  const end = off + len;
  for (let phase = 0; phase < length; phase += 1) {
    const positions = syncPositions(off + phase + lead, end, length);
    if (positions < SYNC_TO_PHASE) return NO_PHASE;
    if (goodRun(buf, off + phase + lead, positions, length) === positions) return phase;
  }
  return NO_PHASE;
}

/**
 * Where packets start again in a datagram of a stream that is known to have units of `length`: the first offset
 * from which on every sync position holds a sync byte; at least three, or two that end with the datagram.
 * NO_PHASE where there is none.
 */
export function findResync(buf: Uint8Array, off: number, len: number, length: number): number {
  const lead = syncOffset(length);
  const end = off + len;
  for (let at = 0; ; at += 1) {
    const positions = syncPositions(off + at + lead, end, length);
    if (positions < SYNC_TO_PHASE - 1) return NO_PHASE;
    if (positions < SYNC_TO_PHASE && len - at !== positions * length) continue;
    if (goodRun(buf, off + at + lead, positions, length) === positions) return at;
  }
}

/** The length of which the datagram is whole units, each with its sync byte; 0 for none. */
export function wholeLength(buf: Uint8Array, off: number, len: number): PacketLength | 0 {
  for (const length of PACKET_LENGTHS) {
    const count = len / length;
    if (count < 1 || count !== Math.floor(count)) continue;
    if (goodRun(buf, off + syncOffset(length), count, length) === count) return length;
  }
  return 0;
}

/** True when the datagram is whole units of `length` and more than half have their sync byte. */
function wholeUnits(buf: Uint8Array, off: number, len: number, length: number): boolean {
  const count = len / length;
  if (count < 1 || count !== Math.floor(count)) return false;
  return goodCount(buf, off + syncOffset(length), count, length) * 2 > count;
}

/**
 * The packet length of a datagram: first as whole packets from its start, more than half with a sync byte;
 * then as packets in any phase, at least three sync bytes and none wrong. 0 where it is no transport stream.
 */
export function detectPacketLength(buf: Uint8Array, off: number, len: number): PacketLength | 0 {
  for (const length of PACKET_LENGTHS) if (wholeUnits(buf, off, len, length)) return length;
  for (const length of PACKET_LENGTHS) if (findPhase(buf, off, len, length) !== NO_PHASE) return length;
  return 0;
}
