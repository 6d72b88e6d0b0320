/** The 10-bit words of ST 291-1: parity, checksum, and how RFC 8331 packs them, most significant bit first. */

/** Words of an ANC data packet beside its user data: DID, SDID (or DBN), data count, checksum. */
export const FRAME_WORDS = 4;

/** Most user data words: the data count has 8 bits. */
export const MAX_USER_WORDS = 255;

/** 1 for each 10-bit word whose b8 is the even parity of b7..b0 and whose b9 is the inverse of b8. */
const PARITY_OK = new Uint8Array(1024);
for (let octet = 0; octet < 256; octet += 1) PARITY_OK[withParity(octet)] = 1;

/** The 10-bit word for 8 bits of data: b8 makes the parity even, b9 is its inverse. */
export function withParity(octet: number): number {
  let parity = octet ^ (octet >>> 4);
  parity ^= parity >>> 2;
  parity = (parity ^ (parity >>> 1)) & 1;
  return ((parity ^ 1) << 9) | (parity << 8) | octet;
}

/** True when b8 and b9 of a 10-bit word are what b7..b0 ask for. */
export function parityOk(word: number): boolean {
  return PARITY_OK[word] === 1;
}

/** True for the values that mark timing references and headers on SDI: 000-003 and 3FC-3FF. */
export function isForbidden(word: number): boolean {
  return word < 4 || word > 0x3fb;
}

/** The 10-bit word number `index` of those that start at the octet `off`; the caller has checked the length. */
export function wordAt(buf: Uint8Array, off: number, index: number): number {
  const bit = index * 10;
  const at = off + (bit >>> 3);
  return ((((buf[at] as number) << 8) | (buf[at + 1] as number)) >>> (6 - (bit & 7))) & 0x3ff;
}

/** Octets that `words` 10-bit words take after RFC 8331's word_align, which fills up to 32 bits. */
export function alignedOctets(words: number): number {
  return Math.ceil((words * 10) / 32) * 4;
}

/** Unpacks `count` words from `off` on into `out`; the caller has checked the length. */
export function unpackWords(buf: Uint8Array, off: number, count: number, out: Uint16Array): void {
  for (let index = 0; index < count; index += 1) out[index] = wordAt(buf, off, index);
}

/** Checksum word of `words[0, count)` from DID to the last user word: sum of 9 bits, b9 the inverse of b8. */
export function checksumWord(words: Uint16Array, count: number): number {
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += (words[index] as number) & 0x1ff;
  sum &= 0x1ff;
  return sum | ((~sum & 0x100) << 1);
}

/** True when the bits between the last of `words` words at `off` and the next 32-bit boundary are all 0. */
export function alignmentIsZero(buf: Uint8Array, off: number, words: number): boolean {
  const bits = words * 10;
  const end = off + alignedOctets(words);
  let at = off + (bits >>> 3);
  const used = bits & 7;
  if (used !== 0) {
    if (((buf[at] as number) & (0xff >>> used)) !== 0) return false;
    at += 1;
  }
  for (; at < end; at += 1) if (buf[at] !== 0) return false;
  return true;
}
