import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ReorderMemory } from "../../net/packet-slots.ts";
import { NO_WALL_CLOCK } from "../../report/time.ts";
import { type LegIndex, Redundancy2022 } from "./redundancy.ts";
import { inOrder, MS, octetsOf, pair, play, type Sent, TIMESTAMPS } from "./test-pair.ts";
import { MAX_WINDOW_SLOTS } from "./window.ts";

describe("two good legs", () => {
  const { report, merged, codes } = play(pair(200));

  test("give no finding, each packet once and in order, across the wrap", () => {
    expect(codes).toEqual([]);
    expect(report).toMatchObject({
      both: 200,
      lostInBoth: 0,
      merged: 200,
      compared: 200,
      comparedInFull: true,
    });
    expect(merged).toHaveLength(200);
    expect(inOrder(merged)).toBe(true);
    expect(merged.every(({ leg, lost }) => leg === 0 && lost === 0)).toBe(true);
  });

  test("skew with its sign and class", () => {
    expect(report.skewNs).toMatchObject({ count: 200, min: 2 * MS, max: 2 * MS });
    expect(report).toMatchObject({ skewClass: "A", recentSkewNs: 2 * MS, recentSkewClass: "A" });
  });

  test("the second leg may be the faster one", () => {
    const other = play(pair(200, -3 * MS));
    expect(other.codes).toEqual([]);
    expect(other.report.skewNs.mean).toBe(-3 * MS);
    expect(other.merged.every(({ leg }) => leg === 1)).toBe(true);
  });
});

describe("one fault, one finding", () => {
  const drop = (leg: LegIndex | -1, from: number, to: number) => (sent: Sent) =>
    (leg === -1 || sent.leg === leg) && sent.n >= from && sent.n < to ? null : {};

  test("lost on the first leg, filled in from the second", () => {
    const { report, merged, codes } = play(pair(200, 2 * MS, drop(0, 50, 53)));
    expect(codes).toEqual(["st2022-7-lost-on-leg-1"]);
    expect(report.legs[0]).toMatchObject({ lost: 3, packets: 197, only: 0 });
    expect(report.legs[1]).toMatchObject({ lost: 0, packets: 200, only: 3 });
    expect(merged).toHaveLength(200);
    expect(inOrder(merged)).toBe(true);
    expect(merged.filter(({ leg }) => leg === 1)).toHaveLength(3);
    // What waited was copied: the buffer was overwritten after each packet.
    expect(merged.every(({ sequence, payload }) => payload === (sequence & 0xff))).toBe(true);
  });

  test("lost on the second leg", () => {
    const { report, codes } = play(pair(200, 2 * MS, drop(1, 50, 53)));
    expect(codes).toEqual(["st2022-7-lost-on-leg-2"]);
    expect(report.legs[1].lost).toBe(3);
  });

  test("lost on both: the merged stream says how many, after the window's time", () => {
    const { report, merged, codes, findings } = play(pair(200, 2 * MS, drop(-1, 50, 55)));
    expect(codes).toEqual(["st2022-7-lost-in-both", "st2022-7-lost-on-leg-1", "st2022-7-lost-on-leg-2"]);
    expect(findings.map(({ count }) => count)).toEqual([5, 5, 5]);
    expect(report).toMatchObject({ both: 195, lostInBoth: 5, merged: 195 });
    expect(merged.filter(({ lost }) => lost > 0)).toMatchObject([{ lost: 5 }]);
    expect(inOrder(merged)).toBe(true);
  });

  test("payload differs", () => {
    const { codes, report } = play(
      pair(99, 0, ({ leg, n }) => (leg === 1 && n === 7 ? { payload: 255 } : {})),
    );
    expect(codes).toEqual(["st2022-7-payload-differs"]);
    expect(report.payloadDiffers).toBe(1);
  });

  test("payloads of different length differ", () => {
    const { codes } = play(pair(99, 0, ({ leg, n }) => (leg === 1 && n === 7 ? { octets: 41 } : {})));
    expect(codes).toEqual(["st2022-7-payload-differs"]);
  });

  const headers: [string, Partial<Sent>][] = [
    ["marker", { marker: true }],
    ["timestamp", { timestamp: 12345 }],
  ];
  for (const [name, change] of headers) {
    test(`header differs: ${name}`, () => {
      const { codes, report } = play(pair(99, 0, ({ leg, n }) => (leg === 1 && n === 7 ? change : {})));
      expect(codes).toEqual(["st2022-7-header-differs"]);
      expect(report.headerDiffers).toBe(1);
    });
  }

  test("header differs: another SSRC on the second leg, throughout", () => {
    const { findings, report } = play(pair(99, 0, ({ leg }) => (leg === 1 ? { ssrc: 9 } : {})));
    expect(findings).toMatchObject([{ code: "st2022-7-header-differs", count: 99 }]);
    expect(report.both).toBe(99);
  });

  test("skew beyond the receiver's class", () => {
    const { codes } = play(pair(99, 11 * MS), { expectedClass: "A" });
    expect(codes).toEqual(["st2022-7-skew"]);
    expect(play(pair(99, 11 * MS), { expectedClass: "B" }).codes).toEqual([]);
  });

  test("late: beyond the window", () => {
    const { codes, report } = play(
      pair(700, 2 * MS, ({ leg, n, atNs }) => (leg === 1 && n === 40 ? { atNs: atNs + 510 * MS } : {})),
    );
    expect(codes).toEqual(["st2022-7-lost-on-leg-2", "st2022-7-late"]);
    expect(report.legs[1]).toMatchObject({ late: 1, lost: 1 });
  });

  test("a leg falls silent", () => {
    const { codes, report } = play(pair(1300, 2 * MS, drop(1, 100, 1300)));
    expect(codes).toEqual(["st2022-7-leg-silent"]);
    expect(report.legs[1]).toMatchObject({ silent: true, lost: 0 });
  });

  test("a leg that never comes", () => {
    expect(play(pair(1600, 0, drop(1, 0, 1600))).codes).toEqual(["st2022-7-leg-silent"]);
  });

  test("unrelated: numbers and timestamps far apart", () => {
    const { codes, report } = play(
      pair(700, 0, ({ leg, n }) => (leg === 1 ? { sequence: n + 30000, timestamp: n * 6 + 2e9 } : {})),
    );
    expect(codes).toEqual(["st2022-7-unrelated"]);
    expect(report.legs[1]).toMatchObject({ packets: 0, unplaced: 700 });
  });

  test("both legs restart: counted once, and merged again", () => {
    const { codes, report, merged } = play(
      pair(400, 2 * MS, ({ n }) =>
        n >= 200 ? { sequence: n + 20000, timestamp: n * 6 + 3e9, ssrc: 77 } : {},
      ),
    );
    expect(codes).toEqual(["st2022-7-restart"]);
    // The first packet of a new numbering proves nothing: it takes a second.
    expect(report.legs[0]).toMatchObject({ packets: 399, unplaced: 1 });
    expect(report.both).toBeGreaterThanOrEqual(396);
    expect(merged.length).toBeGreaterThanOrEqual(399);
  });
});

