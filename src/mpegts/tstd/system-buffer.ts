import type { BufferReport } from "../../report/mpegts-schema.ts";
import { SYSTEM_CLOCK_HZ, TS_PACKET_BYTES } from "../packet.ts";
import { SYSTEM_B_OCTETS, SYSTEM_RBX_MIN_BPS, SYSTEM_RX_BPS } from "./buffer-sizes.ts";
import type { TStdEvents } from "./events.ts";
import { Gauge } from "./gauge.ts";
import { octetsPerTick, TransportBuffer } from "./transport-buffer.ts";

/** Rbxsys is the transport rate in bits per second over this, unless that is too low (ISO/IEC 13818-1 2.4.2.3). */
const RBX_DIVISOR = 500;

/** TBsys and Bsys of one program, ISO/IEC 13818-1 2.4.2.3: PAT, CAT, TSDT and the program's PMT flow through. */
export class SystemBuffer {
  readonly #transport: TransportBuffer;
  readonly #gauge: Gauge;
  #octets = 0;
  #atTicks = 0;
  #seen = false;

  constructor(events: TStdEvents) {
    this.#transport = new TransportBuffer(null, "TBsys", SYSTEM_RX_BPS, events);
    this.#gauge = new Gauge(null, "Bsys", SYSTEM_B_OCTETS, events);
  }

  /** A packet with `payload` octets of sections arrives from `from` to `to`, ticks of the program. */
  packet(from: number, to: number, payload: number, timeNs: number): void {
    this.#seen = true;
    const transport = this.#transport;
    transport.packet(from, to, timeNs);
    const at = transport.finishTicks;
    const payloadFrom = at - ((at - transport.startTicks) * payload) / TS_PACKET_BYTES;
    const rateBps = (TS_PACKET_BYTES * 8 * SYSTEM_CLOCK_HZ) / (to - from);
    const leak = octetsPerTick(Math.max(SYSTEM_RBX_MIN_BPS, rateBps / RBX_DIVISOR));
    // What was there leaks until the payload comes, then both go on together.
    this.#octets = Math.max(0, this.#octets - Math.max(0, payloadFrom - this.#atTicks) * leak);
    this.#octets = Math.max(0, this.#octets + payload - (at - payloadFrom) * leak);
    this.#atTicks = at;
    this.#gauge.level(this.#octets, timeNs);
  }

  /** Empty at `ticks`. */
  restart(ticks: number): void {
    this.#transport.restart(ticks);
    this.#gauge.restart();
    this.#octets = 0;
    this.#atTicks = ticks;
  }

  /** Rows of TBsys and Bsys; none before the first packet. */
  report(): BufferReport[] {
    return this.#seen ? [this.#transport.gauge.report(), this.#gauge.report()] : [];
  }
}
