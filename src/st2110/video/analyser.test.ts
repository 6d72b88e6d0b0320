import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Finding } from "../../report/finding.ts";
import { type VideoReport, videoSchema } from "../../report/st2110-video-schema.ts";
import { rational } from "../timing21/rational.ts";
import { VideoAnalyser, type VideoOptions } from "./analyser.ts";
import {
  PLAN_EPOCH,
  type PlannedPacket,
  planStream,
  SMALL_PLAN as SMALL,
  type StreamPlan,
  writePacket,
} from "./test-stream.ts";

const HARDWARE = { kind: "hardware", resolutionNs: 1 } as const;

const INTERLACED: StreamPlan = { ...SMALL, scan: "interlaced", rate: rational(30_000, 1001) };
const BLOCKS: StreamPlan = { ...SMALL, packetOctets: 1260, block: true };

interface Result {
  readonly report: VideoReport;
  readonly findings: Finding[];
  readonly codes: string[];
}

/** Sends what is left of the packets; what has the flag `gone` in `lost` never came. */
function analyse(packets: PlannedPacket[], options: Partial<VideoOptions> = {}, captured?: number): Result {
  const analyser = new VideoAnalyser({ epoch: PLAN_EPOCH, timestamps: HARDWARE, ...options });
  let expected = -1;
  for (const packet of packets) {
    const { octets, wireLength } = writePacket(packet, captured);
    const lost = expected < 0 ? 0 : (packet.sequence - expected) & 0xffff;
    analyser.packet(octets, 0, octets.length, wireLength, lost, packet.timeNs);
    expected = (packet.sequence + 1) & 0xffff;
  }
  const report = videoSchema.parse(analyser.report(0, PLAN_EPOCH, true));
  const findings = analyser.findings("s", PLAN_EPOCH);
  return { report, findings, codes: findings.map(({ code }) => code.replace("st2110-20-", "")) };
}

/** Numbers the packets again: what was taken out was never sent. */
function renumber(packets: PlannedPacket[]): PlannedPacket[] {
  let sequence = 0x1_fff8;
  for (const packet of packets) {
    packet.sequence = sequence & 0xffff;
    packet.esn = sequence >>> 16;
    sequence += 1;
  }
  return packets;
}

describe("clean streams of every format", () => {
  const RASTERS: [string, StreamPlan, Partial<VideoReport["format"]>][] = [
    ["4:2:2 10 bit", SMALL, { sampling: "4:2:2", depth: 10, packing: "GPM" }],
    ["4:2:2 8 bit or KEY 16 bit", { ...SMALL, pgroup: [4, 2] }, { sampling: "unknown", depth: null }],
    ["4:2:2 16 bit", { ...SMALL, pgroup: [8, 2] }, { sampling: "4:2:2", depth: 16 }],
    [
      "4:4:4 8 bit, odd offsets",
      { ...SMALL, pgroup: [3, 1], packetOctets: 1005 },
      { sampling: "4:4:4", depth: 8 },
    ],
    ["4:4:4 10 bit", { ...SMALL, pgroup: [15, 4], packetOctets: 1005 }, { sampling: "4:4:4", depth: 10 }],
    ["4:4:4 12 bit", { ...SMALL, pgroup: [9, 2], packetOctets: 1080 }, { sampling: "4:4:4", depth: 12 }],
    ["4:4:4 16 bit", { ...SMALL, pgroup: [6, 1], packetOctets: 1200 }, { sampling: "4:4:4", depth: 16 }],
    [
      "4:2:0 10 bit",
      { ...SMALL, pgroup: [15, 4], packetOctets: 1005, rowStep: 2 },
      { sampling: "4:2:0", depth: 10 },
    ],
    [
      "4:2:0 8 bit",
      { ...SMALL, pgroup: [6, 2], packetOctets: 1002, rowStep: 2 },
      { sampling: "4:2:0", depth: 8 },
    ],
    [
      "KEY 10 bit",
      { ...SMALL, width: 1920, pgroup: [5, 4], packetOctets: 1000 },
      { sampling: "KEY", depth: 10 },
    ],
    ["block packing", BLOCKS, { sampling: "4:2:2", depth: 10, packing: "BPM" }],
    ["interlaced", INTERLACED, { scan: "interlaced", rate: "30000/1001" }],
    [
      "segmented",
      { ...SMALL, scan: "psf", rate: rational(24_000, 1001) },
      { scan: "psf", rate: "24000/1001" },
    ],
    ["120/1.001 frames", { ...SMALL, rate: rational(120_000, 1001) }, { rate: "120000/1001" }],
    ["120 frames", { ...SMALL, rate: rational(120) }, { rate: "120" }],
    ["linear", { ...SMALL, linear: true }, {}],
  ];
  for (const [name, plan, format] of RASTERS) {
    test(name, () => {
      const { packets, schedule } = planStream(plan, 8);
      const { report, findings } = analyse(packets, plan.linear === true ? { senderType: "NL" } : {});
      expect(findings.filter(({ severity }) => severity !== "info")).toEqual([]);
      expect(report.format).toMatchObject({
        width: plan.width,
        height: plan.height,
        scan: plan.scan,
        ...format,
      });
      expect(report).toMatchObject({
        frames: 8,
        completeFrames: 8,
        missingLines: 0,
        extraLines: 0,
        packetsPerFrame: schedule.format.packets,
        skippedPackets: 0,
      });
      const { timing } = report;
      expect(timing?.frames).toBe(8);
      expect(timing?.timestamps.taiOffsetSeconds).toBe(0);
      const type = plan.linear === true ? "NL" : "N";
      expect(timing?.verdicts.find((verdict) => verdict.type === type)).toMatchObject({
        result: "yes",
        conclusive: true,
      });
      expect(timing?.rtpOffsetTicks).toEqual([{ level: 0, count: plan.scan === "progressive" ? 8 : 16 }]);
    });
  }

  test("4:2:2 of 12 bits and 4:4:4 of 8 look the same: both are named", () => {
    const { report } = analyse(planStream({ ...SMALL, pgroup: [6, 2], packetOctets: 960 }, 4).packets);
    expect(report.format.sampling).toBe("unknown");
    expect(report.format.candidates).toEqual([
      { sampling: "4:2:2", depth: 12 },
      { sampling: "4:4:4", depth: 8 },
    ]);
  });
});

