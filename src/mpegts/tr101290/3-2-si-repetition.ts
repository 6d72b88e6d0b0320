import type { PidContext } from "./context.ts";
import { limitNs } from "./gap.ts";
import { type Check, Indicator, type Late, notPresent, type Standing, timerStanding } from "./indicator.ts";
import type { Limits } from "./limits.ts";
import type { Moment } from "./moment.ts";
import type { SectionTimes, SubTableTimes } from "./section-times.ts";
import type { TableWatch } from "./table-watch.ts";

/** PID of the program and system information of A/65: its base_PID. */
export const PSIP_PID = 0x1ffb;
const EIT_ACTUAL = 0x4e;
const FIRST_SCHEDULE = 0x50;
const LAST_SCHEDULE = 0x6f;
const FIRST_SCHEDULE_OTHER = 0x60;
/** Eight segments of three hours, eight sections each; the first table_id begins at midnight (TR 101 211 4.1.4.2). */
const SECTIONS_A_DAY = 64;
const LAST_DVB = 0x73;

/** PID on which a table stands by its table_id: the one that is told with an error. */
function pidOf(tableId: number): number {
  if (tableId > LAST_DVB) return PSIP_PID;
  if (tableId <= 0x41) return 0x10;
  if (tableId <= 0x4a) return 0x11;
  if (tableId <= LAST_SCHEDULE) return 0x12;
  return tableId === 0x71 ? 0x13 : 0x14;
}

/** True where another row counts every section that comes too soon: 3.1.a, 3.5.a, 3.6.a, 3.8 and 3.7. */
function isSoonElsewhere(tableId: number): boolean {
  return (
    tableId === 0x40 || tableId === 0x42 || tableId === EIT_ACTUAL || tableId === 0x70 || tableId === 0x71
  );
}

/** True where another row counts every section that is late: 3.1.b, 3.5.b, 3.6.b and 3.8, by the same limits. */
function isLateElsewhere(tableId: number, sectionNumber: number): boolean {
  return tableId === 0x41 || tableId === 0x46 || (tableId === 0x4f && sectionNumber <= 1) || tableId === 0x70;
}

/** The timer of the row that counts where no section with this number (or none at all) of any sub-table comes. */
export type WatchOf = (tableId: number, sectionNumber: number) => TableWatch | null;

/**
 * TR 101 290 3.2 SI_repetition_error: each section within the intervals of TR 101 211 4.4
 * and A/65, and the 25 ms of EN 300 468 5.1.4. Counts beside the indicators of the tables: `own` has what they do
 * not count. Those look at a table as a whole, so that one section of several may be away, or all of one service.
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
  readonly #watchOf: WatchOf;
  readonly #context: PidContext;
  readonly #terrestrialNs: number;
  readonly #terrestrialLaterNs: number;
  #present = false;

  constructor(limits: Limits, moment: Moment, times: SectionTimes, watchOf: WatchOf, context: PidContext) {
    this.#context = context;
    this.#terrestrialNs = limitNs(limits.eitScheduleTerrestrialMs);
    this.#terrestrialLaterNs = limitNs(limits.eitScheduleTerrestrialLaterMs);
    this.#error = new Indicator("3.2", moment);
    this.own = new Indicator("3.2", moment);
    this.indicators = [this.#error];
    this.#leastNs = limits.sectionGapMs * 1e6;
    this.#moment = moment;
    this.#times = times;
    this.#watchOf = watchOf;
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
   * A section that the row of its table has seen; `times` is its sub-table before it, `tooSoon` by `SectionPace`,
   * `missesCounted` whether 3.6.c has counted that it was away.
   */
  section(
    times: SubTableTimes,
    sectionNumber: number,
    timeNs: number,
    tooSoon: boolean,
    missesCounted: boolean,
  ): void {
    const { tableId } = times;
    const pid = pidOf(tableId);
    this.#present = true;
    if (tooSoon) {
      this.#error.hit(timeNs, pid);
      if (!isSoonElsewhere(tableId)) this.own.hit(timeNs, pid);
    }
    const limit = this.#limitNs(tableId, sectionNumber);
    const expiredNs = times.expiredWhenSeen(sectionNumber, limit, timeNs);
    if (Number.isNaN(expiredNs)) return;
    this.#error.hit(expiredNs, pid);
    const ownNs = missesCounted ? Number.NaN : this.#ownNs(times, sectionNumber, expiredNs, timeNs);
    if (!Number.isNaN(ownNs)) this.own.hit(ownNs, pid);
  }

  restart(): void {}

  open(nowNs: number, late: Late): void {
    for (const times of this.#times.all()) {
      const { tableId } = times;
      if (!times.isBound) continue;
      for (let number = 0; number <= times.lastSectionNumber; number += 1) {
        const limit = this.#limitNs(tableId, number);
        const expiredNs = times.expired(number, limit, nowNs);
        if (Number.isNaN(expiredNs)) continue;
        late(this.#error, expiredNs, pidOf(tableId));
        const ownNs = this.#ownNs(times, number, expiredNs, nowNs);
        if (Number.isNaN(ownNs) || this.#isElsewhereYet(times, number, ownNs, nowNs)) continue;
        late(this.own, ownNs, pidOf(tableId));
      }
    }
  }

  standing(_: Indicator, nowNs: number): Standing {
    if (!this.#present) return notPresent("no service information came");
    const standing = timerStanding(this.#moment, nowNs, this.#leastNs);
    if (standing.state !== "ok" || this.#times.unwatched === 0) return standing;
    return { state: "ok", reason: `${this.#times.unwatched} section(s) are not watched: too many at once` };
  }

  /** Terrestrial networks: only the first day counts as near, and other streams' schedules may come seldom. */
  #limitNs(tableId: number, number: number): number {
    const isSchedule = tableId >= FIRST_SCHEDULE && tableId <= LAST_SCHEDULE;
    if (!isSchedule || !this.#context.terrestrial) return this.#limitsNs[tableId] as number;
    const firstDay = (tableId & 0x0f) === 0 && number < SECTIONS_A_DAY;
    if (tableId < FIRST_SCHEDULE_OTHER) return this.#limitsNs[firstDay ? tableId : LAST_SCHEDULE] as number;
    return firstDay ? this.#terrestrialNs : this.#terrestrialLaterNs;
  }

  /** When a section that was late at `expiredNs` became so by what no other row counts, NaN where it did not. */
  #ownNs(times: SubTableTimes, number: number, expiredNs: number, nowNs: number): number {
    const { tableId } = times;
    if (isLateElsewhere(tableId, number)) return Number.NaN;
    const watch = this.#watchOf(tableId, number);
    return watch === null ? expiredNs : watch.lateAlone(times.timeOf(number), nowNs);
  }

  /**
   * True where another row has counted a section that is late since `lateNs`, or may yet: the whole table is away
   * as far as one knows, or 3.6.c waits for the section while the other of present/following comes.
   */
  #isElsewhereYet(times: SubTableTimes, number: number, lateNs: number, nowNs: number): boolean {
    const { tableId } = times;
    const watch = this.#watchOf(tableId, number);
    if (watch !== null && !(watch.fromNs >= lateNs)) return true;
    if (tableId !== EIT_ACTUAL || number > 1) return false;
    if (times.missesCounted(number)) return true;
    const limit = this.#limitsNs[tableId] as number;
    return times.alone === 1 - number && Number.isNaN(times.expired(1 - number, limit, nowNs));
  }
}
