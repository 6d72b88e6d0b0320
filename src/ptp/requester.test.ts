import { describe, expect, test } from "bun:test";
import { DELAY_REQ, DELAY_RESP, EPOCH, network, PATH_NS, play } from "../../tests/helpers/ptp-network.ts";

/** What a Delay_Req stood in transparent clocks before the capture, and the way behind it, ns. */
const BEFORE_NS = 20_000;
const BEHIND_NS = 7000;

describe("IEEE 1588-2008 11.3.2: the correction of a Delay_Req is in that of its Delay_Resp", () => {
  test("only what was added behind the capture counts", () => {
    const sent = network(4).map((one) => {
      if (one.type === DELAY_REQ) return { ...one, correctionNs: BEFORE_NS };
      if (one.type !== DELAY_RESP) return one;
      const received = { nanoseconds: (one.nanoseconds ?? 0) + BEHIND_NS };
      return { ...one, ...received, correctionNs: BEFORE_NS + BEHIND_NS };
    });
    const domain = play(sent).report(EPOCH).domains[0];
    expect(domain?.requesters[0]?.pathDelayNs).toBeCloseTo(PATH_NS, 3);
    expect(domain?.remainderNs).toBeCloseTo(0, 3);
  });
});