describe("what is no fault", () => {
  test("packets of a leg out of order, within the window", () => {
    const { codes, merged } = play(
      pair(200, 2 * MS, ({ n, atNs }) => (n % 10 === 3 ? { atNs: atNs + 1.5 * MS } : {})),
    );
    expect(codes).toEqual([]);
    expect(merged).toHaveLength(200);
    expect(inOrder(merged)).toBe(true);
  });

  test("a packet twice on one leg is counted there", () => {
    const sent = pair(50);
    const { report, codes } = play([...sent.slice(0, 41), ...sent.slice(39)]);
    expect(codes).toEqual([]);
    expect(report.legs[0].duplicates + report.legs[1].duplicates).toBe(2);
  });

  test("the slower leg's packets from before the start", () => {
    const { report, codes } = play(pair(100, 2.5 * MS).filter(({ atNs }) => atNs >= 40 * MS));
    expect(codes).toEqual([]);
    expect(report.legs[1].early).toBe(2);
  });

  test("cut by a snap length: what is there is compared, and said so", () => {
    const redundancy = new Redundancy2022({ timestamps: TIMESTAMPS });
    for (const packet of pair(20)) {
      redundancy.packet(packet.leg, octetsOf(packet), 0, 30, 52, packet.atNs);
    }
    redundancy.expire(1e9);
    expect(redundancy.report()).toMatchObject({ both: 20, merged: 20, compared: 20, comparedInFull: false });
    expect(redundancy.findings("pair", NO_WALL_CLOCK)).toEqual([]);
  });

  test("a gap in the input", () => {
    const redundancy = new Redundancy2022({ timestamps: TIMESTAMPS });
    for (const round of [0, 1]) {
      for (const packet of pair(50)) {
        const octets = octetsOf({ ...packet, n: packet.n + round * 30000 });
        redundancy.packet(packet.leg, octets, 0, 52, 52, packet.atNs);
      }
      redundancy.gap();
    }
    expect(redundancy.report()).toMatchObject({ both: 100, merged: 100, restarts: 0 });
    expect(redundancy.findings("pair", NO_WALL_CLOCK)).toEqual([]);
  });
});

