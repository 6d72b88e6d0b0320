import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { channelOrderChannels } from "./check-audio.ts";
import { parseFrameRate } from "./check-video.ts";
import { compareWithSdp, readSdp, type SdpStream, type SeenStream, sdpFindings } from "./description.ts";
import { MAX_MEDIA, MAX_SDP_OCTETS } from "./parse.ts";
import { SDP_RULES, type SdpRuleName } from "./rules.ts";

const SESSION = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=Studio 1", "t=0 0"];
const CLOCKS = ["a=ts-refclk:ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:127", "a=mediaclk:direct=0"];
const VIDEO = [
  "m=video 50000 RTP/AVP 96",
  "c=IN IP4 239.1.1.1/64",
  "a=source-filter: incl IN IP4 239.1.1.1 192.0.2.1",
  "a=rtpmap:96 raw/90000",
  "a=fmtp:96 sampling=YCbCr-4:2:2; width=1920; height=1080; exactframerate=30000/1001; depth=10; interlace; TCS=SDR; colorimetry=BT709; PM=2110GPM; SSN=ST2110-20:2017; TP=2110TPN; TROFF=650; CMAX=4; PAR=1:1; RANGE=NARROW;",
  ...CLOCKS,
];
const COMPRESSED = [
  "m=video 50010 RTP/AVP 97",
  "c=IN IP4 239.1.1.2/64",
  "b=AS:116000",
  "a=rtpmap:97 jxsv/90000",
  "a=fmtp:97 packetmode=0; profile=High444.12; level=1k-1; sublevel=Sublev3bpp; sampling=YCbCr-4:2:2; width=1280; height=720; exactframerate=60000/1001; depth=10; colorimetry=BT709; TCS=SDR; RANGE=FULL; SSN=ST2110-22:2019; TP=2110TPN",
  ...CLOCKS,
];
const AUDIO = [
  "m=audio 50020 RTP/AVP 98",
  "c=IN IP4 239.1.1.3/64",
  "a=rtpmap:98 L24/48000/8",
  "a=fmtp:98 channel-order=SMPTE2110.(51,ST)",
  "a=ptime:0.125",
  "a=maxptime:0.125",
  ...CLOCKS,
];
const AM824 = AUDIO.map((line) => line.replace("L24", "AM824"));
const ANCILLARY = [
  "m=video 50030 RTP/AVP 100",
  "c=IN IP4 239.1.1.4/64",
  "a=rtpmap:100 smpte291/90000",
  "a=fmtp:100 DID_SDID={0x61,0x02};DID_SDID={0x60,0x60};VPID_Code=133;SSN=ST2110-40:2018",
  "a=ts-refclk:localmac=00-11-22-33-44-55",
  "a=mediaclk:direct=123",
];
const SECOND_LEG = VIDEO.map((line) => line.replaceAll("239.1.1.1", "239.2.1.1"));
const DUP = [...SESSION, "a=group:DUP one two", ...VIDEO, "a=mid:one", ...SECOND_LEG, "a=mid:two"];
const THREE_LEGS = [
  ...DUP.map((line) => line.replace("DUP one two", "DUP one two three")),
  ...VIDEO.map((line) => line.replaceAll("239.1.1.1", "239.3.1.1")),
  "a=mid:three",
];

function codes(lines: readonly string[], ending = "\r\n"): string[] {
  const description = readSdp(`${lines.join(ending)}${ending}`);
  return sdpFindings(description, "sdp").map(({ code }) => code);
}

/** The lines, `from` replaced by `to` (or the line taken away) where it stands. */
function changed(lines: readonly string[], from: string, to: string | null): string[] {
  expect(lines.some((line) => line.includes(from))).toBe(true);
  return lines.flatMap((line) =>
    !line.includes(from) ? [line] : to === null ? [] : [line.replace(from, to)],
  );
}

