import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { HANDOVER_NS, type OtherSenders, type SentFlow, sharedDestinations } from "./shared-destinations.ts";

const S = 1e9;

function flow(
  id: string,
  from: number,
  to: number,
  destination = "239.1.1.1",
  vlan: number[] = [],
): SentFlow {
  const address = { id, destinationAddress: destination, destinationPort: 5000, vlan };
  return { firstNs: from * S, lastNs: to * S, address };
}

/** Each pair compared. */
function bruteForce(flows: readonly SentFlow[]): Map<string, OtherSenders> {
  const shared = new Map<string, OtherSenders>();
  for (const one of flows) {
    const shares = flows
      .filter((other) => other !== one)
      .map((other) => [Math.max(one.firstNs, other.firstNs), Math.min(one.lastNs, other.lastNs)] as const)
      .filter(([firstNs, lastNs]) => lastNs - firstNs >= HANDOVER_NS);
    if (shares.length === 0) continue;
    shared.set(one.address.id, {
      others: shares.length,
      firstNs: Math.min(...shares.map(([firstNs]) => firstNs)),
      lastNs: Math.max(...shares.map(([, lastNs]) => lastNs)),
    });
  }
  return shared;
}

describe("two senders on one destination", () => {
  test("both are told, with the time that they share", () => {
    const shared = sharedDestinations([flow("a", 0, 10), flow("b", 4, 20)]);
    const both = { others: 1, firstNs: 4 * S, lastNs: 10 * S };
    expect([...shared]).toEqual([
      ["a", both],
      ["b", both],
    ]);
  });

  test("one after the other, or a handover of less than a second, is none", () => {
    expect(sharedDestinations([flow("a", 0, 10), flow("b", 11, 20)]).size).toBe(0);
    expect(sharedDestinations([flow("a", 0, 10), flow("b", 9.5, 20)]).size).toBe(0);
    expect(sharedDestinations([flow("a", 0, 10), flow("b", 9, 20)]).size).toBe(2);
  });

  test("other destinations, other VLANs, files and flows without times are none", () => {
    const flows = [
      flow("a", 0, 10),
      flow("b", 0, 10, "239.1.1.2"),
      flow("c", 0, 10, "239.1.1.1", [7]),
      flow("d", 0, 10, ""),
      flow("e", 0, 10, ""),
      flow("f", Number.NaN, Number.NaN),
    ];
    expect(sharedDestinations(flows).size).toBe(0);
  });

  test("any flows: as if each pair were compared", () => {
    const times = fc.tuple(fc.nat(30), fc.nat(12));
    fc.assert(
      fc.property(fc.array(times, { maxLength: 12 }), (spans) => {
        const flows = spans.map(([from, length], i) => flow(`f${i}`, from / 2, (from + length) / 2));
        expect(sharedDestinations(flows)).toEqual(bruteForce(flows));
      }),
      { numRuns: 500 },
    );
  });
});
