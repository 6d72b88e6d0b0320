/**
 * A look at descriptors by offset, for what the monitor itself needs of them (PIDs, codecs, languages)
 * without a decoded copy. ISO/IEC 13818-1 2.6: descriptor_tag, descriptor_length, content.
 */

/**
 * Offset of the first descriptor at or after `at` (the offset of a descriptor) that lies whole in
 * `buf[at, end)`; -1 where there is none. Its length is at offset + 1, its content from offset + 2.
 */
export function descriptorAt(buf: Uint8Array, at: number, end: number): number {
  return at + 2 <= end && at + 2 + (buf[at + 1] as number) <= end ? at : -1;
}

/** Offset of the first descriptor with `tag` and at least `least` octets of content in `buf[at, end)`, or -1. */
export function findDescriptor(buf: Uint8Array, at: number, end: number, tag: number, least = 0): number {
  let next = descriptorAt(buf, at, end);
  while (next >= 0) {
    const length = buf[next + 1] as number;
    if (buf[next] === tag && length >= least) return next;
    next = descriptorAt(buf, next + 2 + length, end);
  }
  return -1;
}
