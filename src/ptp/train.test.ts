import { describe, expect, test } from "bun:test";
import { codes, EPOCH, isAnnounce, network, play } from "../../tests/helpers/ptp-network.ts";
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
