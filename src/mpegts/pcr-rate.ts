import { PCR_MODULUS, SYSTEM_CLOCK_HZ, TS_PACKET_BITS } from "./packet.ts";

/**
 * Two PCRs of a PID further apart than this are not one interval: TR 101 290 2.3.a allows 100 ms, so a second
 * is a jump of the clock and not a slow stream.
 */
export const PCR_MAX_INTERVAL = SYSTEM_CLOCK_HZ;

/**
 * Bit rate of the whole stream by its own clock: packets between two PCRs of a PID, over the time between
 * them, summed over all such intervals of all PIDs. Intervals in which packets were lost would show too
 * little, so they count only where there are no others.
 */
export class PcrRate {
  #ticks = 0;
  #packets = 0;
  #lossyTicks = 0;
  #lossyPackets = 0;

  /** One interval: `packets` from a PCR to the next of its PID, `from` and `to` in ticks of 27 MHz. */
  interval(from: number, to: number, packets: number, lossy: boolean): void {
    const ticks = to < from ? to - from + PCR_MODULUS : to - from;
    if (ticks <= 0 || ticks > PCR_MAX_INTERVAL) return;
    if (lossy) {
      this.#lossyTicks += ticks;
      this.#lossyPackets += packets;
    } else {
      this.#ticks += ticks;
      this.#packets += packets;
    }
  }

  /** Bits per second of 188-octet packets; null while no interval was seen. */
  get bitrateBps(): number | null {
    if (this.#ticks > 0) return (this.#packets * TS_PACKET_BITS * SYSTEM_CLOCK_HZ) / this.#ticks;
    if (this.#lossyTicks > 0)
      return (this.#lossyPackets * TS_PACKET_BITS * SYSTEM_CLOCK_HZ) / this.#lossyTicks;
    return null;
  }
}
