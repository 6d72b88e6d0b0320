/**
 * Times of DVB service information, EN 300 468 annex C: a date as Modified Julian Date in 16 bits, a time as six
 * decimal digits of 4 bits. The caller has checked that the octets are there.
 */
import { u16, u24 } from "../../bits/read.ts";

/** MJD of 1970-01-01. */
const UNIX_EPOCH_MJD = 40_587;
const DAY_SECONDS = 86_400;
const UNDEFINED_TIME = 0xffffff;

/** Two decimal digits in one octet; -1 where they are none. */
export function bcd2(octet: number): number {
  const high = octet >> 4;
  const low = octet & 0x0f;
  return high > 9 || low > 9 ? -1 : high * 10 + low;
}

/** Hours, minutes and seconds in 24 bits of BCD as seconds; null where they are no such digits. */
export function dvbDurationSeconds(buf: Uint8Array, off: number): number | null {
  const hours = bcd2(buf[off] as number);
  const minutes = bcd2(buf[off + 1] as number);
  const seconds = bcd2(buf[off + 2] as number);
  if (hours < 0 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) return null;
  return hours * 3600 + minutes * 60 + seconds;
}

/** Hours and minutes in 16 bits of BCD as minutes; null where they are no such digits. */
export function dvbMinutes(buf: Uint8Array, off: number): number | null {
  const hours = bcd2(buf[off] as number);
  const minutes = bcd2(buf[off + 1] as number);
  return hours < 0 || minutes < 0 || minutes > 59 ? null : hours * 60 + minutes;
}

/** UTC of 40 bits in RFC 3339, `2024-02-29T23:59:59Z`; null where it is undefined (all ones) or no time. */
export function dvbUtcTime(buf: Uint8Array, off: number): string | null {
  const mjd = u16(buf, off);
  if (mjd === 0xffff && u24(buf, off + 2) === UNDEFINED_TIME) return null;
  const seconds = dvbDurationSeconds(buf, off + 2);
  if (seconds === null || seconds >= DAY_SECONDS) return null;
  return rfc3339((mjd - UNIX_EPOCH_MJD) * DAY_SECONDS + seconds);
}

/** Seconds since 1970 in RFC 3339, without a fraction. */
export function rfc3339(unixSeconds: number): string {
  return `${new Date(unixSeconds * 1000).toISOString().slice(0, 19)}Z`;
}