/** The packet of frame 5 with index `j`. */
function pick(packets: PlannedPacket[], j: number): PlannedPacket {
  const packet = packets.find((one) => one.frame === 5 && one.j === j);
  if (packet === undefined) throw new Error(`no packet ${j}`);
  return packet;
}

/** First segment of a packet. */
function segment(packet: PlannedPacket) {
  const [first] = packet.segments;
  if (first === undefined) throw new Error("no segment");
  return first;
}

describe("one fault, one finding", () => {
  const FAULTS: [string, StreamPlan, (packets: PlannedPacket[]) => PlannedPacket[] | undefined][] = [
    [
      "length-sum",
      SMALL,
      (all) => {
        pick(all, 30).octets += 5;
        return undefined;
      },
    ],
    [
      "length-pgroup",
      SMALL,
      (all) => {
        const packet = pick(all, 31);
        segment(packet).length -= 2;
        packet.octets -= 2;
        return undefined;
      },
    ],
    [
      "offset-pgroup",
      SMALL,
      (all) => {
        segment(pick(all, 31)).offset += 1;
        return undefined;
      },
    ],
    [
      "row-order",
      SMALL,
      (all) => {
        segment(pick(all, 30)).row -= 5;
        return undefined;
      },
    ],
    [
      "offset-order",
      SMALL,
      (all) => {
        segment(pick(all, 31)).offset = 0;
        return undefined;
      },
    ],
    ["missing-samples", SMALL, (all) => renumber(all.filter((one) => !(one.frame === 5 && one.j === 30)))],
    [
      "missing-lines",
      SMALL,
      (all) => renumber(all.filter(({ frame, segments }) => !(frame === 5 && segments[0]?.row === 7))),
    ],
    [
      "missing-lines",
      SMALL,
      (all) => {
        // The last line: the marker moves to what is then the end.
        const rest = all.filter(({ frame, segments }) => !(frame === 5 && segments[0]?.row === 39));
        const end = rest.findLast(({ frame }) => frame === 5);
        if (end) end.marker = true;
        return renumber(rest);
      },
    ],
    [
      "row-end",
      SMALL,
      (all) => {
        const packet = pick(all, 2 - 1);
        segment(packet).length += 100;
        packet.octets += 100;
        return undefined;
      },
    ],
    [
      "extra-lines",
      SMALL,
      (all) => {
        const last = all.findLastIndex(({ frame }) => frame === 5);
        const end = all[last] as PlannedPacket;
        end.marker = false;
        const extra = {
          ...end,
          marker: true,
          segments: [{ ...segment(end), row: 40, offset: 0, length: 1200 }],
        };
        return renumber([...all.slice(0, last + 1), { ...extra, octets: 1200 }, ...all.slice(last + 1)]);
      },
    ],
    [
      "field-mix",
      BLOCKS,
      (all) => {
        const packet = all.find(({ frame, segments }) => frame === 5 && segments.length > 1);
        if (packet?.segments[1]) packet.segments[1].field = 1;
        return undefined;
      },
    ],
    [
      "field-mix",
      INTERLACED,
      (all) => {
        segment(pick(all, 10)).field = 1;
        return undefined;
      },
    ],
    [
      "field-order",
      INTERLACED,
      (all) => renumber(all.filter(({ frame, segments }) => !(frame === 5 && segments[0]?.field === 1))),
    ],
    [
      "marker-missing",
      SMALL,
      (all) => {
        pick(all, 79).marker = false;
        return undefined;
      },
    ],
    [
      "marker-early",
      SMALL,
      (all) => {
        pick(all, 40).marker = true;
        return undefined;
      },
    ],
    [
      "timestamp-within",
      SMALL,
      (all) => {
        pick(all, 40).timestamp += 1;
        return undefined;
      },
    ],
    [
      "timestamp-step",
      SMALL,
      (all) => {
        for (const packet of all) if (packet.frame === 5) packet.timestamp += 2;
        return undefined;
      },
    ],
    [
      "extended-sequence",
      SMALL,
      (all) => {
        pick(all, 40).esn ^= 1;
        return undefined;
      },
    ],
    [
      "length-zero",
      SMALL,
      (all) => {
        const packet = pick(all, 40);
        packet.segments.push({ ...segment(packet), offset: 400, length: 0 });
        return undefined;
      },
    ],
    [
      "header-count",
      SMALL,
      (all) => {
        const packet = pick(all, 40);
        packet.segments = [0, 1, 2, 3].map(() => ({ ...segment(packet) }));
        return undefined;
      },
    ],
    [
      "block-length",
      BLOCKS,
      (all) => {
        // Ten octets of one packet go to the next.
        const packet = pick(all, 20);
        const next = pick(all, 21);
        const last = packet.segments.at(-1);
        if (last) last.length -= 10;
        packet.octets -= 10;
        segment(next).length += 10;
        segment(next).offset -= 4;
        next.octets += 10;
        return undefined;
      },
    ],
    [
      "packets-per-frame",
      SMALL,
      (all) => {
        const at = all.findIndex(({ frame, j }) => frame === 5 && j === 30);
        const packet = all[at] as PlannedPacket;
        const { row, field } = segment(packet);
        const first = { ...packet, octets: 500, segments: [{ length: 500, row, field, offset: 0 }] };
        const second = { ...packet, octets: 500, segments: [{ length: 500, row, field, offset: 200 }] };
        return renumber([...all.slice(0, at), first, second, ...all.slice(at + 1)]);
      },
    ],
    [
      "st2110-21-cinst",
      SMALL,
      (all) => {
        const first = pick(all, 40).timeNs;
        for (let j = 41; j < 61; j += 1) pick(all, j).timeNs = first;
        return undefined;
      },
    ],
    [
      "st2110-21-vrx-underflow",
      SMALL,
      (all) => {
        for (const packet of all) if (packet.frame === 5) packet.timeNs += 2_500_000;
        return undefined;
      },
    ],
  ];
  for (const [code, plan, spoil] of FAULTS) {
    test(code, () => {
      const { packets } = planStream(plan, 10);
      const { findings, codes } = analyse(spoil(packets) ?? packets);
      expect([...new Set(codes.filter((one) => one !== "small-packet"))]).toEqual([code]);
      expect(findings.every(({ clause, count }) => clause.length > 3 && count > 0)).toBe(true);
    });
  }

  test("a declared sender type is held to its own limits", () => {
    const { packets } = planStream({ ...SMALL, linear: true }, 8);
    expect(analyse(packets).codes.filter((code) => code.startsWith("st2110-21"))).toEqual([]);
    const declared = analyse(packets, { senderType: "N" }).codes;
    expect(declared).toContain("st2110-21-vrx-underflow");
  });

  test("headers that end early, an RTP header or padding that does not fit, and a datagram too long", () => {
    const analyser = new VideoAnalyser({ epoch: PLAN_EPOCH, timestamps: HARDWARE });
    const octets = new Uint8Array(30);
    octets[0] = 0x80;
    analyser.packet(octets, 0, 19, 19, 0, 0);
    octets[0] = 0x9f;
    analyser.packet(octets, 0, 20, 20, 0, 1);
    octets[0] = 0xa0;
    analyser.packet(octets, 0, 20, 20, 0, 2);
    octets[0] = 0x80;
    analyser.packet(octets, 0, 20, 9000, 0, 3);
    const codes = analyser.findings("s", PLAN_EPOCH).map(({ code, count }) => `${code} ${count}`);
    expect(codes).toEqual([
      "st2110-20-rtp-header 2",
      "st2110-20-header-short 1",
      "st2110-20-length-sum 1",
      "st2110-20-udp-size 1",
    ]);
  });
});

