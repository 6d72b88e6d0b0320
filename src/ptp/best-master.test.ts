import { describe, expect, test } from "bun:test";
import type { MadePtp } from "../../tests/helpers/ptp.ts";
import {
  ANNOUNCE,
  codes,
  EPOCH,
  FOLLOW_UP,
  network,
  play,
  type Sent,
  SYNC,
} from "../../tests/helpers/ptp-network.ts";
import { ptpSchema } from "../report/ptp-schema.ts";

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
    expect(codes(monitor)).toEqual(["ptp-grandmaster-change"]);
    const domain = monitor.report(EPOCH).domains[0];
    expect(domain?.grandmaster).toBe("00-11-22-FF-FE-33-44-02");
    expect(domain?.grandmasterChanges).toMatchObject([
      { from: "00-11-22-FF-FE-33-44-01", to: "00-11-22-FF-FE-33-44-02" },
    ]);
  });

  // One that sees a better one twice stops (9.3.2.5); with its Announces a second apart its Sync stops long before
  // they count as gone.
  for (const [name, log, pauseNs] of [
    ["every 250 ms", -2, 250e6],
    ["every second", 0, 1e9],
  ] as const) {
    const master = (from: number, to: number, made: Partial<MadePtp>, announced = 0, synced = 0): Sent[] => {
      const sent: Sent[] = [];
      for (let atNs = from * 1e9, i = announced; atNs < to * 1e9; atNs += pauseNs)
        sent.push({ type: ANNOUNCE, sequence: i++, log, atNs: atNs + 1e6, ...made });
      for (let atNs = from * 1e9, i = synced; atNs < to * 1e9; atNs += 125e6, i++) {
        sent.push({ type: SYNC, sequence: i, twoStep: true, atNs: atNs + 2e6, ...made });
        sent.push({ type: FOLLOW_UP, sequence: i, atNs: atNs + 3e6, ...made });
      }
      return sent;
    };
    const end = 10 + (2 * pauseNs) / 1e9;
    const worse = master(0, end, { clock: 2 });
    const giveWay = [...worse, ...master(10, 30, { clock: 1, priority1: 100 })];

    test(`Announce ${name}: the worse one becomes passive when a better one comes up, which is no timeout`, () => {
      const monitor = play(giveWay.sort((a, b) => a.atNs - b.atNs));
      expect(codes(monitor)).toEqual(["ptp-grandmaster-change"]);
      expect(monitor.report(EPOCH).domains[0]?.masters).toMatchObject([
        { announceTimeouts: 0 },
        { announceTimeouts: 0 },
      ]);
    });

    test(`Announce ${name}: its time as a passive one is no interval when it takes over again`, () => {
      const count = (type: number): number => worse.filter((sent) => sent.type === type).length;
      const back = master(34, 60, { clock: 2 }, count(ANNOUNCE), count(SYNC));
      const monitor = play([...giveWay, ...back].sort((a, b) => a.atNs - b.atNs));
      expect(monitor.findings("ptp", EPOCH)).toMatchObject([
        { code: "ptp-announce-timeout", count: 1 },
        { code: "ptp-grandmaster-change", count: 2 },
      ]);
      const { masters } = ptpSchema.parse(monitor.report(EPOCH)).domains[0] ?? { masters: [] };
      expect(masters[0]).toMatchObject({ announceTimeouts: 0, announceIntervalMs: { max: pauseNs / 1e6 } });
      expect(masters[0]?.syncIntervalMs.max).toBeCloseTo(125, 6);
      expect(masters[1]).toMatchObject({ announceTimeouts: 1 });
    });
  }

  test("one that takes over again without Sync", () => {
    const first = network(2, { clock: 2 });
    const between = network(8, { priority1: 10 }).map((sent) => ({ ...sent, atNs: sent.atNs + 1.5e9 }));
    const back = second(11, 16, { clock: 2 });
    const sent = [...first, ...between, ...back].filter(({ clock }) => clock !== 9);
    expect(codes(play(sent.sort((a, b) => a.atNs - b.atNs)))).toContain("ptp-sync-timeout");
  });

  test("9.2.6.11: a boundary clock on a link of its own that stops is missed, though others go on", () => {
    const other = second(0, 3, { clock: 2, grandmaster: 1, stepsRemoved: 2 });
    const sent = [...network(6), ...other].sort((a, b) => a.atNs - b.atNs);
    expect(codes(play(sent))).toEqual(["ptp-announce-timeout"]);
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

describe("IEEE 1588-2008 9.3.2: clocks of another network are not heard", () => {
  const red = network(10);
  const blue = network(10, { clock: 2, priority1: 200 }).filter(({ clock }) => clock !== 9);
  const two = (): Sent[] => [...red, ...blue.map((sent) => ({ ...sent, network: 20 }))];

  test("two networks with a grandmaster each in the same domain are two domains, told apart by name", () => {
    const monitor = play(
      two().sort((a, b) => a.atNs - b.atNs),
      { networkName: (network) => `net ${network}` },
    );
    expect(codes(monitor)).toEqual(["ptp-sm-tlv-missing"]);
    expect(ptpSchema.parse(monitor.report(EPOCH)).domains).toMatchObject([
      { domain: 127, network: "net 0", grandmaster: "00-11-22-FF-FE-33-44-01" },
      { domain: 127, network: "net 20", grandmaster: "00-11-22-FF-FE-33-44-02" },
    ]);
  });

  test("one network is not named", () => {
    const { domains } = play(red.map((sent) => ({ ...sent, network: 20 }))).report(EPOCH);
    expect(domains.map((domain) => "network" in domain)).toEqual([false]);
  });
});

describe("IEEE 1588-2008 17.4: alternate masters say that they are not the master", () => {
  const alternate = (seconds: number, made: Partial<MadePtp>): Sent[] =>
    network(seconds, { clock: 2, alternate: true, ...made }).filter(({ clock }) => clock !== 9);
  const inTime = (sent: Sent[]): Sent[] => sent.sort((a, b) => a.atNs - b.atNs);

  test("one beside the master is no second grandmaster, and not missed when it stops", () => {
    for (const priority1 of [10, 200]) {
      const monitor = play(inTime([...network(10), ...alternate(5, { priority1 })]));
      expect(codes(monitor)).toEqual([]);
      expect(monitor.report(EPOCH).domains[0]?.grandmaster).toBe("00-11-22-FF-FE-33-44-01");
    }
  });

  test("its Sync needs no Announce", () =>
    expect(codes(play(alternate(8, {}).filter(({ type }) => type !== ANNOUNCE)))).toEqual([]));

  test("it becomes the grandmaster once it says so no more", () => {
    const first = network(5);
    const next = alternate(10, {}).map((sent) => (sent.atNs > 6.5e9 ? { ...sent, alternate: false } : sent));
    const monitor = play(inTime([...first, ...next]));
    expect(codes(monitor)).toEqual(["ptp-announce-timeout", "ptp-grandmaster-change"]);
    expect(monitor.report(EPOCH).domains[0]?.grandmaster).toBe("00-11-22-FF-FE-33-44-02");
  });
});
