import { describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { videoSchema } from "../../src/report/st2110-video-schema.ts";
import { VideoAnalyser } from "../../src/st2110/video/analyser.ts";
import { feedRtp, readRtp } from "../helpers/rtp-capture.ts";
import { needsShared, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";

const CAPTURE = "st2110/list-1080i59.pcap";
const REFERENCE = "st2110/list-1080i59.json";

async function analyse() {
  const capture = await readRtp(sharedData(CAPTURE) ?? "");
  const analyser = new VideoAnalyser({ epoch: capture.epoch, timestamps: capture.timestamps, list: true });
  feedRtp(analyser, capture.packets);
  const report = videoSchema.parse(analyser.report(0, capture.epoch, true));
  return { report, findings: analyser.findings("s", capture.epoch) };
}

describe("list-1080i59", () => {
  testWith(needsShared(CAPTURE), "format without an SDP, and nothing wrong", async () => {
    const { report, findings } = await analyse();
    expect(report.format).toEqual({
      width: 1920,
      height: 1080,
      scan: "interlaced",
      rate: "30000/1001",
      sampling: "4:2:2",
      depth: 10,
      candidates: [{ sampling: "4:2:2", depth: 10 }],
      colour: "unknown",
      packing: "GPM",
    });
    expect(report).toMatchObject({
      packets: 21_600,
      packetsPerFrame: 4320,
      octetsPerFrame: 1920 * 1080 * 2.5,
      frames: 5,
      completeFrames: 5,
      lost: 0,
      missingLines: 0,
      extraLines: 0,
      skippedPackets: 0,
      notMeasured: 0,
    });
    expect(findings).toEqual([]);
  });

  testWith(needsShared(CAPTURE), "timing in exact arithmetic", async () => {
    const { report } = await analyse();
    const { timing } = report;
    if (timing === null) throw new Error("no timing");
    expect(timing.timestamps.taiOffsetSeconds).toBe(0);
    expect(timing.frames).toBe(5);
    expect(timing.cinst.peak).toBe(2);
    expect(timing.cinst.levels).toEqual([
      { level: 1, count: 19_060 },
      { level: 2, count: 2540 },
    ]);
    const gapped = timing.vrx?.gapped;
    expect(gapped).toMatchObject({ peak: 7, min: 1, underflows: 0 });
    expect(gapped?.levels).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((level) => ({ level, count: 10 })),
      { level: 7, count: 21_540 },
    ]);
    expect(timing.schedule.vrxFull.N).toBe(8);
    expect(timing.fptNs?.count).toBe(5);
    expect(timing.fptNs?.min).toBeCloseTo(606_666.7, 1);
    expect(timing.fptNs?.max).toBeCloseTo(607_333.3, 1);
    expect(timing.marginNs?.min).toBeCloseTo(652_503.7 - 607_333.3, 1);
    expect(timing.latencyNs?.count).toBe(10);
    expect(timing.latencyNs?.min).toBeCloseTo(617_777.8, 1);
    expect(timing.latencyNs?.max).toBeCloseTo(627_555.6, 1);
    expect(timing.latencyNs?.mean).toBeCloseTo(622_733.3, 1);
    expect(timing.rtpOffsetTicks).toEqual([
      { level: -1, count: 5 },
      { level: 0, count: 5 },
    ]);
    expect(timing.gapNs).toMatchObject({ count: 9, min: 662_000, max: 693_000 });
    expect(timing.gapNs.mean).toBeCloseTo(679_222.2, 1);
    expect(timing.interPacketNs).toMatchObject({ count: 21_590, min: 6000, max: 11_000 });
  });

  testWith(needsShared(CAPTURE), "narrow, but microseconds do not prove it", async () => {
    const { report } = await analyse();
    const by = "by savefile timestamps of 1 us";
    expect(report.timing?.verdicts).toEqual([
      { type: "N", result: "yes", conclusive: false, reason: `${by}: not conclusive` },
      {
        type: "NL",
        result: "no",
        conclusive: false,
        reason: `VRX 93 is over VRXFULL 8, ${by}: not conclusive`,
      },
      // A wide sender has room for 16 packets: microseconds do for that.
      { type: "W", result: "yes", conclusive: true, reason: by },
    ]);
  });

  testWith([needsShared(CAPTURE), needsShared(REFERENCE)], "timing as EBU LIST measures it", async () => {
    const { report } = await analyse();
    const { list } = report;
    if (!list) throw new Error("no list timing");
    const reference = JSON.parse(readFileSync(sharedData(REFERENCE) ?? "", "utf8"));
    const { global_video_analysis: video, media_specific: media, analyses } = reference;
    expect(list.cinst).toEqual(video.cinst.histogram);
    expect(list.vrx).toEqual(video.vrx.histogram);
    expect(list.trsNs).toBe(video.trs.trs_ns);
    expect(list.troDefaultNs).toBe(media.tro_default_ns);
    expect(list.troNs).toEqual({ min: media.min_tro_ns, avg: media.avg_tro_ns, max: media.max_tro_ns });
    expect(list.packetTsVsRtpTsNs).toEqual(analyses.packet_ts_vs_rtp_ts.details.range);
    expect(list.rtpTsVsNtTicks).toEqual(analyses.rtp_ts_vs_nt.details.range);
    expect(list.afterMarkerNs).toEqual(reference.network_information.inter_packet_spacing.after_m_bit);
  });
});
