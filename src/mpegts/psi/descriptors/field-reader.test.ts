import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FieldReader } from "./field-reader.ts";

const reader = (...octets: number[]): FieldReader =>
  new FieldReader(Uint8Array.from(octets), 0, octets.length);

describe("fields of a structure, bit by bit", () => {
  test("numbers of 1 to 53 bits, most significant first", () => {
    const r = reader(0b1010_0101, 0xff, 0x00, 0x12, 0x34, 0x56, 0x78, 0x9a);
    expect([r.bits(1), r.bits(3), r.bits(4)]).toEqual([1, 0b010, 0b0101]);
    expect(r.bits(12)).toBe(0xff0);
    expect(r.bits(4)).toBe(0);
    expect(r.bits(40)).toBe(0x123456789a);
    expect([r.left, r.short]).toEqual([0, false]);
  });

  test("33 bits do not wrap", () => {
    const r = reader(0x01, 0xff, 0xff, 0xff, 0xff);
    r.skipBits(7);
    expect(r.bits(33)).toBe(2 ** 33 - 1);
  });

  test("a field that is not there is 0 and says so", () => {
    const r = reader(0xff);
    expect(r.bits(9)).toBe(0);
    expect([r.short, r.left]).toEqual([true, 0]);
    const skipped = reader(0xff);
    skipped.skipBits(9);
    expect(skipped.short).toBe(true);
  });

  test("decimal digits", () => {
    expect(reader(0x12, 0x34).bcd(4)).toBe(1234);
    expect(reader(0x1a, 0x34).bcd(4)).toBeNull();
  });

  test("text shows what is not printable as a dot", () => {
    expect(reader(0x41, 0x1b, 0x7f, 0x80, 0x7e).ascii(5)).toBe("A...~");
  });

  test("a nested reader has its own end, within that of the outer one", () => {
    const r = reader(0x01, 0x02, 0x03);
    const inner = r.sub(2);
    expect(inner.u8()).toBe(0x01);
    expect(inner.u16()).toBe(0);
    expect([inner.short, r.short, r.left]).toEqual([true, false, 1]);
    r.noteShort(inner);
    expect(r.short).toBe(true);
  });

  test("times: an item that is not there ends the loop and is missing", () => {
    const r = reader(1, 2, 3);
    expect(r.times(2, 1, () => r.u8())).toEqual([1, 2]);
    expect(r.short).toBe(false);
    expect(r.times(5, 1, () => r.u8())).toEqual([3]);
    expect(r.short).toBe(true);
  });

  test("loop: as many as there are; a part of one is missing", () => {
    const whole = reader(1, 2, 3, 4);
    expect(whole.loop(2, () => whole.u16())).toEqual([0x0102, 0x0304]);
    expect(whole.short).toBe(false);
    const part = reader(1, 2, 3);
    expect(part.loop(2, () => part.u16())).toEqual([0x0102]);
    expect(part.short).toBe(true);
  });

  test("as many bits as a BigInt of the octets says, at any place", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 16 }),
        fc.array(fc.integer({ min: 1, max: 53 }), { maxLength: 8 }),
        (octets, sizes) => {
          const r = new FieldReader(octets, 0, octets.length);
          const whole = BigInt(`0x${Buffer.from(octets).toString("hex")}`);
          let at = 0;
          for (const size of sizes) {
            at += size;
            const shift = octets.length * 8 - at;
            if (shift < 0) {
              expect(r.bits(size)).toBe(0);
              expect(r.short).toBe(true);
              return;
            }
            expect(r.bits(size)).toBe(Number((whole >> BigInt(shift)) & ((1n << BigInt(size)) - 1n)));
          }
        },
      ),
    );
  });
});
