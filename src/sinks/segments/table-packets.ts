import { payloadUnitStartIndicator, TS_PACKET_BYTES } from "../../mpegts/packet.ts";

/** Packets of one table that are kept: the longest section, 1024 octets, takes six; there may be several. */
const PACKETS_MAX = 24;

/** The last packets that carried the table of one PID, to be put before a segment. */
export class TablePackets {
  #whole: Uint8Array = new Uint8Array(0);
  #part: Uint8Array[] = [];

  /** Octets to put before a segment; empty before the first table was whole. */
  get octets(): Uint8Array {
    return this.#whole;
  }

  /** A packet of the PID. */
  packet(buf: Uint8Array, at: number): void {
    if (payloadUnitStartIndicator(buf, at) === 1) this.#part = [];
    else if (this.#part.length === 0) return;
    if (this.#part.length < PACKETS_MAX) this.#part.push(buf.slice(at, at + TS_PACKET_BYTES));
  }

  /** The packet before ended a whole section. */
  complete(): void {
    if (this.#part.length === 0) return;
    const octets = new Uint8Array(this.#part.length * TS_PACKET_BYTES);
    for (const [i, packet] of this.#part.entries()) octets.set(packet, i * TS_PACKET_BYTES);
    this.#whole = octets;
  }
}
