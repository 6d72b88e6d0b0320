/** Decimal numbers written as text into a buffer, without a string in between. */

const ZERO = 0x30;

/** Most digits of a whole number that a float64 holds exactly. */
export const INTEGER_MAX_DIGITS = 16;

/** Writes the whole number `value` (0 to 2^53 - 1) at `off`; the offset after it. */
export function putInteger(buf: Uint8Array, off: number, value: number): number {
  let digits = 1;
  for (let limit = 10; limit <= value && digits < INTEGER_MAX_DIGITS; limit *= 10) digits++;
  return putDigits(buf, off, value, digits);
}

/** Writes the last `digits` decimal digits of `value` at `off`, with leading zeros; the offset after it. */
export function putDigits(buf: Uint8Array, off: number, value: number, digits: number): number {
  let rest = value;
  for (let at = off + digits - 1; at >= off; at--) {
    const next = Math.floor(rest / 10);
    buf[at] = ZERO + (rest - next * 10);
    rest = next;
  }
  return off + digits;
}

/** Copies `text` to `off`; the offset after it. */
export function putBytes(buf: Uint8Array, off: number, text: Uint8Array): number {
  buf.set(text, off);
  return off + text.length;
}
