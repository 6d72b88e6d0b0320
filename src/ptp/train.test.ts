import { describe, expect, test } from "bun:test";
import { codes, EPOCH, isAnnounce, network, play, type Sent } from "../../tests/helpers/ptp-network.ts";
import { ptpSchema } from "../report/ptp-schema.ts";

describe("IEEE 1588-2008 7.3.7: a mirror port copies what comes in and what goes out", () => {
  // 5 us is before the Follow_Up, 100 us behind it.
  for (const laterNs of [500, 5000, 100_000]) {
    test(`each message once more, ${laterNs} ns later, is no message of its own`, () => {
      const copies = network(20).flatMap((sent) => [sent, { ...sent, atNs: sent.atNs + laterNs }]);
      const monitor = play(copies.sort((a, b) => a.atNs - b.atNs));
      expect(codes(monitor)).toEqual([]);
      const domain = ptpSchema.parse(monitor.report(EPOCH)).domains[0];
      const once = play(network(20)).report(EPOCH).domains[0];
      expect(domain?.masters).toEqual(once?.masters ?? []);
      expect(domain?.requesters).toEqual(once?.requesters ?? []);
      expect(domain?.messages).toMatchObject({ sync: 320, delayReq: 40 });
    });
  }

  test("a second grandmaster's copies are not more of its Announces", () => {
    const sent = [...network(10), ...network(1, { clock: 2, priority1: 200 }).filter(isAnnounce)];
    const copies = sent.flatMap((one) => [one, { ...one, atNs: one.atNs + 500 }]);
    expect(codes(play(copies.sort((a, b) => a.atNs - b.atNs)))).not.toContain("ptp-two-grandmasters");
  });
});

describe("IEEE 1588-2008 table 24: by unicast logMessageInterval is 0x7F, which is no interval", () => {
  const unsaid = (sent: Sent): Sent => ({ ...sent, log: 127 });
  /** One of `count` messages is sent, the sequenceId goes on. */
  const every = (count: number, sent: Sent[]): Sent[] =>
    sent.flatMap((one) =>
      one.sequence % count ? [] : [{ ...one, sequence: one.sequence / count, log: 127 }],
    );

  test("Sync and Announce at any rate are not judged by it", () => {
    expect(codes(play(network(20).map(unsaid)))).toEqual([]);
    for (const count of [2, 8, 32]) expect(codes(play(every(count, network(40))))).toEqual([]);
  });

  test("annex J.3.2: a first Announce may be 16 s away, and no more than three times that", () => {
    const unannounced = (seconds: number): Sent[] =>
      network(seconds).flatMap((sent) => (isAnnounce(sent) ? [] : [unsaid(sent)]));
    expect(codes(play(unannounced(40)))).toEqual([]);
    expect(codes(play(unannounced(50)))).toEqual(["ptp-announce-missing"]);
  });

  test("silence is not either", () => {
    const late = { type: 12, sequence: 0, atNs: 200e9, udpPort: 320 };
    expect(codes(play([...network(5).map(unsaid), late]))).toEqual([]);
  });

  test("one that stops is no second grandmaster to the next, which is elected in the end", () => {
    const first = network(5, { priority1: 10 }).map(unsaid);
    const next = network(60, { clock: 2 }).map((sent) => ({ ...unsaid(sent), atNs: sent.atNs + 6e9 }));
    const monitor = play([...first, ...next].filter(({ clock }) => clock !== 9));
    expect(codes(monitor)).toEqual(["ptp-grandmaster-change"]);
    expect(monitor.report(EPOCH).domains[0]?.grandmaster).toBe("00-11-22-FF-FE-33-44-02");
  });
});
