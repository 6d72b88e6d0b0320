import { describe, expect, test } from "bun:test";
import { profileLimits } from "./limits.ts";
import { Moment } from "./moment.ts";
import { SectionPace } from "./section-pace.ts";

const MS = 1e6;

/** For a stream that has run for a second at so many bits per second. */
function paceOf(bps = 40e6): SectionPace {
  const moment = new Moment();
  const pace = new SectionPace(profileLimits("dvb"), moment);
  moment.start(0);
  pace.restart();
  moment.packet += bps / 1504;
  moment.nowNs = 1e9;
  pace.isTooSoon(0x72, 0, 0, 0);
  return pace;
}

describe("EN 300 468 5.1.4: 25 ms between sections", () => {
  test("from the last octet of one to the first of the next, to 1 us", () => {
    const pace = paceOf();
    expect(pace.isTooSoon(0x50, 1, 0, 100 * MS)).toBe(false);
    // From end to end it is 30 ms.
    expect(pace.isTooSoon(0x50, 1, 102 * MS, 130 * MS)).toBe(true);
    expect(pace.isTooSoon(0x50, 1, 155 * MS, 170 * MS)).toBe(false);
    expect(pace.isTooSoon(0x50, 1, 195 * MS - 1000, 200 * MS)).toBe(false);
    expect(pace.isTooSoon(0x50, 1, 225 * MS - 1001, 230 * MS)).toBe(true);
    expect(pace.isTooSoon(0x50, 1, 230 * MS, 230 * MS)).toBe(true);
  });

  test("of the same table_id and table_id_extension, whatever else tells sub-tables apart", () => {
    const pace = paceOf();
    const key = (discriminator: number, current: number, extension: number) =>
      discriminator * 2 ** 17 + current * 2 ** 16 + extension;
    expect(pace.isTooSoon(0x4f, key(0x10001, 1, 5), 0, 0)).toBe(false);
    expect(pace.isTooSoon(0x4f, key(0x10001, 1, 6), 1, 1)).toBe(false);
    expect(pace.isTooSoon(0x4e, key(0x10001, 1, 5), 2, 2)).toBe(false);
    expect(pace.isTooSoon(0x4f, key(0x20001, 1, 5), 3, 3)).toBe(true);
    expect(pace.isTooSoon(0x4f, key(0xffffffff, 0, 5), 4, 4)).toBe(true);
  });

  test("in streams of up to 100 Mbit/s, once that is known", () => {
    for (const [bps, expected] of [
      [100e6, true],
      [100.1e6, false],
    ] as const) {
      const pace = paceOf(bps);
      expect([0, 1, 2].map((ns) => pace.isTooSoon(0x40, 1, ns, ns))).toEqual([false, expected, expected]);
    }
    const early = new SectionPace(profileLimits("dvb"), new Moment());
    expect([0, 1, 2].map((ns) => early.isTooSoon(0x40, 1, ns, ns))).toEqual([false, false, false]);
  });

  test("not where time went back or is not known, and not the tables of A/65", () => {
    const pace = paceOf();
    expect(pace.isTooSoon(0x40, 1, 100, 100)).toBe(false);
    expect(pace.isTooSoon(0x40, 1, 99, 99)).toBe(false);
    expect(pace.isTooSoon(0x40, 1, Number.NaN, Number.NaN)).toBe(false);
    expect(pace.isTooSoon(0x40, 1, 100, 100)).toBe(false);
    expect(pace.isTooSoon(0x40, 1, 100, 100)).toBe(true);
    pace.restart();
    expect(pace.isTooSoon(0x40, 1, 100, 100)).toBe(false);
    for (let i = 0; i < 2; i += 1) expect(pace.isTooSoon(0xc7, 0, 0, 0)).toBe(false);
  });
});
