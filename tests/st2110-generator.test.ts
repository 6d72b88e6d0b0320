import { describe, expect, test } from "bun:test";
import type { Report, StreamReport } from "../src/report/schema.ts";
import { FAULT_CODES } from "../src/st2110/generator/plan.ts";
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

/** Format, packets a frame, TRS gapped, TROFFSET in us, VRXFULL N and W, CMAX N, NL and W: the table of the standard's figures. */
const TABLE: [string, number, number, string, [number, number | null], [number, number, number | null]][] = [
  ["1920x1080i25", 4320, 8889, "782.2", [8, 720], [4, 4, 16]],
  ["1920x1080i29.97", 4320, 7415, "652.5", [8, 720], [4, 4, 16]],
  ["1920x1080p50", 4320, 4444, "764.4", [8, 720], [5, 5, 16]],
  ["1920x1080p59.94", 4320, 3707, "637.7", [9, 863], [6, 5, 16]],
  ["3840x2160p50", 17_280, 1111, "764.4", [32, 2880], [20, 20, 40]],
  // 900,000 packets a second and more: type W is not for these.
  ["3840x2160p59.94", 17_280, 927, "637.7", [38, null], [24, 23, null]],
];

describe("ST 2110-20 and -21: clean streams of each format, through the whole pipeline", () => {
  for (const [format, packets, trs, troffset, vrxFull, cinst] of TABLE) {
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

describe("the other parts of ST 2110: clean streams", () => {
  const CLEAN: [string, object][] = [
    ["st2110-30:L24/48000/8", { kind: "audio", audio: { format: { level: "A", channels: 8 } } }],
    ["st2110-30:L16/48000/2", { audio: { format: { encoding: "L16" } } }],
    ["st2110-30:L24/48000/8,ptime=0.125", { audio: { format: { level: "B" } } }],
    ["st2110-30:L24/48000/64,ptime=0.125", { audio: { format: { level: "C" } } }],
    ["st2110-30:L24/96000/4", { clockRateHz: 96_000, audio: { format: { level: "AX" } } }],
    ["st2110-31:AM824/48000/4", { audio: { format: { encoding: "AM824", channels: 4 } } }],
    ["st2110-40:1920x1080p59.94", { kind: "anc", ancillary: { ancPackets: 120, unitRate: "60000/1001" } }],
    ["st2110-40:1920x1080i29.97", { kind: "anc", ancillary: { scan: "interlaced or PsF" } }],
    ["st2110-40:1920x1080psf25", { kind: "anc", ancillary: { unitRate: "25" } }],
    [
      "st2110-22:1920x1080p59.94",
      { kind: "jpegxs", jpegxs: { packetsPerPicture: 218, scan: "progressive" } },
    ],
    [
      "st2110-22:3840x2160i25,mbps=300",
      { kind: "jpegxs", jpegxs: { scan: "interlaced", octetsPerPicture: 750_000 } },
    ],
  ];
  test.each(CLEAN)("%s", async (spec, expected) => {
    const report = await generatedReport([spec]);
    expect(codes(report)).toEqual([]);
    expect(only(report)).toMatchObject(expected);
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

/** Streams that faults are put into, and those that a fault needs. */
const BASE = {
  "st2110-20": "1280x720p50,seconds=0.25",
  "st2110-22": "1920x1080i25,mbps=20",
  "st2110-30": "L24/48000/2",
  "st2110-40": "1920x1080i25",
} as const;
const OWN_BASE: Record<string, string> = {
  "field-mix": "1280x720i25,seconds=0.4",
  "field-order": "1280x720i25,seconds=0.4",
  "block-length": "1280x720p50,pm=BPM,seconds=0.25",
  "interlace-reserved": "1920x1080p50,mbps=20",
};

/** Faults that break a second rule by what they are. */
const FOLLOWING: Record<string, string[]> = {
  "st2110-22 ssrc": ["rtp-restart"],
  "st2110-30 ssrc": ["rtp-restart"],
  "st2110-22 transmission-mode": ["packetization-mode"],
  "st2110-22 octets-per-frame": ["codestream-length"],
  "st2110-30 payload-limit": ["level"],
};

describe("one fault a rule, and the one finding", () => {
  for (const [kind, faults] of Object.entries(FAULT_CODES)) {
    for (const fault of faults) {
      test(`${kind} ${fault}`, async () => {
        const aes3 = /^(st2110-31|aes3)-/.test(fault);
        const own = `${kind} ${fault}` === "st2110-22 field-order" ? "1920x1080p50,mbps=20" : OWN_BASE[fault];
        const base = aes3 ? "st2110-31:AM824/48000/4" : `${kind}:${own ?? BASE[kind as keyof typeof BASE]}`;
        const found = codes(await generatedReport([`${base},fault=${fault}`]));
        const expected = [fault, ...(FOLLOWING[`${kind} ${fault}`] ?? [])];
        expect(found.map((code) => code.replace(/^(st2110-(20|21|22|30)|anc)-/, "")).sort()).toEqual(
          expected.sort(),
        );
      });
    }
  }
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
