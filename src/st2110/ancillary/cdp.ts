import { u16, u32 } from "../../bits/read.ts";
import type { AncDecoded, Cea708Report } from "../../report/st2110-ancillary-schema.ts";
import { Cea608Pairs } from "./cea608.ts";
import { Cea708Packets } from "./cea708.ts";
import type { AncContent } from "./content.ts";
import type { AncCounters } from "./rules.ts";
import { ServiceSequences } from "./service-sequences.ts";

/** cdp_identifier. */
const CDP_IDENTIFIER = 0x9669;
/** Octets of header and footer. */
const HEADER = 7;
const FOOTER = 4;

/** Section identifiers. */
const SECTION = { timeCode: 0x71, captions: 0x72, serviceInfo: 0x73, footer: 0x74 } as const;

/** Flags of the header's fifth octet. */
const FLAG = { timeCode: 0x80, captions: 0x40, serviceInfo: 0x20 } as const;

/** cdp_frame_rate and the cc_count that goes with it, 600 caption bits a field of 59.94 Hz. */
const RATES: readonly (readonly [string, number] | null)[] = [
  null,
  ["24000/1001", 25],
  ["24", 25],
  ["25", 24],
  ["30000/1001", 20],
  ["30", 20],
  ["50", 12],
  ["60000/1001", 10],
  ["60", 10],
];

/** Most services that one service information section names at once. */
const MAX_LANGUAGES = 16;

/** Caption distribution packets (ST 334-2): sections, checksum, sequence, and CEA-608 and CEA-708 inside. */
export class CdpContent implements AncContent {
  readonly #counters: AncCounters;
  readonly #cea608: Cea608Pairs;
  /** One for each service: their DTVCC packets go over several CDPs. */
  readonly #cea708: Cea708Packets[] = [];
  /** Language code of each service, as 24 bits. */
  readonly #languages = new Map<number, number>();
  #packets = 0;
  #rate = 0;
  #ccCount = 0;
  #flags = 0;
  readonly #sequences = new ServiceSequences();
  #sequenceErrors = 0;
  #timeCode = -1;

  constructor(counters: AncCounters) {
    this.#counters = counters;
    this.#cea608 = new Cea608Pairs(counters);
  }

