import { expect, test } from "bun:test";
import fc from "fast-check";
import { BitReader } from "./bit-reader.ts";

test("reads fields across octets, most significant bit first", () => {
  const reader = new BitReader(Uint8Array.from([0b10110011, 0b01010101, 0xff, 0x00, 0x80]));
  expect(reader.bits(1)).toBe(1);
  expect(reader.bits(3)).toBe(0b011);
  expect(reader.bits(8)).toBe(0b00110101);
  expect(reader.position).toBe(12);
  expect(reader.bits(0)).toBe(0);
  expect(reader.bits(28)).toBe(0x5ff0080);
  expect(reader.bitsLeft).toBe(0);
  expect(reader.overrun).toBe(false);
});

test("32 bits with the top bit set are a positive number", () => {
  expect(new BitReader(Uint8Array.from([0xff, 0xff, 0xff, 0xfe])).bits(32)).toBe(0xfffffffe);
});

test("past the end: zero, the flag, and nothing after it", () => {
  const reader = new BitReader(Uint8Array.from([0xff, 0xff]), 1, 1);
  expect(reader.bits(9)).toBe(0);
  expect(reader.overrun).toBe(true);
  expect(reader.bits(1)).toBe(0);
  expect(reader.bitsLeft).toBe(0);
});

test("a part that lies outside the buffer is cut, and reset clears the flag", () => {
  const octets = Uint8Array.from([0x12, 0x34]);
  const reader = new BitReader(octets, 1, 100);
  expect(reader.bitsLeft).toBe(8);
  expect(reader.skip(-1)).toBe(false);
  reader.reset(octets, 7, 2);
  expect(reader.overrun).toBe(false);
  expect(reader.bitsLeft).toBe(0);
  reader.reset(octets, 0, 2);
  expect(reader.bits(16)).toBe(0x1234);
});

test("any widths: the fields put together are the octets again", () => {
  const widths = fc.array(fc.integer({ min: 0, max: 32 }), { maxLength: 40 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), widths, (octets, ns) => {
      const all = Array.from(octets, (octet) => octet.toString(2).padStart(8, "0")).join("");
      const reader = new BitReader(octets);
      let at = 0;
      for (const n of ns) {
        const value = reader.bits(n);
        if (at + n > all.length) {
          expect(value).toBe(0);
          expect(reader.overrun).toBe(true);
          return;
        }
        expect(value).toBe(n === 0 ? 0 : Number.parseInt(all.slice(at, at + n), 2));
        at += n;
        expect(reader.position).toBe(at);
        expect(reader.bitsLeft).toBe(all.length - at);
      }
    }),
  );
});
