import { describe, expect, test } from "bun:test";
import type { PtpReport } from "../report/ptp-schema.ts";
import type { St2110Report } from "../report/st2110-schema.ts";
import { NO_WALL_CLOCK } from "../report/time.ts";
import { alignmentOf, notPtpTime, ptpOffsetSeconds } from "./reference-clock.ts";

const UTC = "capture in UTC, PTP in TAI";
const TAI = "capture in PTP time";

/** Just the parts that are looked at. */
const ptp = (...timescales: string[]) =>
  ({ domains: timescales.map((timescale) => ({ timescale })) }) as unknown as PtpReport;
const video = (taiOffsetSeconds: number | null) =>
  ({ video: { timing: { timestamps: { taiOffsetSeconds }, latencyNs: { mean: 5 } } } }) as St2110Report;
const audio = (alignment: string) =>
  ({ audio: { timing: { clock: { alignment, delta: { meanNs: 7 } } } } }) as St2110Report;
const ancillary = (clock: string) => ({ ancillary: { clock, latencyNs: { mean: 9 } } }) as St2110Report;

describe("how RTP timestamps stand to the capture's clock", () => {
  const cases: [St2110Report, number | null | undefined, number | null | undefined][] = [
    [video(37), 37, 5],
    [video(0), 0, 5],
    [video(null), null, 5],
    [audio("utc"), 37, 7],
    [audio("tai"), 0, 7],
    [audio("free-running"), null, 7],
    [audio("unknown"), undefined, undefined],
    [ancillary("tai"), 37, 9],
    [ancillary("same"), 0, 9],
    [ancillary("free-running"), null, 9],
    [ancillary("unknown"), undefined, undefined],
    [{} as St2110Report, undefined, undefined],
  ];
  test.each(cases)("%j", (report, offsetSeconds, latencyNs) => {
    const made = alignmentOf(report);
    expect(made?.offsetSeconds).toBe(offsetSeconds as number);
    expect(made?.latencyNs).toBe(latencyNs as number);
  });
});

describe("ST 2110-10 7.4: RTP timestamps are PTP's time", () => {
  test("what PTP says of the capture's clock", () => {
    expect(ptpOffsetSeconds(ptp(UTC))).toBe(37);
    expect(ptpOffsetSeconds(ptp(TAI, "unknown", TAI))).toBe(0);
    expect(ptpOffsetSeconds(ptp(UTC, TAI))).toBeNull();
    expect(ptpOffsetSeconds(ptp("unrelated", "unknown"))).toBeNull();
    expect(ptpOffsetSeconds(ptp())).toBeNull();
  });

  test("37 s between RTP and PTP are named, agreement and ignorance are not", () => {
    const found = (report: St2110Report, by: PtpReport) => notPtpTime("s", report, by, NO_WALL_CLOCK);
    expect(found(video(0), ptp(UTC))).toMatchObject({
      code: "st2110-timestamps-not-ptp",
      severity: "warning",
      stream: "s",
      count: 1,
    });
    expect(found(audio("utc"), ptp(TAI))).not.toBeNull();
    expect(found(video(37), ptp(UTC))).toBeNull();
    expect(found(video(null), ptp(UTC))).toBeNull();
    expect(found(audio("unknown"), ptp(UTC))).toBeNull();
    expect(found(video(0), ptp("unrelated"))).toBeNull();
  });
});