describe("good descriptions give no finding", () => {
  const good: [string, string[]][] = [
    ["ST 2110-20", VIDEO],
    ["ST 2110-22", COMPRESSED],
    ["ST 2110-30", AUDIO],
    ["ST 2110-31", AM824],
    ["ST 2110-40", ANCILLARY],
    ["all of them", [...VIDEO, ...COMPRESSED, ...AUDIO, ...ANCILLARY]],
    ["traceable", changed(VIDEO, "39-A7-94-FF-FE-07-CB-D0:127", "traceable")],
    ["a rate of the media clock", changed(VIDEO, "direct=0", "direct=0 rate=90000")],
  ];
  for (const [name, media] of good) {
    for (const ending of ["\n", "\r\n"]) {
      test(`${name}, ${ending.length} octets a line end`, () =>
        expect(codes([...SESSION, ...media], ending)).toEqual([]));
    }
  }
  test("two legs", () => {
    expect(codes(DUP)).toEqual([]);
    expect(readSdp(DUP.join("\n")).pairs).toEqual([[0, 1]]);
  });
  test("RFC 7104 4.2: three legs are no error, and it is said which are compared", () => {
    const description = readSdp(THREE_LEGS.join("\n"));
    expect(sdpFindings(description, "sdp")).toMatchObject([
      { code: "sdp-group-more-legs", severity: "info" },
    ]);
    expect(description.pairs).toEqual([[0, 1]]);
    const alike = THREE_LEGS.map((line) => line.replaceAll("239.3.1.1", "239.1.1.1"));
    expect(codes(alike)).toEqual(["sdp-group-legs", "sdp-group-more-legs"]);
  });
});

describe("what a description says", () => {
  test("video", () => {
    expect(readSdp([...SESSION, ...VIDEO].join("\n")).streams).toMatchObject([
      {
        format: "st2110-20",
        destinationAddress: "239.1.1.1",
        destinationPort: 50000,
        sourceAddresses: ["192.0.2.1"],
        payloadType: 96,
        ptpClocks: [{ clock: "39-A7-94-FF-FE-07-CB-D0", domain: 127 }],
        width: 1920,
        height: 1080,
        frameRate: { numerator: 30000, denominator: 1001 },
        interlaced: true,
        segmented: false,
        depth: "10",
        packing: "GPM",
        senderType: "N",
        troffUs: 650,
        cmax: 4,
        channels: null,
      },
    ]);
  });

  test("audio, ancillary data, compressed video", () => {
    const { streams } = readSdp([...SESSION, ...AUDIO, ...ANCILLARY, ...COMPRESSED].join("\n"));
    expect(streams).toMatchObject([
      { format: "st2110-30", channels: 8, packetTimeMs: 0.125, channelOrder: "SMPTE2110.(51,ST)" },
      { format: "st2110-40", dids: [0x6102, 0x6060], ptpClocks: [] },
      { format: "st2110-22", bandwidthKbps: 116000 },
    ]);
  });

  test("ST 2110-30 6.2.2: channels of a channel-order", () => {
    expect(channelOrderChannels("SMPTE2110.(51,ST,U04)")).toBe(12);
    for (const bad of [
      "SMPTE2110.()",
      "51",
      "SMPTE2110.(52)",
      "SMPTE2110.(U00)",
      "SMPTE2110.(U65)",
      "SMPTE2110.(toString)",
    ]) {
      expect(channelOrderChannels(bad)).toBeNull();
    }
  });

  test("ST 2110-20 7.2: exactframerate", () => {
    expect(parseFrameRate("25")).toEqual({ numerator: 25, denominator: 1 });
    expect(parseFrameRate("60000/1001")).toEqual({ numerator: 60000, denominator: 1001 });
    for (const bad of ["29.97", "50/2", "25/1", "0", "30000/0", "", "-25"])
      expect(parseFrameRate(bad)).toBeNull();
  });
});

