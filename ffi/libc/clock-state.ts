/** What the kernel knows of how well its clock is kept, by adjtimex(2) (sys/timex.h). */
import { addressOf, alloc } from "../memory.ts";
import { libc } from "./libc.ts";

/** struct timex of 64-bit systems: octets, and where its fields stand. */
export const TIMEX_BYTES = 208;
const OFFSET = 8;
const FREQUENCY = 16;
const MAX_ERROR = 24;
const ESTIMATED_ERROR = 32;
const STATUS = 40;
const TAI = 160;

/** Return value of adjtimex: no clock discipline keeps the clock. */
const TIME_ERROR = 5;

const STA_UNSYNC = 0x40;
/** `offset` counts nanoseconds, else microseconds. */
const STA_NANO = 0x2000;

/** Names of the bits of `status`, least first. */
const STATUS_NAMES: readonly string[] = [
  "PLL",
  "PPSFREQ",
  "PPSTIME",
  "FLL",
  "INS",
  "DEL",
  "UNSYNC",
  "FREQHOLD",
  "PPSSIGNAL",
  "PPSJITTER",
  "PPSWANDER",
  "PPSERROR",
  "CLOCKERR",
  "NANO",
  "MODE",
  "CLK",
];

const NS_PER_US = 1000;

/** `freq` is in parts per million with 16 bits behind the point. */
const FREQUENCY_UNIT = 65_536;

/** How the system's clock is kept. */
export interface ClockState {
  /** A time service (NTP, PTP) keeps the clock, and has done so lately. */
  readonly synchronised: boolean;
  /** What is still to be corrected. */
  readonly offsetNs: number;
  /** Bound of the error, as the time service says; grows while it says nothing. */
  readonly maxErrorNs: number;
  readonly estimatedErrorNs: number;
  /** Correction of the rate, parts per million. */
  readonly frequencyPpm: number;
  /** TAI - UTC in seconds; 0 where nobody told the kernel. */
  readonly taiOffsetSeconds: number;
  /** Bits of the status, as sys/timex.h names them without STA_. */
  readonly status: readonly string[];
}

/** Reads a struct timex that adjtimex filled, `result` being what it returned. */
export function parseClockState(timex: Uint8Array, result: number): ClockState {
  const view = new DataView(timex.buffer, timex.byteOffset, timex.length);
  const status = view.getInt32(STATUS, true);
  const long = (offset: number): number => Number(view.getBigInt64(offset, true));
  return {
    synchronised: result !== TIME_ERROR && (status & STA_UNSYNC) === 0,
    offsetNs: long(OFFSET) * ((status & STA_NANO) === 0 ? NS_PER_US : 1),
    maxErrorNs: long(MAX_ERROR) * NS_PER_US,
    estimatedErrorNs: long(ESTIMATED_ERROR) * NS_PER_US,
    frequencyPpm: long(FREQUENCY) / FREQUENCY_UNIT,
    taiOffsetSeconds: view.getInt32(TAI, true),
    status: STATUS_NAMES.filter((_, bit) => (status & (1 << bit)) !== 0),
  };
}

/** How the clock is kept now; null where the system does not tell. Changes nothing, needs no privilege. */
export function clockState(): ClockState | null {
  // modes = 0: read only.
  const timex = alloc(TIMEX_BYTES);
  const result = libc().adjtimex(addressOf(timex));
  return result < 0 ? null : parseClockState(timex, result);
}
