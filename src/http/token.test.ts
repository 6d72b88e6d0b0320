import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { TokenCheck } from "./token.ts";

describe("bearer token", () => {
  test("is taken as RFC 6750 has it", () => {
    const check = new TokenCheck("0123456789abcdef");
    expect(check.accepts("Bearer 0123456789abcdef")).toBe(true);
    expect(check.accepts("bearer  0123456789abcdef ")).toBe(true);
    for (const wrong of [null, "", "Bearer", "Bearer ", "Basic 0123456789abcdef", "0123456789abcdef"]) {
      expect(check.accepts(wrong)).toBe(false);
    }
    expect(check.accepts("Bearer 0123456789abcdef, Bearer x")).toBe(false);
  });

  test("nothing else is", () => {
    const check = new TokenCheck("0123456789abcdef");
    fc.assert(fc.property(fc.string(), (text) => !check.accepts(text) && !check.accepts(`Bearer ${text}`)));
  });

  test("without one everybody may read", () => {
    expect(new TokenCheck("").accepts(null)).toBe(true);
    expect(new TokenCheck("").accepts("Bearer x")).toBe(true);
  });
});
