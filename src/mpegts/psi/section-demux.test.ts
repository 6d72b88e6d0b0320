import { describe, expect, test } from "bun:test";
import { tsPacket } from "../test-packets.ts";
import { SectionDemux } from "./section-demux.ts";
import { longSection, packed, sectionPacket } from "./test-sections.ts";

function demux() {
  const told: [pid: number, table: number, timeNs: number][] = [];
  const faults: number[] = [];
  const sections = new SectionDemux({
    section: (pid, buf, off, _len, timeNs) => told.push([pid, buf[off] as number, timeNs]),
    crcError: (pid) => faults.push(pid),
    malformed: (pid) => faults.push(pid),
  });
  return { sections, told, faults };
}

const long = longSection(0x42, 1, new Uint8Array(300));

describe("ISO/IEC 13818-1 2.4.4 sections of several PIDs", () => {
  test("interleaved packets of two PIDs do not disturb each other", () => {
    const { sections, told, faults } = demux();
    const a = packed([long], 0x11);
    const b = packed([longSection(0x4a, 2, new Uint8Array(300))], 0x12);
    a.forEach((packet, i) => {
      sections.packet(packet, 0, 0x11, i, false);
      sections.packet(b[i] as Uint8Array, 0, 0x12, i, false);
    });
    expect(told).toEqual([
      [0x11, 0x42, a.length - 1],
      [0x12, 0x4a, a.length - 1],
    ]);
    expect(faults).toEqual([]);
  });

  test("after a reset no unfinished section is gone on with", () => {
    const { sections, told } = demux();
    const [first, ...rest] = packed([long], 0x11);
    sections.packet(first as Uint8Array, 0, 0x11, 0, false);
    sections.reset();
    for (const packet of rest) sections.packet(packet, 0, 0x11, 1, false);
    expect(told).toEqual([]);
  });

  test("what starts with 00 00 01 is a PES packet, until a section starts again", () => {
    const { sections, told, faults } = demux();
    const [first, rest] = packed([long], 0x11) as [Uint8Array, Uint8Array];
    const pes = sectionPacket([0, 0, 1, 0xbd, 0, 0, 0x80], true, 0x11);
    const goesOn = sectionPacket([1, 2, 3], false, 0x11);
    // One octet of payload: the prefix of either.
    const short = tsPacket({ pid: 0x11, control: 3, fieldLength: 182, flags: 0, fill: 0 });
    short[1] = (short[1] as number) | 0x40;
    const carries = (packet: Uint8Array) => sections.carriesPes(packet, 0, 0x11);
    expect([goesOn, short, first, rest, pes, goesOn, short, first, rest].map(carries)).toEqual([
      ...[false, false, false, false],
      ...[true, true, true],
      ...[false, false],
    ]);
    // The section that PES packets came into is not gone on with.
    sections.packet(first, 0, 0x11, 1, false);
    expect(carries(pes)).toBe(true);
    sections.packet(rest, 0, 0x11, 2, false);
    expect([told, faults]).toEqual([[], []]);
  });

  test("sections that never end on all 8192 PIDs: at most 32 MiB, and released", () => {
    const { sections } = demux();
    const longest = longSection(0x42, 1, new Uint8Array(4084));
    const [first] = packed([longest], 0x11);
    for (let round = 0; round < 3; round += 1) {
      for (let pid = 0; pid < 8192; pid += 1) sections.packet(first as Uint8Array, 0, pid, 0, false);
    }
    expect(sections.heldBytes).toBe(8192 * 4096);
    for (let pid = 0; pid < 8192; pid += 1) sections.release(pid);
    expect(sections.heldBytes).toBe(0);
  });
});
