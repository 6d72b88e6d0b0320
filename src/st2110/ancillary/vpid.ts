import type { AncDecoded } from "../../report/st2110-ancillary-schema.ts";
import type { AncContent } from "./content.ts";
import type { AncCounters } from "./rules.ts";

/** Words of a payload identifier (ST 352). */
const VPID_WORDS = 4;

/** Octet 1: the payload and its interface. */
const INTERFACES: ReadonlyMap<number, string> = new Map([
  [0x81, "483/576-line, 270 Mb/s"],
  [0x82, "483/576-line, 360 Mb/s"],
  [0x84, "720-line, 1.5 Gb/s"],
  [0x85, "1080-line, 1.5 Gb/s"],
  [0x86, "483/576-line, 1.5 Gb/s"],
  [0x87, "1080-line, dual link 1.5 Gb/s"],
  [0x88, "720-line, 3 Gb/s level A"],
  [0x89, "1080-line, 3 Gb/s level A"],
  [0x8a, "1080-line, 3 Gb/s level B dual link"],
  [0x8b, "two 720-line, 3 Gb/s level B"],
  [0x8c, "two 1080-line, 3 Gb/s level B"],
  [0xc0, "2160-line, 6 Gb/s"],
  [0xce, "2160-line, 12 Gb/s"],
]);

/** Octet 2, b3..b0. */
const PICTURE_RATES: readonly (string | null)[] = [
  null,
  null,
  "24000/1001",
  "24",
  "48000/1001",
  "25",
  "30000/1001",
  "30",
  "48",
  "50",
  "60000/1001",
  "60",
];

/** Octet 3, b3..b0. */
const SAMPLINGS: readonly (string | null)[] = [
  "YCbCr-4:2:2",
  "YCbCr-4:4:4",
  "GBR-4:4:4",
  "YCbCr-4:2:0",
  "YCbCrA-4:2:2:4",
  "YCbCrA-4:4:4:4",
  "GBRA-4:4:4:4",
  null,
  "YCbCrD-4:2:2:4",
  "YCbCrD-4:4:4:4",
  "GBRD-4:4:4:4",
  null,
  null,
  null,
  "XYZ-4:4:4",
];

/** Octet 4, b1 and b0. */
const DEPTHS: readonly number[] = [8, 10, 12];

/** Payload identifier (VPID) of the SDI signal that the ancillary data came from. */
export class VpidContent implements AncContent {
  readonly #counters: AncCounters;
  #packets = 0;
  #changes = 0;
  #value = 0;

  constructor(counters: AncCounters) {
    this.#counters = counters;
  }

  packet(octets: Uint8Array, count: number, timeNs: number): void {
    if (count !== VPID_WORDS) {
      this.#counters.vpid.hit(timeNs);
      return;
    }
    const value =
      (((octets[0] as number) << 24) |
        ((octets[1] as number) << 16) |
        ((octets[2] as number) << 8) |
        (octets[3] as number)) >>>
      0;
    if (this.#packets > 0 && value !== this.#value) this.#changes += 1;
    this.#packets += 1;
    this.#value = value;
  }

  gap(): void {}

  report(): AncDecoded {
    const value = this.#value;
    return {
      kind: "vpid",
      packets: this.#packets,
      value: value.toString(16).padStart(8, "0"),
      interface: INTERFACES.get(value >>> 24) ?? "unknown",
      transport: (value & 0x80_0000) !== 0 ? "progressive" : "interlaced",
      picture: (value & 0x40_0000) !== 0 ? "progressive" : "interlaced",
      pictureRate: PICTURE_RATES[(value >>> 16) & 15] ?? null,
      sampling: SAMPLINGS[(value >>> 8) & 15] ?? null,
      depthBits: DEPTHS[value & 3] ?? null,
      changes: this.#changes,
    };
  }
}
