import type { AncDecoded } from "../../report/st2110-ancillary-schema.ts";
import type { AncContent } from "./content.ts";
import type { AncCounters } from "./rules.ts";

/** Words of AFD and bar data (ST 2016-3). */
const AFD_WORDS = 8;

/** Active format of ST 2016-1 for each code, as far as it is defined. */
const FORMATS: readonly (string | null)[] = [
  "undefined",
  null,
  "letterbox 16:9, at the top",
  "letterbox 14:9, at the top",
  "letterbox wider than 16:9",
  null,
  null,
  null,
  "full frame",
  "4:3, full or pillarbox",
  "16:9, full or letterbox",
  "14:9, letterbox or pillarbox",
  null,
  "4:3, 14:9 may be cut out of it",
  "16:9, 14:9 may be cut out of it",
  "16:9, 4:3 may be cut out of it",
];

/** Bits of the bar data flags. */
const BARS = { top: 8, bottom: 4, left: 2, right: 1 } as const;

/** Active format description and bar data. */
export class AfdContent implements AncContent {
  readonly #counters: AncCounters;
  #packets = 0;
  #changes = 0;
  #first = 0;
  #flags = 0;
  #value1 = 0;
  #value2 = 0;

  constructor(counters: AncCounters) {
    this.#counters = counters;
  }

  packet(octets: Uint8Array, count: number, timeNs: number): void {
    if (count !== AFD_WORDS) {
      this.#counters.afd.hit(timeNs);
      return;
    }
    const first = octets[0] as number;
    const flags = (octets[3] as number) >>> 4;
    const reserved =
      (first & 0x83) | (octets[1] as number) | (octets[2] as number) | ((octets[3] as number) & 15);
    // Letterbox bars and pillarbox bars never stand together.
    const both = (flags & (BARS.top | BARS.bottom)) !== 0 && (flags & (BARS.left | BARS.right)) !== 0;
    if (reserved !== 0 || both) this.#counters.afd.hit(timeNs);
    const value1 = ((octets[4] as number) << 8) | (octets[5] as number);
    const value2 = ((octets[6] as number) << 8) | (octets[7] as number);
    const same =
      first === this.#first && flags === this.#flags && value1 === this.#value1 && value2 === this.#value2;
    if (this.#packets > 0 && !same) this.#changes += 1;
    this.#packets += 1;
    this.#first = first;
    this.#flags = flags;
    this.#value1 = value1;
    this.#value2 = value2;
  }

  gap(): void {}

  report(): AncDecoded {
    const code = (this.#first >>> 3) & 15;
    return {
      kind: "afd",
      packets: this.#packets,
      code,
      format: FORMATS[code] ?? "reserved",
      codedFrame: (this.#first & 4) !== 0 ? "16:9" : "4:3",
      bars: {
        top: this.#bar(BARS.top, this.#value1),
        bottom: this.#bar(BARS.bottom, this.#value2),
        left: this.#bar(BARS.left, this.#value1),
        right: this.#bar(BARS.right, this.#value2),
      },
      changes: this.#changes,
    };
  }

  #bar(flag: number, value: number): number | null {
    return (this.#flags & flag) === 0 ? null : value;
  }
}
