import { type Check, Indicator, OK, type Standing } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";

/** TR 101 290 2.2 CRC_error: of the tables that the clause names, and of those of A/65 in the atsc profile. */
export class CrcCheck implements Check {
  readonly indicators: readonly Indicator[];
  readonly #error: Indicator;
  readonly #atsc: boolean;

  constructor(limits: Limits, moment: Moment) {
    this.#error = new Indicator("2.2", moment);
    this.indicators = [this.#error];
    this.#atsc = limits.profile === "atsc";
  }

  /** A section whose CRC_32 is wrong; other tables than those of the clause are left out. */
  crcError(pid: number, tableId: number, timeNs: number): void {
    if (this.#isNamed(tableId)) this.#error.hit(timeNs, pid);
  }

  restart(): void {}

  open(): void {}

  standing(): Standing {
    return OK;
  }

  #isNamed(tableId: number): boolean {
    if (tableId <= 0x02) return true; // PAT, CAT, PMT
    if (tableId >= 0x4e && tableId <= 0x6f) return true; // EIT
    // NIT, SDT, BAT, TOT
    if (tableId === 0x40 || tableId === 0x41 || tableId === 0x42) return true;
    if (tableId === 0x46 || tableId === 0x4a || tableId === 0x73) return true;
    return this.#atsc && tableId >= 0xc7 && tableId <= 0xcd; // MGT to STT
  }
}
