import { describe, expect, test } from "bun:test";
import type { PipelineJob } from "../src/cli/pipeline-job.ts";
import type { Report } from "../src/report/schema.ts";
import { FAULT_CODES } from "../src/st2110/generator/faults.ts";
import { generatedReport } from "./helpers/generated.ts";
import { PROJECT } from "./helpers/run.ts";

/** How one fault is shown. */
interface Case {
  /** The stream it is put into, in place of the usual one of its kind. */
  readonly stream?: string;
  /** Findings that the fault brings with it by what it is, and the reason. */
  readonly also?: Readonly<Record<string, string>>;
  /** A description that the rule needs. */
  readonly sdp?: string;
  /** Other settings that it needs. */
  readonly changes?: Partial<PipelineJob>;
}

type Kind = keyof typeof FAULT_CODES;

const USUAL: Readonly<Record<Kind, string>> = {
  "st2110-20": "1280x720p50,seconds=0.25",
  "st2110-22": "1920x1080i25,mbps=20",
  "st2110-30": "L24/48000/2",
  "st2110-40": "1920x1080i25",
  "st2110-41": "1920x1080p50,seconds=1.5",
  "st2110-43": "en",
  redundant: "st2110-30:L24/48000/2,redundant=239.21.0.1:5004",
};

const FRAMES_22 = "1920x1080p50,mbps=20";
const AES3 = "st2110-31:AM824/48000/4";
const NEW_SSRC = { "rtp-restart": "another SSRC is another source, whose numbers begin anew (RFC 3550 5.1)" };

const LOST_ON_A_LEG = "each leg is a stream of its own, whose numbers have a gap (RFC 3550 5.1)";

/** Legs of one stream by a description, of which the packets show nothing. */
const PAIR_SDP = `v=0
o=- 1 1 IN IP4 10.20.0.1
s=pair
t=0 0
a=group:DUP first second
${["20", "21"]
  .map(
    (net, index) => `m=audio 5004 RTP/AVP 97
c=IN IP4 239.${net}.0.1/64
a=source-filter: incl IN IP4 239.${net}.0.1 10.${net}.0.1
a=mid:${["first", "second"][index]}
a=ts-refclk:ptp=IEEE1588-2008:traceable
a=mediaclk:direct=0
a=rtpmap:97 L24/48000/2
a=ptime:1
`,
  )
  .join("")}`;

const CASES: Readonly<Record<Kind, Readonly<Record<string, Case>>>> = {
  "st2110-20": {
    "field-mix": { stream: "1280x720i25,seconds=0.4" },
    "field-order": { stream: "1280x720i25,seconds=0.4" },
    "block-length": { stream: "1280x720p50,pm=BPM,seconds=0.25" },
    "block-size": { stream: "1280x720p50,pm=BPM,seconds=0.25" },
    "vrx-overflow": { stream: "1920x1080p25,sampling=4:4:4,depth=12,seconds=0.35" },
  },
  "st2110-22": {
    ssrc: { also: NEW_SSRC },
    "transmission-mode": {
      stream: "1920x1080i25,mbps=20,mode=slice",
    },
    "interlace-reserved": { stream: FRAMES_22 },
    "field-order": { stream: FRAMES_22 },
    bandwidth: {
      // 20 Mb/s, and 4 % for the headers of packets.
      sdp: `v=0
o=- 1 1 IN IP4 10.20.0.1
s=compressed
t=0 0
m=video 5004 RTP/AVP 112
c=IN IP4 239.20.0.1/64
b=AS:20800
a=source-filter: incl IN IP4 239.20.0.1 10.20.0.1
a=ts-refclk:ptp=IEEE1588-2008:traceable
a=mediaclk:direct=0
a=rtpmap:112 jxsv/90000
a=fmtp:112 packetmode=0; transmode=1; profile=Main444.12; level=4k-2; sublevel=Sublev3bpp; sampling=YCbCr-4:4:4; depth=10; width=1920; height=1080; interlace; exactframerate=25; colorimetry=BT709; SSN=ST2110-22:2019; TP=2110TPN
`,
    },
  },
  "st2110-30": {
    ssrc: { also: NEW_SSRC },
    "payload-limit": {
      also: { "st2110-30-level": "no level has more than 1152 octets a packet (ST 2110-30 7)" },
    },
    "sampling-rate": { stream: "L24/48000/2,seconds=3.4" },
  },
  "st2110-40": {},
  "st2110-41": {},
  "st2110-43": { ssrc: { also: NEW_SSRC } },
  redundant: {
    "lost-in-both": {
      also: {
        "rtp-loss": LOST_ON_A_LEG,
        "st2022-7-lost-on-leg-1": "what is lost in both is lost on the first",
        "st2022-7-lost-on-leg-2": "and on the second",
      },
    },
    "lost-on-leg-1": { also: { "rtp-loss": LOST_ON_A_LEG } },
    "lost-on-leg-2": { also: { "rtp-loss": LOST_ON_A_LEG } },
    "leg-silent": { stream: "st2110-30:L24/48000/2,seconds=1.6,redundant=239.21.0.1:5004" },
    skew: { changes: { redundancyClass: "A" } },
    late: { stream: "st2110-30:L24/48000/2,seconds=1.6,redundant=239.21.0.1:5004" },
    unrelated: { sdp: PAIR_SDP },
    restart: {
      also: {
        "rtp-restart": "both legs, and what is merged of them, begin anew (RFC 3550 A.1)",
      },
    },
    "window-full": {
      stream: "st2110-20:1920x1080p100,seconds=0.15,redundant=239.21.0.1:5004",
      also: {
        "rtp-loss": "the merged stream goes on without the packet, which the first leg has lost",
        "st2022-7-lost-on-leg-1": "the packet that all others wait for is lost there",
        "st2022-7-late": "its copy on the second leg comes when the merged stream has gone on",
      },
    },
  },
};

