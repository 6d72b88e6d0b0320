import { u8, u16 } from "../bits/read.ts";

/** The IPv4 address at `off` in dotted decimal. */
export function formatIpv4(buf: Uint8Array, off: number): string {
  return `${u8(buf, off)}.${u8(buf, off + 1)}.${u8(buf, off + 2)}.${u8(buf, off + 3)}`;
}

/**
 * The IPv6 address at `off` as RFC 5952 has it: lower case, no leading zeros, the longest run of two or more zero
 * fields (the first of equals) as `::`, an IPv4-mapped address with its last four octets in dotted decimal.
 */
export function formatIpv6(buf: Uint8Array, off: number): string {
  if (isIpv4Mapped(buf, off)) return `::ffff:${formatIpv4(buf, off + 12)}`;
  let bestStart = -1;
  let bestLength = 1; // RFC 5952 4.2.2: a single zero field is not shortened.
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && u16(buf, off + (start + length) * 2) === 0) length++;
    if (length > bestLength) {
      bestStart = start;
      bestLength = length;
    }
  }
  const fields = (from: number, to: number): string => {
    const texts: string[] = [];
    for (let field = from; field < to; field++) texts.push(u16(buf, off + field * 2).toString(16));
    return texts.join(":");
  };
  if (bestStart < 0) return fields(0, 8);
  return `${fields(0, bestStart)}::${fields(bestStart + bestLength, 8)}`;
}

/** The address at `off` as text; `ipVersion` is 4 or 6. */
export function formatAddress(buf: Uint8Array, off: number, ipVersion: number): string {
  return ipVersion === 6 ? formatIpv6(buf, off) : formatIpv4(buf, off);
}

/** ::ffff:0:0/96 (RFC 4291 2.5.5.2). */
function isIpv4Mapped(buf: Uint8Array, off: number): boolean {
  for (let i = 0; i < 10; i++) if (u8(buf, off + i) !== 0) return false;
  return u16(buf, off + 10) === 0xffff;
}

/** True for 224.0.0.0/4 (RFC 5771) and ff00::/8 (RFC 4291 2.7). */
export function isMulticast(buf: Uint8Array, off: number, ipVersion: number): boolean {
  return ipVersion === 6 ? u8(buf, off) === 0xff : u8(buf, off) >>> 4 === 0xe;
}

/**
 * The octets of an address in text, 4 or 16 of them, or null when it is none. IPv4 is four decimal numbers without
 * leading zeros, which other programs read as octal. IPv6 is any form of RFC 4291 2.2, without a zone and brackets.
 */
export function parseAddress(text: string): Uint8Array | null {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  const octets = new Uint8Array(4);
  for (const [i, part] of parts.entries()) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    octets[i] = Number(part);
  }
  return octets;
}

function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = parseFields(halves[0] as string, halves.length === 1);
  if (head === null) return null;
  const octets = new Uint8Array(16);
  if (halves.length === 1) {
    if (head.length !== 16) return null;
    octets.set(head);
    return octets;
  }
  const tail = parseFields(halves[1] as string, true);
  // `::` stands for at least one field of zeros.
  if (tail === null || head.length + tail.length > 14) return null;
  octets.set(head);
  octets.set(tail, 16 - tail.length);
  return octets;
}

/** Octets of `a:b:c`, or none for an empty text. Only the end of an address may be dotted decimal. */
function parseFields(text: string, end: boolean): number[] | null {
  if (text === "") return [];
  const fields = text.split(":");
  const octets: number[] = [];
  for (const [i, field] of fields.entries()) {
    if (end && i === fields.length - 1 && field.includes(".")) {
      const dotted = parseIpv4(field);
      if (dotted === null) return null;
      octets.push(...dotted);
    } else if (/^[0-9a-f]{1,4}$/i.test(field)) {
      const value = Number.parseInt(field, 16);
      octets.push(value >>> 8, value & 0xff);
    } else {
      return null;
    }
  }
  return octets;
}
