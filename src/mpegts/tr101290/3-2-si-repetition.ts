import { limitNs } from "./gap.ts";
import { type Check, Indicator, type Late, notPresent, type Standing, timerStanding } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";
import type { SectionTimes, SubTableTimes } from "./section-times.ts";

/** PID of the program and system information of A/65: its base_PID. */
export const PSIP_PID = 0x1ffb;
const FIRST_SCHEDULE = 0x50;
const LAST_SCHEDULE = 0x6f;
const LAST_DVB = 0x73;

/** PID on which a table stands by its table_id: the one that is told with an error. */
function pidOf(tableId: number): number {
  if (tableId > LAST_DVB) return PSIP_PID;
  if (tableId <= 0x41) return 0x10;
  if (tableId <= 0x4a) return 0x11;
  if (tableId <= LAST_SCHEDULE) return 0x12;
  return tableId === 0x71 ? 0x13 : 0x14;
}

/** True where 3.2 alone looks at a table: BAT, EIT schedule, TOT and the tables of A/65. */
function isOwn(tableId: number): boolean {
  return tableId === 0x4a || (tableId >= FIRST_SCHEDULE && tableId <= LAST_SCHEDULE) || tableId >= LAST_DVB;
}

/**
 * TR 101 290 3.2 SI_repetition_error: each section within the intervals of TR 101 211 4.4 (satellite and cable)
 * and A/65, and no two of a sub-table within 25 ms (EN 300 468 5.1.4). Counts beside the indicators of the tables.
 *
 * Sections of a schedule come and go as time passes, and sub-tables that no other table announces may end without a
 * word, so one of them that is away is late only when it comes again.
 */
export class SiRepetitionCheck implements Check {
  readonly indicators: readonly Indicator[];
  /** The errors that no other row counts. */
  readonly own: Indicator;
  readonly #error: Indicator;
  readonly #limitsNs = new Float64Array(256).fill(Number.POSITIVE_INFINITY);
  readonly #leastNs: number;
  readonly #moment: Moment;
  readonly #times: SectionTimes;
  #present = false;

  constructor(limits: Limits, moment: Moment, times: SectionTimes) {
    this.#error = new Indicator("3.2", moment);
    this.own = new Indicator("3.2", moment);
    this.indicators = [this.#error];
    this.#leastNs = limits.sectionGapMs * 1e6;
    this.#moment = moment;
    this.#times = times;
    const set = (milliseconds: number, ...tableIds: number[]): void => {
      for (const tableId of tableIds) this.#limitsNs[tableId] = limitNs(milliseconds);
    };
    set(limits.nitMs, 0x40);
    set(limits.nitOtherMs, 0x41);
    set(limits.sdtMs, 0x42);
    set(limits.sdtOtherMs, 0x46);
    set(limits.batMs, 0x4a);
    set(limits.eitMs, 0x4e);
    set(limits.eitOtherMs, 0x4f);
    // Four days a table_id: the first two of each are the first eight days (EN 300 468 5.2.4).
    this.#limitsNs.fill(limitNs(limits.eitScheduleLaterMs), FIRST_SCHEDULE, LAST_SCHEDULE + 1);
    set(limits.eitScheduleMs, 0x50, 0x51, 0x60, 0x61);
    set(limits.tdtMs, 0x70);
    set(limits.totMs, 0x73);
    set(limits.mgtMs, 0xc7);
    set(limits.vctMs, 0xc8, 0xc9);
    set(limits.rrtMs, 0xca);
    set(limits.sttMs, 0xcd);
  }

  /**
   * A section; `times` is its sub-table before it, `tooSoon` by `SectionPace`, `counted` whether another row has
   * counted an error of it.
   */
  section(
    tableId: number,
    times: SubTableTimes,
    sectionNumber: number,
    timeNs: number,
    tooSoon: boolean,
    counted: boolean,
  ): void {
    this.#present = true;
    if (tooSoon) this.#hit(tableId, timeNs, counted);
    const limit = this.#limitsNs[tableId] as number;
    const expiredNs = times.expiredWhenSeen(sectionNumber, limit, timeNs);
    if (!Number.isNaN(expiredNs)) this.#hit(tableId, expiredNs, counted);
  }

  restart(): void {}

  open(nowNs: number, late: Late): void {
    for (const times of this.#times.all()) {
      const { tableId } = times;
      if (!times.isBound) continue;
      const limit = this.#limitsNs[tableId] as number;
      for (let number = 0; number <= times.lastSectionNumber; number += 1) {
        const expiredNs = times.expired(number, limit, nowNs);
        if (Number.isNaN(expiredNs)) continue;
        late(this.#error, expiredNs, pidOf(tableId));
        if (isOwn(tableId)) late(this.own, expiredNs, pidOf(tableId));
      }
    }
  }

  standing(_: Indicator, nowNs: number): Standing {
    if (!this.#present) return notPresent("no service information came");
    const standing = timerStanding(this.#moment, nowNs, this.#leastNs);
    if (standing.state !== "ok" || this.#times.unwatched === 0) return standing;
    return { state: "ok", reason: `${this.#times.unwatched} section(s) are not watched: too many at once` };
  }

  #hit(tableId: number, timeNs: number, counted: boolean): void {
    this.#error.hit(timeNs, pidOf(tableId));
    if (!counted) this.own.hit(timeNs, pidOf(tableId));
  }
}
