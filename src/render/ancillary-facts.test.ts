import { describe, expect, test } from "bun:test";
import { ANCILLARY_STREAM } from "../report/fixture-st2110-other.ts";
import { decodedTexts, didText, locationsText, shortDecoded } from "./ancillary-facts.ts";

const cea608 = {
  pairs: [10, 0] as [number, number],
  nullPairs: [2, 0] as [number, number],
  parityErrors: 1,
  channels: ["CC1", "CC3"],
  extendedData: 0,
};

describe("what ancillary data say", () => {
  test("payload identifier", () => {
    const vpid = {
      kind: "vpid" as const,
      packets: 5,
      value: "89ca0001",
      interface: "1080-line, 3 Gb/s level A",
      transport: "progressive" as const,
      picture: "progressive" as const,
      pictureRate: "60000/1001",
      sampling: "YCbCr-4:2:2",
      depthBits: 10,
      changes: 1,
    };
    expect(decodedTexts(vpid)).toEqual([
      "89ca0001: 1080-line, 3 Gb/s level A, progressive picture, 60000/1001/s, YCbCr-4:2:2, 10 bits, 1 change",
    ]);
    expect(decodedTexts({ ...vpid, pictureRate: null, sampling: null, depthBits: null })).toEqual([
      "89ca0001: 1080-line, 3 Gb/s level A, progressive picture, 1 change",
    ]);
  });

  test("CEA-608, teletext, messages for splicing", () => {
    expect(decodedTexts({ kind: "cea608", packets: 10, cea608 })).toEqual([
      "CEA-608: 10 + 0 byte pairs in fields 1 and 2, 1 parity error, CC1, CC3",
    ]);
    const op47 = { kind: "op47" as const, packets: 3, teletextPackets: 9, sequenceErrors: 0 };
    expect(decodedTexts({ ...op47, pages: [{ page: "801", headers: 2 }] })).toEqual([
      "9 teletext packets, 0 sequence errors, page 801",
    ]);
    expect(decodedTexts({ ...op47, pages: [] })).toEqual(["9 teletext packets, 0 sequence errors"]);
    expect(decodedTexts({ kind: "scte104", messages: 0, duplicates: 2, last: [] })).toEqual([
      "0 messages, 2 repetitions",
    ]);
  });

  test("time code that is not valid", () => {
    const timecode = {
      type: "LTC",
      packets: 1,
      last: "10:00:00:00",
      lastTime: null,
      dropFrame: false,
      userBits: "00000000",
      jumps: 3,
      vitcLine: null,
      valid: false,
    };
    expect(decodedTexts({ kind: "timecode", timecodes: [timecode] })).toEqual([
      "LTC 10:00:00:00, 3 jumps, marked as not valid",
    ]);
  });

  test("names of sub-streams and their places", () => {
    const subs = ANCILLARY_STREAM.st2110?.ancillary?.subStreams ?? [];
    expect(subs.map(didText)).toEqual(["0x41/0x05", "0x41/0x07", "0x60/0x60", "0x61/0x01"]);
    expect(didText({ did: 0x80, sdid: null })).toBe("0x80");
    expect(subs.map(locationsText)).toEqual(["9, 572", "575", "9, 10, 571", "9"]);
    expect(subs.map(shortDecoded)).toEqual([
      "AFD 8",
      "SCTE 104 messages",
      "10:19:50;11",
      "CEA-708 captions (CDP)",
    ]);
  });
});