describe("captures as they are", () => {
  test("begins in mid-frame: the partial frame is skipped and nothing is wrong", () => {
    const { packets } = planStream(SMALL, 6);
    const { report, codes } = analyse(packets.slice(33));
    expect(codes).toEqual([]);
    expect(report).toMatchObject({ skippedPackets: 47, frames: 5, completeFrames: 5 });
    expect(report.timing?.frames).toBe(5);
  });

  test("begins in a second field", () => {
    const { packets } = planStream(INTERLACED, 6);
    const { report, codes } = analyse(packets.slice(50));
    expect(codes).toEqual([]);
    expect(report).toMatchObject({ skippedPackets: 30, frames: 5, completeFrames: 5 });
  });

  test("cut to its headers: the same verdicts, and header checks", () => {
    const { packets } = planStream(INTERLACED, 6);
    const whole = analyse(packets).report;
    const cut = analyse(packets, {}, 4).report;
    expect(cut).toEqual(whole);
    const short = analyse(
      packets.map((packet) => ({ ...packet })),
      {},
    );
    expect(short.codes).toEqual([]);
  });

  test("cut within its headers: counted as not measured", () => {
    const analyser = new VideoAnalyser({ epoch: PLAN_EPOCH, timestamps: HARDWARE });
    const { packets } = planStream(SMALL, 2);
    for (const packet of packets) {
      const { octets, wireLength } = writePacket(packet);
      analyser.packet(octets, 0, 18, wireLength, 0, packet.timeNs);
    }
    expect(analyser.report(0, PLAN_EPOCH, true)).toMatchObject({ notMeasured: packets.length, frames: 0 });
    expect(analyser.findings("s", PLAN_EPOCH)).toEqual([]);
  });

  test("lost packets are counted, not blamed on the headers, and do not move the frame's schedule", () => {
    const { packets } = planStream(SMALL, 8);
    const some = packets.filter(
      ({ frame, j }) => !(frame === 5 && j >= 70) && !(frame === 6 && (j < 2 || j === 40)),
    );
    const { report, codes } = analyse(some);
    expect(codes).toEqual([]);
    expect(report).toMatchObject({ lost: 13, frames: 8, completeFrames: 6 });
    expect(report.timing?.vrx?.gapped).toMatchObject({ min: 1, peak: 4, underflows: 0 });
  });

  test("a UTC capture is recognised by its 37 s, a free-running sender as such", () => {
    const { packets } = planStream(SMALL, 5);
    const utc = { ...PLAN_EPOCH, seconds: PLAN_EPOCH.seconds - 37 };
    const late = analyse(packets, { epoch: utc }).report.timing;
    expect(late?.timestamps.taiOffsetSeconds).toBe(37);
    expect(late?.vrx?.gapped.peak).toBe(4);
    for (const packet of packets) packet.timestamp = (packet.timestamp + 2 ** 30) >>> 0;
    const free = analyse(packets);
    expect(free.codes).toEqual([]);
    expect(free.report.timing).toMatchObject({ vrx: null, fptNs: null, latencyNs: null });
    expect(free.report.timing?.cinst.peak).toBeGreaterThan(0);
    expect(free.report.timing?.verdicts[0]).toMatchObject({ type: "N", result: "not measured" });
  });

  test("a sender that locks while it runs, and a clock that is set", () => {
    const { packets } = planStream({ ...SMALL, height: 8 }, 180);
    for (const packet of packets)
      if (packet.frame < 60) packet.timestamp = (packet.timestamp + 2 ** 30) >>> 0;
    for (const packet of packets) if (packet.frame >= 120) packet.timeNs -= 37e9;
    const { report } = analyse(packets);
    expect(report.timing?.timestamps).toMatchObject({ taiOffsetSeconds: 37, changes: 2 });
    expect(report.timing?.vrx?.gapped.underflows).toBe(0);
    expect(report.timing?.frames).toBeLessThan(60);
  });

  test("longer datagrams than the SDP allows", () => {
    const { packets } = planStream({ ...SMALL, packetOctets: 2000 }, 4);
    expect(analyse(packets, { maxUdpOctets: 1460 }).codes).toContain("udp-size");
    const extended = analyse(packets, { maxUdpOctets: 8960 });
    // So few packets a frame have no place for the lead of this plan: a matter of timing alone.
    expect(extended.codes.filter((code) => !code.startsWith("st2110-21"))).toEqual([]);
    expect(extended.report.timing?.schedule.vrxFull.N).toBe(1);
    // A row in one piece does not show how dense its pixels are.
    expect(extended.report.format).toMatchObject({
      width: null,
      height: 40,
      sampling: "unknown",
      rate: "50",
    });
  });

  test("timestamps and sequence wrap; another SSRC and a gap begin anew", () => {
    const { packets } = planStream(SMALL, 12);
    const first = packets.find(({ frame }) => frame === 4)?.timestamp ?? 0;
    for (const packet of packets) packet.timestamp = (packet.timestamp - first) >>> 0;
    expect(analyse(packets).codes).toEqual([]);
    for (const packet of packets) if (packet.frame > 5) packet.ssrc = 7;
    expect(analyse(packets).codes).toEqual([]);
  });

  test("without times: headers and format, no timing", () => {
    const { packets } = planStream(SMALL, 4);
    for (const packet of packets) packet.timeNs = Number.NaN;
    const { report, codes } = analyse(packets);
    expect(codes).toEqual([]);
    expect(report).toMatchObject({ frames: 4, completeFrames: 4 });
    expect(report.timing?.cinst.peak).toBeNull();
  });

  test("the format changes while it runs", () => {
    const before = planStream(SMALL, 4).packets;
    const after = planStream({ ...SMALL, height: 60 }, 12).packets.filter(({ frame }) => frame > 3);
    const { report, codes } = analyse(renumber([...before, ...after]));
    expect(codes).toEqual(["format-change"]);
    expect(report.format).toMatchObject({ width: 800, height: 60 });
  });
});

