import { describe, expect, test } from "bun:test";
import type { MadePtp } from "../../tests/helpers/ptp.ts";
import { ANNOUNCE, codes, EPOCH, network, play, type Sent } from "../../tests/helpers/ptp-network.ts";

describe("IEEE 1588-2008 9.3: the best master", () => {
  const second = (from: number, to: number, change: Partial<MadePtp>): Sent[] =>
    network(to)
      .filter(({ type }) => type === ANNOUNCE)
      .filter(({ atNs }) => atNs >= from * 1e9)
      .map((sent) => ({ ...sent, ...change, atNs: sent.atNs + 1e6 }));

  test("a better one takes over when the other falls silent: a change, no quarrel", () => {
    const first = network(8).filter(({ type, atNs }) => type === ANNOUNCE && atNs < 2.5e9);
    const monitor = play(
      [...first, ...second(2, 8, { clock: 2, priority1: 10 })].sort((a, b) => a.atNs - b.atNs),
    );
    expect(codes(monitor)).toEqual(["ptp-announce-timeout", "ptp-grandmaster-change"]);
    const domain = monitor.report(EPOCH).domains[0];
    expect(domain?.grandmaster).toBe("00-11-22-FF-FE-33-44-02");
    expect(domain?.grandmasterChanges).toMatchObject([
      { from: "00-11-22-FF-FE-33-44-01", to: "00-11-22-FF-FE-33-44-02" },
    ]);
  });

  test("two that go on together", () => {
    const sent = [...network(5), ...second(0, 5, { clock: 2, clockClass: 6, priority1: 200 })];
    expect(codes(play(sent.sort((a, b) => a.atNs - b.atNs)))).toEqual(["ptp-two-grandmasters"]);
  });

  test("two boundary clocks with one grandmaster are fine", () => {
    const sent = [...network(5), ...second(0, 5, { clock: 2, grandmaster: 1, stepsRemoved: 2 })];
    expect(codes(play(sent.sort((a, b) => a.atNs - b.atNs)))).toEqual([]);
  });
});