describe("one fault, one finding", () => {
  const video: [SdpRuleName, string, string | null][] = [
    ["syntax", "a=mediaclk:direct=0", "a=mediaclk:direct=0\n  folded"],
    ["port", "50000", "0"],
    ["protocol", "RTP/AVP", "RTP/SAVP"],
    ["media", "RTP/AVP 96", "RTP/AVP 96 97"],
    ["connection", "c=IN IP4", "c=IN IP5"],
    ["ttl", "239.1.1.1/64", "239.1.1.1"],
    ["rtpmap", "a=rtpmap:96", "a=rtpmap:97"],
    ["noRtpmap", "a=rtpmap:96", null],
    ["clockRate", "raw/90000", "raw/48000"],
    ["fmtpDuplicate", "TCS=SDR;", "TCS=SDR; TCS=SDR;"],
    ["mediaclkMissing", "a=mediaclk", null],
    ["mediaclk", "direct=0", "directly"],
    ["mediaclkOffset", "direct=0", "direct=1"],
    ["refclkMissing", "a=ts-refclk", null],
    ["refclk", "ptp=IEEE1588-2008:39", "ptp=traceable:39"],
    ["refclkDomain", ":127", ""],
    ["refclkDomain", ":127", ":128"],
    ["sourceFilter", "incl IN IP4 239.1.1.1", "incl IN IP4 239.9.9.9"],
    ["sourceFilter", "incl", "excl"],
    ["required", "depth=10; ", ""],
    ["value", "depth=10", "depth=11"],
    ["value", "width=1920", "width=32768"],
    ["value", "colorimetry=BT709", "colorimetry=BT.709"],
    ["value", "SSN=ST2110-20:2017", "SSN=ST2110-22:2017"],
    ["value", "PAR=1:1", "PAR=1"],
    ["frameRate", "30000/1001", "29.97"],
    ["flagValue", "interlace;", "interlace=1;"],
    ["segmented", "interlace;", "segmented;"],
    ["unknownParameter", "interlace;", "interlaced;"],
    ["trafficProfile", "TP=2110TPN", "TP=2110TPX"],
    ["trafficProfileMissing", "TP=2110TPN; ", ""],
    ["timing", "TROFF=650", "TROFF=0.65"],
    ["maxUdp", "CMAX=4", "CMAX=4; MAXUDP=9000"],
    ["maxUdp", "PM=2110GPM", "PM=2110BPM; MAXUDP=8960"],
  ];
  for (const [rule, from, to] of video) {
    test(`${SDP_RULES[rule].clause} ${rule}: ${from} → ${to?.replace("\n", " ") ?? "gone"}`, () => {
      expect(codes([...SESSION, ...changed(VIDEO, from, to)], "\n")).toEqual([SDP_RULES[rule].code]);
    });
  }

  const others: [SdpRuleName, string[]][] = [
    ["order", [...changed(SESSION, "t=0 0", null), ...VIDEO]],
    ["order", [...changed(SESSION, "v=0", "v=1"), ...VIDEO]],
    ["noMedia", SESSION],
    ["fmtp", [...SESSION, ...changed(ANCILLARY, "a=fmtp:100", "a=fmtp:101")]],
    ["noConnection", [...SESSION, ...changed(AUDIO, "c=IN", null)]],
    [
      "payloadType",
      [...SESSION, ...AUDIO.map((line) => line.replace("AVP 98", "AVP 95").replace(":98 ", ":95 "))],
    ],
    ["sourceFilterMissing", [...SESSION, ...changed(AUDIO, "239.1.1.3", "232.1.1.3")]],
    ["bandwidth", [...SESSION, ...changed(COMPRESSED, "b=AS", null)]],
    ["required", [...SESSION, ...changed(COMPRESSED, "; TP=2110TPN", "")]],
    ["packetTime", [...SESSION, ...changed(AUDIO, "a=ptime:0.125", null)]],
    ["packetTime", [...SESSION, ...changed(AUDIO, "a=ptime:0.125", "a=ptime:20")]],
    ["packetTime", [...SESSION, ...changed(AUDIO, "a=ptime:0.125", "a=ptime:1")]],
    ["channels", [...SESSION, ...changed(AUDIO, "48000/8", "48000/7")]],
    ["channels", [...SESSION, ...changed(changed(AM824, "48000/8", "48000/3"), "a=fmtp", null)]],
    ["channelOrder", [...SESSION, ...changed(AUDIO, "(51,ST)", "(5.1)")]],
    ["channelConvention", [...SESSION, ...changed(AUDIO, "SMPTE2110.(51,ST)", "AIFF-C.lr")]],
    ["sampleRate", [...SESSION, ...changed(AUDIO, "48000", "32000")]],
    ["did", [...SESSION, ...changed(ANCILLARY, "{0x61,0x02}", "0x61,0x02")]],
    ["did", [...SESSION, ...changed(ANCILLARY, "VPID_Code=133", "VPID_Code=300")]],
    ["clockRate", [...SESSION, ...changed(ANCILLARY, "90000", "48000")]],
    ["value", [...SESSION, ...changed(ANCILLARY, "ST2110-40:2018", "ST2110-41:2018")]],
    ["group", changed(DUP, "DUP one two", "DUP one three")],
    ["groupLegs", changed(DUP, "DUP one two", "DUP one")],
    ["groupLegs", [...DUP.slice(0, 13), ...changed(DUP.slice(13), "width=1920", "width=1280")]],
    ["groupLegs", DUP.map((line) => line.replaceAll("239.2.1.1", "239.1.1.1"))],
    ["groupMoreLegs", THREE_LEGS],
    ["mid", [...DUP, ...AUDIO, "a=mid:two"]],
  ];
  for (const [i, [rule, lines]] of others.entries()) {
    test(`${SDP_RULES[rule].clause} ${rule} (${i})`, () =>
      expect(codes(lines, "\n")).toEqual([SDP_RULES[rule].code]));
  }

  test("too long", () => {
    const description = readSdp(
      `${[...SESSION, ...VIDEO].join("\n")}\n${"a=x\n".repeat(MAX_SDP_OCTETS / 4)}`,
    );
    expect(sdpFindings(description, "sdp").map(({ code }) => code)).toEqual(["sdp-too-long"]);
  });

  test("more media than are kept", () => {
    const lines = [...SESSION, ...Array.from({ length: MAX_MEDIA + 44 }, () => AUDIO).flat()];
    const description = readSdp(lines.join("\n"));
    expect(description.streams).toHaveLength(MAX_MEDIA);
    expect(description.faults).toEqual([{ rule: "tooLong", line: 0, found: "300 media" }]);
  });

  test("each rule has a test", () => {
    const tested = new Set([...video, ...others].map(([rule]) => rule));
    expect(Object.keys(SDP_RULES).filter((rule) => !tested.has(rule as SdpRuleName))).toEqual(["tooLong"]);
  });

  test("a finding tells the line and what stands there, without control characters", () => {
    const lines = [...SESSION, ...VIDEO, "a\u001b[31m", "?", "?", "?", "?"];
    const [finding] = sdpFindings(readSdp(lines.join("\n")), "sdp");
    expect(finding).toMatchObject({ code: "sdp-syntax", count: 5, stream: "sdp", first: null, last: null });
    expect(finding?.text).toContain("line 12: `a?[31m`");
    expect(finding?.text).toContain("and 1 more");
  });
});

