import { describe, expect, test } from "bun:test";
import type { TimestampQuality } from "../analyser.ts";
import { rational } from "./rational.ts";
import { scheduleOf } from "./schedule.ts";
import { type SenderType, verdict } from "./verdict.ts";

const HD = scheduleOf({ height: 1080, scan: "progressive", rate: rational(60_000, 1001), packets: 4320 });
const UHD = scheduleOf({ height: 2160, scan: "progressive", rate: rational(60_000, 1001), packets: 17_280 });
const GOOD = { cinst: 4, vrxMin: 1, vrxMax: 7 };

function judged(type: SenderType, kind: TimestampQuality["kind"], resolutionNs: number, peaks: object = {}) {
  const { result, conclusive } = verdict(type, HD, { ...GOOD, ...peaks }, { kind, resolutionNs }, null);
  return `${result}${conclusive ? "" : ", not conclusive"}`;
}

describe("verdicts of ST 2110-21 7.1, and how far they go", () => {
  test("packets 3.7 us apart: nanoseconds prove, microseconds and software do not", () => {
    expect(judged("N", "hardware", 1)).toBe("yes");
    expect(judged("N", "savefile", 1)).toBe("yes");
    expect(judged("N", "savefile", 1000)).toBe("yes, not conclusive");
    expect(judged("NL", "kernel", 1)).toBe("yes, not conclusive");
    expect(judged("W", "kernel", 1)).toBe("yes, not conclusive");
    expect(judged("W", "savefile", 1000)).toBe("yes");
    expect(judged("N", "none", 1)).toBe("yes, not conclusive");
  });

  test("each limit", () => {
    expect(judged("N", "hardware", 1, { cinst: HD.narrow.cinstMax })).toBe("yes");
    expect(judged("N", "hardware", 1, { cinst: HD.narrow.cinstMax + 1 })).toBe("no");
    expect(judged("N", "hardware", 1, { vrxMax: HD.narrow.vrxFull + 1 })).toBe("no");
    expect(judged("W", "hardware", 1, { vrxMax: HD.narrow.vrxFull + 1 })).toBe("yes");
    expect(judged("W", "hardware", 1, { vrxMin: 0 })).toBe("no");
    expect(judged("N", "hardware", 1, { cinst: null })).toBe("not measured, not conclusive");
    expect(judged("N", "hardware", 1, { vrxMin: null })).toBe("not measured, not conclusive");
  });

  test("type W is not for 900,000 packets a second, and an unlocked sender has no VRX", () => {
    const quality = { kind: "hardware", resolutionNs: 1 } as const;
    expect(verdict("W", UHD, GOOD, quality, null)).toMatchObject({
      result: "no",
      reason: expect.stringContaining("900,000"),
    });
    const unlocked = verdict("N", HD, { ...GOOD, vrxMin: null, vrxMax: null }, quality, "free");
    expect(unlocked).toMatchObject({ result: "not measured", reason: "free" });
  });
});
