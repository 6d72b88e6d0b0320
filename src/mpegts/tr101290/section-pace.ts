import { isPast } from "./gap.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";
import { MOST_SUB_TABLES } from "./section-times.ts";
import { TotalRate } from "./total-rate.ts";

/** Last table_id of EN 300 468: the clause is about its tables alone. */
const LAST_DVB = 0x73;
const EXTENSIONS = 0x10000;
/** Up to this total rate of the stream the clause holds. */
const MOST_BPS = 100e6;

/**
 * EN 300 468 5.1.4: from the last octet of a section to the first of the next one with the same PID, table_id and
 * table_id_extension there are 25 ms at least, whatever else tells them apart, in streams of up to 100 Mbit/s. Each
 * table_id has one PID here. Nothing is said before the rate is known.
 */
export class SectionPace {
  readonly #leastNs: number;
  readonly #rate: TotalRate;
  /** When the last section ended, by table_id and table_id_extension. */
  readonly #ends = new Map<number, { ns: number }>();

  constructor(limits: Limits, moment: Moment) {
    this.#leastNs = limits.sectionGapMs * 1e6;
    this.#rate = new TotalRate(moment);
  }

  /**
   * Takes a section from its first octet to its last. `key` is `subTableKey`, which has the table_id_extension in
   * its low bits. Returns whether it follows another one too soon; never by time that went back.
   */
  isTooSoon(tableId: number, key: number, startNs: number, endNs: number): boolean {
    if (tableId > LAST_DVB || this.#leastNs === 0) return false;
    const bps = this.#rate.bps();
    const id = tableId * EXTENSIONS + (key % EXTENSIONS);
    const last = this.#ends.get(id);
    if (last === undefined) {
      if (this.#ends.size < MOST_SUB_TABLES) this.#ends.set(id, { ns: endNs });
      return false;
    }
    const gapNs = startNs - last.ns;
    last.ns = endNs;
    return bps <= MOST_BPS && gapNs >= 0 && isPast(this.#leastNs, gapNs);
  }

  /** The stream starts here, or starts again: forgets what came. */
  restart(): void {
    this.#ends.clear();
    this.#rate.restart();
  }
}
