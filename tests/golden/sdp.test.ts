import { describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { readSdp, sdpFindings } from "../../src/st2110/sdp/description.ts";
import { needsShared, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";

/** The findings and the formats of each example. */
const EXAMPLES: [file: string, formats: string[], codes: string[]][] = [
  // Its a=fmtp is folded over three lines, which SDP does not know, and so loses most of its parameters.
  ["list-video-raw", ["st2110-20"], ["sdp-parameter-missing", "sdp-traffic-profile-missing", "sdp-syntax"]],
  ["sdpoker-aes67-mcast", ["st2110-30"], []],
  ["sdpoker-rfc7104_sep_dest", ["mpegts", "mpegts"], []],
  // Of before ST 2110-21.
  ["sdpoker-st2110-10", ["st2110-20", "st2110-20"], ["sdp-traffic-profile-missing"]],
  ["sdpoker-st2110-20", ["st2110-20"], []],
  ["sdpoker-st2110-22", ["st2110-22", "st2110-22"], []],
  ["sdpoker-st2110-30", ["st2110-30"], []],
  ["sdpoker-st2110-31", ["st2110-31"], []],
  ["sdpoker-st2110-40", ["st2110-40"], []],
];

describe("descriptions of others", () => {
  for (const [file, formats, codes] of EXAMPLES) {
    const path = `sdp/${file}.sdp`;
    testWith(needsShared(path), file, () => {
      const description = readSdp(readFileSync(sharedData(path) ?? "", "utf8"));
      expect(description.streams.map(({ format }) => format as string)).toEqual(formats);
      expect(sdpFindings(description, file).map(({ code }) => code)).toEqual(codes);
      expect(description.pairs).toEqual(formats.length === 2 ? [[0, 1]] : []);
      for (const { destinationAddress, destinationPort, payloadType } of description.streams) {
        expect(destinationAddress).toMatch(/^2\d\d\./);
        expect(destinationPort).toBeGreaterThan(1023);
        expect(payloadType).toBeGreaterThan(95);
      }
    });
  }
});
