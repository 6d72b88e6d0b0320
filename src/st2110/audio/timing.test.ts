import { describe, expect, test } from "bun:test";
import { audioTimingSchema } from "../../report/st2110-audio-schema.ts";
import { NO_WALL_CLOCK } from "../../report/time.ts";
import type { TimestampQuality } from "../analyser.ts";
import { AudioTiming } from "./timing.ts";

const HARDWARE: TimestampQuality = { kind: "hardware", resolutionNs: 1 };
const PACKET_NS = 125_000;
/** RTP time 0 of TAI: timestamps of a locked sender that began there. */
const EPOCH = { seconds: 0, nanoseconds: 0, wallClock: true };

/** 125 us packets that arrive `delayNs(n)` after their RTP time. */
function measure(packets: number, delayNs: (n: number) => number, timestamps = HARDWARE): AudioTiming {
  const timing = new AudioTiming({ sampleRateHz: 48_000, packetTimeNs: PACKET_NS, timestamps });
  for (let n = 0; n < packets; n += 1) timing.packet(n * 6, true, n * PACKET_NS + delayNs(n));
  return timing;
}

function report(timing: AudioTiming, epoch = EPOCH) {
  return audioTimingSchema.parse(timing.report(epoch, true));
}

describe("EBU Tech 3337: timestamped delay factor", () => {
  test("is the spread of arrival against RTP time in windows of 200 ms", () => {
    // 1600 packets a window; one window with 40 us of spread, the others with 10.
    const timing = measure(6400, (n) => 1000 + (n % 2) * 10_000 + (n === 2000 ? 30_000 : 0));
    const { tsDf } = report(timing);
    expect(tsDf.windows).toBe(3);
    expect(tsDf.seriesNs).toEqual([10_000, 30_000, 10_000]);
    expect(tsDf.maxNs).toBe(30_000);
    expect(tsDf).toMatchObject({ sender: "narrow", conclusive: true, windowsWithinOnePacketTime: 3 });
  });

  test.each([
    [PACKET_NS, "narrow"],
    [PACKET_NS + 1, "wide"],
    [17 * PACKET_NS, "wide"],
    [17 * PACKET_NS + 1, "beyond wide"],
  ] as const)("%d ns at 125 us is %s", (spreadNs, sender) => {
    const timing = measure(1700, (n) => (n === 800 ? spreadNs : 0));
    expect(report(timing).tsDf.sender).toBe(sender);
    expect(timing.beyondWide).toBe(sender === "beyond wide" ? 1 : 0);
  });

  test("software may add to it, so that only narrow is conclusive; coarse times are not", () => {
    const kernel: TimestampQuality = { kind: "kernel", resolutionNs: 1 };
    const narrow = () => 0;
    const wide = (n: number) => (n === 800 ? 10 * PACKET_NS : 0);
    expect(report(measure(1700, narrow, kernel)).tsDf).toMatchObject({ sender: "narrow", conclusive: true });
    expect(report(measure(1700, wide, kernel)).tsDf).toMatchObject({ sender: "wide", conclusive: false });
    expect(report(measure(1700, wide)).tsDf).toMatchObject({ sender: "wide", conclusive: true });
    const coarse: TimestampQuality = { kind: "savefile", resolutionNs: 1_000_000 };
    expect(report(measure(1700, narrow, coarse)).tsDf).toMatchObject({ sender: "narrow", conclusive: false });
  });

  test("a jump of either clock is counted and measures nothing", () => {
    const timing = measure(4000, (n) => (n < 2000 ? 0 : 3e9));
    expect(report(timing).clock.jumps).toBe(1);
    expect(report(timing).tsDf.maxNs).toBe(0);
  });

  test("windows without a packet are passed over", () => {
    const timing = new AudioTiming({ sampleRateHz: 48_000, packetTimeNs: 1e6, timestamps: HARDWARE });
    for (const ms of [0, 100, 199, 290, 380, 470, 560]) timing.packet(ms * 48, false, ms * 1e6);
    expect(report(timing).tsDf.windows).toBe(2);
  });
});

describe("delta and JT-NM profiles", () => {
  test("a locked sender passes both", () => {
    const { clock, profiles } = report(measure(1700, (n) => 100_000 + (n % 3) * 1000));
    expect(clock.alignment).toBe("tai");
    expect(clock.delta).toEqual({ minNs: 100_000, meanNs: expect.closeTo(101_000, -1), maxNs: 102_000 });
    expect(profiles.map(({ verdict }) => verdict)).toEqual(["pass", "pass"]);
  });

  test.each([
    ["before its RTP time", () => -1, ["fail", "fail"]],
    ["over 1000 us", (n: number) => (n === 9 ? 1_000_001 : 0), ["fail", "pass"]],
    ["over 2500 us in the mean", () => 2_600_000, ["fail", "fail"]],
    ["over 20 packet times", (n: number) => (n === 9 ? 20 * PACKET_NS + 1 : 1), ["fail", "fail"]],
  ] as const)("%s", (_, delayNs, verdicts) => {
    const { profiles } = report(measure(1700, delayNs));
    expect(profiles.map(({ verdict }) => verdict)).toEqual([...verdicts]);
  });

  test("packet intervals are judged even where the delta can't be", () => {
    const slow = new AudioTiming({ sampleRateHz: 48_000, packetTimeNs: PACKET_NS, timestamps: HARDWARE });
    for (let n = 0; n < 100; n += 1) slow.packet(n * 6, true, n * PACKET_NS * 1.02);
    const { profiles, clock } = report(slow, NO_WALL_CLOCK as typeof EPOCH);
    expect(clock).toMatchObject({ alignment: "unknown", delta: null });
    expect(profiles.map(({ verdict }) => verdict)).toEqual(["not measured", "fail"]);
  });

  test("the first packet after a gap is compared with none", () => {
    const timing = measure(100, () => 0);
    timing.gap();
    timing.packet(5, true, 5e9);
    const { packetIntervalNs, clock } = report(timing);
    expect(packetIntervalNs.count).toBe(99);
    expect(clock.jumps).toBe(0);
  });
});
