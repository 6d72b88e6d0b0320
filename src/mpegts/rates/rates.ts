import type { RateReport, RatesReport } from "../../report/mpegts-schema.ts";
import { NULL_PID } from "../packet.ts";
import type { PidTable } from "../pid-table.ts";
import { RateRange, rateReport } from "./range.ts";
import { Seconds } from "./seconds.ts";
import { RateSeries } from "./series.ts";

/** What packets carry, as far as their bit rate is told apart. */
export type RateType = keyof RatesReport["byType"];

/** What the tables say of the PIDs; asked at the end of each second and for a report. */
export interface RateFacts {
  /** What `pid` carries. */
  typeOf(pid: number): RateType;
  /** The services and the PIDs whose packets are theirs. */
  services(): Iterable<{ readonly program: number; readonly pids: readonly number[] }>;
}

/** Services whose rate over a second is kept, those named first; of others the mean is known alone. */
export const MOST_SERVICES = 1024;

/** A PID without a packet in so many whole seconds has stopped, unless another period is asked for. */
const STOPPED_AFTER_SECONDS = 5;

const NO_RATE: RateReport = { current: null, mean: null, min: null, max: null };

const TYPES: readonly RateType[] = ["video", "audio", "data", "si", "null", "other"];

/** `old` with room for `slots`; what is new holds `fill`. */
function grown(old: Float64Array, slots: number, fill: number): Float64Array<ArrayBuffer> {
  const bigger = new Float64Array(slots).fill(fill);
  bigger.set(old);
  return bigger;
}

/**
 * Bit rates of each PID, service and type of content, over whole seconds and over time.
 *
 * Costs nothing for a packet: at the end of each second it takes what the PID table's counts have grown by. So
 * every packet with a sound header is in the total, its PID in a table or not; bits are those of 188 octets a
 * packet. Memory: 40 octets a PID, 48 for each of MOST_SERVICES services, and the series (see RateSeries).
 *
 * A PID's lowest second is not the one in which it appeared, as that was not a whole one for it; the stream's
 * first second counts for all.
 */
export class Rates {
  readonly #table: PidTable;
  readonly #stoppedAfter: number;
  readonly #seconds = new Seconds();
  readonly #series = new RateSeries();
  readonly #total = new RateRange();
  readonly #byType: Record<RateType, RateRange>;
  readonly #services = new Map<number, RateRange>();
  /** By slot of the PID table: its count at the end of the last second, and packets a second. */
  #before: Float64Array;
  #current: Float64Array;
  #min: Float64Array;
  #max: Float64Array;
  /** Number of the last second with a packet. */
  #active: Float64Array;
  /** Slots in use at the end of the last second. */
  #slots = 1;