describe("a stream that goes on from one of its legs", () => {
  const follow = (ahead: number) => {
    const merged: number[] = [];
    const redundancy = new Redundancy2022({
      timestamps: TIMESTAMPS,
      deliver: (buf, off) => merged.push(((buf[off + 2] as number) << 8) | (buf[off + 3] as number)),
    });
    redundancy.goOn(1, 100, 0x01020304, 99 * 6, 99 * MS);
    const give = (leg: LegIndex, n: number, atNs: number): void => {
      const octets = octetsOf({ leg, n, atNs });
      redundancy.packet(leg, octets, 0, octets.length, octets.length, atNs);
    };
    for (let n = 100; n < 1000; n++) {
      give(0, n + ahead, n * MS);
      give(1, n, n * MS + 1);
    }
    redundancy.close();
    return { merged, report: redundancy.report() };
  };

  test("the other leg is ahead: its packets wait", () => {
    for (const ahead of [1, 40, 400]) {
      const { merged, report } = follow(ahead);
      expect(merged).toEqual(Array.from({ length: 900 + ahead }, (_, i) => 100 + i));
      expect(report).toMatchObject({ lostInBoth: 0, restarts: 0 });
    }
  });

  test("the other leg is behind: what the stream had already is not of the pair", () => {
    const { merged, report } = follow(-30);
    expect(merged).toEqual(Array.from({ length: 900 }, (_, i) => 100 + i));
    expect(report.legs[0]).toMatchObject({ early: 30, packets: 870 });
  });
});

describe("large windows", () => {
  test("class C at 300,000 packets a second: 40,000 packets on their way, the 16 bits wrap", () => {
    const sent: Sent[] = [];
    for (let n = 0; n < 70_000; n++) {
      sent.push({ leg: 0, n, atNs: n * 3333, timestamp: Math.floor(n / 4) });
      sent.push({ leg: 1, n, atNs: n * 3333 + 140 * MS, timestamp: Math.floor(n / 4) });
    }
    sent.sort((a, b) => a.atNs - b.atNs);
    const { report, codes } = play(sent);
    expect(codes).toEqual([]);
    expect(report).toMatchObject({ both: 70_000, merged: 70_000, skewClass: "C" });
    expect(report.skewNs.min).toBeCloseTo(140 * MS, 3);
  });

  test("the same, each leg losing packets that the other has", () => {
    const sent: Sent[] = [];
    for (let n = 0; n < 100_000; n++) {
      const packet = { n, timestamp: Math.floor(n / 4), octets: 4 };
      if (n % 1000 !== 500) sent.push({ ...packet, leg: 0, atNs: n * 3333 });
      if (n % 1000 !== 700) sent.push({ ...packet, leg: 1, atNs: n * 3333 + 140 * MS });
    }
    sent.sort((a, b) => a.atNs - b.atNs);
    const { report, codes } = play(sent, { memory: new ReorderMemory(256 * 2 ** 20) });
    expect(report).toMatchObject({ both: 99_800, lostInBoth: 0, restarts: 0 });
    expect(report.legs).toMatchObject([
      { lost: 100, only: 100, unplaced: 0, late: 0, early: 0 },
      { lost: 100, only: 100, unplaced: 0, late: 0, early: 0 },
    ]);
    // What one leg lost is waited for 140 ms on the other: more than may be held.
    expect(codes).toContain("st2022-7-window-full");
  });

  test("a leg back after over half of the sequence numbers, within the window", () => {
    const sent: Sent[] = [];
    for (let n = 0; n < 150_000; n++) {
      const packet = { n, atNs: n * 5000, timestamp: Math.floor(n / 3000) * 1500, octets: 4 };
      sent.push({ ...packet, leg: 0 });
      if (n < 50_000 || n >= 90_000) sent.push({ ...packet, leg: 1 });
    }
    const { findings, report } = play(sent);
    expect(findings).toMatchObject([{ code: "st2022-7-lost-on-leg-2", count: 40_000 }]);
    expect(report.both).toBe(110_000);
  });

  test("full before its time, one leg away: what class C bears at such rates is over, and nothing is to be said", () => {
    const sent = Array.from(
      { length: 300_000 },
      (_, n): Sent => ({ leg: 0, n, atNs: n * 2000, timestamp: Math.floor(n / 5000) * 900, octets: 1 }),
    );
    sent.unshift({ ...(sent[0] as Sent), leg: 1 });
    const { codes, report } = play(sent);
    expect(codes).toEqual([]);
    expect(report.legs[0].packets).toBe(300_000);
  });

  test("a window that can't grow further settles its oldest number early, and counts it", () => {
    const redundancy = new Redundancy2022({ timestamps: TIMESTAMPS, windowNs: 1e12 });
    const octets = octetsOf({ leg: 0, n: 0, atNs: 0, octets: 1 });
    const more = 5;
    for (let n = 0; n < MAX_WINDOW_SLOTS + more; n++) {
      octets[2] = n >> 8;
      octets[3] = n;
      redundancy.packet(0, octets, 0, 13, 13, n);
    }
    expect(redundancy.findings("pair", NO_WALL_CLOCK)).toMatchObject([
      { code: "st2022-7-window-full", count: more },
    ]);
    expect(redundancy.report().legs[0]).toMatchObject({ packets: MAX_WINDOW_SLOTS + more, only: more });
  });

  test("without memory nothing waits: counted, and in order all the same", () => {
    const drop = (sent: Sent) => (sent.leg === 0 && sent.n === 50 ? null : {});
    const { codes, merged, report } = play(pair(100, 2 * MS, drop), { memory: new ReorderMemory(0) });
    expect(codes).toContain("st2022-7-window-full");
    expect(inOrder(merged)).toBe(true);
    expect(merged).toHaveLength(99);
    expect(report.merged).toBe(99);
  });
});

