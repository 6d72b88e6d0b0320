import { describe, expect, test } from "bun:test";
import { rational } from "../timing21/rational.ts";
import { FrameAssembler, frameLayout } from "./frame.ts";
import { analyse, renumber } from "./test-analyse.ts";
import { SMALL_PLAN as PLAN, type PlannedPacket, planStream, writePacket } from "./test-stream.ts";

const FRAMES = 8;

/** Interlaced or segmented, without the last row of one field. */
function oddHeight(scan: "interlaced" | "psf", short: number): PlannedPacket[] {
  const { packets } = planStream({ ...PLAN, scan, rate: rational(30_000, 1001) }, FRAMES);
  const shortRow = (packet: PlannedPacket, row: number): boolean => {
    const segment = packet.segments[0];
    return segment !== undefined && segment.field === short && segment.row === row;
  };
  const left = packets.filter((packet) => !shortRow(packet, 19));
  for (const packet of left) {
    if (shortRow(packet, 18) && packet.segments[0]?.offset !== 0) packet.marker = true;
  }
  return renumber(left);
}

describe("RFC 4175 4.3: one wrong header in the field that the format is learned from", () => {
  type Change = (segment: PlannedPacket["segments"][number], packet: PlannedPacket) => void;
  const row: Change = (segment) => {
    segment.row = 20_000;
  };
  const offset: Change = (segment) => {
    segment.offset = 20_000;
  };
  const late: Change = (segment) => {
    segment.offset = 2;
  };
  const short: Change = (segment, packet) => {
    segment.length -= 5;
    packet.octets -= 5;
  };
  const CASES: [string, number, Change, string][] = [
    ["a row far below, second packet of a row", 3, row, "row-order"],
    ["a row far below, first packet of a row", 40, row, "row-order"],
    ["an offset far to the right, second packet of a row", 3, offset, "missing-samples"],
    ["an offset far to the right, first packet of a row", 40, offset, "missing-samples"],
    ["an offset far to the right, last packet", 79, offset, "missing-samples"],
    ["a row that begins late", 40, late, "missing-samples"],
    ["an offset that goes back", 3, late, "missing-samples"],
    ["a row that ends early", 3, short, "missing-samples"],
    ["a hole in a row", 40, short, "missing-samples"],
  ];
  for (const [name, at, change, code] of CASES) {
    test(name, () => {
      const { packets } = planStream(PLAN, FRAMES);
      const packet = packets[at] as PlannedPacket;
      for (const segment of packet.segments) change(segment, packet);
      const { report, found } = analyse(packets);
      expect(found).toEqual({ [`st2110-20-${code}`]: 1 });
      expect(report.format).toMatchObject({ width: 800, height: 40, sampling: "4:2:2", depth: 10 });
      expect(report).toMatchObject({ frames: FRAMES, completeFrames: FRAMES - 1, missingLines: 0 });
    });
  }

  test("the same once the format is known: one fault and no missing lines", () => {
    for (const wrong of [30, 20_000]) {
      const { packets } = planStream(PLAN, FRAMES);
      for (const segment of (packets[203] as PlannedPacket).segments) segment.row = wrong;
      const { report, found } = analyse(packets);
      expect(found).toEqual({ "st2110-20-row-order": 1 });
      expect(report).toMatchObject({ completeFrames: FRAMES - 1, missingLines: 0, extraLines: 0 });
    }
  });

  test("a stream whose headers always contradict each other is taken as it is after a while", () => {
    const { packets } = planStream(PLAN, 20);
    for (const packet of packets) {
      if (packet.j === 40) for (const segment of packet.segments) short(segment, packet);
    }
    const { report, found } = analyse(packets);
    expect(report.format).toMatchObject({ width: null, height: 40, sampling: "unknown" });
    expect(found["st2110-20-missing-samples"]).toBe(9);
  });
});

describe("ST 2110-21 6.3: 525 lines have fields of 244 and 243, so a height may be odd", () => {
  for (const scan of ["interlaced", "psf"] as const) {
    for (const short of [0, 1]) {
      test(`${scan}, field ${short} has a line less`, () => {
        const packets = oddHeight(scan, short);
        const { analyser, report, found } = analyse(packets);
        expect(found).toEqual({});
        expect(report.format).toMatchObject({ width: 800, height: 39, scan });
        expect(report).toMatchObject({ frames: FRAMES, completeFrames: FRAMES, missingLines: 0 });

        const { format } = analyser;
        const layout = format === null ? null : frameLayout(format);
        if (format === null || layout === null) throw new Error("no layout");
        const rows: number[][] = [];
        const assembler = new FrameAssembler(format, layout, (frame, whole) => {
          expect(whole).toBe(true);
          rows.push(Array.from({ length: 39 }, (_, i) => frame[i * layout.rowOctets] as number));
        });
        for (const packet of packets) {
          const { octets } = writePacket(packet);
          const { row = 0, field = 0 } = packet.segments[0] ?? {};
          octets.fill(field * 100 + row, octets.length - packet.octets);
          assembler.packet(octets, 0, octets.length);
        }
        expect(rows).toHaveLength(FRAMES);
        // The longer field has the first line and the last.
        const long = 1 - short;
        const woven = Array.from({ length: 39 }, (_, i) => ((i + long) % 2) * 100 + (i >> 1));
        expect(rows[0]).toEqual(woven);
      });
    }
  }

  test("a line that is missing from the longer field is a fault", () => {
    const packets = oddHeight("interlaced", 1).filter(
      ({ frame, segments: [segment] }) => !(frame === 4 && segment?.field === 0 && segment.row === 7),
    );
    expect(analyse(renumber(packets)).found).toEqual({ "st2110-20-missing-lines": 1 });
  });
});
