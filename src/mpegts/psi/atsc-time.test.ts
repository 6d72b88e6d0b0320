import { describe, expect, test } from "bun:test";
import { atscUtcTime, gpsUtcOffsetSeconds } from "./atsc-time.ts";

describe("A/65 6.1: GPS seconds", () => {
  test("count from 1980-01-06", () => {
    expect(atscUtcTime(0)).toBe("1980-01-06T00:00:00Z");
    expect(atscUtcTime(86_400, 0)).toBe("1980-01-07T00:00:00Z");
  });

  test("the offset of the stream goes before the known one", () => {
    expect(atscUtcTime(1_400_000_000, 18)).toBe(atscUtcTime(1_400_000_000));
    expect(atscUtcTime(1_400_000_000, 17)).toBe("2024-05-17T16:53:03Z");
  });

  test("each leap second makes UTC fall behind by one", () => {
    // 2016-12-31T23:59:59Z was GPS second 1167264016, and 2017-01-01T00:00:00Z was 1167264018.
    expect(gpsUtcOffsetSeconds(1_167_264_016)).toBe(17);
    expect(atscUtcTime(1_167_264_016)).toBe("2016-12-31T23:59:59Z");
    expect(gpsUtcOffsetSeconds(1_167_264_018)).toBe(18);
    expect(atscUtcTime(1_167_264_018)).toBe("2017-01-01T00:00:00Z");
    expect(gpsUtcOffsetSeconds(46_828_799)).toBe(0);
    expect(gpsUtcOffsetSeconds(46_828_801)).toBe(1);
  });

  test("the whole range of 32 bits is a time", () => {
    expect(atscUtcTime(2 ** 32 - 1, 255)).toMatch(/^2116-/);
  });
});