describe("bad input", () => {
  test("any packets: in order, none twice, counters add up", () => {
    const packet = fc.record({
      leg: fc.constantFrom<LegIndex>(0, 1),
      n: fc.oneof(fc.nat(120), fc.nat(65535)),
      step: fc.nat(20),
      ssrc: fc.constantFrom(1, 1, 1, 2),
      timestamp: fc.constantFrom(0, 0, 2 ** 31, 2 ** 32 - 1),
      octets: fc.nat(8),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 300 }), (packets) => {
        let atNs = 0;
        const sent = packets.map(({ step, ...rest }) => {
          atNs += step * MS;
          return { ...rest, atNs };
        });
        const { report, merged } = play(sent);
        const counted = report.legs.map(
          (leg) => leg.packets + leg.duplicates + leg.late + leg.early + leg.unplaced,
        );
        expect((counted[0] as number) + (counted[1] as number)).toBe(packets.length);
        expect(report.merged).toBe(merged.length);
        if (report.restarts === 0) expect(inOrder(merged)).toBe(true);
        const settled = report.both * 2 + report.legs[0].only + report.legs[1].only;
        expect(settled).toBe(report.legs[0].packets + report.legs[1].packets);
      }),
    );
  });
});

describe("a million packets a second, legs 40 ms apart: over half of the sequence numbers", () => {
  const [US, FRAME, APART] = [1000, 17_316, 40_000];
  /** Packets of 2160p59.94: the timestamp goes on by 1501 or 1502 a frame. */
  const packet = (leg: LegIndex, n: number): Sent => ({
    leg,
    n,
    atNs: (n + leg * APART) * US,
    timestamp: Math.floor(Math.floor(n / FRAME) * 1501.5),
    octets: 4,
  });

  test.each([
    ["that goes on from the faster leg", true],
    ["that is paired at its start", false],
  ])("a stream %s", (_, goesOn) => {
    const from = goesOn ? 100_000 : 0;
    const sent: Sent[] = [];
    for (let n = from; n < from + 150_000; n++) {
      sent.push(packet(0, n));
      const slower = n - APART;
      if (slower >= (goesOn ? from - APART : 0)) sent.push(packet(1, slower));
    }
    let lost = 0;
    let merged = 0;
    const redundancy = new Redundancy2022({
      timestamps: TIMESTAMPS,
      deliver: (_buf, _off, _len, _wire, missing) => {
        merged++;
        lost += missing;
      },
    });
    const before = packet(0, from - 1);
    if (goesOn) redundancy.goOn(0, from, 0x01020304, before.timestamp ?? 0, before.atNs);
    for (const one of sent) {
      const octets = octetsOf(one);
      redundancy.packet(one.leg, octets, 0, octets.length, octets.length, one.atNs);
    }
    const report = redundancy.report();
    expect(redundancy.findings("pair", NO_WALL_CLOCK).map(({ code }) => code)).toEqual([]);
    expect([merged, lost]).toEqual([150_000, 0]);
    const [, { early, unplaced, lost: missing }] = report.legs;
    // Up to two frames pass before the pace is known, by which older packets are placed.
    expect([early + unplaced, missing]).toEqual([goesOn ? APART : 0, 0]);
    expect(unplaced).toBeLessThan(2 * FRAME);
    expect(report.both).toBeGreaterThan(109_000);
    expect(report.skewNs).toMatchObject({ min: APART * US, max: APART * US });
  });
});
