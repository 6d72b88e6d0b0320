import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { rational } from "../timing21/rational.ts";
import { parseRaster } from "./raster.ts";
import { generatedError, parseGenerated } from "./spec.ts";

describe("what a generated stream is called", () => {
  test("rasters, scans and rates", () => {
    const RATES: [string, string, ReturnType<typeof rational>][] = [
      ["1920x1080p59.94", "progressive", rational(60_000, 1001)],
      ["1920x1080p23.98", "progressive", rational(24_000, 1001)],
      ["1920x1080p23.976", "progressive", rational(24_000, 1001)],
      ["3840x2160p50", "progressive", rational(50)],
      ["1920x1080i29.97", "interlaced", rational(30_000, 1001)],
      ["1920x1080i59.94", "interlaced", rational(30_000, 1001)],
      ["720x576i50", "interlaced", rational(25)],
      ["1920x1080psf25", "psf", rational(25)],
      ["1920x1080p120000/1001", "progressive", rational(120_000, 1001)],
      ["1920x1080p12.5", "progressive", rational(25, 2)],
    ];
    for (const [text, scan, rate] of RATES) expect(parseRaster(text)).toMatchObject({ scan, rate });
    for (const text of [
      "1080p50",
      "1920x1080",
      "1920x1080p0",
      "0x1080p50",
      "1920x1081i25",
      "40000x10p50",
      "8x8p1/0",
    ]) {
      expect(parseRaster(text)).toBeNull();
    }
  });

  const WRONG: [string, RegExp][] = [
    ["st2110-20", /kind:format/],
    ["st2110-99:x", /expected st2110-20/],
    ["st2110-20:1080p50", /1920x1080p59\.94/],
    ["st2110-20:1920x1080p50,depth=9", /8, 10, 12, 16/],
    ["st2110-20:1920x1080p50,depth", /key=value/],
    ["st2110-20:1920x1080p50,depht=10", /no depht/],
    ["st2110-20:1920x1080p50,fault=marker", /marker-missing/],
    ["st2110-20:1920x1080p50,fault=field-order", /needs fields/],
    ["st2110-20:1920x1080p50,fault=block-length", /pm=BPM/],
    ["st2110-20:1920x1080i25,sampling=4:2:0", /progressive only/],
    ["st2110-20:1920x1080p25,sampling=4:2:0,depth=16", /no pgroup/],
    ["st2110-20:1919x1080p50", /multiple of the pgroup/],
    ["st2110-20:1920x1080p50,to=239.1.1.1", /IPv4 address and port/],
    ["st2110-20:1920x1080p50,seconds=0", /0.01 to 86400/],
    ["st2110-30:L24/47999/2", /L24\/48000\/8/],
    ["st2110-30:L24/48000/16", /1440/],
    ["st2110-31:AM824/48000/3", /even/],
    ["st2110-31:L24/48000/2", /AM824\/48000\/4/],
    ["st2110-22:1920x1080p50,mbps=x", /mbps/],
    ["st2110-22:1920x1080p50,fault=frame-counter-fields", /needs fields/],
    ["st2110-22:1920x1080p50,mode=slice,fault=out-of-order", /needs mode=codestream/],
    ["st2110-22:1920x1080p50,mbps=5,fault=st2110-21-cinst", /expected fault/],
    ["st2110-22:1920x1080p50,mbps=5,fault=cinst", /needs mbps=/],
    ["st2110-20:1280x720p50,fault=vrx-overflow", /needs a stream such as/],
    ["st2110-30:L24/48000/2,fault=st2110-31-parity", /needs AES3/],
    ["st2110-31:AM824/48000/2,fault=level", /needs PCM/],
    ["st2110-40:1920x1080p120,fault=cdp-structure", /needs a rate/],
    ["st2110-41:1920x1080p1", /twice a second/],
    ["st2110-43:x", /language/],
    ["st2110-30:L24/48000/2,skew=5", /no skew/],
    ["st2110-30:L24/48000/2,redundant=1.2.3.4", /redundant= an IPv4/],
    ["st2110-30:L24/48000/2,fault=lost-on-leg-1", /needs a second leg/],
    ["st2110-30:L24/48000/2,redundant=1.2.3.4:5,loss=3", /loss=/],
    ["st2110-30:L24/48000/2,redundant=1.2.3.4:5,fault=window-full", /packets a second/],
    ["st2110-20:1280x720p50,redundant=1.2.3.4:5,fault=restart", /extended sequence/],
    ["st2110-30:L24/48000/2,to=1.2.3.4:5,redundant=1.2.3.4:5", /the same/],
  ];
  test.each(WRONG)("%s is refused in words", (text, reason) => {
    expect(generatedError(text)).toMatch(reason);
  });

  test("where it goes, and for how long", () => {
    expect(parseGenerated("st2110-30:L16/48000/2,to=239.1.2.3:6000,seconds=2.5")).toMatchObject({
      legs: [{ to: { address: [239, 1, 2, 3], port: 6000 }, skewNs: 0 }],
      seconds: 2.5,
    });
    expect(parseGenerated("ST2110-40:1920x1080p50")).toMatchObject({ legs: [{ to: null }], seconds: null });
    expect(parseGenerated("st2110-30:L16/48000/2,redundant=10.1.2.3:6000,skew=2500.5")).toMatchObject({
      legs: [
        { to: null, skewNs: 0 },
        { to: { address: [10, 1, 2, 3], port: 6000 }, skewNs: 2_500_500 },
      ],
    });
  });

  test("ST 2110-20 6.2: block packing splits no pgroup, also not those of 8 octets", () => {
    for (const [depth, longest] of [
      [10, 1260],
      [16, 1080],
    ] as const) {
      const spec = parseGenerated(`st2110-20:720x40p50,pm=BPM,depth=${depth}`);
      const stream = spec.legs[0]?.make({ taiSeconds: 1_704_067_200, startNs: 0, place: 0 });
      const packets = stream?.next() ?? [];
      const lengths = packets.map((packet) => packet.length);
      expect(lengths.length).toBeGreaterThan(10);
      // RTP header, extended sequence number and one or two sample row data headers.
      for (const length of lengths.slice(0, -1)) expect([longest + 20, longest + 26]).toContain(length);
    }
  });

  test("any text is taken or refused in words", () => {
    const word = fc.constantFrom(
      "st2110-20:",
      "1920x1080p50",
      ",depth=",
      "10",
      ",fault=",
      ",redundant=239.1.1.1:5",
      "lost-on-leg-1",
      "L24/48000/2",
      ",",
      "=",
      ":",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join("")),
        ),
        (text) => {
          const error = generatedError(text);
          expect(error === null || error.length > 5).toBe(true);
        },
      ),
    );
  });
});