describe("what is said against what is seen", () => {
  const said = readSdp([...SESSION, ...VIDEO].join("\n")).streams[0] as SdpStream;
  const same: SeenStream = {
    format: "st2110-20",
    payloadType: 96,
    width: 1920,
    height: 1080,
    framesPerSecond: 29.97003,
    interlaced: true,
    segmented: false,
    depth: null,
    packing: "GPM",
    largestUdp: 1460,
  };

  test("agree", () => expect(compareWithSdp(said, same, "x")).toBeNull());

  const different: [string, SeenStream][] = [
    ["format", { format: "st2110-22" }],
    ["payload type", { payloadType: 97 }],
    ["width", { width: 1280 }],
    ["depth", { depth: "8" }],
    ["interlaced", { interlaced: false }],
    ["frame rate", { framesPerSecond: 25 }],
    ["largest datagram", { largestUdp: 1468 }],
    ["PTP clock", { grandmasters: [{ clock: "00-00-00-FF-FE-00-00-01", domain: 127 }] }],
  ];
  for (const [name, change] of different) {
    test(`differ: ${name}`, () => {
      const finding = compareWithSdp(said, { ...same, ...change }, "x");
      expect(finding).toMatchObject({ code: "sdp-mismatch", count: 1, stream: "x" });
      expect(finding?.text).toContain(`(${name}: described`);
    });
  }

  test("audio: packet time as rounded, channels", () => {
    const audio = readSdp([...SESSION, ...changed(AUDIO, "a=ptime:0.125", "a=ptime:0.12")].join("\n"))
      .streams[0];
    expect(compareWithSdp(audio as SdpStream, { channels: 8, packetTimeMs: 0.125 }, "x")).toBeNull();
    expect(compareWithSdp(audio as SdpStream, { channels: 2, packetTimeMs: 1 }, "x")).toMatchObject({
      count: 2,
    });
  });

  test("compressed: bit rate", () => {
    const compressed = readSdp([...SESSION, ...COMPRESSED].join("\n")).streams[0] as SdpStream;
    expect(compareWithSdp(compressed, { bandwidthKbps: 116000 }, "x")).toBeNull();
    expect(compareWithSdp(compressed, { bandwidthKbps: 116001 }, "x")).toMatchObject({ count: 1 });
  });
});

describe("bad input", () => {
  test("any text: a description, no exception", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
        expect(sdpFindings(readSdp(text), "sdp").length).toBeGreaterThan(0);
      }),
    );
  });

  test("a good description with octets changed: no exception", () => {
    const text = [...DUP, ...COMPRESSED, ...AUDIO, ...ANCILLARY].join("\n");
    const change = fc.tuple(fc.nat(text.length - 1), fc.string({ unit: "binary", maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 10 }), (changes) => {
        const damaged = changes.reduce(
          (was, [at, octets]) => was.slice(0, at) + octets + was.slice(at + 1),
          text,
        );
        const description = readSdp(damaged);
        for (const stream of description.streams) compareWithSdp(stream, {}, "x");
        for (const { text: told } of sdpFindings(description, "sdp")) expect(told).toMatch(/^[\x20-\x7e…]*$/);
      }),
    );
  });
});
