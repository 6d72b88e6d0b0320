import { describe, expect, test } from "bun:test";
import { networkSchema } from "../report/mpegts-schema.ts";
import { NetworkMeter } from "./network.ts";

describe("NetworkMeter", () => {
  test("a stream of which nothing was seen", () => {
    const report = new NetworkMeter().report();
    expect(networkSchema.parse(report)).toEqual(report);
    expect(report).toMatchObject({
      mdi: null,
      rtpJitterMs: null,
      ssrcChanges: 0,
      partialDatagrams: 0,
      fec: "none",
    });
  });

  test("two seconds of RTP at 1000 datagrams a second, one in ten cut short", () => {
    const meter = new NetworkMeter();
    meter.mdi.mediaRate(1316 * 8 * 1000);
    for (let i = 0; i <= 2000; i += 1) {
      const timeNs = i * 1e6;
      const octets = i % 10 === 9 ? 1300 : 1316;
      meter.datagram(octets + 12, timeNs);
      meter.rtp(i * 90, 0xabc, timeNs);
      meter.media(octets, 188, timeNs);
    }
    meter.mdi.lost(1);
    const report = meter.report();
    expect(networkSchema.parse(report)).toEqual(report);
    expect(report.interArrivalUs).toMatchObject({ count: 2000, min: 1000, max: 1000 });
    expect(report.bursts[0]?.maxOctets).toBe(1328);
    expect(report.partialDatagrams).toBe(200);
    expect(report.rtpJitterMs).toBe(0);
    // 200 datagrams of 16 octets less, 100 of them in an interval: 1600 octets, of which 1316 are 1 ms.
    expect(report.mdi?.delayFactorMs.max).toBeCloseTo(1 + 1600 / 1316, 1);
    expect(meter.report()).toEqual(report);
  });

  test("over a gap of the input nothing is compared", () => {
    const meter = new NetworkMeter();
    meter.datagram(1328, 0);
    meter.rtp(0, 1, 0);
    meter.media(1316, 188, 0);
    meter.gap();
    meter.datagram(1328, 9e9);
    meter.rtp(5, 1, 9e9);
    meter.media(1316, 188, 9e9);
    const report = meter.report();
    expect(report.interArrivalUs.count).toBe(0);
    expect([report.mdi, report.rtpJitterMs, report.ssrcChanges]).toEqual([null, null, 0]);
  });
});
