import { describe, expect, test } from "bun:test";
import { readSdp } from "./description.ts";

interface Audio {
  readonly format?: string;
  readonly ptime?: string;
  readonly maxptime?: string;
  readonly order?: string;
}

/** The rules that a description of audio breaks. */
function broken({ format = "L24/48000/2", ptime = "1", maxptime, order }: Audio): string[] {
  const text = [
    ...[
      "v=0",
      "o=- 1 1 IN IP4 192.0.2.1",
      "s=x",
      "t=0 0",
      "m=audio 5004 RTP/AVP 98",
      "c=IN IP4 239.1.1.3/64",
    ],
    `a=rtpmap:98 ${format}`,
    ...(order === undefined ? [] : [`a=fmtp:98 channel-order=${order}`]),
    `a=ptime:${ptime}`,
    ...(maxptime === undefined ? [] : [`a=maxptime:${maxptime}`]),
    "a=ts-refclk:ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:127",
    "a=mediaclk:direct=0",
  ];
  return readSdp(text.join("\n")).faults.map(({ rule }) => rule);
}

describe("RFC 8866 6.4: ptime is a number", () => {
  test("however it is written, and rounded either way", () => {
    const written = ["1", "1.0", "1.000", "0.125", "0.1250", ".125", "0.12", "0.13", "1.09", "0.136", "0.14"];
    for (const ptime of written) expect([ptime, broken({ ptime })]).toEqual([ptime, []]);
  });

  test("no other is the packet time of a level (ST 2110-30 table 2)", () => {
    for (const ptime of ["4", "0.25", "0.333", "0.083", "0.1", "0", "-1", "1 ms", "1e0", ""]) {
      expect([ptime, broken({ ptime })]).toEqual([ptime, ["packetTime"]]);
    }
  });

  test("maxptime is as long, where both are one packet time rounded", () => {
    expect(broken({ ptime: "0.125", maxptime: "0.12" })).toEqual([]);
    expect(broken({ ptime: "0.13", maxptime: "0.12" })).toEqual([]);
    expect(broken({ ptime: "0.125", maxptime: "1" })).toEqual([]);
    expect(broken({ ptime: "1", maxptime: "4" })).toEqual([]);
    for (const maxptime of ["0.125", "0.5", "none"]) {
      expect(broken({ ptime: "1", maxptime })).toEqual(["packetTime"]);
    }
  });
});

describe("ST 2110-31 table 3: level D has 4 samples and up to 80 channels", () => {
  test("of AM824", () => {
    for (const ptime of ["0.08", "0.083", "0.0833", "0.09"]) {
      expect(broken({ format: "AM824/48000/80", ptime })).toEqual([]);
    }
    expect(broken({ format: "AM824/96000/40", ptime: "0.083" })).toEqual([]);
    expect(broken({ format: "AM824/48000/82", ptime: "0.08" })).toEqual(["channels"]);
  });

  test("not of L24", () => {
    expect(broken({ format: "L24/48000/80", ptime: "0.125" })).toEqual(["channels"]);
    expect(broken({ format: "L24/48000/8", ptime: "0.08" })).toEqual(["packetTime"]);
  });
});

describe("channel-order", () => {
  test("ST 2110-31 6.2: AES3 is two channels of AM824", () => {
    expect(broken({ format: "AM824/48000/4", order: "SMPTE2110.(AES3,ST)" })).toEqual([]);
    expect(broken({ format: "AM824/48000/2", order: "SMPTE2110.(AES3,AES3)" })).toEqual(["channels"]);
    expect(broken({ format: "L24/48000/4", order: "SMPTE2110.(AES3,AES3)" })).toEqual(["channelOrder"]);
  });

  test("ST 2110-30 6.2.2: the convention should be SMPTE2110, not must", () => {
    expect(broken({ order: "AIFF-C.lr" })).toEqual(["channelConvention"]);
    expect(broken({ order: "smpte2110.(ST)" })).toEqual(["channelOrder"]);
    expect(broken({ order: "SMPTE2110(ST)" })).toEqual(["channelOrder"]);
    expect(broken({ order: "ST" })).toEqual(["channelOrder"]);
  });
});
