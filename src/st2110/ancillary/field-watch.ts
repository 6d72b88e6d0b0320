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
  #field: number = FIELD.progressive;
  /** Ticks of one step as learned from two equal ones; 0 until then. */
  #period = 0;
  #lastStep = 0;
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
  }

  /** Packets are missing: the next one begins anew, at the same rate. */
  loss(): void {
    this.#known = false;
  }

  /** One packet. True when it is the first of a frame, field or segment whose beginning was seen. */
  packet(timestamp: number, marker: boolean, field: number, timeNs: number): boolean {
    // F = 01 is a finding of its own; the packet is taken for one of the field before.
    const f = field === FIELD.invalid ? this.#field : field;
    if (f === FIELD.progressive) this.progressive = true;
    else this.interlaced = true;
    let begins = false;
    if (!this.#known) {
      this.#known = true;
      this.#field = f;
    } else if (timestamp === this.#timestamp) {
      begins = this.#sameTimestamp(f, timeNs);
    } else {
      if (!this.#marker) this.#counters.markerMissing.hit(timeNs);
      this.#step((timestamp - this.#timestamp) >>> 0, f, timeNs);
      this.#field = f;
      begins = true;
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

  /** True when the second segment of a frame begins (PsF: both share a timestamp). */
  #sameTimestamp(field: number, timeNs: number): boolean {
    if (field === this.#field) {
      if (this.#marker) this.#counters.markerEarly.hit(timeNs);
      return false;
    }
    if (this.#marker && this.#field === FIELD.first && field === FIELD.second) {
      this.#field = field;
      return true;
    }
    this.#counters.fieldChange.hit(timeNs);
    return false;
  }

  #step(ticks: number, field: number, timeNs: number): void {
    const period = this.#period;
    if (period === 0) {
      if (ticks <= LONGEST_STEP_TICKS) {
        if (Math.abs(ticks - this.#lastStep) <= 1) this.#period = (ticks + this.#lastStep) / 2;
        this.#lastStep = ticks;
      }
      // A missing field can't be told yet, so the order is left alone; the kind of scanning is not.
      if ((field === FIELD.progressive) !== (this.#field === FIELD.progressive)) {
        this.#counters.fieldOrder.hit(timeNs);
      }
      return;
    }
    const periods = Math.round(ticks / period);
    if (periods < 1 || ticks > LONGEST_STEP_TICKS || Math.abs(ticks - periods * period) > 1 + periods / 2) {
      this.#counters.timestampStep.hit(timeNs);
      this.#period = 0;
      this.#lastStep = 0;
      return;
    }
    if (periods === 1) {
      this.#steps += 1;
      this.#stepTicks += ticks;
    } else {
      this.#counters.fieldMissing.hit(timeNs, periods - 1);
    }
    if (!this.#follows(field, periods)) this.#counters.fieldOrder.hit(timeNs);
  }

  /** True when `field` may come `periods` steps after the field before. */
  #follows(field: number, periods: number): boolean {
    const before = this.#field;
    if (before === FIELD.progressive || field === FIELD.progressive) return before === field;
    return (before === field) === (periods % 2 === 0);
  }
}
