import { describe, expect, test } from "bun:test";
import type { Report, StreamReport } from "../src/report/schema.ts";
import { generatedReport } from "./helpers/generated.ts";

/** Codes of what was found wrong, each once. */
function codes({ findings }: Report): string[] {
  return [...new Set(findings.map(({ code }) => code))];
}

function only({ streams }: Report): NonNullable<StreamReport["st2110"]> {
  const [stream, other] = streams;
  if (stream?.st2110 === undefined || other !== undefined) throw new Error(`${streams.length} streams`);
  return stream.st2110;
}

/** Figures of a format: NP, packets a second, Gb/s on the wire, TRS gapped in ns, TROFFSET in us, VRXFULL N and W, CMAX N, NL and W. */
type Figures = [
  number,
  number,
  string,
  number,
  string,
  [number, number | null],
  [number, number, number | null],
];

/** The table of the standard's figures. */
const TABLE: readonly [string, Figures][] = [
  ["1920x1080i25", [4320, 108_000, "1.111", 8889, "782.2", [8, 720], [4, 4, 16]]],
  ["1920x1080i29.97", [4320, 129_471, "1.332", 7415, "652.5", [8, 720], [4, 4, 16]]],
  ["1920x1080p50", [4320, 216_000, "2.222", 4444, "764.4", [8, 720], [5, 5, 16]]],
  ["1920x1080p59.94", [4320, 258_941, "2.664", 3707, "637.7", [9, 863], [6, 5, 16]]],
  ["3840x2160p50", [17_280, 864_000, "8.889", 1111, "764.4", [32, 2880], [20, 20, 40]]],
  // 900,000 packets a second and more: type W is not for these, so that its VRXFULL of 3452 (schedule.test.ts) does not hold.
  ["3840x2160p59.94", [17_280, 1_035_764, "10.656", 927, "637.7", [38, null], [24, 23, null]]],
];

/** Octets of a frame beside the UDP payload: preamble, Ethernet, IPv4, UDP, FCS and the gap between frames. */
const WIRE_OCTETS = 8 + 14 + 20 + 8 + 4 + 12;

describe("ST 2110-20 and -21: clean streams of each format, through the whole pipeline", () => {
  for (const [format, [packets, perSecond, gigabits, trs, troffset, vrxFull, cinst]] of TABLE) {
    test(format, async () => {
      const report = await generatedReport([`st2110-20:${format},seconds=0.15`]);
      expect(codes(report)).toEqual([]);
      const { kind, video } = only(report);
      expect(kind).toBe("video20");
      expect(`${video?.format.width}x${video?.format.height}`).toBe(format.split(/[ip]/)[0] as string);
      expect(video?.format).toMatchObject({ sampling: "4:2:2", depth: 10, packing: "GPM" });
      expect(video?.completeFrames).toBe(video?.frames as number);
      const { schedule, timestamps, verdicts } = video?.timing ?? {};
      expect(timestamps?.taiOffsetSeconds).toBe(37);
      expect(schedule?.packetsPerFrame).toBe(packets);
      const framesPerSecond = 1e9 / (schedule?.framePeriodNs ?? 0);
      expect(Math.round(packets * framesPerSecond)).toBe(perSecond);
      const [stream] = report.streams;
      const octets = (stream?.bytes ?? 0) / (stream?.packets ?? 0) + WIRE_OCTETS;
      expect(((octets * 8 * packets * framesPerSecond) / 1e9).toFixed(3)).toBe(gigabits);
      expect(Math.round(schedule?.trsGappedNs ?? 0)).toBe(trs);
      expect(((schedule?.troffsetNs ?? 0) / 1000).toFixed(1)).toBe(troffset);
      expect([schedule?.vrxFull.N, schedule?.vrxFull.W]).toEqual(vrxFull);
      expect([schedule?.cinstMax.N, schedule?.cinstMax.NL, schedule?.cinstMax.W]).toEqual(cinst);
      expect(verdicts?.[0]).toMatchObject({ type: "N", result: "yes", conclusive: true });
    });
  }

  const OTHERS: [string, object][] = [
    ["1920x1080p25,sampling=4:2:2,depth=12,seconds=0.2", { depth: null }],
    ["1920x1080p25,depth=16,seconds=0.2", { sampling: "4:2:2", depth: 16 }],
    ["1920x1080p25,sampling=4:4:4,depth=10,seconds=0.2", { sampling: "4:4:4", depth: 10 }],
    ["1920x1080p25,sampling=4:4:4,depth=12,seconds=0.2", { sampling: "4:4:4", depth: 12 }],
    ["1920x1080p25,sampling=4:2:0,depth=10,seconds=0.2", { sampling: "4:2:0", depth: 10 }],
    ["1920x1080p25,sampling=KEY,depth=10,seconds=0.2", { sampling: "KEY", depth: 10 }],
    ["1920x1080i25,pm=BPM,seconds=0.2", { packing: "BPM", scan: "interlaced" }],
    ["1920x1080psf23.98,seconds=0.2", { scan: "psf", rate: "24000/1001" }],
    ["720x576i50,seconds=0.2", { width: 720, height: 576, rate: "25" }],
    ["1280x720p60000/1001,seconds=0.2", { rate: "60000/1001" }],
    ["1920x1080p119.88,seconds=0.1", { rate: "120000/1001" }],
  ];
  for (const [spec, format] of OTHERS) {
    test(spec, async () => {
      const report = await generatedReport([`st2110-20:${spec}`]);
      expect(codes(report)).toEqual([]);
      expect(only(report).video?.format).toMatchObject(format);
    });
  }

  const TYPES = [
    ["N", ["yes", "no", "yes"]],
    ["NL", ["no", "yes", "yes"]],
    ["W", ["no", "no", "yes"]],
  ] as const;
  test.each(TYPES)("sender type %s", async (type, results) => {
    const report = await generatedReport([`st2110-20:1920x1080p50,type=${type},seconds=0.2`]);
    expect(codes(report)).toEqual([]);
    expect(only(report).video?.timing?.verdicts.map(({ result }) => result)).toEqual([...results]);
  });
});

