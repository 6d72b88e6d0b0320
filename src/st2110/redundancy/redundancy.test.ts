import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ReorderMemory } from "../../net/packet-slots.ts";
import { redundancySchema } from "../../report/st2110-redundancy-schema.ts";
import { NO_WALL_CLOCK } from "../../report/time.ts";
import { type LegIndex, Redundancy2022, type RedundancyOptions } from "./redundancy.ts";
import { skewClass } from "./skew-class.ts";
import { MAX_WINDOW_SLOTS } from "./window.ts";

const TIMESTAMPS = { kind: "savefile", resolutionNs: 1 } as const;
const MS = 1e6;

/** One packet on one leg. */
interface Sent {
  leg: LegIndex;
  /** Its place in the stream; the sequence number is its low 16 bits unless told. */
  n: number;
  atNs: number;
  sequence?: number;
  timestamp?: number;
  ssrc?: number;
  marker?: boolean;
  payload?: number;
  octets?: number;
}

function octetsOf({ n, sequence, timestamp, ssrc, marker, payload, octets = 40 }: Sent): Uint8Array {
  const packet = new Uint8Array(12 + octets).fill(payload ?? n & 0xff, 12);
  const view = new DataView(packet.buffer);
  view.setUint16(0, marker ? 0x80e0 : 0x8060);
  view.setUint16(2, (sequence ?? n) & 0xffff);
  view.setUint32(4, (timestamp ?? n * 6) >>> 0);
  view.setUint32(8, ssrc ?? 0x01020304);
  return packet;
}

/** A packet each millisecond on both legs, the second `skewNs` later; `change` alters it or takes it away. */
function pair(
  count: number,
  skewNs = 2 * MS,
  change: (sent: Sent) => Partial<Sent> | null = () => ({}),
): Sent[] {
  const sent: Sent[] = [];
  for (let n = 0; n < count; n++) {
    for (const leg of [0, 1] as const) {
      const packet: Sent = { leg, n: n + 65500, atNs: n * MS + leg * skewNs + 10 * MS };
      const altered = change({ ...packet, n });
      if (altered !== null) sent.push({ ...packet, ...altered });
    }
  }
  return sent.sort((a, b) => a.atNs - b.atNs);
}

function play(sent: readonly Sent[], options: Partial<RedundancyOptions> = {}) {
  const merged: { sequence: number; lost: number; leg: LegIndex; payload: number; atNs: number }[] = [];
  const redundancy = new Redundancy2022({
    timestamps: TIMESTAMPS,
    deliver: (buf, off, len, wireLength, lost, timeNs, leg) => {
      expect(len).toBeLessThanOrEqual(wireLength);
      const sequence = ((buf[off + 2] as number) << 8) | (buf[off + 3] as number);
      merged.push({ sequence, lost, leg, payload: buf[off + 12] as number, atNs: timeNs });
    },
    ...options,
  });
  for (const packet of sent) {
    const octets = octetsOf(packet);
    redundancy.packet(packet.leg, octets, 0, octets.length, octets.length, packet.atNs);
    octets.fill(0xee);
  }
  redundancy.close();
  const report = redundancySchema.parse(redundancy.report());
  const findings = redundancy.findings("pair", NO_WALL_CLOCK);
  return { redundancy, report, merged, codes: findings.map(({ code }) => code), findings };
}

