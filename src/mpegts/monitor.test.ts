import { describe, expect, test } from "bun:test";
import { FindingEvents } from "../report/event.ts";
import { EMPTY_REPORT } from "../report/fixture.ts";
import { monitorSchema } from "../report/mpegts-schema.ts";
import { NO_WALL_CLOCK } from "../report/time.ts";
import { MOST_CLOCKS } from "./clocks.ts";
import { descriptor, longSection, packed, patSection, pmtSection, withCrc } from "./psi/test-sections.ts";
import { analyse, joined, tsPacket } from "./test-packets.ts";
import { pesHeader } from "./timing/test-pes.ts";
import { profileLimits } from "./tr101290/limits.ts";

/** An analyser with its monitor; `send` gives it packets, one datagram a millisecond. */
function monitored() {
  const { ts } = analyse({
    monitor: { limits: profileLimits("dvb"), decoderModel: true, tables: true, series: false },
  });
  let ms = 0;
  const send = (...packets: Uint8Array[]): void => {
    for (const packet of packets) {
      ts.datagram(packet, 0, packet.length, ms * 1e6);
      ms += 1;
    }
  };
  const counts = () => ts.report().monitor;
  /** Code, count and PID of what breaks the syntax. */
  const syntax = () =>
    ts
      .findings("a", NO_WALL_CLOCK)
      .filter(({ code }) => code.endsWith("-syntax"))
      .map(({ code, count, lastPid, severity }) => [code, count, lastPid, severity]);
  return { ts, send, counts, syntax };
}

/** A packet whose payload starts with `payload`, 0xFF after it. */
function starting(pid: number, cc: number, payload: readonly number[] | Uint8Array): Uint8Array {
  const packet = tsPacket({ pid, cc, fill: 0xff });
  packet[1] = (packet[1] as number) | 0x40;
  packet.set(payload, 4);
  return packet;
}

const withPointer = (section: Uint8Array): Uint8Array => joined(Uint8Array.of(0), section);
const pat = withPointer(patSection([[1, 0x100]]));
const pmt = withPointer(pmtSection(1, 0x101, [[0x1b, 0x101]]));

