import { expect, test } from "bun:test";
import fc from "fast-check";
import { crc32Mpeg2 } from "./crc32.ts";

const ascii = (text: string) => new TextEncoder().encode(text);

/** Bit by bit, straight from ISO/IEC 13818-1 annex A: the model that the tables are held against. */
function bitwise(octets: Uint8Array): number {
  let crc = 0xffffffff;
  for (const octet of octets) {
    for (let bit = 7; bit >= 0; bit--) {
      const feedback = ((crc >>> 31) ^ (octet >>> bit)) & 1;
      crc = (crc << 1) ^ (feedback ? 0x04c11db7 : 0);
    }
  }
  return crc >>> 0;
}

test("the check value of CRC-32/MPEG-2 is 0x0376e6e7", () => {
  expect(crc32Mpeg2(ascii("123456789"), 0, 9)).toBe(0x0376e6e7);
});

test("no octets give the start value", () => {
  expect(crc32Mpeg2(new Uint8Array(0), 0, 0)).toBe(0xffffffff);
});

test("13818-1 annex A: a PAT section with its CRC_32 gives zero, and one flipped bit does not", () => {
  // transport_stream_id 1, version 0, program 1 on PID 0x1000: the PAT that FFmpeg's muxer writes.
  const pat = Uint8Array.from([
    0x00, 0xb0, 0x0d, 0x00, 0x01, 0xc1, 0x00, 0x00, 0x00, 0x01, 0xf0, 0x00, 0x2a, 0xb1, 0x04, 0xb2,
  ]);
  expect(crc32Mpeg2(pat, 0, pat.length)).toBe(0);
  for (let bit = 0; bit < pat.length * 8; bit++) {
    const damaged = pat.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(crc32Mpeg2(damaged, 0, damaged.length)).not.toBe(0);
  }
});

test("agrees with the bit-by-bit model at any offset and length, in one piece or two", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), fc.nat(), fc.nat(), (octets, a, b, c) => {
      const off = a % (octets.length + 1);
      const len = b % (octets.length - off + 1);
      const cut = c % (len + 1);
      const whole = crc32Mpeg2(octets, off, len);
      expect(whole).toBe(bitwise(octets.subarray(off, off + len)));
      expect(crc32Mpeg2(octets, off + cut, len - cut, crc32Mpeg2(octets, off, cut))).toBe(whole);
    }),
  );
});
