import type { AncDecoded, Cea608Report } from "../../report/st2110-ancillary-schema.ts";
import type { AncContent } from "./content.ts";
import type { AncCounters } from "./rules.ts";

/** Words of a CEA-608 caption packet (ST 334-1). */
const CEA608_WORDS = 3;

/** Names of the caption channels: by field, then by the channel bit of a control code. */
const CHANNELS: readonly string[] = ["CC1", "CC2", "CC3", "CC4"];

/** 1 for each octet of odd parity (CTA-608-E 8.2). */
const ODD = new Uint8Array(256);
for (let octet = 1; octet < 256; octet += 1) ODD[octet] = (ODD[octet >>> 1] as number) ^ (octet & 1);

/** What the byte pairs of CEA-608 show of their structure: channels in use, parity, extended data. */
export class Cea608Pairs {
  readonly #counters: AncCounters;
  /** Pairs of field 1 and 2, both bytes 0 (but for parity) among them. */
  readonly #pairs = new Float64Array(2);
  readonly #nulls = new Float64Array(2);
  readonly #controls = new Float64Array(CHANNELS.length);
  #parityErrors = 0;
  #extended = 0;

  constructor(counters: AncCounters) {
    this.#counters = counters;
  }

  /** One byte pair that is marked valid, of field 0 (first) or 1. */
  pair(field: number, first: number, second: number, timeNs: number): void {
    this.#pairs[field] = (this.#pairs[field] as number) + 1;
    if (ODD[first] !== 1 || ODD[second] !== 1) {
      this.#parityErrors += 1;
      this.#counters.cea608Parity.hit(timeNs);
      return;
    }
    const code = first & 0x7f;
    if (code === 0 && (second & 0x7f) === 0) {
      this.#nulls[field] = (this.#nulls[field] as number) + 1;
    } else if (code >= 0x10 && code <= 0x1f) {
      const channel = field * 2 + ((code >>> 3) & 1);
      this.#controls[channel] = (this.#controls[channel] as number) + 1;
    } else if (field === 1 && code >= 0x01 && code <= 0x0f) {
      this.#extended += 1;
    }
  }

  /** What was seen so far. */
  report(): Cea608Report {
    return {
      pairs: [this.#pairs[0] as number, this.#pairs[1] as number],
      nullPairs: [this.#nulls[0] as number, this.#nulls[1] as number],
      parityErrors: this.#parityErrors,
      channels: CHANNELS.filter((_, index) => (this.#controls[index] as number) > 0),
      extendedData: this.#extended,
    };
  }
}

/** CEA-608 captions in packets of their own: field and line, then a byte pair. */
export class Cea608Content implements AncContent {
  readonly #counters: AncCounters;
  readonly #pairs: Cea608Pairs;
  #packets = 0;

  constructor(counters: AncCounters) {
    this.#counters = counters;
    this.#pairs = new Cea608Pairs(counters);
  }

  packet(octets: Uint8Array, count: number, timeNs: number): void {
    if (count !== CEA608_WORDS) {
      this.#counters.cea608.hit(timeNs);
      return;
    }
    this.#packets += 1;
    // b7 is 1 for field 1 (ST 334-1).
    const field = (octets[0] as number) >>> 7 === 1 ? 0 : 1;
    this.#pairs.pair(field, octets[1] as number, octets[2] as number, timeNs);
  }

  gap(): void {}

  report(): AncDecoded {
    return { kind: "cea608", packets: this.#packets, cea608: this.#pairs.report() };
  }
}
