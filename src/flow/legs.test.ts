import { describe, expect, test } from "bun:test";
import { concat } from "../../fixtures/lib/bytes.ts";
import { rtpPacket } from "../../fixtures/lib/frames.ts";
import { Random } from "../../fixtures/lib/random.ts";
import { bothLegs, runLegs, type Sent, tsRtp } from "../../tests/helpers/legs.ts";

const MS = 1e6;
const FIRST = "239.1.1.1-5000";
const SECOND = "239.1.1.2-5000";
const MERGED = "239.1.1.1-5000-merged";

describe("legs of ST 2022-7 in the pipeline", () => {
  test("TS whose legs both have holes is whole again in the merged stream", () => {
    const { payloads, packets } = tsRtp(400);
    // Never the same on both; the first and the last come.
    const sent = bothLegs(packets, 5 * MS, (leg, i) => i > 0 && i < 399 && i % 10 === 3 + leg * 4);
    const { report, again, output } = runLegs(sent, "both");
    expect(output.octets.get(MERGED)).toEqual([...concat(payloads)]);
    expect([...output.octets.keys()].sort()).toEqual([FIRST, MERGED, SECOND]);
    expect(report.redundancy).toHaveLength(1);
    expect(report.redundancy?.[0]).toMatchObject({
      streams: ["239.1.1.1-5000", "239.1.1.2-5000"],
      pairedBy: "content",
      mergedStream: MERGED,
      legs: [
        { packets: 360, lost: 40, only: 40 },
        { packets: 360, lost: 40, only: 40 },
      ],
      both: 320,
      lostInBoth: 0,
      merged: 400,
      payloadDiffers: 0,
      skewClass: "A",
    });
    expect(again.redundancy).toEqual(report.redundancy);
    const merged = report.streams.find(({ id }) => id === MERGED);
    expect(merged).toMatchObject({ kind: "mpegts", transport: "rtp", packets: 400, rtp: { lost: 0 } });
    expect(merged?.mpegts).toMatchObject({ packets: 2800, continuity: { errors: 0 } });
    expect(report.findings.filter(({ stream }) => stream === MERGED).map(({ code }) => code)).toEqual([
      "st2022-7-lost-on-leg-1",
      "st2022-7-lost-on-leg-2",
    ]);
  });

  test("a description pairs them from the first packet, in its order", () => {
    const { packets } = tsRtp(20);
    const leg = (mid: string, group: string): string =>
      `m=video 5000 RTP/AVP 96\nc=IN IP4 ${group}/64\na=rtpmap:96 MP2T/90000\na=mid:${mid}\n`;
    const sdp = `v=0\no=- 1 1 IN IP4 10.0.0.1\ns=x\nt=0 0\na=group:DUP b a\n${leg("a", "239.1.1.1")}${leg("b", "239.1.1.2")}`;
    const { report } = runLegs(
      bothLegs(packets, 0, () => false),
      "merge",
      sdp,
    );
    expect(report.redundancy?.[0]).toMatchObject({
      streams: ["239.1.1.2-5000", "239.1.1.1-5000"],
      pairedBy: "sdp",
      both: 20,
    });
  });

  test("compared only, or not at all", () => {
    const { packets } = tsRtp(200);
    const sent = bothLegs(packets, MS, (leg, i) => leg === 1 && i === 50);
    const compared = runLegs(sent, "legs");
    expect(compared.report.streams).toHaveLength(2);
    expect(compared.report.redundancy?.[0]).toMatchObject({
      mergedStream: null,
      passedOnAs: null,
      both: 199,
      merged: 200,
    });
    expect([...compared.output.octets.keys()]).toEqual([FIRST, SECOND]);
    const off = runLegs(sent, "off");
    expect(off.report.redundancy).toBeUndefined();
    expect(off.report.streams).toHaveLength(2);
  });

  test("streams that only look alike are no legs", () => {
    const random = new Random(1);
    const packets = Array.from({ length: 400 }, (_, i) => i);
    const sent = packets.flatMap((i) =>
      ([0, 1] as const).map((leg) => ({
        leg,
        payload: rtpPacket({ payloadType: 96, sequence: i, timestamp: i * 90 }, random.bytes(200)),
        timeNs: i * MS + leg,
      })),
    );
    expect(runLegs(sent).report.redundancy).toBeUndefined();
  });

  test("a pair leaves with its flows when their places are needed", () => {
    const { packets } = tsRtp(200);
    const both = bothLegs(packets, MS, (leg, i) => leg === 1 && i > 100);
    const late = (leg: number, atNs: number): Sent => ({
      leg,
      payload: packets[0] as Uint8Array,
      timeNs: atNs,
    });
    // The second leg alone is silent: its pair is still in use.
    const kept = runLegs(
      [...both, ...Array.from({ length: 60 }, (_, i) => late(0, (i + 2) * 1e9)), late(2, 61e9)],
      "merge",
      "",
      { maxFlows: 2 },
    );
    expect(kept.report.redundancy).toHaveLength(1);
    expect(kept.report.input.drops.flowTableFull).toBe(1);
    const gone = runLegs([...both, late(2, 61e9)], "merge", "", { maxFlows: 2 });
    expect(gone.report.redundancy).toBeUndefined();
    expect(gone.report.input.forgottenFlows).toBe(2);
    expect(gone.report.streams.map(({ id }) => id)).toEqual(["239.1.1.3-5000"]);
  });
});
