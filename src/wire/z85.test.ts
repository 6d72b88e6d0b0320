import { expect, test } from "bun:test";
import fc from "fast-check";
import { decodeZ85, encodeZ85, isKey } from "./z85.ts";

test("the example of ZeroMQ RFC 32", () => {
  const octets = new Uint8Array([0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b]);
  expect(encodeZ85(octets)).toBe("HelloWorld");
  expect(decodeZ85("HelloWorld")).toEqual(octets);
});

test("what is no Z85 is null", () => {
  for (const text of ["Hello Worl", "Hell", "~~~~~", "#####", "HelloWorld1"]) {
    expect(decodeZ85(text)).toBeNull();
  }
  expect(isKey("Hello".repeat(8))).toBe(true);
  expect(isKey("Hello".repeat(7))).toBe(false);
  expect(isKey("#".repeat(40))).toBe(false);
});

test("octets come back, and any text is octets or null", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (octets) => {
      const text = encodeZ85(octets);
      expect(isKey(text)).toBe(true);
      expect(decodeZ85(text)).toEqual(octets);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      const octets = decodeZ85(text);
      if (octets !== null) expect(encodeZ85(octets)).toBe(text);
    }),
  );
});
