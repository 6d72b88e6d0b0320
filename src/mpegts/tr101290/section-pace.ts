import { isPast } from "./gap.ts";
import type { Limits } from "./limits.ts";
import { MOST_SUB_TABLES } from "./section-times.ts";

/** Last table_id of EN 300 468: the clause is about its tables alone. */
const LAST_DVB = 0x73;
const EXTENSIONS = 0x10000;

/**
 * EN 300 468 5.1.4: from the last octet of a section to the first of the next one with the same PID, table_id and
 * table_id_extension there are 25 ms at least, whatever else tells them apart. Each table_id has one PID here.
 */
export class SectionPace {
  readonly #leastNs: number;
  /** When the last section ended, by table_id and table_id_extension. */
  readonly #ends = new Map<number, { ns: number }>();

  constructor(limits: Limits) {
    this.#leastNs = limits.sectionGapMs * 1e6;
  }

  /**
   * Takes a section from its first octet to its last. `key` is `subTableKey`, which has the table_id_extension in
   * its low bits. Returns whether it follows another one too soon; never by time that went back.
   */
  isTooSoon(tableId: number, key: number, startNs: number, endNs: number): boolean {
    if (tableId > LAST_DVB || this.#leastNs === 0) return false;
    const id = tableId * EXTENSIONS + (key % EXTENSIONS);
    const last = this.#ends.get(id);
    if (last === undefined) {
      if (this.#ends.size < MOST_SUB_TABLES) this.#ends.set(id, { ns: endNs });
      return false;
    }
    const gapNs = startNs - last.ns;
    last.ns = endNs;
    return gapNs >= 0 && isPast(this.#leastNs, gapNs);
  }

  /** Forgets what came. */
  clear(): void {
    this.#ends.clear();
  }
}
