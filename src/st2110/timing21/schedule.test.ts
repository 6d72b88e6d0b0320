import { describe, expect, test } from "bun:test";
import { rational, toNumber } from "./rational.ts";
import { type Scan, scheduleOf } from "./schedule.ts";

/** Format, NP, packets/s, TRS gapped ns, TRO us, VRXFULL N and W, CMAX N, NL and W; 10-bit 4:2:2, 1200 octets a packet. */
const TABLE: [
  string,
  number,
  Scan,
  [number, number],
  number,
  number,
  number,
  number,
  number[],
  (number | null)[],
][] = [
  ["1080i25", 1080, "interlaced", [25, 1], 4320, 108_000, 8889, 782.2, [8, 720], [4, 4, 16]],
  ["1080i29.97", 1080, "interlaced", [30_000, 1001], 4320, 129_471, 7415, 652.5, [8, 720], [4, 4, 16]],
  ["1080p50", 1080, "progressive", [50, 1], 4320, 216_000, 4444, 764.4, [8, 720], [5, 5, 16]],
  ["1080p59.94", 1080, "progressive", [60_000, 1001], 4320, 258_941, 3707, 637.7, [9, 863], [6, 5, 16]],
  ["2160p50", 2160, "progressive", [50, 1], 17_280, 864_000, 1111, 764.4, [32, 2880], [20, 20, 40]],
  [
    "2160p59.94",
    2160,
    "progressive",
    [60_000, 1001],
    17_280,
    1_035_764,
    927,
    637.7,
    [38, 3452],
    [24, 23, null],
  ],
];

describe("ST 2110-21 schedule and limits", () => {
  for (const [name, height, scan, [num, den], packets, perSecond, stepNs, offsetUs, vrx, cmax] of TABLE) {
    test(name, () => {
      const schedule = scheduleOf({ height, scan, rate: rational(num, den), packets });
      expect(Math.round((packets * num) / den)).toBe(perSecond);
      expect(Math.round(toNumber(schedule.gappedStep))).toBe(stepNs);
      expect(Math.round(toNumber(schedule.offset) / 100) / 10).toBe(offsetUs);
      expect(schedule.narrow.vrxFull).toBe(vrx[0] as number);
      expect(schedule.narrowLinear.vrxFull).toBe(vrx[0] as number);
      expect(schedule.narrow.cinstMax).toBe(cmax[0] as number);
      expect(schedule.narrowLinear.cinstMax).toBe(cmax[1] as number);
      expect(schedule.wideAllowed ? schedule.wide.cinstMax : null).toBe(cmax[2] as number | null);
      expect(schedule.wide.vrxFull).toBe(vrx[1] as number);
    });
  }

  test("smaller rasters, a signalled TROFFSET and extended UDP", () => {
    const p720 = scheduleOf({ height: 720, scan: "progressive", rate: rational(50), packets: 1920 });
    expect(toNumber(p720.offset)).toBeCloseTo((28 / 750) * 20e6, 6);
    const i576 = scheduleOf({ height: 576, scan: "interlaced", rate: rational(25), packets: 864 });
    expect(toNumber(i576.offset)).toBeCloseTo((26 / 625) * 40e6, 6);
    expect(toNumber(i576.gappedStep)).toBeCloseTo((40e6 * 576) / 625 / 864, 6);
    const i487 = scheduleOf({ height: 487, scan: "psf", rate: rational(30_000, 1001), packets: 700 });
    expect(toNumber(i487.offset)).toBeCloseTo(((20 / 525) * 1001e9) / 30_000, 4);
    const jumbo = scheduleOf({
      height: 1080,
      scan: "progressive",
      rate: rational(25),
      packets: 600,
      offset: rational(5000),
      maxUdpOctets: 9000,
    });
    expect(jumbo.offset).toEqual(rational(5000));
    expect(jumbo.narrow.vrxFull).toBe(1);
    expect(jumbo.wide.vrxFull).toBe(120);
  });
});
