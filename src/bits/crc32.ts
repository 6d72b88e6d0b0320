/**
 * CRC-32/MPEG-2 (ISO/IEC 13818-1 annex A): polynomial 0x04C11DB7, start value 0xFFFFFFFF, most significant
 * bit first, nothing inverted at the end. Sliced by eight: eight octets a step through eight tables.
 */
const POLYNOMIAL = 0x04c11db7;

/** Eight tables of 256: table k holds the remainder of an octet followed by k zero octets. */
const TABLES = makeTables();

function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let octet = 0; octet < 256; octet++) {
    let remainder = octet << 24;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder << 1) ^ (remainder < 0 ? POLYNOMIAL : 0);
    tables[octet] = remainder;
  }
  for (let i = 256; i < tables.length; i++) {
    const shorter = tables[i - 256] as number;
    tables[i] = (shorter << 8) ^ (tables[shorter >>> 24] as number);
  }
  return tables;
}

/**
 * CRC-32/MPEG-2 of `buf[off, off + len)`, as a number of 0 to 4294967295. Over a whole PSI section, its
 * CRC_32 field included, the result is 0 when the section is intact. `seed` is the result so far when the
 * octets come in pieces. The caller has checked that the octets exist.
 */
export function crc32Mpeg2(buf: Uint8Array, off: number, len: number, seed = 0xffffffff): number {
  const t = TABLES;
  let crc = seed | 0;
  let i = off;
  const end = off + len;
  for (const last = end - 8; i <= last; i += 8) {
    // The octets stand in order: 24-bit shifts first, as the first octet is the most significant.
    crc =
      (t[1792 + ((buf[i] as number) ^ (crc >>> 24))] as number) ^
      (t[1536 + ((buf[i + 1] as number) ^ ((crc >>> 16) & 0xff))] as number) ^
      (t[1280 + ((buf[i + 2] as number) ^ ((crc >>> 8) & 0xff))] as number) ^
      (t[1024 + ((buf[i + 3] as number) ^ (crc & 0xff))] as number) ^
      (t[768 + (buf[i + 4] as number)] as number) ^
      (t[512 + (buf[i + 5] as number)] as number) ^
      (t[256 + (buf[i + 6] as number)] as number) ^
      (t[buf[i + 7] as number] as number);
  }
  for (; i < end; i++) crc = (crc << 8) ^ (t[(crc >>> 24) ^ (buf[i] as number)] as number);
  return crc >>> 0;
}
