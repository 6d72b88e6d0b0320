import { describe, expect, test } from "bun:test";
import {
  AUDIO_STREAM,
  JPEGXS_STREAM,
  ST2110_REPORT,
  TTML_STREAM,
  VIDEO_STREAM,
} from "../report/fixture-st2110.ts";
import { ANCILLARY_STREAM, PTP } from "../report/fixture-st2110-other.ts";
import { type Report, reportSchema, type StreamReport } from "../report/schema.ts";
import type { St2110Report } from "../report/st2110-schema.ts";
import { renderHtml } from "./html/page.ts";
import { liveLines, streamLogLine } from "./live.ts";
import { mediaKind } from "./media-facts.ts";
import { kindName, kindText } from "./stream-facts.ts";
import { renderText } from "./text.ts";

/** The same domain on two networks. */
const TWO_NETWORKS = {
  ...PTP,
  domains: PTP.domains.flatMap((domain) => [
    { ...domain, network: "VLAN 10" },
    { ...domain, network: "VLAN 20", remainderNs: 1000 },
  ]),
};

function textOf(stream: StreamReport, columns = 80): string {
  return renderText({ ...ST2110_REPORT, ptp: undefined, streams: [stream] }, { columns, colour: false });
}

function mediaOf(stream: StreamReport): St2110Report {
  return stream.st2110 as St2110Report;
}

test("the fixture is a report", () => {
  expect(reportSchema.safeParse(ST2110_REPORT).error).toBeUndefined();
});

describe("what a stream carries, in a word", () => {
  test("part of ST 2110 with its format", () => {
    expect(ST2110_REPORT.streams.map(kindText)).toEqual([
      "-20 1080i59",
      "-30 L24 8ch",
      "-40 ANC",
      "-22 1080i59",
      "-43 TTML",
    ]);
    expect(kindName(VIDEO_STREAM)).toBe("ST 2110-20 video");
  });

  test("video of every scan, and what is not known is left out", () => {
    const { video } = mediaOf(VIDEO_STREAM);
    if (video === undefined) throw new Error("no video");
    const of = (format: Partial<typeof video.format>): string =>
      mediaKind({ ...mediaOf(VIDEO_STREAM), video: { ...video, format: { ...video.format, ...format } } });
    expect(of({ height: 2160, scan: "progressive", rate: "60000/1001" })).toBe("-20 2160p59");
    expect(of({ height: 2160, scan: "progressive", rate: "60" })).toBe("-20 2160p60");
    expect(of({ scan: "psf", rate: "24000/1001" })).toBe("-20 1080psf23");
    expect(of({ scan: "progressive", rate: null })).toBe("-20 1080p");
    expect(of({ height: null })).toBe("-20");
  });

  test("PTP by its port, RTP of no known kind, others", () => {
    const other: StreamReport = { ...TTML_STREAM, kind: "other", st2110: undefined };
    expect(kindText({ ...other, destination: "224.0.1.129:319" })).toBe("PTP");
    expect(kindText({ ...other, destination: "224.0.1.129:3190" })).toBe("UDP");
    const base = { clockRateHz: null, notJudged: 0 };
    expect(mediaKind({ ...base, kind: "unknown" })).toBe("RTP");
    expect(mediaKind({ ...base, kind: "st2022-6" })).toBe("ST 2022-6");
    expect(mediaKind({ ...base, kind: "audio" })).toBe("-30");
  });
});

