import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { bcd2, dvbDurationSeconds, dvbMinutes, dvbUtcTime } from "./dvb-time.ts";

const time = (...octets: number[]): string | null => dvbUtcTime(Uint8Array.from(octets), 0);
const bcd = (value: number): number => Math.floor(value / 10) * 16 + (value % 10);

describe("EN 300 468 annex C: times", () => {
  test("5.2.5: 93/10/13 12:45:00 is 0xC079124500", () => {
    expect(time(0xc0, 0x79, 0x12, 0x45, 0x00)).toBe("1993-10-13T12:45:00Z");
  });

  test("5.2.4: 01:45:30 is 0x014530", () => {
    expect(dvbDurationSeconds(Uint8Array.of(0x01, 0x45, 0x30), 0)).toBe(6330);
  });

  test("all ones is no time", () => {
    expect(time(0xff, 0xff, 0xff, 0xff, 0xff)).toBeNull();
  });

  test("what is no decimal digit or no time of a day, is null", () => {
    expect(time(0xc0, 0x79, 0x24, 0x00, 0x00)).toBeNull();
    expect(time(0xc0, 0x79, 0x12, 0x60, 0x00)).toBeNull();
    expect(time(0xc0, 0x79, 0x12, 0x00, 0x60)).toBeNull();
    expect(time(0xc0, 0x79, 0x1a, 0x00, 0x00)).toBeNull();
    expect(dvbDurationSeconds(Uint8Array.of(0x99, 0x59, 0x59), 0)).toBe(99 * 3600 + 3599);
    expect(dvbDurationSeconds(Uint8Array.of(0x01, 0xa0, 0x00), 0)).toBeNull();
    expect(dvbMinutes(Uint8Array.of(0x02, 0x30), 0)).toBe(150);
    expect(dvbMinutes(Uint8Array.of(0x02, 0x6f), 0)).toBeNull();
    expect(bcd2(0x99)).toBe(99);
    expect(bcd2(0x9a)).toBe(-1);
  });

  test("dates of the whole range: 1858-11-17 to 2038-04-22", () => {
    expect(dvbUtcTime(Uint8Array.of(0, 0, 0, 0, 0), 0)).toBe("1858-11-17T00:00:00Z");
    expect(dvbUtcTime(Uint8Array.of(0xff, 0xff, 0, 0, 0), 0)).toBe("2038-04-22T00:00:00Z");
  });

  test("any second comes back as it went in", () => {
    fc.assert(
      fc.property(fc.nat({ max: 65_534 }), fc.nat({ max: 86_399 }), (mjd, second) => {
        const clock = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60].map(bcd);
        const read = time(mjd >> 8, mjd & 0xff, ...clock);
        expect(Date.parse(String(read)) / 1000).toBe((mjd - 40_587) * 86_400 + second);
      }),
    );
  });
});
