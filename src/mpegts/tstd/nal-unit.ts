/** Reading NAL units of AVC and HEVC. Not for the hot path. */
import { BitReader } from "../../bits/bit-reader.ts";

/** NAL unit `buf[from, end)` without its emulation prevention octets (ITU-T H.264 7.3.1, H.265 7.3.1.1). */
export function rbsp(buf: Uint8Array, from: number, end: number): BitReader {
  const plain = new Uint8Array(Math.max(0, end - from));
  let length = 0;
  let zeros = 0;
  for (let at = from; at < end; at += 1) {
    const octet = buf[at] as number;
    if (zeros >= 2 && octet === 3) {
      zeros = 0;
      continue;
    }
    zeros = octet === 0 ? zeros + 1 : 0;
    plain[length] = octet;
    length += 1;
  }
  return new BitReader(plain, 0, length);
}

/** ue(v), ITU-T H.264 9.1. */
export function ue(reader: BitReader): number {
  let zeros = 0;
  while (zeros < 32 && !reader.overrun && reader.bits(1) === 0) zeros += 1;
  return 2 ** zeros - 1 + reader.bits(zeros);
}

/** se(v), ITU-T H.264 9.1.1. */
export function se(reader: BitReader): number {
  const value = ue(reader);
  return value % 2 === 1 ? (value + 1) / 2 : -value / 2;
}