describe("what the monitor could not read or keep", () => {
  test("nothing of a sound stream", () => {
    const { send, counts, syntax } = monitored();
    send(starting(0, 0, pat), starting(0x100, 0, pmt));
    expect(syntax()).toEqual([]);
    const found = counts();
    expect(monitorSchema.safeParse(found).error).toBeUndefined();
    expect(found).toMatchObject({
      malformedSections: { pointerField: 0, sectionLength: 0, cut: 0, sectionNumber: 0 },
      malformedTables: 0,
      malformedPes: 0,
      tablesNotChecked: 0,
      sectionsIgnored: 0,
      sectionsEvicted: 0,
      referencesNotKept: 0,
      clocksNotMeasured: 0,
      tables: { subTables: 2 },
    });
  });

  test("ISO/IEC 13818-1 2.4.4: malformed sections, by what breaks them", () => {
    const { send, counts, syntax } = monitored();
    const numbered = patSection([[1, 0x100]]);
    numbered[6] = 3; // section_number; last_section_number is 0
    send(starting(0, 0, [200]), starting(0, 1, [0, 0x00, 0xbf, 0xff]), starting(0, 2, [0, 0x00, 0xb1, 0x00]));
    send(starting(0, 3, withPointer(withCrc(numbered))), starting(0, 4, pat));
    expect(counts()?.malformedSections).toEqual({
      pointerField: 1,
      sectionLength: 1,
      cut: 1,
      sectionNumber: 1,
    });
    expect(counts()?.tables.subTables).toBe(1);
    expect(syntax()).toEqual([["ts-section-syntax", 4, 0, "warning"]]);
  });

  test("ISO/IEC 13818-1 2.6: lengths inside a section with a right CRC_32", () => {
    const { send, counts, syntax } = monitored();
    // descriptor_length and ES_info_length beyond what is there; the same again is told once.
    const inside = pmtSection(1, 0x101, [[0x1b, 0x101, [0x0a, 60, 1]]]);
    const loop = pmtSection(1, 0x101, [[0x1b, 0x101]], { version: 1 });
    loop[loop.length - 5] = 0x7f;
    const bad = [inside, inside, withCrc(loop)].map(withPointer);
    send(starting(0, 0, pat), ...bad.map((section, i) => starting(0x100, i, section)));
    expect(counts()?.malformedTables).toBe(2);
    expect(syntax()).toEqual([["ts-table-syntax", 2, 0x100, "warning"]]);
  });

  const [first, second, third] = packed([longSection(0x42, 1, new Uint8Array(400))], 0x11) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const counted = (packet: Uint8Array, cc: number) => packet.with(3, 0x10 | cc);
  const bare = (cc: number, flags = 0) => tsPacket({ pid: 0x11, cc, control: 2, flags });

  test.each([
    [
      "an adaptation_field_length that is too large",
      [tsPacket({ pid: 0x11, cc: 1, control: 3, fieldLength: 200 }), counted(third, 2)],
      2,
    ],
    ["a scrambled packet", [tsPacket({ pid: 0x11, cc: 1, scrambling: 2 }), counted(third, 2)], 2],
    ["a packet without payload whose counter moved", [bare(5), counted(third, 6)], 2],
    ["one that signals a discontinuity", [bare(9, 0x80), counted(third, 10)], 2],
    ["one that does neither, and so breaks nothing", [bare(0), counted(second, 1), counted(third, 2)], 3],
  ] as const)("ISO/IEC 13818-1 2.4.4: within a section, %s makes no broken section", (_, rest, tables) => {
    const { send, counts, ts } = monitored();
    send(starting(0, 0, pat), first, ...rest);
    const cc = ((rest.at(-1)?.[3] ?? 0) + 1) & 0x0f;
    send(starting(0x11, cc, withPointer(longSection(0x42, 2, [0, 1, 0xff]))));
    expect(Object.values(counts()?.malformedSections ?? {})).toEqual([0, 0, 0, 0]);
    expect(ts.report().tr101290?.find(({ number }) => number === "2.2")?.count).toBe(0);
    expect(counts()?.tables.subTables).toBe(tables);
  });

  test("new sections without end are decoded only so often, and the rest is counted", () => {
    const { send, counts } = monitored();
    const total = 6000;
    for (let i = 0; i < total; i += 1) {
      send(starting(0, i & 15, withPointer(patSection([[1 + i, 0x100]], { version: i & 31 }))));
    }
    const { tablesNotChecked = 0 } = counts() ?? {};
    expect(tablesNotChecked).toBeWithin(total - 2000 - total / 50 - 2, total - 2000);
  });

  test("ISO/IEC 13818-1 2.4.3.6: PES headers", () => {
    const { send, counts, syntax } = monitored();
    send(starting(0, 0, pat), starting(0x100, 0, pmt));
    // '10' and PES_header_data_length 5 for a PTS; then neither.
    send(starting(0x101, 0, [0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1]));
    expect(counts()?.malformedPes).toBe(0);
    send(starting(0x101, 1, [0, 0, 1, 0xe0, 0, 0, 0x00, 0x80, 5, 0x21, 0, 1, 0, 1]));
    send(starting(0x101, 2, [0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 0, 0x21, 0, 1, 0, 1]));
    expect(counts()?.malformedPes).toBe(2);
    expect(syntax()).toEqual([["ts-pes-syntax", 2, 0x101, "warning"]]);
  });

  test("13818-1 table 2-34: user private PES packets of stream_type 0x86 are no broken sections", () => {
    const { send, counts, syntax, ts } = monitored();
    const cue = [0xfc, 0x30, 0x11, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xf0, 0, 0, 0, 0, 0];
    const splice = withCrc(Uint8Array.from([...cue, 0, 0, 0, 0].map((octet, i) => (i === 2 ? 18 : octet))));
    send(starting(0, 0, pat), starting(0x100, 0, withPointer(pmtSection(1, 0x101, [[0x86, 0x103]]))));
    const pes = pesHeader({ streamId: 0xbd, pts: 90_000 });
    for (let cc = 0; cc < 6; cc += 2) {
      send(starting(0x103, cc, pes), tsPacket({ pid: 0x103, cc: cc + 1, fill: 0x11 }));
    }
    expect(syntax()).toEqual([]);
    expect(ts.report().pts).toMatchObject([{ pid: 0x103, pts: 3 }]);
    // Splice information is read there as ever.
    send(starting(0x103, 6, withPointer(splice)));
    expect(counts()?.tables.subTables).toBe(3);
    expect(syntax()).toEqual([]);
  });

  test("13818-1 Table 2-3: PES packets on the PIDs of SI, before and after the PMT names them", () => {
    const { send, syntax, ts } = monitored();
    const pids = [0x11, 0x14, 0x1ffb];
    const picture = (pid: number, cc: number) => [
      starting(pid, cc & 15, pesHeader({ pts: cc * 900 })),
      tsPacket({ pid, cc: (cc + 1) & 15, fill: 0x11 }),
    ];
    for (let cc = 0; cc < 20; cc += 2) send(...pids.flatMap((pid) => picture(pid, cc)));
    send(starting(0, 0, withPointer(patSection([[1, 0x10]]))));
    const streams = pids.map((pid): [number, number] => [0x02, pid]);
    send(starting(0x10, 0, withPointer(pmtSection(1, 0x11, streams))));
    for (let cc = 20; cc < 40; cc += 2) send(...pids.flatMap((pid) => picture(pid, cc)));
    expect(syntax()).toEqual([]);
    expect(ts.report().pts).toMatchObject(pids.map((pid) => ({ pid, pts: 20 })));
    const wrong = ts
      .report()
      .tr101290?.filter(({ number, state }) => state === "error" && /^(3|2.2)/.test(number));
    expect(wrong).toEqual([]);
  });

  test("PCRs of more PIDs than have a clock", () => {
    const { send, counts } = monitored();
    for (let i = 0; i < MOST_CLOCKS + 3; i += 1) send(tsPacket({ pid: 0x400 + i, pcr: i * 27_000 }));
    expect(counts()?.clocksNotMeasured).toBe(3);
  });
});

