import { describe, expect, test } from "bun:test";
import { FAULTY_STREAM } from "../report/fixture.ts";
import type { PtpReport } from "../report/ptp-schema.ts";
import type { StreamReport } from "../report/schema.ts";
import { readSdp, type SdpStream } from "../st2110/sdp/description.ts";
import { checkAgainstSdp } from "./sdp-check.ts";

const CLOCK = "39-A7-94-FF-FE-07-CB-D0";

function media(line: string, attributes: string): SdpStream {
  const text = `v=0\no=- 1 1 IN IP4 10.0.0.1\ns=x\nt=0 0\nm=${line}\nc=IN IP4 239.1.1.1/64\n${attributes}`;
  return readSdp(text).streams[0] as SdpStream;
}

const AUDIO = media(
  "audio 5000 RTP/AVP 97",
  `b=AS:3000\na=rtpmap:97 L24/48000/2\na=ptime:1\na=ts-refclk:ptp=IEEE1588-2008:${CLOCK}:127\n`,
);
const RAW = (sampling: string, depth: string) =>
  media(
    "video 5000 RTP/AVP 97",
    `a=rtpmap:97 raw/90000\na=fmtp:97 sampling=${sampling}; depth=${depth}; width=1920; height=1080\n`,
  );
const JXS = media(
  "video 5000 RTP/AVP 97",
  "b=AS:1\na=rtpmap:97 jxsv/90000\na=fmtp:97 width=1920; height=1080; exactframerate=25; interlace\n",
);

/** A stream of RTP with these parts of its report. */
function seen(st2110: object, changes: Partial<StreamReport> = {}): StreamReport {
  const { mpegts: _, rtp, ...rest } = FAULTY_STREAM;
  if (!rtp) throw new Error("the fixture has RTP");
  return { ...rest, rtp: { ...rtp, payloadType: 97 }, st2110: st2110 as StreamReport["st2110"], ...changes };
}

const heard = (clockRateHz: number | null, channels = 2, packetTimeUs = 1000) => ({
  kind: "audio",
  clockRateHz,
  audio: {
    format: { standard: "ST 2110-30", encoding: "L24", channels, packetTimeUs, sampleRateHz: clockRateHz },
  },
});

const picture = (candidates: { sampling: string; depth: number }[], scan = "progressive") => ({
  kind: "video20",
  clockRateHz: 90_000,
  video: { format: { width: 1920, height: 1080, scan, rate: null, candidates, packing: "GPM" } },
});

function told(
  said: SdpStream,
  stream: StreamReport,
  measuredHz: number | null = null,
  ptp?: PtpReport,
): string {
  return checkAgainstSdp(said, { ...stream, bitrate: stream.bitrate && 1e6 }, ptp, 10, measuredHz)
    .map(({ code, text }) => `${code}: ${text}`)
    .join("\n");
}