  constructor(table: PidTable, stoppedAfterSeconds: number = STOPPED_AFTER_SECONDS) {
    const slots = table.packets.length;
    this.#table = table;
    this.#stoppedAfter = stoppedAfterSeconds;
    this.#before = new Float64Array(slots);
    this.#current = new Float64Array(slots);
    this.#min = new Float64Array(slots).fill(Number.POSITIVE_INFINITY);
    this.#max = new Float64Array(slots);
    this.#active = new Float64Array(slots);
    this.#byType = {
      video: new RateRange(),
      audio: new RateRange(),
      data: new RateRange(),
      si: new RateRange(),
      null: new RateRange(),
      other: new RateRange(),
    };
  }

  /**
   * It is `timeNs`: due before the packets of that time are counted, and when time goes by without any. A NaN
   * or a step backwards lets no time pass.
   */
  advance(timeNs: number, facts: RateFacts): void {
    const ended = this.#seconds.advance(timeNs);
    if (ended > 0) this.#close(ended, facts);
  }

  /**
   * The rate of `pid`. `meanBps` tells the mean rate over the whole time of the PID in a slot of the table (the
   * report's own `bitrate`), null where it is not known.
   */
  pid(pid: number, meanBps: (slot: number) => number | null): RateReport {
    const slot = this.#table.slotOf[pid] as number;
    if (slot === 0) return NO_RATE;
    if (slot >= this.#slots) return { ...NO_RATE, mean: meanBps(slot) };
    const [current, min, max] = [this.#current, this.#min, this.#max].map((of) => of[slot] as number);
    return rateReport(current as number, min as number, max as number, meanBps(slot), true);
  }

  /** The rate of service `program` with these PIDs; see `pid`. */
  service(program: number, pids: readonly number[], meanBps: (slot: number) => number | null): RateReport {
    const slots = pids.map((pid) => this.#table.slotOf[pid] as number).filter((slot) => slot > 0);
    const mean = sum(slots, meanBps);
    return this.#services.get(program)?.report(mean) ?? { ...NO_RATE, mean };
  }

  /** True when `pid` was seen before, but not in the last whole seconds. Null packets may end at any time. */
  stopped(pid: number): boolean {
    const slot = this.#table.slotOf[pid] as number;
    if (slot === 0 || slot >= this.#slots || pid === NULL_PID) return false;
    if (this.#table.packets[slot] !== this.#before[slot]) return false;
    return this.#seconds.number - 1 - (this.#active[slot] as number) >= this.#stoppedAfter;
  }

  /** All rates but those of single PIDs and services; see `pid`. The series only when asked for. */
  report(facts: RateFacts, meanBps: (slot: number) => number | null, series: boolean): RatesReport {
    const { size, pid } = this.#table;
    const slots = Array.from({ length: size - 1 }, (_, i) => i + 1);
    const types = new Map<RateType, number[]>(TYPES.map((type) => [type, []]));
    for (const slot of slots) types.get(facts.typeOf(pid[slot] as number))?.push(slot);
    const ofType = (type: RateType): RateReport =>
      this.#byType[type].report(sum(types.get(type) ?? [], meanBps));
    return {
      total: this.#total.report(sum(slots, meanBps)),
      byType: {
        video: ofType("video"),
        audio: ofType("audio"),
        data: ofType("data"),
        si: ofType("si"),
        null: ofType("null"),
        other: ofType("other"),
      },
      stoppedPids: slots
        .map((slot) => pid[slot] as number)
        .filter((each) => this.stopped(each))
        .sort((a, b) => a - b),
      series: series ? this.#series.report(this.#seconds.number) : null,
    };
  }

  /** `ended` seconds have gone by, in the first of which all the new packets came. */
  #close(ended: number, facts: RateFacts): void {
    const second = this.#seconds.number - ended;
    const types: Record<RateType, number> = { video: 0, audio: 0, data: 0, si: 0, null: 0, other: 0 };
    this.#grow();
    this.#series.reach(second);
    let total = 0;
    for (let slot = 1; slot < this.#table.size; slot += 1) {
      const pid = this.#table.pid[slot] as number;
      const packets = this.#pidSecond(slot, second, ended);
      if (packets === 0) continue;
      total += packets;
      types[facts.typeOf(pid)] += packets;
      this.#series.add(second, pid, packets);
    }
    this.#slots = this.#table.size;
    this.#total.second(total, true);
    for (const type of TYPES) this.#byType[type].second(types[type], true);
    for (const { program, pids } of facts.services()) this.#serviceSecond(program, pids, second);
    if (ended > 1) this.#silence();
  }

  /** Packets of a PID in the second that ended, for its least, most and current rate. */
  #pidSecond(slot: number, second: number, ended: number): number {
    const now = this.#table.packets[slot] as number;
    const packets = now - (this.#before[slot] as number);
    this.#before[slot] = now;
    this.#current[slot] = packets;
    const whole = slot < this.#slots || second === 0;
    if (whole && packets < (this.#min[slot] as number)) this.#min[slot] = packets;
    if (packets > (this.#max[slot] as number)) this.#max[slot] = packets;
    if (packets > 0) this.#active[slot] = second;
    if (ended > 1) this.#min[slot] = 0;
    return packets;
  }

  #serviceSecond(program: number, pids: readonly number[], second: number): void {
    let range = this.#services.get(program);
    const isNew = range === undefined;
    if (range === undefined) {
      if (this.#services.size === MOST_SERVICES) return;
      range = new RateRange();
      this.#services.set(program, range);
    }
    let packets = 0;
    for (const pid of pids) packets += this.#current[this.#table.slotOf[pid] as number] as number;
    range.second(packets, !isNew || second === 0);
  }

  /** Further whole seconds without a packet. */
  #silence(): void {
    this.#current.fill(0);
    this.#series.reach(this.#seconds.number - 1);
    this.#total.second(0, true);
    for (const type of TYPES) this.#byType[type].second(0, true);
    for (const range of this.#services.values()) range.second(0, true);
  }

  #grow(): void {
    const slots = this.#table.packets.length;
    if (slots === this.#before.length) return;
    this.#before = grown(this.#before, slots, 0);
    this.#current = grown(this.#current, slots, 0);
    this.#min = grown(this.#min, slots, Number.POSITIVE_INFINITY);
    this.#max = grown(this.#max, slots, 0);
    this.#active = grown(this.#active, slots, 0);
  }
}

/** Sum of what `of` says of each slot; null where it says nothing of one. */
function sum(slots: readonly number[], of: (slot: number) => number | null): number | null {
  let total = 0;
  for (const slot of slots) {
    const value = of(slot);
    if (value === null) return null;
    total += value;
  }
  return total;
}
