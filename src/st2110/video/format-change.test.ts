import { describe, expect, test } from "bun:test";
import { rational } from "../timing21/rational.ts";
import { analyse, renumber } from "./test-analyse.ts";
import { SMALL_PLAN as PLAN, type PlannedPacket, planStream, type StreamPlan } from "./test-stream.ts";

/** Frames of `plan` from frame `from` on, to frame `to`. */
function frames(plan: StreamPlan, from: number, to: number): PlannedPacket[] {
  return planStream(plan, to).packets.filter(({ frame }) => frame >= from);
}

describe("ST 2110-10 and ST 2110-20 7: the rate changes while a stream runs", () => {
  const at = (num: number, den = 1): StreamPlan => ({ ...PLAN, rate: rational(num, den) });
  const interlaced = (num: number, den = 1): StreamPlan => ({ ...at(num, den), scan: "interlaced" });
  const segmented = (num: number, den = 1): StreamPlan => ({ ...at(num, den), scan: "psf" });
  const CASES: [string, StreamPlan, number, StreamPlan, number, string][] = [
    ["50 to 25", at(50), 6, at(25), 3, "25"],
    ["25 to 50", at(25), 3, at(50), 6, "50"],
    ["50 to 59.94", at(50), 10, at(60_000, 1001), 12, "60000/1001"],
    ["59.94 to 60", at(60_000, 1001), 6, at(60), 7, "60"],
    ["interlaced, 25 to 29.97", interlaced(25), 5, interlaced(30_000, 1001), 6, "30000/1001"],
    ["segmented, 25 to 23.98", segmented(25), 26, segmented(24_000, 1001), 25, "24000/1001"],
  ];
  for (const [name, before, to, after, from, rate] of CASES) {
    test(name, () => {
      const first = frames(before, 0, to);
      const lastNs = first.at(-1)?.timeNs ?? 0;
      const second = frames(after, from, from + 12);
      const start = second.findIndex(({ timeNs, j }) => j === 0 && timeNs > lastNs);
      const { report, found } = analyse(renumber([...first, ...second.slice(start)]));
      expect(found).toEqual({ "st2110-20-format-change": 1 });
      expect(report.format).toMatchObject({ rate, width: 800, height: 40, scan: before.scan });
      expect(report.timing?.vrx?.gapped.underflows).toBe(0);
    });
  }

  test("frames left out now and then, or a step of no rate, are faults and no change", () => {
    const skipped = frames(PLAN, 0, 20).filter(({ frame }) => frame !== 6 && frame !== 8);
    expect(analyse(renumber(skipped)).found).toEqual({ "st2110-20-timestamp-step": 2 });

    const { packets } = planStream(PLAN, 20);
    for (const packet of packets) if (packet.frame >= 6) packet.timestamp += (packet.frame - 5) * 7;
    const { report, found } = analyse(packets);
    expect(found["st2110-20-timestamp-step"]).toBe(14);
    expect(found["st2110-20-format-change"]).toBeUndefined();
    expect(report.format.rate).toBe("50");
  });
});

describe("ST 2110-21: what was found before the format changed stays found", () => {
  test("Cinst", () => {
    const first = frames(PLAN, 0, 6);
    // All of frame 2 at once.
    const ofBurst = first.filter(({ frame }) => frame === 2);
    for (const packet of ofBurst) packet.timeNs = ofBurst[0]?.timeNs ?? 0;
    const { cinst } = count(analyse(first).found);
    expect(cinst).toBeGreaterThan(0);
    const { found } = analyse(renumber([...first, ...frames({ ...PLAN, height: 60 }, 6, 16)]));
    expect(found["st2110-20-format-change"]).toBe(1);
    expect(count(found).cinst).toBe(cinst);
  });

  function count(found: Record<string, number>): { cinst: number } {
    return { cinst: found["st2110-21-cinst"] ?? 0 };
  }
});
