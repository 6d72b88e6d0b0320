import type { BufferReport } from "../../report/mpegts-schema.ts";
import { SYSTEM_CLOCK_HZ } from "../packet.ts";
import type { BufferName, TStdEvents } from "./events.ts";

/** Levels are sums of fractions of octets: less than this is no difference. */
const ROUNDING_OCTETS = 0.01;
/** TBn, TBsys and MBn shall be empty at least once in this many ticks of 27 MHz (ISO/IEC 13818-1 2.4.2.6). */
export const EMPTY_TICKS = SYSTEM_CLOCK_HZ;

/** How full one buffer was, and what it did wrong. */
export class Gauge {
  readonly buffer: BufferName;
  sizeOctets: number;
  peakOctets = 0;
  overflows = 0;
  underflows = 0;
  /** Last time at which it was empty, ticks of the program; NaN where not known. */
  emptyAt = Number.NaN;

  readonly #pid: number | null;
  readonly #events: TStdEvents;
  #over = false;

  constructor(pid: number | null, buffer: BufferName, sizeOctets: number, events: TStdEvents) {
    this.#pid = pid;
    this.buffer = buffer;
    this.sizeOctets = sizeOctets;
    this.#events = events;
  }

  /** Levels up to this one change nothing here: `level` needs not be told of them. */
  get calm(): number {
    return this.#over
      ? Number.NEGATIVE_INFINITY
      : Math.min(this.peakOctets, this.sizeOctets + ROUNDING_OCTETS);
  }

  /** The buffer holds `octets`; from the size up to the next time it fits, an overflow counts once. */
  level(octets: number, timeNs: number): void {
    if (octets > this.peakOctets) this.peakOctets = octets;
    if (octets <= this.sizeOctets + ROUNDING_OCTETS) {
      this.#over = false;
      return;
    }
    if (this.#over) return;
    this.#over = true;
    this.overflows += 1;
    this.#events.bufferError(this.#pid, this.buffer, "overflow", timeNs);
  }

  /** Data were not there when they were to be decoded. */
  underflow(timeNs: number): void {
    this.underflows += 1;
    this.#events.bufferError(this.#pid, this.buffer, "underflow", timeNs);
  }

  /** It is empty at `ticks`. */
  empty(ticks: number): void {
    this.emptyAt = ticks;
  }

  /** It is not empty at `ticks`. */
  occupied(ticks: number, timeNs: number): void {
    if (Number.isNaN(this.emptyAt)) this.emptyAt = ticks;
    if (ticks - this.emptyAt <= EMPTY_TICKS) return;
    this.emptyAt = ticks;
    this.#events.emptyBuffer(this.#pid, this.buffer, timeNs);
  }

  /** Starts with an empty buffer; what was counted stays. */
  restart(): void {
    this.#over = false;
    this.emptyAt = Number.NaN;
  }

  /** The buffer's row of the report. */
  report(): BufferReport {
    return {
      pid: this.#pid,
      buffer: this.buffer,
      sizeOctets: Math.round(this.sizeOctets),
      peakOctets: Math.round(this.peakOctets),
      overflows: this.overflows,
      underflows: this.underflows,
      modelled: true,
    };
  }
}
