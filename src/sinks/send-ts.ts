import { alloc } from "../../ffi/memory.ts";
import type { UdpSender } from "./send.ts";

/** TS packets in a datagram, 1316 octets: the most that fit an Ethernet frame (as TS over IP has them). */
const PACKETS_A_DATAGRAM = 7;
const PACKET_OCTETS = 188;
const DATAGRAM_OCTETS = PACKETS_A_DATAGRAM * PACKET_OCTETS;
/** Datagrams put together before the memory they stand in is used again. */
const SLOTS = 64;

/** Puts TS packets of a file together to datagrams of seven, each due when its first packet is. */
export class TsDatagrams {
  readonly #sender: UdpSender;
  readonly #buf = alloc(SLOTS * DATAGRAM_OCTETS);
  #slot = 0;
  #octets = 0;
  #timeNs = Number.NaN;

  constructor(sender: UdpSender) {
    this.#sender = sender;
  }

  /** Takes a run of whole packets at `buf[off, off + len)`; the octets are copied. */
  packets(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    for (let p = off; p < off + len; ) {
      if (this.#octets === 0) this.#timeNs = timeNs;
      const some = Math.min(off + len - p, DATAGRAM_OCTETS - this.#octets);
      this.#buf.set(buf.subarray(p, p + some), this.#slot * DATAGRAM_OCTETS + this.#octets);
      this.#octets += some;
      p += some;
      if (this.#octets === DATAGRAM_OCTETS) this.#send();
    }
  }

  #send(): void {
    this.#sender.send(this.#buf, this.#slot * DATAGRAM_OCTETS, this.#octets, this.#timeNs);
    this.#octets = 0;
    this.#slot++;
    if (this.#slot === SLOTS) {
      this.#sender.flush();
      this.#slot = 0;
    }
  }

  /** Sends the last, shorter datagram. */
  end(): void {
    if (this.#octets > 0) this.#send();
    this.#sender.flush();
  }
}
