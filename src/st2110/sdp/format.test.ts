import { describe, expect, test } from "bun:test";
import { readSdp } from "./description.ts";

const HEAD = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=x", "t=0 0"];
const CLOCKS = ["a=ts-refclk:ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:127", "a=mediaclk:direct=0"];

/** The format of one media without clocks, and the rules that it breaks. */
function read(line: string, ...attributes: string[]): { format: string | undefined; rules: string[] } {
  const lines = [...HEAD, `m=${line}`, "c=IN IP4 239.1.1.9/32", ...attributes];
  const { streams, faults } = readSdp(lines.join("\n"));
  return { format: streams[0]?.format, rules: faults.map(({ rule }) => rule) };
}

describe("ST 2110-10 holds for formats of ST 2110 alone", () => {
  test("RFC 3551 6: MPEG-TS has payload type 33, and no clocks of ST 2110-10", () => {
    const clean = { format: "mpegts", rules: [] };
    expect(read("video 5004 RTP/AVP 33")).toEqual(clean);
    expect(read("video 5004 RTP/AVP 33", "a=rtpmap:33 MP2T/90000")).toEqual(clean);
    expect(read("video 5004 RTP/AVP 100", "a=rtpmap:100 MP2T/90000")).toEqual(clean);
  });

  test("RFC 8866 5.14: without RTP the format of m= is no payload type", () => {
    expect(read("video 5004 udp mpegts").rules).toEqual([]);
  });

  test("ST 2022-6", () => {
    const format = "a=rtpmap:98 SMPTE2022-6/27000000";
    expect(read("video 5004 RTP/AVP 98", format)).toEqual({ format: "st2022-6", rules: [] });
  });

  test("RFC 6184: H.264 is of ST 2110-22 where its SSN says so", () => {
    const plain = "a=fmtp:98 profile-level-id=42e01f;packetization-mode=1";
    const h264 = "a=rtpmap:98 H264/90000";
    expect(read("video 5004 RTP/AVP 98", h264, plain)).toEqual({ format: "other", rules: [] });
    const st2110 = "a=fmtp:98 width=1920; height=1080; TP=2110TPN; SSN=ST2110-22:2022";
    expect(read("video 5004 RTP/AVP 98", h264, st2110, "b=AS:90000", ...CLOCKS)).toEqual({
      format: "st2110-22",
      rules: [],
    });
    expect(read("video 5004 RTP/AVP 98", h264, st2110, "b=AS:90000").rules).toEqual([
      "refclkMissing",
      "mediaclkMissing",
    ]);
  });

  test("timed text of ST 2110-43 has clocks", () => {
    expect(read("application 5004 RTP/AVP 98", "a=rtpmap:98 ttml+xml/90000").rules).toEqual([
      "refclkMissing",
      "mediaclkMissing",
    ]);
  });

  test("a dynamic payload type needs its a=rtpmap, whatever it is; RTP has 7 bits for it (RFC 3550 5.1)", () => {
    expect(read("video 5004 RTP/AVP 98").rules).toEqual(["noRtpmap"]);
    expect(read("video 5004 RTP/AVP 128").rules).toEqual(["payloadType"]);
  });
});

describe("ST 2110-10 6.2: payload types are dynamic unless one is assigned", () => {
  const audio = (payloadType: number, format: string) =>
    read(`audio 5004 RTP/AVP ${payloadType}`, `a=rtpmap:${payloadType} ${format}`, "a=ptime:1.09", ...CLOCKS)
      .rules;

  test("RFC 3551 6: L16 at 44.1 kHz", () => {
    expect(audio(10, "L16/44100/2")).toEqual([]);
    expect(audio(11, "L16/44100/1")).toEqual([]);
    expect(audio(11, "L16/44100")).toEqual([]);
  });

  test("no other", () => {
    for (const format of ["L16/44100/1", "L16/48000/2", "L24/44100/2"]) {
      expect(audio(10, format)).toEqual(["payloadType"]);
    }
    expect(audio(11, "L16/44100/2")).toEqual(["payloadType"]);
    expect(audio(33, "L24/48000/2")).toEqual(["payloadType"]);
  });
});