/** 34 slices of a field's 540 lines, and the headers before them in a packet of their own. */
const SLICES = { packetization: "slice", scan: "interlaced", packetsPerPicture: 1 + 34 * 7, pictures: 60 };

describe("the other parts of ST 2110: clean streams", () => {
  const CLEAN: [string, object][] = [
    ["st2110-30:L24/48000/8", { kind: "audio", audio: { format: { level: "A", channels: 8 } } }],
    ["st2110-30:L16/48000/2", { audio: { format: { encoding: "L16" } } }],
    ["st2110-30:L24/48000/8,ptime=0.125", { audio: { format: { level: "B" } } }],
    ["st2110-30:L24/48000/64,ptime=0.125", { audio: { format: { level: "C" } } }],
    ["st2110-30:L24/96000/4", { clockRateHz: 96_000, audio: { format: { level: "AX" } } }],
    ["st2110-31:AM824/48000/4", { audio: { format: { encoding: "AM824", channels: 4 } } }],
    ["st2110-40:1920x1080p59.94", { kind: "anc", ancillary: { units: 59, unitRate: "60000/1001" } }],
    ["st2110-40:1920x1080i29.97", { kind: "anc", ancillary: { scan: "interlaced or PsF" } }],
    ["st2110-41:1920x1080p50", { kind: "metadata", clockRateHz: 90_000, metadata: { packets: 49 } }],
    [
      "st2110-43:pt-BR,interval=50",
      { kind: "ttml", ttml: { documents: 20, language: "pt-BR", packets: 60, skipped: 0 } },
    ],
    ["st2110-40:1920x1080psf25", { kind: "anc", ancillary: { unitRate: "25" } }],
    [
      "st2110-22:1920x1080p59.94",
      { kind: "jpegxs", jpegxs: { packetsPerPicture: 218, scan: "progressive" } },
    ],
    [
      "st2110-22:3840x2160i25,mbps=300",
      { kind: "jpegxs", jpegxs: { scan: "interlaced", octetsPerPicture: 750_000 } },
    ],
    ["st2110-22:1920x1080i29.97,mode=slice", { kind: "jpegxs", jpegxs: SLICES }],
    ["st2110-22:1920x1080p50,mode=slice,mbps=50", { kind: "jpegxs", jpegxs: { packetization: "slice" } }],
    [
      "st2110-22:1920x1080psf25",
      { kind: "jpegxs", jpegxs: { pictureRate: "50", bitrateBps: 125e6, scan: "interlaced" } },
    ],
  ];
  test.each(CLEAN)("%s", async (spec, expected) => {
    const report = await generatedReport([spec]);
    expect(codes(report)).toEqual([]);
    expect(only(report)).toMatchObject(expected);
  });

  test("ancillary data of every kind that is decoded, at every rate", async () => {
    for (const format of ["p23.98", "i25", "i29.97", "p50", "p59.94", "p119.88"]) {
      const report = await generatedReport([`st2110-40:1920x1080${format},seconds=2`]);
      expect(codes(report)).toEqual([]);
      const kinds = only(report).ancillary?.subStreams.map(({ decoded }) => decoded?.kind) ?? [];
      const expected = ["afd", "cdp", "cea608", "op47", "scte104", "timecode", "vpid"];
      expect(kinds.sort()).toEqual(
        expected.filter((kind) => kind !== "cdp" || format !== "p119.88") as typeof kinds,
      );
    }
  });

  test("several at once, each to its own group", async () => {
    const specs = [
      "st2110-20:1280x720p50,seconds=0.2",
      "st2110-30:L24/48000/2,to=239.1.1.1:6000",
      "st2110-40:1280x720p50",
    ];
    const report = await generatedReport(specs);
    expect(codes(report)).toEqual([]);
    expect(report.streams.map(({ id, st2110 }) => `${id} ${st2110?.kind}`).sort()).toEqual([
      "239.1.1.1-6000 audio",
      "239.20.0.1-5004 video20",
      "239.20.0.3-5004 anc",
    ]);
  });
});

describe("a capture of headers alone (snap length 96)", () => {
  test("video: all that a capture of whole frames gives", async () => {
    const specs = ["st2110-20:1280x720i29.97,seconds=0.4"];
    const [whole, cut] = await Promise.all([generatedReport(specs), generatedReport(specs, 96)]);
    expect(codes(cut)).toEqual(["snap-length"]);
    expect(only(cut).video).toEqual(only(whole).video);
  });

  test.each(["marker-early", "missing-lines", "row-order", "length-sum"])(
    "video: the fault %s",
    async (fault) => {
      const found = codes(await generatedReport([`st2110-20:1280x720p50,seconds=0.25,fault=${fault}`], 96));
      expect(found).toEqual(["snap-length", `st2110-20-${fault}`]);
    },
  );

  test("audio: timing, and levels not measured", async () => {
    const cut = await generatedReport(["st2110-30:L24/48000/8"], 96);
    const { audio } = only(cut);
    expect(codes(cut)).toEqual(["snap-length"]);
    expect(audio?.timing?.packetIntervalNs.mean).toBe(1e6);
    expect(audio?.unmetered).toBe(audio?.packets as number);
  });

  test("JPEG XS: its header rules", async () => {
    const found = codes(await generatedReport(["st2110-22:1920x1080i25,mbps=20,fault=packet-counter"], 96));
    expect(found).toEqual(["snap-length", "st2110-22-packet-counter"]);
  });
});
