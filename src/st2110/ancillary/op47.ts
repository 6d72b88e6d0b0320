import { u8, u16 } from "../../bits/read.ts";
import type { AncDecoded } from "../../report/st2110-ancillary-schema.ts";
import type { AncContent } from "./content.ts";
import type { AncCounters } from "./rules.ts";
import { ServiceSequences } from "./service-sequences.ts";

/** Identifier of a subtitling distribution packet (OP-47). */
const SDP_IDENTIFIER = 0x5115;
/** Format code: WST teletext subtitles. */
const FORMAT_WST = 0x02;
const FOOTER_ID = 0x74;
/** Descriptors of data units in the header. */
const UNITS = 5;
const HEADER = 4 + UNITS;
const FOOTER = 4;
/** Octets of a WST packet: run-in, framing code, address, 40 octets. */
const WST_PACKET = 45;
const FRAMING_CODE = 0x27;

/** Most teletext pages that are listed. */
const MAX_PAGES = 32;

/** Value of each Hamming 8/4 octet (EN 300 706 8.2), first bit lowest; 0xff for one with an error. */
const HAMMING = new Uint8Array(256).fill(0xff);
for (let value = 0; value < 16; value += 1) {
  const d1 = value & 1;
  const d2 = (value >>> 1) & 1;
  const d3 = (value >>> 2) & 1;
  const d4 = value >>> 3;
  const p1 = 1 ^ d1 ^ d3 ^ d4;
  const p2 = 1 ^ d1 ^ d2 ^ d4;
  const p3 = 1 ^ d1 ^ d2 ^ d3;
  const p4 = 1 ^ p1 ^ d1 ^ p2 ^ d2 ^ p3 ^ d3 ^ d4;
  HAMMING[p1 | (d1 << 1) | (p2 << 2) | (d2 << 3) | (p3 << 4) | (d3 << 5) | (p4 << 6) | (d4 << 7)] = value;
}

/** Subtitling distribution packets of OP-47: structure, checksum, and which teletext pages they carry. */
export class Op47Content implements AncContent {
  readonly #counters: AncCounters;
  /** Page number (0x100 to 0x8ff, as shown on a remote control) and its headers. */
  readonly #pages = new Map<number, number>();
  #packets = 0;
  #units = 0;
  readonly #sequences = new ServiceSequences();
  #sequenceErrors = 0;

  constructor(counters: AncCounters) {
    this.#counters = counters;
  }

  packet(octets: Uint8Array, count: number, timeNs: number, place: number): void {
    const units = this.#check(octets, count);
    if (units < 0) {
      this.#counters.op47.hit(timeNs);
      return;
    }
    this.#packets += 1;
    this.#units += units;
    this.#sequences.take(u16(octets, count - 3), place);
    if (this.#sequences.broken) this.#sequenceErrors += 1;
    for (let unit = 0; unit < units; unit += 1) this.#page(octets, HEADER + unit * WST_PACKET);
  }

  gap(): void {
    this.#sequences.gap();
  }

  report(): AncDecoded {
    return {
      kind: "op47",
      packets: this.#packets,
      teletextPackets: this.#units,
      sequenceErrors: this.#sequenceErrors,
      pages: [...this.#pages].map(([page, headers]) => ({ page: page.toString(16), headers })),
    };
  }

  /** Data units of a well-formed packet, -1 for any other. */
  #check(octets: Uint8Array, count: number): number {
    if (count < HEADER + FOOTER || u16(octets, 0) !== SDP_IDENTIFIER) return -1;
    if (octets[2] !== count || octets[3] !== FORMAT_WST || octets[count - FOOTER] !== FOOTER_ID) return -1;
    let units = 0;
    while (units < UNITS && octets[4 + units] !== 0) units += 1;
    if (count !== HEADER + units * WST_PACKET + FOOTER) return -1;
    let sum = 0;
    for (let index = 0; index < count; index += 1) sum += u8(octets, index);
    return (sum & 0xff) === 0 ? units : -1;
  }

  /** Lists the page of a page header, which is packet 0 of its magazine (EN 300 706 9.3.1). */
  #page(octets: Uint8Array, off: number): void {
    if (octets[off + 2] !== FRAMING_CODE) return;
    const low = HAMMING[u8(octets, off + 3)] as number;
    const high = HAMMING[u8(octets, off + 4)] as number;
    const units = HAMMING[u8(octets, off + 5)] as number;
    const tens = HAMMING[u8(octets, off + 6)] as number;
    if (low > 15 || high > 15 || units > 15 || tens > 15) return;
    if ((low >>> 3) + high * 2 !== 0) return;
    const magazine = low & 7;
    const page = ((magazine === 0 ? 8 : magazine) << 8) | (tens << 4) | units;
    const headers = this.#pages.get(page);
    if (headers === undefined && this.#pages.size >= MAX_PAGES) return;
    this.#pages.set(page, (headers ?? 0) + 1);
  }
}
