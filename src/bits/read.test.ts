import { expect, test } from "bun:test";
import fc from "fast-check";
import { u8, u16, u16le, u24, u32, u32le } from "./read.ts";

test("each read agrees with DataView, at any offset", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 40 }), fc.nat(), (buf, n) => {
      const off = n % (buf.length - 3);
      const view = new DataView(buf.buffer, buf.byteOffset, buf.length);
      expect(u8(buf, off)).toBe(view.getUint8(off));
      expect(u16(buf, off)).toBe(view.getUint16(off));
      expect(u24(buf, off)).toBe(view.getUint32(off) >>> 8);
      expect(u32(buf, off)).toBe(view.getUint32(off));
      expect(u16le(buf, off)).toBe(view.getUint16(off, true));
      expect(u32le(buf, off)).toBe(view.getUint32(off, true));
    }),
  );
});
