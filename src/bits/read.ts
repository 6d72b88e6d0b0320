/**
 * Big-endian (network order) reads by offset.
 *
 * The caller has checked that the octets exist: these helpers do not look at the length, so that they
 * inline to a load. The casts only tell the compiler what that check has proved.
 */

/** One octet at `off`. */
export function u8(buf: Uint8Array, off: number): number {
  return buf[off] as number;
}

/** Unsigned 16 bits, big-endian. */
export function u16(buf: Uint8Array, off: number): number {
  return ((buf[off] as number) << 8) | (buf[off + 1] as number);
}

/** Unsigned 24 bits, big-endian. */
export function u24(buf: Uint8Array, off: number): number {
  return ((buf[off] as number) << 16) | ((buf[off + 1] as number) << 8) | (buf[off + 2] as number);
}

/** Unsigned 32 bits, big-endian, as a number of 0 to 4294967295. */
export function u32(buf: Uint8Array, off: number): number {
  return (
    (((buf[off] as number) << 24) |
      ((buf[off + 1] as number) << 16) |
      ((buf[off + 2] as number) << 8) |
      (buf[off + 3] as number)) >>>
    0
  );
}

/** Unsigned 16 bits, little-endian (savefile headers, kernel structures). */
export function u16le(buf: Uint8Array, off: number): number {
  return (buf[off] as number) | ((buf[off + 1] as number) << 8);
}

/** Unsigned 32 bits, little-endian, as a number of 0 to 4294967295. */
export function u32le(buf: Uint8Array, off: number): number {
  return (
    ((buf[off] as number) |
      ((buf[off + 1] as number) << 8) |
      ((buf[off + 2] as number) << 16) |
      ((buf[off + 3] as number) << 24)) >>>
    0
  );
}
