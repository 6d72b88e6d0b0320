import { describe, expect, test } from "bun:test";
import { NO_WALL_CLOCK } from "../../report/time.ts";
import { type LegIndex, Redundancy2022 } from "./redundancy.ts";
import { MS, octetsOf, play, type Sent, TIMESTAMPS } from "./test-pair.ts";

describe("ST 2022-7 6: a leg is silent only where the other has packets that it lacks", () => {
  /** Packets on both legs at times of their own, the second 2 ms later; `has` says on which they come. */
  const at = (timesMs: readonly number[], has: (leg: LegIndex, i: number) => boolean = () => true): Sent[] =>
    timesMs.flatMap((ms, i) =>
      ([0, 1] as const)
        .filter((leg) => has(leg, i))
        .map((leg) => ({ leg, n: i, atNs: (ms + leg * 2) * MS, timestamp: ms * 48 })),
    );
  const times = (count: number, stepMs: number, fromMs = 0): number[] =>
    Array.from({ length: count }, (_, i) => fromMs + i * stepMs);

  test("both pause for three seconds", () => {
    expect(play(at([...times(500, 1), ...times(500, 1, 3500)])).codes).toEqual([]);
  });

  test("a packet every two seconds on both, as with captions", () => {
    const sent = at(times(50, 2000));
    const redundancy = new Redundancy2022({ timestamps: TIMESTAMPS });
    let nowNs = 0;
    for (const packet of sent) {
      for (; nowNs < packet.atNs; nowNs += 100 * MS) redundancy.expire(nowNs);
      const octets = octetsOf(packet);
      redundancy.packet(packet.leg, octets, 0, octets.length, octets.length, packet.atNs);
    }
    redundancy.close();
    expect(redundancy.findings("pair", NO_WALL_CLOCK)).toEqual([]);
    expect(redundancy.report().both).toBe(50);
  });

  test("one of those lost on a leg is lost, and no silence", () => {
    const { codes } = play(at(times(50, 2000), (leg, i) => leg !== 1 || i !== 20));
    expect(codes).toEqual(["st2022-7-lost-on-leg-2"]);
  });

  test("the last packets before a pause lost on a leg are lost, and no silence", () => {
    const { codes } = play(
      at([...times(500, 1), ...times(500, 1, 3500)], (leg, i) => leg !== 0 || i < 490 || i >= 500),
    );
    expect(codes).toEqual(["st2022-7-lost-on-leg-1"]);
  });

  test("a leg that goes with such a stream", () => {
    const { codes, report } = play(at(times(50, 2000), (leg, i) => leg !== 0 || i < 20));
    expect(codes).toEqual(["st2022-7-leg-silent"]);
    expect(report.legs[0].silent).toBe(true);
  });

  test("a leg that is away for two seconds, twice", () => {
    const away = (i: number): boolean => (i >= 1000 && i < 3000) || (i >= 5000 && i < 7000);
    const { findings, report } = play(at(times(9000, 1), (leg, i) => leg !== 1 || !away(i)));
    expect(findings).toMatchObject([
      { code: "st2022-7-lost-on-leg-2", count: 4000 },
      { code: "st2022-7-leg-silent", count: 2 },
    ]);
    expect(report.legs[1].silent).toBe(false);
  });
});
