import { withParity } from "./words.ts";

/** What an ANC data packet of a test is made of; words are right unless something else is said. */
export interface TestAnc {
  readonly did: number;
  readonly sdid: number;
  /** User data, 8 bits each; parity is added. */
  readonly data?: readonly number[];
  readonly line?: number;
  readonly offset?: number;
  readonly c?: number;
  /** S and StreamNum. */
  readonly stream?: number;
  /** Changes words before the checksum is made: DID, SDID, data count, user words. */
  readonly words?: (words: number[]) => void;
  /** XORed into the checksum word. */
  readonly checksumFault?: number;
  /** Fills up to 32 bits with ones. */
  readonly dirtyAlign?: boolean;
}

/** What an RTP packet of a test is made of. */
export interface TestRtp {
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly field?: number;
  readonly anc?: readonly TestAnc[];
  readonly reserved?: number;
  readonly ssrc?: number;
  /** Added to what the header fields should be. */
  readonly lengthFault?: number;
  readonly countFault?: number;
  readonly extendedFault?: number;
}

/** Octets of one ANC data packet, RFC 8331 2.1. */
function ancPacket(anc: TestAnc): number[] {
  const data = anc.data ?? [];
  const words = [anc.did, anc.sdid, data.length, ...data].map(withParity);
  anc.words?.(words);
  let sum = 0;
  for (const word of words) sum += word & 0x1ff;
  sum &= 0x1ff;
  words.push((sum | ((~sum & 0x100) << 1)) ^ (anc.checksumFault ?? 0));
  let bits = words.map((word) => word.toString(2).padStart(10, "0")).join("");
  bits = bits.padEnd(Math.ceil(bits.length / 32) * 32, anc.dirtyAlign ? "1" : "0");
  const head =
    ((((anc.c ?? 0) << 31) | ((anc.line ?? 9) << 20) | ((anc.offset ?? 0) << 8) | (anc.stream ?? 0)) >>> 0) +
    0;
  return [...be(head, 4), ...(bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2))];
}

/** `value` as `octets` octets, most significant first. */
function be(value: number, octets: number): number[] {
  return Array.from({ length: octets }, (_, index) => Math.floor(value / 256 ** (octets - 1 - index)) % 256);
}

/** The fixed RTP header. */
export function rtpHeader(sequence: number, timestamp: number, marker: boolean, ssrc = 1): number[] {
  return [0x80, (marker ? 0x80 : 0) | 100, ...be(sequence % 65536, 2), ...be(timestamp, 4), ...be(ssrc, 4)];
}

/** A whole RTP packet of ST 2110-40. `sequence` may have 32 bits: the high ones are the extended number. */
export function ancRtp(it: TestRtp): Uint8Array<ArrayBuffer> {
  const anc = it.anc ?? [];
  const data = anc.flatMap(ancPacket);
  const extended = (Math.floor(it.sequence / 65536) + (it.extendedFault ?? 0)) & 0xffff;
  return Uint8Array.from([
    ...rtpHeader(it.sequence, it.timestamp, it.marker, it.ssrc),
    ...be(extended, 2),
    ...be(data.length + (it.lengthFault ?? 0), 2),
    anc.length + (it.countFault ?? 0),
    ...be((it.field ?? 0) * 2 ** 22 + (it.reserved ?? 0), 3),
    ...data,
  ]);
}