describe("any octets", () => {
  test("no exception, no read past the end, counters add up", () => {
    const octets = fc.uint8Array({ minLength: 12, maxLength: 60 });
    const packet = fc.record({
      octets,
      more: fc.nat(2000),
      lost: fc.nat(3),
      timeNs: fc.oneof(fc.nat(1e9), fc.constant(Number.NaN)),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 60 }), (packets) => {
        const analyser = new VideoAnalyser({ epoch: PLAN_EPOCH, timestamps: HARDWARE, list: true });
        for (const { octets: bytes, more, lost, timeNs } of packets) {
          bytes[0] = 0x80 | ((bytes[0] as number) & 0x3f);
          analyser.packet(bytes, 0, bytes.length, bytes.length + more, lost, timeNs);
        }
        const report = videoSchema.parse(analyser.report(0, PLAN_EPOCH, true));
        expect(report.packets).toBe(packets.length);
        expect(report.notMeasured + report.skippedPackets).toBeLessThanOrEqual(packets.length);
        analyser.findings("s", PLAN_EPOCH);
      }),
      { numRuns: 300 },
    );
  });

  test("a good stream with octets of its headers changed", () => {
    const { packets } = planStream({ ...INTERLACED, height: 8 }, 8);
    const written = packets.map((packet) => ({ ...writePacket(packet, 4), timeNs: packet.timeNs }));
    const change = fc.tuple(fc.nat(written.length - 1), fc.integer({ min: 1, max: 19 }), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const analyser = new VideoAnalyser({ epoch: PLAN_EPOCH, timestamps: HARDWARE, list: true });
        const all = written.map(({ octets, wireLength, timeNs }) => ({
          octets: octets.slice(),
          wireLength,
          timeNs,
        }));
        for (const [at, offset, value] of changes) (all[at] as (typeof all)[0]).octets[offset] = value;
        for (const { octets, wireLength, timeNs } of all) {
          analyser.packet(octets, 0, octets.length, wireLength, 0, timeNs);
        }
        expect(videoSchema.parse(analyser.report(0, PLAN_EPOCH, true)).packets).toBe(written.length);
        analyser.findings("s", PLAN_EPOCH);
      }),
      { numRuns: 200 },
    );
  });
});