test("ISO/IEC 13818-1 2.4.4: a section does not go on after a time in which its PID carried none", () => {
  const { ts, send } = monitored();
  const long = pmtSection(1, 0x1fff, [], { descriptors: descriptor(0x80, ...new Array(250).fill(7)) });
  const [first, second] = packed([long], 0x100);
  if (first === undefined || second === undefined) throw new Error("the section is to need two packets");
  const named = (version: number, pid: number) => withPointer(patSection([[1, pid]], { version }));
  send(starting(0, 0, pat), first, starting(0, 1, named(1, 0x200)));
  // The PID carries something else for a while; then it is the PMT's again, and joined in the middle of a section.
  const other = tsPacket({ pid: 0x100, cc: 1 });
  const rest = tsPacket({ pid: 0x100, cc: 2 });
  send(other, starting(0, 2, named(2, 0x100)), rest, starting(0x100, 3, pmt));
  const rows = ts.report().tr101290 ?? [];
  expect(rows.filter(({ state }) => state === "error").map(({ number }) => number)).toEqual([]);
  expect(ts.findings("a", NO_WALL_CLOCK)).toEqual([]);
});

test("TR 101 290 3.2: EIT of a service that PAT and SDT take out, and of one that they keep", () => {
  const gone = (kept: boolean): unknown => {
    const { ts } = monitored();
    const last: Record<number, number> = {};
    const give = (ms: number, pid: number, section: Uint8Array): void => {
      const cc = ((last[pid] ?? -1) + 1) & 15;
      last[pid] = cc;
      ts.datagram(starting(pid, cc, withPointer(section)), 0, 188, ms * 1e6);
    };
    const service = (id: number): number[] => [0, id, 0xfd, 0x80, 0];
    for (let ms = 0; ms < 30_000; ms += 100) {
      const named = kept || ms < 10_000 ? [1, 2] : [1];
      const version = named.length & 1;
      const programs = named.map((program) => [program, 0x100] as const);
      give(ms, 0, patSection(programs, { version }));
      for (const program of named) give(ms + program, 0x100, pmtSection(program, 0x1fff, []));
      const services = named.flatMap(service);
      if (ms % 1000 === 0) give(ms + 3, 0x11, longSection(0x42, 1, [0, 1, 0xff, ...services], { version }));
      for (const id of ms < 10_000 ? [1, 2] : [1]) {
        const number = (ms / 500) & 1;
        const eit = longSection(0x4e, id, [0, 1, 0, 1, 1, 0x4e], { number, last: 1 });
        if (ms % 500 === 0) give(ms + 3 + id, 0x12, eit);
      }
    }
    const rows = ts.report().tr101290 ?? [];
    return rows.filter(({ state }) => state === "error").map(({ number, count }) => [number, count]);
  };
  expect(gone(false)).toEqual([]);
  expect(gone(true)).toEqual([["3.2", 2]]);
});

