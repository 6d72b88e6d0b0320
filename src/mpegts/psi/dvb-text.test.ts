import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dvbText } from "./dvb-text.ts";

const text = (...octets: number[]): string => dvbText(Uint8Array.from(octets), 0, octets.length);
const ascii = (letters: string): number[] => [...Buffer.from(letters, "latin1")];

describe("EN 300 468 annex A: text", () => {
  test("table 00 is ISO/IEC 6937 with the euro sign", () => {
    expect(text(...ascii("Das Erste"))).toBe("Das Erste");
    expect(text(0xa4, 0x35)).toBe("€5");
    expect(text(0xe1, 0xf1, 0xfb, 0xe8, 0xd5)).toBe("ÆæßŁ♪");
    // ΩÆĐªĦ: the whole row 0xE0 is in its place.
    expect(text(0xe0, 0xe2, 0xe4, 0xef, 0xf0, 0xfe)).toBe("ΩĐĦŉĸŋ");
  });

  test("table 00: a mark stands before its letter", () => {
    expect(text(0xc8, 0x75)).toBe("ü");
    expect(text(...ascii("Caf"), 0xc2, 0x65)).toBe("Café");
    expect(text(0xcf, 0x63, 0xcb, 0x63, 0xca, 0x41, 0xcd, 0x6f, 0xce, 0x61)).toBe("čçÅőą");
  });

  test("table 00: a mark before a blank, a line end, another mark and the end stands alone", () => {
    expect(text(0xc2, 0x20)).toBe("´");
    expect(text(0xc1, 0x8a, 0x61)).toBe("`\na");
    expect(text(0xc2, 0xc8, 0x75)).toBe("´ü");
    expect(text(0x61, 0xc3)).toBe("a^");
  });

  test("table 00: positions without a character", () => {
    expect(text(0x61, 0xa6, 0xc0, 0xcc, 0xd8, 0xe5)).toBe("a\ufffd\ufffd\ufffd\ufffd\ufffd");
  });

  test("table A.3: ISO/IEC 8859-5 to -15 by the first octet", () => {
    expect(text(0x01, 0xbf, 0xe0, 0xd8, 0xd2, 0xd5, 0xe2)).toBe("Привет");
    expect(text(0x02, 0xc7)).toBe("ا");
    expect(text(0x03, 0xc1, 0xe2)).toBe("Αβ");
    expect(text(0x04, 0xe0)).toBe("א");
    expect(text(0x05, 0xd0, 0xfd)).toBe("Ğı");
    expect(text(0x06, 0xa1)).toBe("Ą");
    expect(text(0x07, 0xa1)).toBe("ก");
    expect(text(0x09, 0xe0)).toBe("ą");
    expect(text(0x0a, 0xa1)).toBe("Ḃ");
    expect(text(0x0b, 0xa4)).toBe("€");
  });

  test("table A.4: ISO/IEC 8859 by its part in two more octets", () => {
    expect(text(0x10, 0x00, 0x02, 0xe8, 0xb9)).toBe("čš");
    expect(text(0x10, 0x00, 0x01, 0xe9)).toBe("é");
  });

  test("ISO/IEC 10646, UTF-8, KS X 1001, GB 2312, Big5", () => {
    expect(text(0x11, 0x4e, 0x2d, 0x04, 0x16)).toBe("中Ж");
    expect(text(0x15, ...Buffer.from("日本語 é"))).toBe("日本語 é");
    expect(text(0x12, 0xc7, 0xd1, 0xb1, 0xdb)).toBe("한글");
    expect(text(0x13, 0xd6, 0xd0, 0xce, 0xc4)).toBe("中文");
    expect(text(0x14, 0xa4, 0xa4, 0xa4, 0xe5)).toBe("中文");
  });

  test("tables that are reserved show their number and the octets", () => {
    expect(text(0x08, 0x41)).toBe("[character table 0x08] 41");
    expect(text(0x10, 0x00, 0x0c, 0x41)).toBe("[character table 0x10] 41");
    expect(text(0x10, 0x00)).toBe("[character table 0x10] 00");
    expect(text(0x1f, 0x01, 0xff)).toBe("[character table 0x1f] 01ff");
  });

  test("A.1: CR/LF is a line feed, emphasis and other control codes leave no trace", () => {
    expect(text(0x41, 0x8a, 0x86, 0x42, 0x87, 0x9b, 0x00, 0x1b, 0x7f)).toBe("A\nB");
    expect(text(0x05, 0x86, 0x41, 0x87, 0x8a, 0x42, 0x93)).toBe("A\nB");
    expect(text(0x11, 0xe0, 0x86, 0x00, 0x41, 0xe0, 0x87, 0xe0, 0x8a, 0x00, 0x42)).toBe("A\nB");
    expect(text(0x15, ...Buffer.from("\ue086A\ue087\ue08aB\u0086\u008a\u001b"))).toBe("A\nB\n");
  });

  test("nothing for no octets, or only the choice of a table", () => {
    expect(text()).toBe("");
    expect(text(0x05)).toBe("");
    expect(text(0x15)).toBe("");
  });

  test("any octets: no exception, no control codes, no halves of characters, at most as long as they", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 255 }), fc.nat({ max: 10 }), (octets, before) => {
        const padded = new Uint8Array(before + octets.length + 5).fill(0x41);
        padded.set(octets, before);
        const read = dvbText(padded, before, octets.length);
        expect(read).toBe(dvbText(octets, 0, octets.length));
        expect(read).not.toMatch(/(?!\n)\p{Cc}/u);
        expect(read.isWellFormed()).toBe(true);
        expect(read.length).toBeLessThanOrEqual(24 + octets.length * 2);
      }),
    );
  });
});
