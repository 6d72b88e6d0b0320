import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { concat } from "../../fixtures/lib/bytes.ts";
import { rtpPacket } from "../../fixtures/lib/frames.ts";
import { bothLegs, runLegs, type Sent, tsRtp } from "../../tests/helpers/legs.ts";
import { rtpSequence } from "../net/rtp.ts";

const MS = 1e6;
const FIRST = "239.1.1.1-5000";
const SECOND = "239.1.1.2-5000";
const START = 65_400;

/** RTP packets of some medium, each of other octets. */
function packetsOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    rtpPacket(
      { payloadType: 96, sequence: (START + i) & 0xffff, timestamp: i * 90, ssrc: 7 },
      Uint8Array.from({ length: 20 }, (__, at) => (i * 7 + at * 3) & 0xff),
    ),
  );
}

/** Packet `i` on leg 0 at `i * stepNs`, on leg 1 `skewNs` later (or earlier), where the legs have it. */
function legsOf(
  packets: readonly Uint8Array[],
  stepNs: number,
  skewNs: number,
  has: (leg: number, i: number) => boolean = () => true,
): Sent[] {
  return packets.flatMap((payload, i) =>
    ([0, 1] as const)
      .filter((leg) => has(leg, i))
      .map((leg) => ({ leg, payload, timeNs: 1e9 + i * stepNs + leg * skewNs })),
  );
}

