import { PCR_MODULUS, SYSTEM_CLOCK_HZ } from "../packet.ts";
import { pcrStep, TICKS_PER_PTS } from "../timing/pcr-time.ts";

/** Octet of the packet that a PCR is the time of: the one with the last bit of its base (ISO/IEC 13818-1 2.4.2.2). */
const PCR_OCTET = 10;
const PACKET_OCTETS = 188;
/** PCRs farther apart say nothing of the packets between; 2.7.2 allows 0.1 s. */
const LONGEST_STEP_TICKS = SYSTEM_CLOCK_HZ;

/**
 * Arrival times by the PCRs of a program, ISO/IEC 13818-1 2.4.2.2: between two PCRs the stream has one constant rate
 * (equations 2-4 and 2-5). Times are ticks of 27 MHz without wrap, 0 at the first PCR.
 */
export class ProgramClock {
  /** Time of the last PCR. */
  ticks = 0;
  /** There is a PCR to reckon from. */
  running = false;
  #pcr = 0;
  #packet = 0;
  /** Of the last whole step between two PCRs: ticks for one packet, and its first packet and time. */
  ticksPerPacket = 0;
  fromPacket = 0;
  fromTicks = 0;

  /**
   * A PCR in packet number `packet`. True when the packets since the last one have times now; false when it is
   * the first, or nothing can be said of what was between.
   */
  pcr(pcr27: number, packet: number): boolean {
    const step = pcrStep(this.#pcr, pcr27);
    const packets = packet - this.#packet;
    const sound = this.running && step > 0 && step <= LONGEST_STEP_TICKS && packets > 0;
    if (sound) {
      this.fromPacket = this.#packet;
      this.fromTicks = this.ticks;
      this.ticksPerPacket = step / packets;
      this.ticks += step;
    }
    this.running = true;
    this.#pcr = pcr27;
    this.#packet = packet;
    return sound;
  }

  /** When the first octet of packet number `packet` arrives; for packets of the last step. */
  arrival(packet: number): number {
    return arrivalTicks(packet, this.fromPacket, this.fromTicks, this.ticksPerPacket);
  }

  /** When the first octet of the last PCR's packet arrived. */
  get now(): number {
    return this.arrival(this.#packet);
  }

  /** A PTS or DTS, ticks of 90 kHz, as a time nearest to the last PCR. */
  stamp(stamp90k: number): number {
    return this.ticks + pcrStep(this.#pcr, (stamp90k * TICKS_PER_PTS) % PCR_MODULUS);
  }

  /** Another time base, or packets are missing: nothing to reckon from. */
  stop(): void {
    this.running = false;
  }
}

/**
 * When the first octet of packet number `packet` arrives: the PCR in packet `fromPacket` is `fromTicks` (equation
 * 2-4 of ISO/IEC 13818-1 2.4.2.2).
 */
export function arrivalTicks(
  packet: number,
  fromPacket: number,
  fromTicks: number,
  ticksPerPacket: number,
): number {
  return fromTicks + (packet - fromPacket - PCR_OCTET / PACKET_OCTETS) * ticksPerPacket;
}