test("TR 101 290 3.4: PIDs whose PMT comes only after the PAT, 0.5 s and more after the start", () => {
  const { ts, send } = monitored();
  for (let ms = 0; ms < 1500; ms += 1) {
    if (ms % 450 === 430) send(starting(0x100, ms / 450, pmt));
    else if (ms % 450 === 440) send(starting(0, ms / 450, pat));
    else send(tsPacket({ pid: 0x101 + (ms % 3 === 0 ? 0x100 : 0), control: 2 }));
  }
  const found = ts.findings("a", NO_WALL_CLOCK).find(({ code }) => code === "tr101290-3-4-a");
  expect(found).toMatchObject({ count: 1, lastPid: 0x201, first: "+1.380000000s" });
});

test("TR 101 290 2.3: events of an indicator add up to its count, whatever PIDs it counts on", () => {
  const { ts, send } = monitored();
  send(starting(0, 0, pat), starting(0x100, 0, pmt));
  const events = new FindingEvents(0);
  let told = 0;
  for (let round = 0; round < 6; round += 1) {
    // Each PCR a second above the one before of its PID: 2.3.b, now on this PID and now on that.
    const pid = 0x101 + (round & 1);
    send(tsPacket({ pid, cc: round >> 1, pcr: (1 + (round >> 1)) * 27_000_000 }));
    const findings = ts.findings("a", NO_WALL_CLOCK);
    for (const { finding, added } of events.next({ ...EMPTY_REPORT, findings }, round, false)) {
      if (finding.code === "tr101290-2-3-b") told += added;
    }
  }
  const found = ts.findings("a", NO_WALL_CLOCK).find(({ code }) => code === "tr101290-2-3-b");
  expect(found).toMatchObject({ count: 4, lastPid: 0x102 });
  expect(found?.pid).toBeUndefined();
  expect(told).toBe(4);
});

test("13818-1 2.4.3.3: a section whose packet has discontinuity_indicator and is sent twice comes once", () => {
  const { ts, send } = monitored();
  const sdt = longSection(0x42, 1, [0, 1, 0xff]);
  const packet = tsPacket({ pid: 0x11, control: 3, fieldLength: 1, flags: 0x80, fill: 0xff });
  packet[1] = (packet[1] as number) | 0x40;
  packet.set(withPointer(sdt), 6);
  const clock = (pcr: number) => tsPacket({ pid: 0x101, flags: 0x80, pcr });
  send(starting(0, 0, pat), starting(0x100, 0, pmt), packet, packet, clock(1000), clock(28_000));
  expect(ts.findings("a", NO_WALL_CLOCK).map(({ code }) => code)).not.toContain("tr101290-3-5-a");
  const { continuity, pcr } = ts.report();
  expect(continuity).toMatchObject({ errors: 0, duplicates: 2 });
  expect(pcr?.[0]).toMatchObject({ count: 2, discontinuities: { signalled: 0, unsignalled: 0 } });
  send(tsPacket({ pid: 0x101, cc: 7, flags: 0x80, pcr: 900_000_000 }));
  send(tsPacket({ pid: 0x101, cc: 7, flags: 0x80, pcr: 900_027_000 }));
  expect(ts.report().pcr?.[0]?.discontinuities).toEqual({ signalled: 1, unsignalled: 0 });
});

test("EN 300 468 5.1.4: 25 ms count from the last octet of a section to the first of the next", () => {
  const { ts } = monitored();
  const schedule = (number: number) =>
    longSection(0x50, 1, [0, 1, 0, 1, 8, 0x50, ...new Array(2500).fill(0xff)], { number, last: 8 });
  const first = packed([schedule(0)], 0x12);
  const second = packed([schedule(8)], 0x12);
  let cc = 0;
  // Some 14 packets, one in 2 ms: 28 ms from end to end, 2 ms from end to start.
  ts.datagram(tsPacket({ pid: 0x101 }), 0, 188, 0);
  [...first, ...second].forEach((packet, i) => {
    packet[3] = ((packet[3] as number) & 0xf0) | (cc++ & 0x0f);
    ts.datagram(packet, 0, 188, 1e9 + i * 2e6);
  });
  const row = ts.report().tr101290?.find(({ number }) => number === "3.2");
  expect(first.length).toBeGreaterThan(13);
  expect(row).toMatchObject({ state: "error", count: 1, lastPid: 0x12 });
});
