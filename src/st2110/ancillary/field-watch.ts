import { FIELD } from "./header.ts";
import type { AncCounters } from "./rules.ts";

/** RTP clock of ST 2110-40, and of the video it goes with. */
export const ANC_CLOCK_HZ = 90_000;

/** Frame and field rates of ST 2110 video, with the ticks of 90 kHz that one frame or field takes. */
const RATES: readonly (readonly [string, number])[] = [
  ["24000/1001", 3753.75],
  ["24", 3750],
  ["25", 3600],
  ["30000/1001", 3003],
  ["30", 3000],
  ["48000/1001", 1876.875],
  ["48", 1875],
  ["50", 1800],
  ["60000/1001", 1501.5],
  ["60", 1500],
  ["100", 900],
  ["120000/1001", 750.75],
  ["120", 750],
];

/** A mean this near to a rate of the table, in ticks, is that rate. */
const RATE_TOLERANCE_TICKS = 0.3;

/** In place of F: none, or none that is valid. */
const UNKNOWN = -1;

/** A step longer than this is a jump, not a row of missing frames: 10 s. */
const LONGEST_STEP_TICKS = 10 * ANC_CLOCK_HZ;

/**
 * Watches where frames and fields begin and end: marker, F and timestamps of the RTP packets of one flow (RFC 8331
 * 2, ST 2110-40). What comes before the first boundary is not judged, nor is what loss may have taken.
 */
export class FieldWatch {
  /** Frames, fields or segments begun. */
  units = 0;
  /** Any packet had F = 10 or 11. */
  interlaced = false;
  /** Any packet had F = 00. */
  progressive = false;

  readonly #counters: AncCounters;
  #known = false;
  #timestamp = 0;
  #marker = false;
  /** F of the unit at hand and of the one before; UNKNOWN where packets disagree, or none is valid. */
  #field = UNKNOWN;
  #before = UNKNOWN;
  #mixed = false;
  /** Periods between the unit before and the one at hand; 0 where that is not known. */
  #periods = 0;
  /** Ticks of one step as learned from two equal ones; 0 until then. */
  #period = 0;
  #lastStep = 0;
  /** Single steps since the period was learned, and their ticks. */
  #steps = 0;
  #stepTicks = 0;

  constructor(counters: AncCounters) {
    this.#counters = counters;
  }

  /** What follows is not compared with what was. */
  restart(): void {
    this.#known = false;
    this.#period = 0;
    this.#lastStep = 0;
    this.#steps = 0;
  }

  /** Packets are missing: the next one begins anew, at the same rate. */
  loss(): void {
    this.#known = false;
  }

  /** One packet. True when it is the first of a frame, field or segment whose beginning was seen. */
  packet(timestamp: number, marker: boolean, field: number, timeNs: number): boolean {
    // F = 01 is a finding of its own: the packet is taken for one of whatever field it stands in.
    const f = field === FIELD.invalid ? UNKNOWN : field;
    if (f === FIELD.progressive) this.progressive = true;
    else if (f !== UNKNOWN) this.interlaced = true;
    let begins = false;
    if (!this.#known) {
      this.#known = true;
      this.#before = UNKNOWN;
      this.#begin(f, 0);
    } else if (timestamp !== this.#timestamp) {
      if (!this.#marker) this.#counters.markerMissing.hit(timeNs);
      this.#judgeOrder(timeNs);
      this.#begin(f, this.#step((timestamp - this.#timestamp) >>> 0, timeNs));
      begins = true;
    } else {
      begins = this.#sameTimestamp(f, timeNs);
    }
    if (begins) this.units += 1;
    this.#timestamp = timestamp;
    this.#marker = marker;
    return begins;
  }

  /** Mean ticks of a frame or field, and its rate if ST 2110 has it; null until two have passed. */
  rate(): { ticks: number; rate: string | null } | null {
    if (this.#steps < 2) return null;
    const ticks = this.#stepTicks / this.#steps;
    let rate: string | null = null;
    let best = RATE_TOLERANCE_TICKS;
    for (const [name, exact] of RATES) {
      const off = Math.abs(ticks - exact);
      if (off <= best) {
        best = off;
        rate = name;
      }
    }
    return { ticks, rate };
  }

  #begin(field: number, periods: number): void {
    this.#field = field;
    this.#mixed = false;
    this.#periods = periods;
  }

  /** True when the second segment of a frame begins (PsF: both share a timestamp). */
  #sameTimestamp(field: number, timeNs: number): boolean {
    const current = this.#field;
    if (field === current || field === UNKNOWN || current === UNKNOWN) {
      if (current === UNKNOWN) this.#field = field;
      if (this.#marker) this.#counters.markerEarly.hit(timeNs);
      return false;
    }
    if (this.#marker && current === FIELD.first && field === FIELD.second) {
      this.#judgeOrder(timeNs);
      this.#begin(field, 0);
      return true;
    }
    this.#mixed = true;
    this.#counters.fieldChange.hit(timeNs);
    return false;
  }

  /** The timestamp moved by `ticks`: how many frames or fields that is, 0 where it can't be told. */
  #step(ticks: number, timeNs: number): number {
    const period = this.#period;
    if (period === 0) {
      if (ticks <= LONGEST_STEP_TICKS) this.#learn(ticks);
      return 0;
    }
    const periods = Math.round(ticks / period);
    if (periods < 1 || ticks > LONGEST_STEP_TICKS || Math.abs(ticks - periods * period) > 1 + periods / 2) {
      this.#counters.timestampStep.hit(timeNs);
      this.#period = 0;
      this.#lastStep = 0;
      return 0;
    }
    if (periods === 1) {
      this.#steps += 1;
      this.#stepTicks += ticks;
    } else {
      this.#counters.fieldMissing.hit(timeNs, periods - 1);
    }
    return periods;
  }

  /** Two steps in a row that differ by a tick at most, as 1501 and 1502 do, are the period. */
  #learn(ticks: number): void {
    if (this.#lastStep > 0 && Math.abs(ticks - this.#lastStep) <= 1) {
      this.#period = (ticks + this.#lastStep) / 2;
      this.#steps = 2;
      this.#stepTicks = ticks + this.#lastStep;
    }
    this.#lastStep = ticks;
  }

  /** The unit at hand is over: whether its field may follow that of the unit before. */
  #judgeOrder(timeNs: number): void {
    const field = this.#mixed ? UNKNOWN : this.#field;
    const before = this.#before;
    this.#before = field;
    if (field === UNKNOWN || before === UNKNOWN) return;
    let wrong: boolean;
    if (before === FIELD.progressive || field === FIELD.progressive) wrong = before !== field;
    else wrong = this.#periods > 0 && (before === field) !== (this.#periods % 2 === 0);
    if (wrong) this.#counters.fieldOrder.hit(timeNs);
  }
}