describe("text of ST 2110", () => {
  test("video: format, verdicts with the quality of the times, Cinst, VRX, FPT, margin, latency", () => {
    const text = textOf(VIDEO_STREAM);
    expect(text).toContain("Stream 239.0.1.2-50000  ST 2110-20 video");
    expect(text).toContain("1920x1080, interlaced, 30000/1001 frames/s, 4:2:2 10 bits, GPM");
    expect(text).toContain("narrow (N): yes, by savefile timestamps of 1 us: not conclusive");
    expect(text).toContain("Cinst       peak 2, mean 1.118; at most 4 (N), 4 (NL), 16 (W)");
    expect(text).toContain("VRX gapped  1 to 7, mean 6.99, 0 underflows; full at 8 (N)");
    expect(text).toContain("FPT         606.7 to 607.3 us, mean 607.1; TROFFSET 652.5 us");
    expect(text).toContain("Margin      45.17 to 45.84 us, mean 45.44");
    expect(text).toContain("Latency     617.8 to 627.6 us");
    expect(text).not.toContain("TS  ");
    expect(text).not.toContain("Continuity");
  });

  test("video whose sender follows no clock, and whose frames have holes", () => {
    const { video } = mediaOf(VIDEO_STREAM);
    const timing = video?.timing;
    if (video === undefined || timing === null || timing === undefined) throw new Error("no timing");
    const timestamps = { ...timing.timestamps, taiOffsetSeconds: null };
    const free = { ...timing, timestamps, vrx: null, fptNs: null, marginNs: null, rtpOffsetTicks: null };
    const media = { ...mediaOf(VIDEO_STREAM), video: { ...video, lost: 3, completeFrames: 4, timing: free } };
    const report = { ...ST2110_REPORT, streams: [{ ...VIDEO_STREAM, st2110: media }] };
    const text = renderText(report, { columns: 80, colour: false });
    expect(text).toContain("not locked to TAI");
    expect(text).not.toContain("VRX gapped");
    expect(renderText(report, { columns: 80, colour: true })).toContain("\x1b[31m  Frames      4 of 5 whole");
    const format = { ...video.format, sampling: "unknown" as const, rate: null, width: null };
    const unknown = { ...mediaOf(VIDEO_STREAM), video: { ...video, format, timing: null } };
    const less = textOf({ ...VIDEO_STREAM, st2110: unknown });
    expect(less).toContain("raster unknown, interlaced, rate unknown");
    expect(less).toContain("not measured: the format is not known yet");
  });

  test("the figures of EBU LIST, in text and page", () => {
    const { video } = mediaOf(VIDEO_STREAM);
    if (video === undefined) throw new Error("no video");
    const list: NonNullable<typeof video.list> = {
      fields: 9,
      cinst: [
        [0, 88.22],
        [1, 11.78],
      ],
      vrx: [[4, 0.103]],
      trsNs: 7414.8,
      troDefaultNs: 652_504,
      troNs: { min: 606_720, avg: 615_145, max: 621_984 },
      packetTsVsRtpTsNs: { min: 617_743, avg: 626_246, max: 633_240 },
      rtpTsVsNtTicks: { min: -1, avg: -1, max: -1 },
      afterMarkerNs: { min: 662_000, avg: 679_220, max: 693_000 },
    };
    const stream = { ...VIDEO_STREAM, st2110: { ...mediaOf(VIDEO_STREAM), video: { ...video, list } } };
    const text = textOf(stream);
    expect(text).toContain("  As LIST     frames or fields 9\n              Cinst 0: 88.22 %, 1: 11.78 %");
    expect(text).toContain("TRO 606.7 to 622.0 us, mean 615.1");
    expect(text).toContain("RTP time less N x T -1 to -1 ticks");
    expect(renderHtml([{ ...ST2110_REPORT, streams: [stream] }], [])).toContain("as EBU LIST measures it");
    const none = { ...list, troNs: null, packetTsVsRtpTsNs: null, rtpTsVsNtTicks: null, afterMarkerNs: null };
    const bare = { ...mediaOf(VIDEO_STREAM), video: { ...video, list: none } };
    expect(textOf({ ...VIDEO_STREAM, st2110: bare })).not.toContain("TRO 6");
  });

  test("audio: format, TS-DF, PIT, levels, silence", () => {
    const text = textOf(AUDIO_STREAM).replaceAll(/\s+/g, " ");
    expect(text).toContain("L24 (guessed by content), 8 channels, 48 kHz, 24 bits in use");
    expect(text).toContain("Sender narrow, by savefile timestamps of 1 ns");
    expect(text).toContain("TS-DF at most 77.52 us, mean 56.88 us; 6 of 6 windows");
    expect(text).toContain("PIT 88.6 to 186.3 us");
    expect(text).toContain("JT-NM 2020 and 2022: not measured");
    expect(text).toContain("1 -5.13 -17.18 24 0 ms 0");
    expect(text).toContain("2 silent silent 0 all 0");
  });

  test("audio of AES3, locked to TAI, that fails a profile, with what was not looked at", () => {
    const { audio } = mediaOf(AUDIO_STREAM);
    if (audio?.timing === null || audio?.timing === undefined || audio.format === null)
      throw new Error("no audio");
    const { timing, format } = audio;
    const changed: typeof audio = {
      ...audio,
      format: {
        ...format,
        standard: "ST 2110-31",
        encoding: "AM824",
        encodingBasis: "structure",
        level: null,
      },
      unmetered: 7,
      timing: {
        ...timing,
        tsDf: { ...timing.tsDf, sender: "beyond wide", conclusive: false },
        clock: { ...timing.clock, alignment: "tai", delta: { minNs: 1e6, meanNs: 2e6, maxNs: 3e6 } },
        profiles: [{ profile: "JT-NM 2020", verdict: "fail", reasons: ["delta over 1000 us"] }],
      },
      channelStatus: [
        {
          channel: 1,
          blocks: 4,
          professional: true,
          linearPcm: false,
          sampleRateHz: 48_000,
          wordLengthBits: 20,
          mode: "stereophonic",
          origin: null,
          destination: null,
          crcErrors: 2,
          invalidSamples: 1,
        },
      ],
    };
    const stream = { ...AUDIO_STREAM, st2110: { ...mediaOf(AUDIO_STREAM), notJudged: 5, audio: changed } };
    expect(kindText(stream)).toBe("-31 AM824 8ch");
    expect(kindName(stream)).toBe("ST 2110-31 AES3 audio");
    const text = textOf(stream).replaceAll(/\s+/g, " ");
    expect(text).toContain("Sender beyond wide, by savefile timestamps of 1 ns: not conclusive");
    expect(text).toContain("Latency 1,000 to 3,000 us, mean 2,000");
    expect(text).toContain("JT-NM 2020: fail, delta over 1000 us");
    expect(text).toContain(
      "AES3 ch 1 professional, data, 48 kHz, 20 bits, stereophonic, 2 CRC errors, 1 invalid sample",
    );
    expect(text).toContain("Not metered 7 packets cut by the snap length");
    expect(text).toContain("Not judged 5 packets before it was known what they carry");
    expect(text).toContain("no level of ST 2110-30");
    const early = { ...mediaOf(AUDIO_STREAM), audio: { ...changed, format: null, timing: null, levels: [] } };
    expect(textOf({ ...AUDIO_STREAM, st2110: early })).toContain("format not known yet");
  });

  test("ancillary data of a locked sender, cut and too much to list", () => {
    const { ancillary } = mediaOf(ANCILLARY_STREAM);
    const [sub] = ancillary?.subStreams ?? [];
    if (ancillary === undefined || sub === undefined) throw new Error("no ancillary data");
    const changed: typeof ancillary = {
      ...ancillary,
      clock: "tai",
      scan: "progressive or unspecified",
      latencyNs: { min: 1000, mean: 2000, max: 3000 },
      cutPackets: 3,
      unlistedPackets: 4,
      subStreams: [{ ...sub, errors: 1, streamNumber: 2, decoded: null }],
    };
    const stream = { ...ANCILLARY_STREAM, st2110: { ...mediaOf(ANCILLARY_STREAM), ancillary: changed } };
    const text = textOf(stream);
    expect(text).toContain("49 frames");
    expect(text).toContain("Latency     1,000 to 3,000 ns, mean 2,000, by savefile timestamps of 1,000 ns");
    expect(text).toContain("Unmeasured  3 ANC packets");
    expect(text).toContain("Not listed  4 ANC packets");
    expect(text).toContain("0x41/0x05 stream 2");
    expect(renderHtml([{ ...ST2110_REPORT, streams: [stream] }], [])).toContain("4400000000000000");
  });

  test("ancillary data: what is where, and what it says", () => {
    const text = textOf(ANCILLARY_STREAM);
    expect(text).toContain("0x60/0x60   LTC 10:19:50;11, drop-frame, 0 jumps");
    expect(text).toContain("AFD 8, full frame, coded frame 16:9");
    expect(text).toMatch(/0x41\/0x05 +49 +0 {2}AFD and bar data +9, 572\n/);
    expect(text).toContain("last alive_request_data");
    expect(text).toContain("CEA-708: 3 packets, 0 errors, service 1");
  });

  test("JPEG XS and timed text", () => {
    const jxs = textOf(JPEGXS_STREAM).replaceAll(/\s+/g, " ");
    expect(jxs).toContain("1920x540 a field, 3 components, profile Main444.12");
    expect(jxs).toContain("5 whole fields, 0 partial, 217 packets and 259.3 kB each");
    expect(jxs).toContain("wide (W): yes, CMAX 16");
    expect(textOf(TTML_STREAM)).toContain("3 documents, 3,811 octets each");
  });

  test("a document cannot steer the terminal", () => {
    const { ttml } = mediaOf(TTML_STREAM);
    if (ttml === undefined) throw new Error("no timed text");
    const media = { ...mediaOf(TTML_STREAM), ttml: { ...ttml, lastText: "a\x1b[2Jb", language: "\x07" } };
    expect(textOf({ ...TTML_STREAM, st2110: media })).toBe(
      Bun.stripANSI(textOf({ ...TTML_STREAM, st2110: media })).replaceAll("\x07", "?"),
    );
  });

  test("PTP of several networks: each domain with its own", () => {
    const two: Report = { ...ST2110_REPORT, streams: [], ptp: TWO_NETWORKS };
    const text = renderText(two, { columns: 80, colour: false });
    expect(text).toContain("PTP domain 0, VLAN 10\n");
    expect(text).toContain("PTP domain 0, VLAN 20\n");
    expect(renderHtml([two], [])).toContain("<h3>PTP domain 0, VLAN 20</h3>");
  });

  test("PTP: grandmaster, master, offset of the capture, its times", () => {
    const text = renderText({ ...ST2110_REPORT, streams: [] }, { columns: 80, colour: false });
    const flat = text.replaceAll(/\s+/g, " ");
    expect(flat).toContain("PTP domain 0 Messages sync 2, delayReq 2");
    expect(flat).toContain("39-A7-94-FF-FE-07-CB-D0, class 6, accuracy 0x21, priorities 128 and 128, GPS");
    expect(flat).toContain("4 Announce every 1 s, 0 lost, 0 timeouts; 2 Sync every 125 ms, 0 lost, two-step");
    expect(flat).toContain(
      "-37.204848444 s: capture in UTC, PTP in TAI, -204.8 ms without the whole seconds",
    );
    expect(flat).not.toContain("VLAN");
    const { grandmaster: _, ...rest } = PTP.domains[0] as (typeof PTP.domains)[number];
    const bare = { ...rest, grandmaster: null, offsetNs: null, remainderNs: null };
    const unknown: Report = { ...ST2110_REPORT, ptp: { ...PTP, domains: [bare] } };
    const less = renderText(unknown, { columns: 80, colour: false });
    expect(less).toContain("none announced");
    expect(less).toContain("Capture     not measured");
  });

  test.each([40, 60, 80, 120])("no line is longer than %d columns, but for words that are", (columns) => {
    for (const line of renderText(ST2110_REPORT, { columns, colour: false }).split("\n")) {
      if (line.trim().includes(" ")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(Math.max(columns, 52));
      if (columns >= 60) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
    }
  });
});

describe("live view of ST 2110", () => {
  const terminal = { columns: 80, rows: 24, colour: false };

  test("the kind in words of the trade, the figures that matter below where there is room", () => {
    const lines = liveLines(ST2110_REPORT, terminal);
    expect(lines[2]).toMatch(/^239\.0\.1\.2-50000 +-20 1080i59 /);
    expect(lines[3]).toBe("    type N?, Cinst 2 of 4, VRX 7 of 8, FPT 607.3 us, margin 45.17 us");
    expect(lines[5]).toContain("narrow, TS-DF 77.52 us");
    expect(lines.join("\n")).not.toContain("not measurable");
    const tight = liveLines(ST2110_REPORT, { ...terminal, rows: 9 });
    expect(tight).toHaveLength(7);
  });

  test("the offset of PTP in the head, where there is room; of each network, where there are several", () => {
    expect(liveLines(ST2110_REPORT, { ...terminal, columns: 120 })[0]).toContain("PTP -204.8 ms");
    const two: Report = { ...ST2110_REPORT, ptp: TWO_NETWORKS };
    expect(liveLines(two, { ...terminal, columns: 120 })[0]).toContain(
      "PTP VLAN 10: -204.8 ms  PTP VLAN 20: 1,000 ns",
    );
  });

  test("no line is wider than the terminal", () => {
    for (let columns = 34; columns <= 130; columns++) {
      for (const line of liveLines(ST2110_REPORT, { ...terminal, columns, rows: 60 })) {
        expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
      }
    }
  });

  test("on a log line", () => {
    expect(streamLogLine(ST2110_REPORT, AUDIO_STREAM)).toContain("-30 L24 8ch 9.985 Mb/s");
  });
});
