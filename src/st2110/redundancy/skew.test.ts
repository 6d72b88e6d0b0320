import { describe, expect, test } from "bun:test";
import { Redundancy2022 } from "./redundancy.ts";
import { skewClass } from "./skew-class.ts";
import { inOrder, MS, octetsOf, pair, play, type Sent, TIMESTAMPS } from "./test-pair.ts";

describe("ST 2022-7 7: classes by path differential", () => {
  test("D 150 us, A 10 ms, B 50 ms, C 450 ms below 270 Mb/s, else 150 ms", () => {
    expect(skewClass(150e3, 0)).toBe("D");
    expect(skewClass(-150_001, 0)).toBe("A");
    expect(skewClass(10 * MS + 1, 0)).toBe("B");
    expect(skewClass(50 * MS + 1, 0)).toBe("C");
    expect(skewClass(450 * MS, 269e6)).toBe("C");
    expect(skewClass(450 * MS, 270e6)).toBeNull();
    expect(skewClass(150 * MS, 270e6)).toBe("C");
    expect(skewClass(451 * MS, 0)).toBeNull();
  });
});

describe("ST 2022-7 7: copies are matched however far apart any class lets them be", () => {
  test.each([
    ["60 ms", 60, "C"],
    ["100 ms", 100, "C"],
    ["445 ms", 445, "C"],
    ["480 ms, which no class bears", 480, null],
  ])("%s: nothing is lost or late", (_, skewMs, name) => {
    for (const skewNs of [skewMs * MS, -skewMs * MS]) {
      const { codes, report, merged } = play(pair(2000, skewNs));
      expect(codes).toEqual([]);
      expect(report).toMatchObject({ both: 2000, merged: 2000, skewClass: name });
      expect(report.skewNs).toMatchObject({ count: 2000, mean: skewNs });
      expect(inOrder(merged)).toBe(true);
    }
  });

  test("every packet further apart than the receiver's class bears counts", () => {
    for (const [expectedClass, skewMs] of [
      ["B", 60],
      ["C", 460],
      ["C", 600],
    ] as const) {
      const { findings } = play(pair(2000, skewMs * MS), { expectedClass });
      expect(findings.find(({ code }) => code === "st2022-7-skew")?.count).toBe(2000);
    }
    expect(play(pair(2000, 60 * MS), { expectedClass: "C" }).codes).toEqual([]);
  });

  test("the merged stream waits for the slower leg, as long as it is behind", () => {
    const drop = ({ leg, n }: Sent) => (leg === 0 && n % 50 === 20 ? null : {});
    const { codes, report, merged } = play(pair(2000, 300 * MS, drop));
    expect(codes).toEqual(["st2022-7-lost-on-leg-1"]);
    expect(report).toMatchObject({ lostInBoth: 0, merged: 2000 });
    expect(merged.every(({ lost }) => lost === 0)).toBe(true);
  });

  test("and no longer than 50 ms where the legs are near each other", () => {
    let lostAtNs = Number.NaN;
    const redundancy = new Redundancy2022({
      timestamps: TIMESTAMPS,
      deliver: (_buf, _off, _len, _wire, lost) => {
        if (lost > 0) lostAtNs = nowNs;
      },
    });
    let nowNs = 0;
    for (const packet of pair(200, 2 * MS, ({ n }) => (n === 50 ? null : {}))) {
      nowNs = packet.atNs;
      const octets = octetsOf(packet);
      redundancy.packet(packet.leg, octets, 0, octets.length, octets.length, nowNs);
    }
    // The next packet is the one that tells that number 50 is missing.
    expect(lostAtNs).toBe((51 + 10 + 50) * MS);
  });

  test("later than the window: late, but not lost, and how far apart is told", () => {
    const { codes, report } = play(pair(2000, 600 * MS));
    expect(codes).toEqual(["st2022-7-late"]);
    expect(report.legs[1]).toMatchObject({ late: 2000, lost: 0 });
    expect(report.skewNs).toMatchObject({ count: 2000, min: 600 * MS, max: 600 * MS });
    expect(report.skewClass).toBeNull();
  });

  test("the end of the input comes before the slower leg's copies: none is lost in both", () => {
    const { codes, report } = play(
      pair(1000, 100 * MS, ({ leg, n }) => (leg === 0 && n === 950 ? null : {})).filter(
        ({ atNs }) => atNs < 1010 * MS,
      ),
    );
    expect(codes).toEqual(["st2022-7-lost-on-leg-1"]);
    expect(report).toMatchObject({ lostInBoth: 0, both: 900 });
  });
});