/** Places of the packets of a stream, counted from the first that was sent. */
function numbers(packets: readonly Uint8Array[]): number[] {
  return packets.map((packet) => (rtpSequence(packet, 0) - START) & 0xffff);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

describe("the merged stream in place of its legs", () => {
  test("one stream from the first packet to the last, its legs' losses made good", () => {
    const packets = packetsOf(600);
    const { report, output } = runLegs(
      legsOf(packets, MS, 3 * MS, (leg, i) => i < 30 || i % 10 !== 3 + leg * 4),
    );
    expect(output.events).toEqual([`open ${FIRST}`, `close ${FIRST}`]);
    expect(numbers(output.rtp(FIRST))).toEqual(range(0, 600));
    expect(output.octets.get(FIRST)).toEqual([...concat(packets)]);
    expect(report.redundancy?.[0]).toMatchObject({ mergedStream: `${FIRST}-merged`, passedOnAs: FIRST });
    expect(report.streams.map(({ id, rtp }) => [id, rtp?.lost])).toEqual([
      [FIRST, 57],
      [SECOND, 57],
      [`${FIRST}-merged`, 0],
    ]);
  });

  test("TS: the same, packet by packet", () => {
    const { payloads, packets } = tsRtp(300);
    const sent = bothLegs(packets, 5 * MS, (leg, i) => i > 30 && i < 299 && i % 10 === 3 + leg * 4);
    const { output, report } = runLegs(sent);
    expect(output.octets.get(FIRST)).toEqual([...concat(payloads)]);
    expect(output.events).toEqual([`open ${FIRST}`, `close ${FIRST}`]);
    expect(report.streams.at(-1)?.mpegts?.continuity.errors).toBe(0);
  });

  test("a packet that the first leg lost before the pair was known, and that is still waited for", () => {
    const { output } = runLegs(legsOf(packetsOf(100), MS, 0, (leg, i) => leg === 1 || i !== 6));
    expect(numbers(output.rtp(FIRST))).toEqual(range(0, 100));
  });

  test("the second leg comes later: the stream goes on without a seam, nothing else is announced", () => {
    const sent = legsOf(packetsOf(3000), MS, 2 * MS, (leg, i) => leg === 0 || i > 1500);
    const { output } = runLegs(sent.filter(({ leg, timeNs }) => leg === 1 || timeNs % (50 * MS) !== 0));
    expect(output.events).toEqual([`open ${FIRST}`, `close ${FIRST}`]);
    const got = numbers(output.rtp(FIRST));
    const missing = range(0, 3000).filter((i) => !got.includes(i));
    // Every 16th packet is looked at, and eight copies make a pair: what is lost after that is made good.
    expect(missing.every((i) => i % 50 === 0 && i <= 1501 + 9 * 16)).toBe(true);
    expect(missing.length).toBeGreaterThan(30);
    expect(got).toEqual(got.toSorted((a, b) => a - b));
  });

  test("the leg that comes later is ahead: what it has already is waited for on the other", () => {
    for (const aheadMs of [4, 60, 400]) {
      const sent = legsOf(packetsOf(3000), MS, -aheadMs * MS, (leg, i) => leg === 0 || i > 1500);
      const { output, report } = runLegs(sent);
      expect(numbers(output.rtp(FIRST))).toEqual(range(0, 3000));
      expect(report.redundancy?.[0]?.lostInBoth).toBe(0);
    }
  });

  test("ST 2022-7 7: legs far apart, known by their packets: what came before the pair was known is not lost", () => {
    const packets = packetsOf(1500);
    for (const skewMs of [100, 445, 700]) {
      for (const skewNs of [skewMs * MS, -skewMs * MS]) {
        for (const options of [{}, { output: null }]) {
          const { report } = runLegs(legsOf(packets, MS, skewNs), "merge", "", options);
          const codes = report.findings.map(({ code }) => code).filter((code) => /loss|st2022-7/.test(code));
          expect(codes).toEqual(skewMs > 500 ? ["st2022-7-late"] : []);
          expect(report.redundancy?.[0]?.skewClass).toBe(skewMs > 500 ? null : "C");
        }
      }
    }
  });

  test("the second leg, described, comes when the first is long gone: merging begins with it, and nothing began anew", () => {
    const leg = (mid: string, group: string): string =>
      `m=video 5000 RTP/AVP 96\nc=IN IP4 ${group}/64\na=rtpmap:96 raw/90000\na=mid:${mid}\n`;
    const sdp = `v=0\no=- 1 1 IN IP4 10.0.0.1\ns=x\nt=0 0\na=group:DUP a b\n${leg("a", "239.1.1.1")}${leg("b", "239.1.1.2")}`;
    const sent = legsOf(packetsOf(8000), MS, 0, (at, i) => (at === 0 ? i < 1000 : i >= 6000));
    for (const options of [{}, { output: null }]) {
      const { report } = runLegs(sent, "merge", sdp, options);
      expect(report.redundancy?.[0]).toMatchObject({ restarts: 0, lostInBoth: 0, pairedBy: "sdp" });
      expect(report.redundancy?.[0]?.legs[1].packets).toBe(2000);
    }
  });

  test("one leg stops, then the other: merging goes on from what there is", () => {
    for (const stopped of [0, 1]) {
      const sent = legsOf(packetsOf(4000), MS, 2 * MS, (leg, i) => leg !== stopped || i < 1000);
      const { output, report } = runLegs(sent);
      expect(numbers(output.rtp(FIRST))).toEqual(range(0, 4000));
      expect(output.events).toEqual([`open ${FIRST}`, `close ${FIRST}`]);
      expect(report.redundancy?.[0]?.legs[stopped]).toMatchObject({ packets: 1000, silent: true });
      expect(report.findings.map(({ code }) => code)).toContain("st2022-7-leg-silent");
    }
  });

  test("a stream that becomes a copy of another later: announced by itself, it ends when the pair is known", () => {
    const packets = packetsOf(3000);
    const sent = legsOf(packets, MS, 2 * MS).map((each) => {
      const i = numbers([each.payload])[0] as number;
      return each.leg === 0 || i >= 1000
        ? each
        : { ...each, payload: each.payload.map((octet, at) => (at < 12 ? octet : octet ^ 0xff)) };
    });
    const { output } = runLegs(sent);
    expect(output.events).toEqual([`open ${FIRST}`, `open ${SECOND}`, `close ${SECOND}`, `close ${FIRST}`]);
    expect(numbers(output.rtp(FIRST))).toEqual(range(0, 3000));
    const own = numbers(output.rtp(SECOND));
    expect(own.length).toBeGreaterThan(1000);
    expect(own).toEqual(range(0, own.length));
  });

  test("another stream with the same SSRC is held back for half a second, and none of it lost", () => {
    const others = packetsOf(1000).map((packet) =>
      packet.map((octet, at) => (at < 12 ? octet : octet ^ 0xff)),
    );
    const sent: Sent[] = packetsOf(1000).map((payload, i) => ({ leg: 0, payload, timeNs: i * MS }));
    for (const [i, payload] of others.entries()) sent.push({ leg: 1, payload, timeNs: i * MS + 10.5 * MS });
    const { output, report } = runLegs(sent);
    expect(report.redundancy).toBeUndefined();
    expect(output.octets.get(SECOND)).toEqual([...concat(others)]);
    expect(output.octets.get(FIRST)).toEqual([...concat(packetsOf(1000))]);
  });

  test("a short one of these is not forgotten at the end", () => {
    const packets = packetsOf(40);
    const sent: Sent[] = packets.map((payload, i) => ({ leg: 0, payload, timeNs: i * MS }));
    const other = rtpPacket({ payloadType: 96, sequence: 9, timestamp: 1, ssrc: 7 }, new Uint8Array(20));
    for (let i = 0; i < 5; i++) {
      const payload = other.slice();
      payload[3] = i;
      sent.push({ leg: 1, payload, timeNs: i * MS + 20.5 * MS });
    }
    const { output } = runLegs(sent);
    expect(output.lengths.get(SECOND)).toHaveLength(5);
  });

  test("the leg that was chosen is the one whose stream goes on", () => {
    const { output, report } = runLegs(legsOf(packetsOf(300), MS, 2 * MS), "merge", "", {
      chosen: (id) => id === SECOND,
    });
    expect(output.events).toEqual(
      [`open ${FIRST}`, `close ${FIRST}`, `open ${SECOND}`, `close ${SECOND}`].sort(() => 0),
    );
    expect(numbers(output.rtp(SECOND))).toEqual(range(0, 300));
    expect(report.redundancy?.[0]?.passedOnAs).toBe(SECOND);
  });

  test("a description says which leg is the first, whichever comes first", () => {
    const leg = (mid: string, group: string): string =>
      `m=video 5000 RTP/AVP 96\nc=IN IP4 ${group}/64\na=rtpmap:96 raw/90000\na=mid:${mid}\n`;
    const sdp = `v=0\no=- 1 1 IN IP4 10.0.0.1\ns=x\nt=0 0\na=group:DUP b a\n${leg("a", "239.1.1.1")}${leg("b", "239.1.1.2")}`;
    const { output } = runLegs(legsOf(packetsOf(300), MS, 20 * MS), "merge", sdp);
    expect(output.events).toEqual([`open ${SECOND}`, `close ${SECOND}`]);
    expect(numbers(output.rtp(SECOND))).toEqual(range(0, 300));
    // A first leg that does not come is not waited for.
    const alone = runLegs(
      legsOf(packetsOf(900), MS, 0, (index) => index === 0),
      "merge",
      sdp,
    );
    expect(alone.output.events).toEqual([`open ${FIRST}`, `close ${FIRST}`]);
    expect(numbers(alone.output.rtp(FIRST))).toEqual(range(0, 900));
  });

  test("any loss and skew: in order, none twice, none missing that the leg had or that came once the pair was known", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -30, max: 30 }),
        fc.integer({ min: 0, max: 400 }),
        fc.array(fc.tuple(fc.nat(1), fc.integer({ min: 0, max: 899 })), { maxLength: 60 }),
        (skewMs, begins, losses) => {
          const lost = new Set(losses.map(([leg, i]) => leg * 1000 + i));
          const has = (leg: number, i: number): boolean =>
            !lost.has(leg * 1000 + i) && (leg === 0 || i >= begins) && (leg === 1 || i > 0 || skewMs >= 0);
          const packets = packetsOf(900);
          const { output } = runLegs(legsOf(packets, MS, skewMs * MS + 0.5 * MS, has));
          const ids = [...output.octets.keys()];
          const got = numbers(output.rtp(ids[0] ?? ""));
          expect(got).toEqual([...new Set(got)].sort((a, b) => a - b));
          const leg = ids[0] === FIRST ? 0 : 1;
          const first = got[0] ?? 0;
          const missing = range(first, 900).filter((i) => !got.includes(i));
          // Eight copies make the pair, and what is lost on the way to them may be past repair.
          const known = Math.max(begins, first) + 9 * 16 + Math.abs(skewMs);
          expect(missing.filter((i) => has(leg, i))).toEqual([]);
          expect(missing.filter((i) => i > known && (has(0, i) || has(1, i)))).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});
