import { PID_COUNT } from "../packet.ts";

/** Limit of a PID whose next packet is to be looked at closely, whenever it comes. */
export const LOOK = -1;

/**
 * When each PID came last and how long it may stay away: all that is touched for every packet. 128 kB.
 *
 * `limitNs` is LOOK, a limit, or Infinity for a PID that may come when it likes; `seenNs` is NaN before the
 * first packet, which is looked at closely too.
 */
export class PidTimes {
  readonly seenNs = new Float64Array(PID_COUNT).fill(Number.NaN);
  readonly limitNs = new Float64Array(PID_COUNT).fill(Number.POSITIVE_INFINITY);
  /** Bits of REFERENCE, as last read from the tables. */
  readonly references = new Uint8Array(PID_COUNT);
  /** 1 where a packet of the PID has come. */
  readonly present = new Uint8Array(PID_COUNT);
}
