import { NS_PER_SECOND } from "../../report/time.ts";
import { TS_PACKET_BYTES } from "../packet.ts";
import type { Moment } from "./moment.ts";

/** Before this has gone by, a burst is no rate. */
const LEAST_NS = 0.01 * NS_PER_SECOND;

/** Total data rate of the stream, null packets included: of a second or more before it is asked for. */
export class TotalRate {
  readonly #moment: Moment;
  #fromNs = Number.NaN;
  #fromPacket = 0;
  #bps = Number.NaN;

  constructor(moment: Moment) {
    this.#moment = moment;
  }

  /** Bits per second as of the packet being looked at; NaN where that is not known (yet). */
  bps(): number {
    const { nowNs, packet } = this.#moment;
    const elapsedNs = nowNs - this.#fromNs;
    const known = !Number.isNaN(this.#bps);
    if (elapsedNs < LEAST_NS || (known && elapsedNs < NS_PER_SECOND)) return this.#bps;
    const bps = ((packet - this.#fromPacket) * TS_PACKET_BYTES * 8 * NS_PER_SECOND) / elapsedNs;
    if (elapsedNs < NS_PER_SECOND) return bps;
    this.#fromNs = nowNs;
    this.#fromPacket = packet;
    this.#bps = bps;
    return bps;
  }

  /** The stream starts here, or starts again. */
  restart(): void {
    this.#fromNs = this.#moment.startNs;
    this.#fromPacket = this.#moment.packet;
    this.#bps = Number.NaN;
  }
}