/** True when each number follows the one before, but for those said to be lost. */
function inOrder(merged: readonly { sequence: number; lost: number }[]): boolean {
  return merged.every(({ sequence, lost }, i) => {
    const before = merged[i - 1];
    return before === undefined || ((before.sequence + 1 + lost) & 0xffff) === sequence;
  });
}

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
      pair(300, 2 * MS, ({ leg, n, atNs }) => (leg === 1 && n === 40 ? { atNs: atNs + 60 * MS } : {})),
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
    expect(play(pair(1300, 0, drop(1, 0, 1300))).codes).toEqual(["st2022-7-leg-silent"]);
  });

  test("unrelated: numbers and timestamps far apart", () => {
    const { codes, report } = play(
      pair(200, 0, ({ leg, n }) => (leg === 1 ? { sequence: n + 30000, timestamp: n * 6 + 2e9 } : {})),
    );
    expect(codes).toEqual(["st2022-7-unrelated"]);
    expect(report.legs[1]).toMatchObject({ packets: 0, unplaced: 200 });
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

describe("RFC 3550 A.1: a sender that restarts, its timestamps locked to PTP", () => {
  /** A packet each millisecond from sequence number 40,000 on; after packet 1000 `pauseMs`, then from `sequence` on. */
  const restarted = (sequence: number, pauseMs: number, skewNs = 2 * MS): Sent[] =>
    Array.from({ length: 6000 }, (_, i) => i)
      .flatMap((i): Sent[] => {
        const ms = i < 1000 ? i : i + pauseMs;
        const n = i < 1000 ? 40_000 + i : sequence + i - 1000;
        const leg = { n, atNs: ms * MS, timestamp: ms * 48 };
        return [
          { ...leg, leg: 0 },
          { ...leg, leg: 1, atNs: leg.atNs + skewNs },
        ];
      })
      .sort((a, b) => a.atNs - b.atNs);

  test.each([
    ["150 lower", 40_850],
    ["2,000 lower", 39_000],
    ["20,000 lower", 21_000],
    ["4,000 higher", 45_000],
    ["20,000 higher", 61_000],
  ])("begins anew with numbers %s", (_, sequence) => {
    const { codes, report, merged } = play(restarted(sequence, 100));
    expect(codes).toEqual(["st2022-7-restart"]);
    expect(report).toMatchObject({ restarts: 1, lostInBoth: 0, both: 5999 });
    // The first packet of a new numbering proves nothing: it takes a second.
    expect(merged).toHaveLength(5999);
  });

  test.each([
    ["lower", 39_000],
    ["higher", 46_000],
  ])("%s, and the slower leg still has the numbers of before", (_, sequence) => {
    const { codes, report } = play(restarted(sequence, 10, 40 * MS));
    expect(codes).toEqual(["st2022-7-restart"]);
    expect(report).toMatchObject({ restarts: 1, lostInBoth: 0 });
    expect(report.both).toBeGreaterThan(5900);
  });

  test("a leg that goes over a longer path repeats its packets, and restarts nothing", () => {
    const again = (ms: number): Sent => ({ leg: 1, n: ms, atNs: (ms + 201) * MS, timestamp: ms * 48 });
    const sent = Array.from({ length: 1000 }, (_, ms): Sent[] => {
      const packet = { n: ms, atNs: ms * MS, timestamp: ms * 48 };
      return [{ ...packet, leg: 0 }, ms < 500 ? { ...packet, leg: 1 } : again(ms - 200)];
    });
    const { codes, report } = play(sent.flat());
    expect(codes).not.toContain("st2022-7-restart");
    expect(report.legs[1]).toMatchObject({ unplaced: 0, duplicates: 200 });
  });

  test("lost on both for as long as the timestamps say is lost, however many", () => {
    const sent = Array.from({ length: 30_000 }, (_, i): Sent[] => {
      const packet = { n: i, atNs: i * 5000, timestamp: Math.floor(i / 4000) * 1800 };
      return [
        { ...packet, leg: 0 },
        { ...packet, leg: 1 },
      ];
    });
    const { codes, report } = play(sent.filter((_, i) => i < 12_000 || i >= 20_000).flat());
    expect(codes).toContain("st2022-7-lost-in-both");
    expect(report).toMatchObject({ restarts: 0, lostInBoth: 8000 });
  });
});

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
  const follow = (ahead: number, windowNs: number) => {
    const merged: number[] = [];
    const redundancy = new Redundancy2022({
      timestamps: TIMESTAMPS,
      windowNs,
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

  test("the other leg is ahead: its packets wait, beyond the window's time where need be", () => {
    for (const ahead of [1, 40, 400]) {
      const { merged, report } = follow(ahead, 50 * MS);
      expect(merged).toEqual(Array.from({ length: 900 + ahead }, (_, i) => 100 + i));
      expect(report).toMatchObject({ lostInBoth: 0, restarts: 0 });
    }
  });

  test("the other leg is behind: what the stream had already is not of the pair", () => {
    const { merged, report } = follow(-30, 50 * MS);
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
    const { report, codes } = play(sent, { windowNs: 150 * MS });
    expect(codes).toEqual([]);
    expect(report).toMatchObject({ both: 70_000, merged: 70_000, skewClass: "C" });
    expect(report.skewNs.min).toBeCloseTo(140 * MS, 3);
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
