import { describe, expect, test } from "bun:test";
import type { PipelineJob } from "../src/cli/pipeline-job.ts";
import type { Report } from "../src/report/schema.ts";
import { FAULT_CODES } from "../src/st2110/generator/plan.ts";
import { generatedReport } from "./helpers/generated.ts";

/** How one fault is shown. */
interface Case {
  /** The stream it is put into, in place of the usual one of its kind. */
  readonly stream?: string;
  /** Findings that the fault brings with it by what it is, and the reason. */
  readonly also?: Readonly<Record<string, string>>;
  /** A description that the rule needs. */
  readonly sdp?: string;
}

type Kind = keyof typeof FAULT_CODES;

const USUAL: Readonly<Record<Kind, string>> = {
  "st2110-20": "1280x720p50,seconds=0.25",
  "st2110-22": "1920x1080i25,mbps=20",
  "st2110-30": "L24/48000/2",
  "st2110-40": "1920x1080i25",
  "st2110-41": "1920x1080p50,seconds=1.5",
  "st2110-43": "en",
};

const FRAMES_22 = "1920x1080p50,mbps=20";
const AES3 = "st2110-31:AM824/48000/4";
const NEW_SSRC = { "rtp-restart": "another SSRC is another source, whose numbers begin anew (RFC 3550 5.1)" };

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
};

/** The stream with a fault, and the finding that it is for. */
function specOf(kind: Kind, fault: string): string {
  const stream = CASES[kind][fault]?.stream;
  if (stream === undefined && /^(st2110-31|aes3)-/.test(fault)) return `${AES3},fault=${fault}`;
  return `${kind}:${stream ?? USUAL[kind]},fault=${fault}`;
}

function codes({ findings }: Report): string[] {
  return [...new Set(findings.map(({ code }) => code))].sort();
}

describe("one fault a rule, and the one finding", () => {
  for (const [kind, faults] of Object.entries(FAULT_CODES) as [Kind, ReadonlyMap<string, string>][]) {
    for (const [fault, code] of faults) {
      test(`${kind} ${fault}`, async () => {
        const { also = {}, sdp } = CASES[kind][fault] ?? {};
        const changes: Partial<PipelineJob> =
          sdp === undefined ? {} : { sdp: [{ name: "a.sdp", text: sdp }] };
        const report = await generatedReport([specOf(kind, fault)], 0, changes);
        expect(codes(report)).toEqual([code, ...Object.keys(also)].sort());
      });
    }
  }
});
