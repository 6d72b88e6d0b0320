import { SYSTEM_CLOCK_HZ, TS_PACKET_BYTES } from "../packet.ts";
import { TB_OCTETS } from "./buffer-sizes.ts";
import type { BufferName, TStdEvents } from "./events.ts";
import { Gauge } from "./gauge.ts";

/**
 * TBn or TBsys, ISO/IEC 13818-1 2.4.2.3: whole packets flow in as they arrive and out at Rxn.
 *
 * Octets leave in their order, so it is enough to know when the last one will have left: the level at any time
 * is what leaves from then on. Times are ticks of 27 MHz of the program's clock.
 */
export class TransportBuffer {
  readonly gauge: Gauge;
  /** When the last packet began and finished to leave. */
  startTicks = 0;
  finishTicks = 0;
  /** Rxn. */
  octetsPerTick: number;

  constructor(pid: number | null, buffer: BufferName, rxBps: number, events: TStdEvents) {
    this.gauge = new Gauge(pid, buffer, TB_OCTETS, events);
    this.octetsPerTick = octetsPerTick(rxBps);
  }

  /** The leak rate is another from the next packet on. */
  setRate(rxBps: number): void {
    this.octetsPerTick = octetsPerTick(rxBps);
  }

  /** A packet arrives from `from` to `to`; afterwards `startTicks` and `finishTicks` are its own. */
  packet(from: number, to: number, timeNs: number): void {
    const rate = this.octetsPerTick;
    const gauge = this.gauge;
    // Less than an octet is left when the last one leaves at the very rate at which it arrives.
    if (this.finishTicks <= from + 1 / rate) gauge.empty(from);
    else gauge.occupied(to, timeNs);
    this.startTicks = Math.max(from, this.finishTicks);
    let finish = Math.max(this.startTicks + TS_PACKET_BYTES / rate, to);
    gauge.level((finish - to) * rate, timeNs);
    // What runs over is lost: the buffer can't be fuller than full.
    finish = Math.min(finish, to + TB_OCTETS / rate);
    this.finishTicks = finish;
  }

  /** Empty at `ticks`, and nothing is known from before. */
  restart(ticks: number): void {
    this.startTicks = ticks;
    this.finishTicks = ticks;
    this.gauge.restart();
  }
}

/** Octets in a tick of 27 MHz. */
export function octetsPerTick(bitrateBps: number): number {
  return bitrateBps / 8 / SYSTEM_CLOCK_HZ;
}
