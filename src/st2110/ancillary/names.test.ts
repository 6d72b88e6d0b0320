import { expect, test } from "bun:test";
import { ancName, hasWideWords, isType1 } from "./names.ts";

test("registered identifiers have their name and document", () => {
  const names: [did: number, sdid: number, name: string, standard: string | null][] = [
    [0x41, 0x01, "payload identifier (VPID)", "ST 352"],
    [0x45, 0x01, "audio metadata (Dolby)", "ST 2020-1"],
    [0x45, 0x02, "audio metadata (Dolby), channels 1/2", "ST 2020-1"],
    [0x45, 0x09, "audio metadata (Dolby), channels 15/16", "ST 2020-1"],
    [0x45, 0x0a, "unknown", null],
    [0xe7, 0, "audio data, group 1", "ST 299-1"],
    [0xe0, 0, "audio control, group 4", "ST 299-1"],
    [0xff, 0, "audio data, group 1", "ST 272"],
    [0xf8, 0, "audio extended data, group 4", "ST 272"],
    [0xef, 0, "audio control, group 1", "ST 272"],
    [0xa7, 0, "audio data, group 5", "ST 299-2"],
    [0xf4, 0, "error detection (EDH)", "RP 165"],
    [0xc3, 0, "user application", null],
    [0x53, 0x02, "user application", null],
    [0x02, 0x01, "reserved DID", "ST 291-1"],
    [0x00, 0x01, "undefined data", "ST 291-1"],
    [0x90, 0, "unknown", null],
    [0x5f, 0xdf, "ARIB captions", "ARIB STD-B37"],
  ];
  for (const [did, sdid, name, standard] of names) expect(ancName(did, sdid)).toEqual({ name, standard });
});

test("every identifier has a name, type 1 from 0x80 on", () => {
  for (let did = 0; did < 256; did += 1) {
    for (let sdid = 0; sdid < 256; sdid += 1) expect(ancName(did, sdid).name.length).toBeGreaterThan(2);
    expect(isType1(did)).toBe(did >= 0x80);
  }
  expect([0x61, 0x41, 0x60, 0xe4, 0xa7].some(hasWideWords)).toBe(false);
});