  packet(octets: Uint8Array, count: number, timeNs: number, place: number): void {
    const counters = this.#counters;
    if (
      count < HEADER + FOOTER ||
      u16(octets, 0) !== CDP_IDENTIFIER ||
      octets[2] !== count ||
      octets[count - FOOTER] !== SECTION.footer
    ) {
      counters.cdp.hit(timeNs);
      this.gap();
      return;
    }
    let sum = 0;
    for (let index = 0; index < count; index += 1) sum += octets[index] as number;
    if ((sum & 0xff) !== 0) {
      counters.cdpChecksum.hit(timeNs);
      this.gap();
      return;
    }
    this.#packets += 1;
    this.#rate = (octets[3] as number) >>> 4;
    this.#flags = octets[4] as number;
    const sequence = u16(octets, 5);
    if (u16(octets, count - FOOTER + 1) !== sequence) counters.cdpFooter.hit(timeNs);
    const service = this.#sequences.take(sequence, place);
    if (this.#sequences.broken) {
      this.#sequenceErrors += 1;
      counters.cdpSequence.hit(timeNs);
    }
    if (!this.#sections(octets, count - FOOTER, timeNs, this.#captionsOf(service))) counters.cdp.hit(timeNs);
  }

  gap(): void {
    this.#sequences.gap();
    for (const cea708 of this.#cea708) cea708.gap();
  }

  report(): AncDecoded {
    return {
      kind: "cdp",
      packets: this.#packets,
      frameRate: RATES[this.#rate]?.[0] ?? null,
      ccCount: this.#ccCount,
      captionServiceActive: (this.#flags & 2) !== 0,
      timeCode: this.#timeCode < 0 ? null : timeCodeText(this.#timeCode),
      sequenceErrors: this.#sequenceErrors,
      languages: [...this.#languages].map(([service, language]) => ({
        service,
        language: languageText(language),
      })),
      cea608: this.#cea608.report(),
      cea708: joined(this.#cea708.map((it) => it.report())),
    };
  }

  /** CEA-708 of `service`; null where there are too many services to tell them apart. */
  #captionsOf(service: number): Cea708Packets | null {
    if (service < 0) return null;
    let cea708 = this.#cea708[service];
    if (cea708 === undefined) {
      cea708 = new Cea708Packets(this.#counters);
      this.#cea708[service] = cea708;
    }
    return cea708;
  }

  /** Walks the sections `octets[HEADER, end)`; false when they don't fit, or are not those of the flags. */
  #sections(octets: Uint8Array, end: number, timeNs: number, cea708: Cea708Packets | null): boolean {
    let seen = 0;
    let at = HEADER;
    while (at < end) {
      const id = octets[at] as number;
      let next = end + 1;
      if (at + 1 >= end) return false;
      const second = octets[at + 1] as number;
      if (id === SECTION.timeCode) {
        next = at + 5;
        seen |= FLAG.timeCode;
      } else if (id === SECTION.captions) {
        next = at + 2 + (second & 0x1f) * 3;
        seen |= FLAG.captions;
      } else if (id === SECTION.serviceInfo) {
        next = at + 2 + (second & 0x0f) * 7;
        seen |= FLAG.serviceInfo;
      } else if (id >= 0x75 && id <= 0xef) {
        // Sections of the future tell their length.
        next = at + 2 + second;
      }
      if (next > end) return false;
      if (id === SECTION.timeCode) this.#timeCodeSection(octets, at);
      else if (id === SECTION.captions) this.#captions(octets, at + 2, second & 0x1f, timeNs, cea708);
      else if (id === SECTION.serviceInfo) this.#serviceInfo(octets, at + 2, second & 0x0f);
      at = next;
    }
    return seen === (this.#flags & (FLAG.timeCode | FLAG.captions | FLAG.serviceInfo));
  }

  #timeCodeSection(octets: Uint8Array, at: number): void {
    // As 8 digits of 4 bits, flags left out: hours, minutes, seconds, frames.
    this.#timeCode = u32(octets, at + 1) & 0x3f7f7f3f;
  }

  #captions(
    octets: Uint8Array,
    from: number,
    count: number,
    timeNs: number,
    cea708: Cea708Packets | null,
  ): void {
    this.#ccCount = count;
    const expected = RATES[this.#rate]?.[1];
    if (expected !== undefined && count !== expected) this.#counters.cdpCount.hit(timeNs);
    for (let index = 0, at = from; index < count; index += 1, at += 3) {
      const flags = octets[at] as number;
      if ((flags & 4) === 0) continue;
      const type = flags & 3;
      const first = octets[at + 1] as number;
      const second = octets[at + 2] as number;
      if (type < 2) this.#cea608.pair(type, first, second, timeNs);
      else cea708?.pair(type === 3, first, second, timeNs);
    }
  }

  /** Languages by service number: for CEA-708 the number, for CEA-608 its field's line 21 service as 0. */
  #serviceInfo(octets: Uint8Array, from: number, count: number): void {
    for (let index = 0, at = from; index < count; index += 1, at += 7) {
      const digital = ((octets[at + 4] as number) & 0x80) !== 0;
      const service = digital ? (octets[at + 4] as number) & 0x3f : 0;
      const code = ((octets[at + 1] as number) << 16) | u16(octets, at + 2);
      if (this.#languages.has(service) || this.#languages.size < MAX_LANGUAGES) {
        this.#languages.set(service, code);
      }
    }
  }
}

/** What all CDP services carried, as one. */
function joined(reports: readonly Cea708Report[]): Cea708Report {
  const sum = { packets: 0, errors: 0 };
  const blocks = new Map<number, number>();
  for (const { packets, errors, services } of reports) {
    sum.packets += packets;
    sum.errors += errors;
    for (const { service, blocks: count } of services) {
      blocks.set(service, (blocks.get(service) ?? 0) + count);
    }
  }
  const services = [...blocks].map(([service, count]) => ({ service, blocks: count }));
  return { ...sum, services: services.sort((a, b) => a.service - b.service) };
}

/** ISO 639 code; octets that are no letters are shown as dots. */
function languageText(code: number): string {
  let text = "";
  for (let shift = 16; shift >= 0; shift -= 8) {
    const octet = (code >>> shift) & 0xff;
    text += octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : ".";
  }
  return text;
}

function timeCodeText(packed: number): string {
  const digits = packed.toString(16).padStart(8, "0");
  return `${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4, 6)}:${digits.slice(6)}`;
}