/** The stream with a fault, and the finding that it is for. */
function specOf(kind: Kind, fault: string): string {
  const stream = CASES[kind][fault]?.stream;
  if (stream === undefined && /^(st2110-31|aes3)-/.test(fault)) return `${AES3},fault=${fault}`;
  const text = stream ?? USUAL[kind];
  return `${kind === "redundant" ? text : `${kind}:${text}`},fault=${fault}`;
}

function codes({ findings }: Report): string[] {
  return [...new Set(findings.map(({ code }) => code))].sort();
}

describe("one fault a rule, and the one finding", () => {
  for (const [kind, faults] of Object.entries(FAULT_CODES) as [Kind, ReadonlyMap<string, string>][]) {
    for (const [fault, code] of faults) {
      test(`${kind} ${fault}`, async () => {
        const { also = {}, sdp, changes = {} } = CASES[kind][fault] ?? {};
        const described = sdp === undefined ? {} : { sdp: [{ name: "a.sdp", text: sdp }] };
        const report = await generatedReport([specOf(kind, fault)], 0, { ...described, ...changes });
        expect(codes(report)).toEqual([code, ...Object.keys(also)].sort());
      });
    }
  }
});

test("every table of rules has its faults, so that a rule without one does not compile", async () => {
  const tables: string[] = [];
  for await (const path of new Bun.Glob("src/st2110/**/*.ts").scan(PROJECT)) {
    const text = await Bun.file(`${PROJECT}/${path}`).text();
    if (!path.endsWith(".test.ts"))
      tables.push(...[...text.matchAll(/const (\w+_RULES) =/g)].map((it) => it[1] ?? ""));
  }
  // SDP_RULES are of descriptions, which are no streams.
  const known = ["ANC", "AUDIO", "JXS", "METADATA", "REDUNDANCY", "SDP", "TIMING21", "TTML", "VIDEO"];
  expect(tables.sort()).toEqual(known.map((name) => `${name}_RULES`));
});

describe("a pair of ST 2022-7 without a fault", () => {
  const PAIRS: [spec: string, skewClass: string | null, findings: string[]][] = [
    ["st2110-30:L24/48000/2,redundant=239.20.0.1:5006", "D", []],
    ["st2110-30:L24/48000/2,redundant=239.21.0.1:5004,skew=5000", "A", []],
    ["st2110-30:L24/48000/2,redundant=239.21.0.1:5004,skew=30000", "B", []],
    ["st2110-22:1920x1080p50,redundant=239.21.0.1:5004", "D", []],
    ["st2110-20:1280x720p50,seconds=0.2,redundant=239.21.0.1:5004", "D", []],
    [
      "st2110-30:L24/48000/2,redundant=239.21.0.1:5004,loss=50/70",
      "D",
      ["rtp-loss", "st2022-7-lost-on-leg-1", "st2022-7-lost-on-leg-2"],
    ],
  ];
  test.each(PAIRS)("%s", async (spec, skewClass, findings) => {
    const report = await generatedReport([spec]);
    expect(codes(report)).toEqual(findings);
    const [pair, other] = report.redundancy ?? [];
    expect(other).toBeUndefined();
    expect(pair).toMatchObject({ pairedBy: "content", lostInBoth: 0, payloadDiffers: 0, skewClass });
    const merged = report.streams.find(({ id }) => id === pair?.mergedStream);
    expect(merged?.rtp).toMatchObject({ lost: 0, packets: pair?.merged as number });
    expect(pair?.merged).toBe((pair?.both ?? 0) + (pair?.legs[0].only ?? 0) + (pair?.legs[1].only ?? 0));
    if (findings.length > 0) for (const leg of pair?.legs ?? []) expect(leg.lost).toBeGreaterThan(10);
  });
});
