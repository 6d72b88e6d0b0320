import { u8 } from "../bits/read.ts";

/** Sync byte of a transport stream packet (ISO/IEC 13818-1, 2.4.3.3). */
export const TS_SYNC_BYTE = 0x47;
/** How the packets of a transport stream file lie in it. */
export interface TsLayout {
  /** Octets from one packet to the next: 188, 192 with an arrival time before each, 204 with parity after. */
  readonly stride: 188 | 192 | 204;
  /** Where the sync byte stands in those octets: 4 in a 192-octet file, else 0. */
  readonly syncOffset: 0 | 4;
  /** Octets before the first whole packet. */
  readonly first: number;
}

const LAYOUTS: readonly Omit<TsLayout, "first">[] = [
  { stride: 188, syncOffset: 0 },
  { stride: 192, syncOffset: 4 },
  { stride: 204, syncOffset: 0 },
];

/** Sync bytes in a row that prove a layout where the content has as many (ISO/IEC 13818-1, annex G.1). */
const SYNCS_TO_LOCK = 5;
/** How far into the content the first packet may lie. */
const MAX_LEADING_OCTETS = 65_536;
/** Octets that `detectTsLayout` wants to see, unless the content is shorter. */
export const TS_DETECT_OCTETS = MAX_LEADING_OCTETS + (SYNCS_TO_LOCK + 1) * 204;

/**
 * Recognises a transport stream in the first octets of a file, `buf[off, end)`, or returns null. A start on a
 * packet boundary needs as many sync bytes as there are packets, up to five; a start in the midst of
 * a packet or after foreign octets needs five.
 */
export function detectTsLayout(buf: Uint8Array, off: number, end: number): TsLayout | null {
  for (const layout of LAYOUTS) {
    const packets = Math.floor((end - off) / layout.stride);
    const wanted = Math.min(packets, SYNCS_TO_LOCK);
    const whole = (end - off) % layout.stride === 0;
    const enough = wanted === SYNCS_TO_LOCK || wanted >= 2 || (wanted === 1 && whole);
    if (enough && syncsInRow(buf, off + layout.syncOffset, end, layout.stride, wanted)) {
      return { ...layout, first: 0 };
    }
  }
  const limit = Math.min(end - off, MAX_LEADING_OCTETS);
  for (let skip = 1; skip < limit; skip++) {
    if (u8(buf, off + skip) !== TS_SYNC_BYTE) continue;
    for (const layout of LAYOUTS) {
      if (!syncsInRow(buf, off + skip, end, layout.stride, SYNCS_TO_LOCK)) continue;
      const first = skip - layout.syncOffset;
      return { ...layout, first: first >= 0 ? first : first + layout.stride };
    }
  }
  return null;
}

/**
 * Whether `count` sync bytes stand at `p`, `p + stride` … before `end`.
 */
export function syncsInRow(buf: Uint8Array, p: number, end: number, stride: number, count: number): boolean {
  for (let i = 0; i < count; i++, p += stride) {
    if (p >= end || buf[p] !== TS_SYNC_BYTE) return false;
  }
  return true;
}

/**
 * Offset of the first sync byte at or after `p` in `buf[p, end)` that another follows one packet on, or -1.
 * After one damaged sync byte the packet after it is preferred to chance values in between.
 */
export function findSync(buf: Uint8Array, p: number, end: number, stride: number): number {
  if (syncsInRow(buf, p + stride, end, stride, 2)) return p + stride;
  for (let at = p; at + stride < end; at++) {
    if (buf[at] === TS_SYNC_BYTE && buf[at + stride] === TS_SYNC_BYTE) return at;
  }
  return -1;
}
