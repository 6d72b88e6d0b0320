/**
 * The continuity counter, ISO/IEC 13818-1 2.4.3.3 and TR 101 290 1.4.
 *
 * - The first packet of a PID has nothing to compare with; null packets are never looked at ("undefined").
 * - discontinuity_indicator: the counter may be anything; repeats are counted afresh.
 * - A packet with payload counts one up, or repeats the packet before octet for octet but for its PCR: "two,
 *   and only two" such packets, so a third copy is an error. The repeat of a packet with discontinuity_indicator
 *   has it set, too, and is a repeat all the same.
 * - A packet without payload must not count.
 * - A packet with transport_error_indicator is not looked at at all: which PID and counter it had is in doubt.
 */
import { adaptationFieldControl, hasPcr, TS_PACKET_BYTES } from "./packet.ts";

/** State of a PID before its first packet. */
export const NO_COUNTER = 0x8000;

/** What a packet's continuity counter says. */
export const CONTINUITY = {
  /** Continuous, or nothing to compare with. */
  ok: 0,
  /** A legal repeat of the packet before. */
  duplicate: 1,
  /** An error: the third copy of a packet, or one after it. */
  repeated: 2,
  /** An error: the counter of a packet with payload is neither the next nor that of a true repeat. */
  missing: 3,
  /** An error: the counter moved on a packet without payload. */
  moved: 4,
} as const;

/** One of the values of CONTINUITY. */
export type Continuity = (typeof CONTINUITY)[keyof typeof CONTINUITY];

/** The errors among them, as a listener is told. */
export type ContinuityError = "repeated" | "missing" | "moved";

/** Packets missing between the counters `last` and `cc`, modulo 16: 15 where they are the same. */
export function missingPackets(last: number, cc: number): number {
  return (cc <= last ? 16 : 0) + cc - last - 1;
}

/** State of a PID: its last counter, and how often that packet was repeated (2 stands for more). */
export function continuityState(cc: number, repeats: number): number {
  return cc | (Math.min(repeats, 2) << 4);
}

/**
 * Judges the counter `cc` after `state` (of a PID other than the null PID).
 * `same` is whether the packet repeats the one before (`sameButPcr`); looked at only where the counters match.
 */
export function judgeContinuity(state: number, cc: number, payload: boolean, same: boolean): Continuity {
  if (state === NO_COUNTER) return CONTINUITY.ok;
  const last = state & 0x0f;
  if (!payload) return cc === last ? CONTINUITY.ok : CONTINUITY.moved;
  if (cc === ((last + 1) & 0x0f)) return CONTINUITY.ok;
  if (cc !== last || !same) return CONTINUITY.missing;
  return state >> 4 === 0 ? CONTINUITY.duplicate : CONTINUITY.repeated;
}

/**
 * True when two packets of a PID are the same but for their PCR field: what 2.4.3.3 calls a duplicate. Both
 * must carry payload. An OPCR is not excepted: only the PCR is valid for a place in the stream.
 */
export function sameButPcr(a: Uint8Array, offA: number, b: Uint8Array, offB: number): boolean {
  if ((adaptationFieldControl(a, offA) & 1) === 0) return false;
  let from = 0;
  if (hasPcr(a, offA) && hasPcr(b, offB)) {
    for (; from < 6; from += 1) if (a[offA + from] !== b[offB + from]) return false;
    from = 12;
  }
  for (let i = from; i < TS_PACKET_BYTES; i += 1) if (a[offA + i] !== b[offB + i]) return false;
  return true;
}
