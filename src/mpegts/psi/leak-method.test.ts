import { expect, test } from "bun:test";
import { PidMap } from "./pid-map.ts";
import { descriptor, patSection, pmtSection } from "./test-sections.ts";

/** By name: stream_type, descriptors, and whether its data go by the leak method. */
const STREAMS: [name: string, streamType: number, descriptors: number[], leak: boolean][] = [
  ["2.4.2.3: MPEG-2 video without STD_descriptor", 0x02, [], true],
  ["2.6.32: leak_valid_flag 1", 0x02, descriptor(0x11, 0xff), true],
  ["2.6.32: leak_valid_flag 0", 0x02, [...descriptor(0x52, 1), ...descriptor(0x11, 0xfe)], false],
  ["2.6.32: the same of MPEG-1 video", 0x01, descriptor(0x11, 0xfe), false],
  ["2.6.32: not of AVC, which has no vbv_delay", 0x1b, descriptor(0x11, 0xfe), true],
  ["2.6.66: hrd_management_valid_flag 0", 0x1b, descriptor(0x2a, 0x7e, 0x1f), true],
  ["2.6.66: hrd_management_valid_flag 1", 0x1b, descriptor(0x2a, 0xfe, 0x1f), false],
  ["2.6.97: hrd_management_valid_flag 0", 0x24, descriptor(0x3f, 0x03, 0x7e), true],
  ["2.6.97: hrd_management_valid_flag 1", 0x24, descriptor(0x3f, 0x03, 0xfe), false],
  ["another descriptor within the extension_descriptor", 0x24, descriptor(0x3f, 0x04, 0xfe), true],
  ["descriptors that end before the flag", 0x24, [...descriptor(0x3f, 0x03), 0x80, 0], true],
];

test.each(STREAMS)("ISO/IEC 13818-1 %s", (_, streamType, descriptors, leak) => {
  const map = new PidMap();
  const give = (pid: number, section: Uint8Array) => map.section(pid, section, 0, section.length);
  give(0, patSection([[1, 0x100]]));
  give(0x100, pmtSection(1, 0x101, [[streamType, 0x101, descriptors]]));
  expect(map.componentsOf(0x101)[0]?.leak).toBe(leak);
});
