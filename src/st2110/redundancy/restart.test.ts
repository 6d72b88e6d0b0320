import { describe, expect, test } from "bun:test";
import { MS, play, type Sent } from "./test-pair.ts";

describe("RFC 3550 A.1: a sender that restarts, its timestamps locked to PTP", () => {
  /** A packet each millisecond from sequence number 40,000 on; after packet 1000 `pauseMs`, then from `sequence` on. */
  const restarted = (sequence: number, pauseMs: number, skewNs = 2 * MS): Sent[] =>
    Array.from({ length: 6000 }, (_, i) => i)
      .flatMap((i): Sent[] => {
        const ms = i < 1000 ? i : i + pauseMs;
        const n = i < 1000 ? 40_000 + i : sequence + i - 1000;
        const leg = { n, atNs: ms * MS, timestamp: ms * 48 };
        return [
          { ...leg, leg: 0 },
          { ...leg, leg: 1, atNs: leg.atNs + skewNs },
        ];
      })
      .sort((a, b) => a.atNs - b.atNs);

  test.each([
    ["150 lower", 40_850],
    ["2,000 lower", 39_000],
    ["20,000 lower", 21_000],
    ["4,000 higher", 45_000],
    ["20,000 higher", 61_000],
  ])("begins anew with numbers %s", (_, sequence) => {
    const { codes, report, merged } = play(restarted(sequence, 100));
    expect(codes).toEqual(["st2022-7-restart"]);
    expect(report).toMatchObject({ restarts: 1, lostInBoth: 0, both: 5999 });
    // The first packet of a new numbering proves nothing: it takes a second.
    expect(merged).toHaveLength(5999);
  });

  test.each([
    ["lower", 39_000],
    ["higher", 46_000],
  ])("%s, and the slower leg still has the numbers of before", (_, sequence) => {
    const { codes, report } = play(restarted(sequence, 10, 40 * MS));
    expect(codes).toEqual(["st2022-7-restart"]);
    expect(report).toMatchObject({ restarts: 1, lostInBoth: 0 });
    expect(report.both).toBeGreaterThan(5900);
  });

  test("a leg that goes over a longer path repeats its packets, and restarts nothing", () => {
    const again = (ms: number): Sent => ({ leg: 1, n: ms, atNs: (ms + 201) * MS, timestamp: ms * 48 });
    const sent = Array.from({ length: 1000 }, (_, ms): Sent[] => {
      const packet = { n: ms, atNs: ms * MS, timestamp: ms * 48 };
      return [{ ...packet, leg: 0 }, ms < 500 ? { ...packet, leg: 1 } : again(ms - 200)];
    });
    const { codes, report } = play(sent.flat());
    expect(codes).not.toContain("st2022-7-restart");
    expect(report.legs[1]).toMatchObject({ unplaced: 0, duplicates: 200 });
  });

  test("lost on both for as long as the timestamps say is lost, however many", () => {
    const sent = Array.from({ length: 30_000 }, (_, i): Sent[] => {
      const packet = { n: i, atNs: i * 5000, timestamp: Math.floor(i / 4000) * 1800 };
      return [
        { ...packet, leg: 0 },
        { ...packet, leg: 1 },
      ];
    });
    const { codes, report } = play(sent.filter((_, i) => i < 12_000 || i >= 20_000).flat());
    expect(codes).toContain("st2022-7-lost-in-both");
    expect(report).toMatchObject({ restarts: 0, lostInBoth: 8000 });
  });
});
