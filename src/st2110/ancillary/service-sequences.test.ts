import { describe, expect, test } from "bun:test";
import { MAX_SERVICES, ServiceSequences } from "./service-sequences.ts";

/** The service of each packet, with `!` where its number did not go on; `gap` between packets. */
function taken(...packets: ([sequence: number, place: number] | "gap")[]): string {
  const sequences = new ServiceSequences();
  return packets
    .map((packet) => {
      if (packet === "gap") return sequences.gap() ?? "-";
      const service = sequences.take(...packet);
      return `${service}${sequences.broken ? "!" : ""}`;
    })
    .join(" ");
}

describe("RFC 8331 2.1: which service a packet is of", () => {
  test("one, on one line", () => {
    expect(taken([65535, 9], [0, 9], [2, 9], [3, 9], [3, 9])).toBe("0 0 0! 0 0!");
  });

  test("two on lines of their own", () => {
    expect(taken([1, 9], [500, 10], [2, 9], [501, 10], [4, 9], [502, 10])).toBe("0 1 0 1 0! 1");
  });

  test("one that is repeated on the other channel", () => {
    expect(taken([1, 18], [1, 19], [2, 18], [2, 19], [3, 18], [5, 19])).toBe("0 1 0 1 0 1!");
  });

  test("one that numbers through the lines of both fields", () => {
    expect(taken([1, 9], [2, 572], [3, 9], [4, 572], [6, 9], [7, 572])).toBe("0 0 0 0 0! 0");
  });

  test("two, on two lines in each field", () => {
    expect(taken([1, 9], [500, 10], [2, 572], [501, 573], [3, 9], [502, 10])).toBe("0 1 0 1 0 1");
  });

  test("across a gap nothing is compared, and one service stays one", () => {
    expect(taken([1, 9], "gap", [5, 572], [6, 9], [7, 572])).toBe("0 - 1 1 1");
    expect(taken([1, 9], [500, 10], "gap", [9, 9], [700, 10], [10, 9])).toBe("0 1 - 0 1 0");
  });

  test("more than can be told apart are not judged", () => {
    const many = Array.from({ length: 100 }, (_, index): [number, number] => [index * 10, index]);
    const services = taken(...many, ...many).split(" ");
    expect(services.slice(0, MAX_SERVICES)).toEqual(
      Array.from({ length: MAX_SERVICES }, (_, i) => String(i)),
    );
    expect(new Set(services.slice(MAX_SERVICES, 100))).toEqual(new Set(["-1"]));
    expect(services.filter((service) => service.endsWith("!"))).toHaveLength(MAX_SERVICES);
  });
});
