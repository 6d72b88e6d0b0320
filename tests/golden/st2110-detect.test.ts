import { describe, expect } from "bun:test";
import type { ClockRateHz } from "../../src/st2110/clock.ts";
import { Detector2110, type Kind2110 } from "../../src/st2110/detector.ts";
import { readRtp } from "../helpers/rtp-capture.ts";
import { needsShared, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";

const CAPTURES: [string, Kind2110, ClockRateHz | null][] = [
  ["list-1080i59", "video20", 90_000],
  ["list-jpegxs-125mbps", "jpegxs", 90_000],
  ["list-anc-5994i", "anc", 90_000],
  ["list-anc-timecode-cc-afd", "anc", 90_000],
  ["list-anc-wrong-did-payload", "anc", 90_000],
  ["zoo-anc-ancillary", "anc", 90_000],
  ["zoo-anc-closed-captions", "anc", 90_000],
  ["list-audio-l24-8ch-125us", "audio", 48_000],
  ["list-ttml", "ttml", null],
];

describe("what an RTP flow carries, without an SDP", () => {
  for (const [name, kind, rateHz] of CAPTURES) {
    testWith(needsShared(`st2110/${name}.pcap`), name, async () => {
      const { packets } = await readRtp(sharedData(`st2110/${name}.pcap`) ?? "");
      const detector = new Detector2110();
      let decidedNs = Number.NaN;
      for (const { octets, wireLength, timeNs } of packets) {
        detector.packet(octets, 0, octets.length, wireLength, timeNs);
        if (detector.kind() !== null && Number.isNaN(decidedNs)) decidedNs = timeNs;
      }
      expect(detector.finish()).toBe(kind);
      // Ends before the clock can be told for sure: 83 ms.
      if (name === "list-jpegxs-125mbps") return;
      expect(detector.clockRateHz()).toBe(rateHz);
      // Text is too seldom for half a second.
      if (kind !== "ttml") expect(decidedNs - (packets[0]?.timeNs ?? 0)).toBeLessThanOrEqual(500e6);
    });
  }
});