describe("a flow against its description", () => {
  test("as described", () => {
    expect(told(AUDIO, seen(heard(48_000)))).toBe("");
    expect(told(AUDIO, seen(heard(null)))).toBe("");
  });

  test("a clock that bursts make look like its neighbour is told only once a second has shown it", () => {
    expect(told(AUDIO, seen(heard(44_100)))).toBe("");
    expect(told(AUDIO, seen(heard(44_100)), 47_990)).toBe("");
    expect(told(AUDIO, seen(heard(44_100)), 44_101)).toContain("clock rate: described 48000, seen 44100");
    expect(told(AUDIO, seen(heard(96_000)))).toContain("clock rate: described 48000, seen 96000");
  });

  test("the format, where it is clear, and the payload type", () => {
    const wrong = told(AUDIO, seen(picture([])));
    expect(wrong).toContain("format: described st2110-30, seen st2110-20");
    const { rtp } = seen(heard(48_000));
    if (!rtp) throw new Error("no RTP");
    expect(told(AUDIO, seen(heard(48_000), { rtp: { ...rtp, payloadType: 98 } }))).toContain(
      "payload type: described 97, seen 98",
    );
    const l16 = heard(48_000);
    Object.assign(l16.audio.format, { encoding: "L16", encodingBasis: "size" });
    expect(told(AUDIO, seen(l16))).toContain("encoding: described L24, seen L16");
    Object.assign(l16.audio.format, { encodingBasis: "default" });
    expect(told(AUDIO, seen(l16))).toBe("");
    const am824 = {
      kind: "audio",
      clockRateHz: 48_000,
      audio: { format: { standard: "ST 2110-31", encoding: "AM824", channels: 2, packetTimeUs: 1000 } },
    };
    expect(told(AUDIO, seen(am824))).toContain("format: described st2110-30, seen st2110-31");
  });

  test("samplings that are packed alike can't be told apart, others can", () => {
    const of444 = picture([{ sampling: "4:4:4", depth: 8 }]);
    expect(told(RAW("RGB", "8"), seen(of444))).toBe("");
    expect(told(RAW("YCbCr-4:4:4", "8"), seen(of444))).toBe("");
    expect(told(RAW("YCbCr-4:2:2", "10"), seen(of444))).toContain(
      "sampling: described YCbCr-4:2:2, seen 4:4:4",
    );
    const either = picture([
      { sampling: "4:2:2", depth: 12 },
      { sampling: "4:4:4", depth: 8 },
    ]);
    expect(told(RAW("YCbCr-4:2:2", "12"), seen(either))).toBe("");
    expect(told(RAW("YCbCr-4:2:2", "10"), seen(either))).toContain("depth: described 10, seen 12 or 8");
    expect(told(RAW("YCbCr-4:2:2", "16f"), seen(picture([{ sampling: "4:2:2", depth: 16 }])))).toBe("");
  });

  test("scan", () => {
    const psf = told(RAW("YCbCr-4:2:2", "10"), seen(picture([], "psf")));
    expect(psf).toContain("interlaced: described false, seen true");
    expect(psf).toContain("segmented: described false, seen true");
  });

  test("JPEG XS: fields make frames; its rate its own analyser judges", () => {
    const fields = { width: 1920, height: 540 };
    const jxs = (pictureRate: string) => ({
      kind: "jpegxs",
      clockRateHz: 90_000,
      jpegxs: { picture: fields, scan: "interlaced", pictureRate },
    });
    expect(told(JXS, seen(jxs("50")))).toBe("");
    expect(told(JXS, seen(jxs("60")))).toContain("frame rate: described 25, seen 30");
  });

  test("bit rate with the headers, of more than a moment", () => {
    const stream = { ...seen(heard(48_000)), bytes: 1000, packets: 10, bitrate: 2_400_000 };
    const over = (bitrate: number, destination: string, seconds: number) =>
      checkAgainstSdp(AUDIO, { ...stream, bitrate, destination }, undefined, seconds, null).length;
    // 28 octets of headers on 100, or 48.
    expect(over(2_340_000, "239.1.1.1:5000", 10)).toBe(0);
    expect(over(2_345_000, "239.1.1.1:5000", 10)).toBe(1);
    expect(over(2_340_000, "[ff15::1]:5000", 10)).toBe(1);
    expect(over(9_000_000, "239.1.1.1:5000", 0.5)).toBe(0);
  });

  const OTHER = "00-00-00-FF-FE-00-00-01";
  const ptp = (...domains: [domain: number, grandmaster: string | null][]) =>
    ({
      domains: domains.map(([domain, grandmaster]) => ({ domain, grandmaster })),
    }) as unknown as PtpReport;

  test("PTP on the network: the grandmaster of the domain that is described", () => {
    const stream = seen(heard(48_000));
    expect(told(AUDIO, stream, null, ptp([127, CLOCK]))).toBe("");
    expect(told(AUDIO, stream, null, ptp([127, null]))).toBe("");
    expect(told(AUDIO, stream, null, ptp([127, OTHER]))).toContain(
      `PTP clock: described ${CLOCK} in domain 127, seen ${OTHER} in domain 127`,
    );
    // Other domains are there for other streams.
    expect(told(AUDIO, stream, null, ptp([0, OTHER]))).toBe("");
    expect(told(AUDIO, stream, null, ptp([0, OTHER], [127, CLOCK]))).toBe("");
    expect(told(AUDIO, stream, null, ptp([0, CLOCK], [127, OTHER]))).toContain(
      `described ${CLOCK} in domain 127`,
    );
  });

  test("RFC 7273 4: any of the clocks that are described", () => {
    const clocks = (...references: string[]) =>
      media(
        "audio 5000 RTP/AVP 97",
        `a=rtpmap:97 L24/48000/2\na=ptime:1\n${references.map((it) => `a=ts-refclk:${it}\n`).join("")}`,
      );
    const stream = seen(heard(48_000));
    const ptpv2 = (clock: string, domain = 127) => `ptp=IEEE1588-2008:${clock}:${domain}`;
    const two = clocks(ptpv2("08-00-11-FF-FE-21-E1-B0"), ptpv2(CLOCK));
    expect(told(two, stream, null, ptp([127, CLOCK]))).toBe("");
    expect(told(two, stream, null, ptp([127, OTHER]))).toContain(
      `described 08-00-11-FF-FE-21-E1-B0 in domain 127 or ${CLOCK} in domain 127, seen ${OTHER}`,
    );
    // The other one may be in use where it isn't heard.
    const elsewhere = clocks(ptpv2(CLOCK, 126), ptpv2(CLOCK, 127));
    expect(told(elsewhere, stream, null, ptp([127, OTHER]))).toBe("");
    expect(told(elsewhere, stream, null, ptp([126, OTHER], [127, OTHER]))).toContain(
      `seen ${OTHER} in domain 126 or`,
    );
    for (const unnamed of ["ptp=IEEE1588-2008:traceable", "localmac=00-11-22-33-44-55"]) {
      expect(told(clocks(ptpv2(CLOCK), unnamed), stream, null, ptp([127, OTHER]))).toBe("");
    }
  });
});
