import { alloc } from "../../ffi/memory.ts";
import type { UdpSender } from "./send.ts";

/** TS packets in a datagram, 1316 octets: the most that fit an Ethernet frame (as TS over IP has them). */
const PACKETS_A_DATAGRAM = 7;
const PACKET_OCTETS = 188;
const DATAGRAM_OCTETS = PACKETS_A_DATAGRAM * PACKET_OCTETS;
/**
 * Packets don't wait longer than this for others to fill their datagram: it would leave late, and after a pause of the
 * stream hold up all that follow.
 */
const HOLD_NS = 50e6;
/** Datagrams put together before the memory they stand in is used again. */
const SLOTS = 64;

/** Puts TS packets of a file together to datagrams of seven, each due when its first packet is. */
export class TsDatagrams {
  readonly #sender: UdpSender;
  readonly #buf = alloc(SLOTS * DATAGRAM_OCTETS);
  #slot = 0;
  #octets = 0;
  #timeNs = Number.NaN;
  /** When the first packet of the datagram at hand was taken. */
  #begunNs = 0;

  constructor(sender: UdpSender) {
    this.#sender = sender;
  }

  /** Takes a run of whole packets at `buf[off, off + len)`; the octets are copied. */
  packets(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    if (this.#octets > 0 && timeNs - this.#timeNs > HOLD_NS) this.#send(Number.NaN);
    for (let p = off; p < off + len; ) {
      if (this.#octets === 0) {
        this.#timeNs = timeNs;
        this.#begunNs = Bun.nanoseconds();
      }
      const some = Math.min(off + len - p, DATAGRAM_OCTETS - this.#octets);
      this.#buf.set(buf.subarray(p, p + some), this.#slot * DATAGRAM_OCTETS + this.#octets);
      this.#octets += some;
      p += some;
      if (this.#octets === DATAGRAM_OCTETS) this.#send(this.#timeNs);
    }
  }

  /** Sends a datagram that has waited too long for its last packets; called several times a second. */
  poll(): void {
    if (this.#octets === 0 || Bun.nanoseconds() - this.#begunNs < HOLD_NS) return;
    this.#send(Number.NaN);
    this.#sender.flush();
  }

  /** One that is late already leaves at once (NaN): its own time would put off all that follow. */
  #send(timeNs: number): void {
    this.#sender.send(this.#buf, this.#slot * DATAGRAM_OCTETS, this.#octets, timeNs);
    this.#octets = 0;
    this.#slot++;
    if (this.#slot === SLOTS) {
      this.#sender.flush();
      this.#slot = 0;
    }
  }

  /** Sends the last, shorter datagram. */
  end(): void {
    if (this.#octets > 0) this.#send(this.#timeNs);
    this.#sender.flush();
  }
}
