/** ST 2110-30: EBU LIST's captures, against what is known of them. */
import { describe, expect, test } from "bun:test";
import { type AudioReport, audioSchema } from "../../src/report/st2110-audio-schema.ts";
import { AudioAnalyser } from "../../src/st2110/audio/analyser.ts";
import { feedRtp, type RtpCapture, readRtp } from "../helpers/rtp-capture.ts";
import { sharedData } from "../shared-data.ts";

const audio = sharedData("st2110/list-audio-l24-8ch-125us.pcap");
const pair = sharedData("st2110/list-2022-7-audio-dropped.pcap");
if (audio === null || pair === null) console.log("skipped: no shared captures (st2110/) beside the project");

/** What the packets of `source`, or all, are reported as, without an SDP; a clean stream has no findings. */
function report(capture: RtpCapture, source?: string): AudioReport {
  const { epoch, timestamps, packets } = capture;
  const analyser = new AudioAnalyser({ timestamps });
  feedRtp(analyser, source === undefined ? packets : packets.filter((packet) => packet.source === source));
  const result = audioSchema.parse(analyser.report(0, epoch, true));
  expect(analyser.findings("s", epoch)).toEqual([]);
  return result;
}

describe("list-audio-l24-8ch-125us", () => {
  const golden = test.skipIf(audio === null);

  golden("format", async () => {
    const { packets, payloadType, format } = report(await readRtp(`${audio}`));
    expect(packets).toBe(10_000);
    expect(payloadType).toBe(97);
    expect(format).toEqual({
      standard: "ST 2110-30",
      encoding: "L24",
      encodingBasis: "content",
      significantBits: 24,
      sampleRateHz: 48_000,
      channels: 8,
      samplesPerPacket: 6,
      packetTimeUs: 125,
      payloadOctets: 144,
      level: "B",
    });
  });

  golden("TS-DF and PIT", async () => {
    const { timing } = report(await readRtp(`${audio}`));
    expect(timing?.packetIntervalNs).toMatchObject({ count: 9999, min: 88_604, max: 186_315 });
    expect(Math.round(timing?.packetIntervalNs.mean ?? 0)).toBe(124_992);
    expect(timing?.tsDf).toMatchObject({ windows: 6, maxNs: 77_521, sender: "narrow", conclusive: true });
  });

  golden("runs free of TAI: -3727.26 s are no latency", async () => {
    const { timing } = report(await readRtp(`${audio}`));
    expect(timing?.clock).toMatchObject({ alignment: "free-running", delta: null, jumps: 0 });
    expect(timing?.clock.offsetSeconds).toBeCloseTo(-3727.26, 2);
    expect(timing?.profiles.map(({ verdict }) => verdict)).toEqual(["not measured", "not measured"]);
  });

  golden("levels of all eight channels, from every packet", async () => {
    const { levels, unmetered } = report(await readRtp(`${audio}`));
    expect(unmetered).toBe(0);
    // The largest sample of each channel is -4648203.
    const peakDbfs = 20 * Math.log10(4_648_203 / 2 ** 23);
    expect(levels.map((level) => level.peakDbfs)).toEqual(Array(8).fill(expect.closeTo(peakDbfs, 9)));
    for (const { rmsDbfs, clips } of levels) {
      expect(rmsDbfs).toBeCloseTo(-17.18, 2);
      expect(clips).toBe(0);
    }
  });
});

describe("list-2022-7-audio-dropped", () => {
  const golden = test.skipIf(pair === null);

  golden.each([
    ["192.168.120.2", 189],
    ["192.168.130.2", 185],
  ])("the leg of %s", async (source, count) => {
    const { packets, format, timing } = report(await readRtp(`${pair}`), source);
    expect(packets).toBe(count);
    expect(format).toMatchObject({ encoding: "L24", encodingBasis: "size", channels: 1, level: "B" });
    expect(timing?.clock.alignment).toBe("tai");
    expect(timing?.clock.delta?.maxNs ?? 1e9).toBeLessThan(1100);
    expect(timing?.profiles.map(({ verdict }) => verdict)).toEqual(["pass", "pass"]);
  });
});
