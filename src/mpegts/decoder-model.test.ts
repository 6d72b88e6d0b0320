import { describe, expect, test } from "bun:test";
import { packed, patSection, pmtSection } from "./psi/test-sections.ts";
import { analyse, nullPacket, tsPacket } from "./test-packets.ts";
import { pesHeader } from "./timing/test-pes.ts";
import { profileLimits } from "./tr101290/limits.ts";
import { picture, sequenceHeader } from "./tstd/test-bits.ts";

const VIDEO = 0x101;
const PCR = 0x1f0;
/** Packets of 0.5 ms. */
const SLOT_MS = 0.5;
const PICTURE_SLOTS = 80;
const PICTURE = [...sequenceHeader(0x48, 37_500, 112), ...picture(3000)];

/** Ten seconds of MPEG-2 video without a fault, the packets of the slots from `first` to before `end` scrambled. */
function video(first: number, end: number) {
  const { ts } = analyse({
    monitor: { limits: profileLimits("dvb"), decoderModel: true, tables: false, series: false },
  });
  const counters = new Map<number, number>();
  const tables = [...packed([patSection([[1, 0x100]])], 0)];
  tables.push(...packed([pmtSection(1, PCR, [[0x02, VIDEO]])], 0x100));
  let waiting: Uint8Array[] = [];
  for (let slot = 0; slot < 20_000; slot += 1) {
    const ms = slot * SLOT_MS;
    if (slot % PICTURE_SLOTS === 5) {
      const octets = [...pesHeader({ pts: Math.floor((ms + 300) * 90) }), ...PICTURE];
      for (let at = 0; at < octets.length; at += 184)
        waiting.push(part(octets.slice(at, at + 184), at === 0));
    }
    let packet = nullPacket();
    if (slot % 20 === 0) packet = tsPacket({ pid: PCR, pcr: ms * 27_000 });
    else if (slot % 200 < 4 && slot % 2 === 1) packet = (tables[(slot % 200) >> 1] as Uint8Array).slice();
    else if (slot % 2 === 1 && waiting.length > 0) {
      packet = waiting[0] as Uint8Array;
      waiting = waiting.slice(1);
      if (slot >= first && slot < end) packet[3] = (packet[3] as number) | 0x80;
    }
    const pid = (((packet[1] as number) & 0x1f) << 8) | (packet[2] as number);
    const cc = counters.get(pid) ?? 0;
    packet[3] = ((packet[3] as number) & 0xf0) | cc;
    if (((packet[3] as number) & 0x10) !== 0) counters.set(pid, (cc + 1) & 15);
    ts.datagram(packet, 0, packet.length, ms * 1e6);
    ts.bufferEnd();
  }
  return ts.report();
}

/** A packet of the video with this payload, filled up by an adaptation field. */
function part(payload: readonly number[], start: boolean): Uint8Array {
  const room = 184 - payload.length;
  const packet =
    room === 0
      ? tsPacket({ pid: VIDEO })
      : tsPacket({ pid: VIDEO, control: 3, fieldLength: room - 1, flags: 0, fill: 0xff });
  if (start) packet[1] = (packet[1] as number) | 0x40;
  packet.set(payload, 188 - payload.length);
  return packet;
}

describe("TR 101 290 3.3: what is scrambled is not judged, nor what was cut off by it", () => {
  test.each([
    ["not at all", 0, 0],
    ["from within a picture to between two", 8010, 12_004],
    ["from between two pictures to within one", 8003, 12_022],
    ["from within a picture to within another", 8012, 12_020],
  ])("scrambled %s", (_, first, end) => {
    const { tr101290, buffers } = video(first, end);
    const rows = tr101290?.filter(({ number }) => ["3.3", "3.9", "3.10"].includes(number));
    expect(rows?.map(({ state, count }) => [state, count])).toEqual(new Array(3).fill(["ok", 0]));
    expect(buffers?.filter(({ pid }) => pid === VIDEO).map(({ modelled }) => modelled)).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("a stream that is scrambled all the time is said to be", () => {
    const { buffers } = video(0, 20_000);
    expect(buffers?.find(({ pid }) => pid === VIDEO)).toMatchObject({ modelled: false, reason: "scrambled" });
  });
});
