import type { Cea708Report } from "../../report/st2110-ancillary-schema.ts";
import type { AncCounters } from "./rules.ts";

/** Longest DTVCC caption channel packet: header and data (CTA-708-E 5). */
const MAX_PACKET_OCTETS = 128;

/** Service numbers: 1 to 6, and extended ones to 63. */
const SERVICES = 64;

/** Caption channel packets of CEA-708: length, sequence and which services have blocks. No text. */
export class Cea708Packets {
  readonly #counters: AncCounters;
  readonly #packet = new Uint8Array(MAX_PACKET_OCTETS);
  readonly #blocks = new Float64Array(SERVICES);
  /** Octets of the current packet that are there and that it is to have; 0 when none has begun. */
  #have = 0;
  #size = 0;
  #sequence = -1;
  #packets = 0;
  #errors = 0;

  constructor(counters: AncCounters) {
    this.#counters = counters;
  }

  /** A pair of octets marked valid; `start` is true where a packet begins with it (cc_type 3). */
  pair(start: boolean, first: number, second: number, timeNs: number): void {
    if (start) {
      if (this.#have < this.#size) this.#error(timeNs);
      this.#have = 0;
      const code = first & 0x3f;
      this.#size = code === 0 ? MAX_PACKET_OCTETS : code * 2;
      const sequence = first >>> 6;
      if (this.#sequence >= 0 && sequence !== ((this.#sequence + 1) & 3)) this.#error(timeNs);
      this.#sequence = sequence;
    } else if (this.#have >= this.#size) {
      // Data before the first start was cut off by the beginning of the capture; after a packet it is too much.
      if (this.#size > 0) this.#error(timeNs);
      return;
    }
    this.#packet[this.#have] = first;
    this.#packet[this.#have + 1] = second;
    this.#have += 2;
    if (this.#have >= this.#size) this.#complete();
  }

  /** Data is missing: the packet that has begun is given up. */
  gap(): void {
    this.#have = 0;
    this.#size = 0;
    this.#sequence = -1;
  }

  /** What was seen so far. */
  report(): Cea708Report {
    const services = [];
    for (let service = 1; service < SERVICES; service += 1) {
      const blocks = this.#blocks[service] as number;
      if (blocks > 0) services.push({ service, blocks });
    }
    return { packets: this.#packets, errors: this.#errors, services };
  }

  #error(timeNs: number): void {
    this.#errors += 1;
    this.#counters.cea708.hit(timeNs);
  }

  /** Counts the service blocks of a whole packet (CTA-708-E 6.2). */
  #complete(): void {
    this.#packets += 1;
    const packet = this.#packet;
    let at = 1;
    while (at < this.#size) {
      const header = packet[at] as number;
      if (header === 0) return;
      let service = header >>> 5;
      const octets = header & 0x1f;
      at += 1;
      if (service === 7) {
        if (at >= this.#size) return;
        service = (packet[at] as number) & 0x3f;
        at += 1;
      }
      if (at + octets > this.#size) return;
      this.#blocks[service] = (this.#blocks[service] as number) + 1;
      at += octets;
    }
  }
}
