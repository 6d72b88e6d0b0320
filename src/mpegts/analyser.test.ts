import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { mpegtsSchema } from "../report/schema.ts";
import { NO_WALL_CLOCK } from "../report/time.ts";
import { PCR_MODULUS } from "./packet.ts";
import { analyse, joined, nullPacket, sendDatagrams, tsPacket, tsPackets } from "./test-packets.ts";

describe("legality", () => {
  const good = () => tsPacket({ cc: 0 });
  test.each([
    ["transportError", tsPacket({ transportError: true, cc: 9 }), 0],
    ["reservedAdaptation", tsPacket({ control: 0, cc: 0 }), 1],
    ["adaptationLength", tsPacket({ control: 3, fieldLength: 183, cc: 1 }), 1],
    ["adaptationLength", tsPacket({ control: 3, fieldLength: 255, cc: 1 }), 1],
    ["adaptationLength", tsPacket({ control: 2, fieldLength: 182, cc: 0 }), 1],
    ["syncByte", tsPacket({ sync: 0x74, cc: 9 }), 0],
  ] as const)(
    "%s: not passed, counted once, and by its PID where its header is sound",
    (reason, bad, inPid) => {
      for (const passIllegal of [false, true]) {
        const { ts, output, errors } = analyse({ passIllegal });
        const last = tsPacket({ cc: reason === "adaptationLength" && bad[3] === 0x31 ? 2 : 1 });
        sendDatagrams(ts, [joined(good(), good(), bad, last)]);
        const report = ts.report();
        expect(report.packets).toBe(4);
        expect(report.illegal[reason]).toBe(1);
        expect(Object.values(report.illegal).reduce((a, b) => a + b)).toBe(1);
        expect(report.passed).toBe(passIllegal ? 4 : 3);
        expect(report.pids).toHaveLength(1);
        expect(report.pids[0]?.packets).toBe(3 + inPid);
        const passed = passIllegal ? joined(good(), good(), bad, last) : joined(good(), good(), last);
        expect(Buffer.compare(output.octets(), passed)).toBe(0);
        expect(errors.filter((error) => error[2] === "repeated")).toEqual([]);
      }
    },
  );

  test("the first reason counts", () => {
    const { ts } = analyse();
    sendDatagrams(ts, [tsPacket(), tsPacket({ transportError: true, control: 0 })]);
    expect(ts.report().illegal).toMatchObject({ transportError: 1, reservedAdaptation: 0 });
  });

  test("an adaptation field of illegal length is not read", () => {
    const { ts } = analyse();
    sendDatagrams(ts, [tsPacket(), tsPacket({ control: 2, fieldLength: 20, flags: 0x80, pcr: 5, cc: 9 })]);
    expect(ts.report().continuity).toMatchObject({ errors: 1, discontinuities: 0 });
    expect(ts.report().pids[0]?.pcrs).toBe(0);
  });
});

describe("null packets", () => {
  const mixed = () =>
    joined(nullPacket(), tsPacket({ cc: 0 }), nullPacket(), nullPacket(), tsPacket({ cc: 1 }));

  test("are passed on, counted, and their counter is never looked at", () => {
    const { ts, output } = analyse();
    sendDatagrams(ts, [mixed()]);
    expect(ts.report()).toMatchObject({ packets: 5, passed: 5, nullPackets: 3, nullDropped: 0 });
    expect(ts.report().continuity).toEqual({ errors: 0, missing: 0, duplicates: 0, discontinuities: 0 });
    expect(output.runs.length).toBe(1);
  });

  test("dropNull", () => {
    const { ts, output } = analyse({ dropNull: true });
    sendDatagrams(ts, [mixed()]);
    expect(ts.report()).toMatchObject({ packets: 5, passed: 2, nullPackets: 3, nullDropped: 3 });
    expect(Buffer.compare(output.octets(), joined(tsPacket({ cc: 0 }), tsPacket({ cc: 1 })))).toBe(0);
    expect(output.runs.map((run) => run.datagrams)).toEqual([1, 0]);
  });

  test("an illegal one is illegal; with passIllegal and dropNull it is dropped as a null packet", () => {
    const bad = tsPacket({ pid: 0x1fff, control: 2, fieldLength: 3 });
    for (const [passIllegal, nullDropped] of [
      [false, 0],
      [true, 1],
    ] as const) {
      const { ts } = analyse({ dropNull: true, passIllegal });
      sendDatagrams(ts, [joined(tsPacket(), bad)]);
      expect(ts.report()).toMatchObject({ packets: 2, passed: 1, nullPackets: 1, nullDropped });
      expect(ts.report().illegal.adaptationLength).toBe(1);
    }
  });
});

describe("continuity over buffers", () => {
  test("the last packet is known after its buffer was reused", () => {
    const { ts, errors } = analyse();
    const buf = new Uint8Array(188);
    const give = (packet: Uint8Array) => {
      buf.set(packet);
      ts.datagram(buf, 0, 188, 0);
      ts.bufferEnd();
      buf.fill(0);
    };
    give(tsPacket({ cc: 5, fill: 1 }));
    give(tsPacket({ cc: 5, fill: 1 }));
    give(tsPacket({ cc: 5, fill: 1 }));
    give(tsPacket({ cc: 6, fill: 1 }));
    give(tsPacket({ cc: 6, fill: 2 }));
    expect(errors).toEqual([
      [2, 0x100, "repeated", 0],
      [4, 0x100, "missing", 15],
    ]);
    expect(ts.report().continuity.duplicates).toBe(1);
  });

  test("many buffers without bufferEnd", () => {
    const { ts, errors } = analyse();
    for (let i = 0; i < 400; i += 1) {
      const packet = tsPacket({ cc: (i >> 1) & 15, fill: i >> 1 });
      ts.datagram(packet, 0, 188, i);
    }
    expect(errors).toEqual([]);
    expect(ts.report().continuity.duplicates).toBe(200);
  });

  test("ISO/IEC 13818-1 2.4.3.5 discontinuity_indicator: no check, and repeats count afresh", () => {
    const { ts, errors } = analyse();
    const jump = (fill: number) => tsPacket({ control: 3, flags: 0x80, cc: 9, fill });
    sendDatagrams(ts, [
      tsPacket({ control: 3, flags: 0x80, cc: 1 }),
      tsPacket({ cc: 2 }),
      jump(1),
      jump(2),
      tsPacket({ cc: 10 }),
    ]);
    expect(errors).toEqual([]);
    expect(ts.report().continuity).toEqual({ errors: 0, missing: 0, duplicates: 0, discontinuities: 2 });
  });

  test("ISO/IEC 13818-1 2.4.3.3: a packet with discontinuity_indicator may come twice, and only twice", () => {
    const { ts, errors } = analyse();
    const jump = (pcr: number) => tsPacket({ control: 3, flags: 0x80, cc: 9, pcr });
    const bare = () => tsPacket({ control: 2, flags: 0x80, cc: 9, fieldLength: 183 });
    sendDatagrams(ts, [tsPacket({ cc: 2 }), jump(1000), jump(1200), jump(1400), tsPacket({ cc: 10 })]);
    expect(errors).toEqual([[3, 0x100, "repeated", 0]]);
    expect(ts.report().continuity).toEqual({ errors: 1, missing: 0, duplicates: 1, discontinuities: 1 });
    // Only packets with payload are sent twice.
    sendDatagrams(ts, [bare(), bare(), bare()]);
    expect(ts.report().continuity).toEqual({ errors: 1, missing: 0, duplicates: 1, discontinuities: 4 });
  });

  test("two packets of a PID with another PID in between", () => {
    const { ts, errors } = analyse();
    const other = (cc: number) => tsPacket({ pid: 0x200, cc });
    sendDatagrams(ts, [
      joined(tsPacket({ cc: 3 }), other(8), tsPacket({ cc: 3 }), other(9), tsPacket({ cc: 5 })),
    ]);
    expect(errors).toEqual([[4, 0x100, "missing", 1]]);
    expect(ts.report().continuity.duplicates).toBe(1);
  });
});

describe("gap", () => {
  test("what comes next is not compared with what came before", () => {
    const { ts, errors } = analyse();
    sendDatagrams(ts, tsPackets(3));
    ts.gap();
    sendDatagrams(ts, tsPackets(3, { cc: 9 }));
    expect(errors).toEqual([]);
    expect(ts.report()).toMatchObject({ packets: 6, passed: 6 });
  });

  test("a file played again from its start: no sync is lost, half a packet at its end is skipped", () => {
    const { ts, errors } = analyse();
    const file = joined(...tsPackets(20), tsPacket({ cc: 4 }).subarray(0, 100));
    for (let loop = 0; loop < 3; loop += 1) {
      ts.chunk(file, 0, file.length, Number.NaN);
      ts.gap();
    }
    ts.end();
    expect(errors).toEqual([]);
    expect(ts.report()).toMatchObject({ packets: 60, passed: 60, skippedBytes: 300, syncLosses: 0 });
  });

  test("a packet begun before it is not completed after it", () => {
    const { ts } = analyse();
    const octets = joined(...tsPackets(20));
    ts.datagram(octets, 0, 1000, 0);
    ts.gap();
    ts.datagram(octets, 1000, octets.length - 1000, 1);
    expect(ts.report()).toMatchObject({ packets: 19, skippedBytes: 60 + 128 });
  });
});

describe("bit rates", () => {
  test("by arrival: a constant rate shows as it is, from two datagrams on", () => {
    for (const count of [2, 3, 500]) {
      const { ts } = analyse();
      const parts = Array.from({ length: count }, () => joined(...tsPackets(6), nullPacket()));
      sendDatagrams(ts, parts, 1000);
      const report = ts.report();
      expect(report.bitrateSource).toBe("arrival");
      // 7 packets each millisecond.
      expect(report.pids[0]?.bitrate).toBeCloseTo(6 * 1504 * 1000, 6);
      expect(report.pids[1]?.bitrate).toBeCloseTo(1504 * 1000, 6);
      expect(ts.report((count - 1) * 2e6).pids[1]?.bitrate).toBeCloseTo(1504 * 500, 6);
    }
  });

  test("none before there is an interval", () => {
    const { ts } = analyse();
    sendDatagrams(ts, [joined(...tsPackets(7))]);
    expect(ts.report().bitrateSource).toBeNull();
    expect(ts.report().pids[0]?.bitrate).toBeNull();
  });

  test("by PCR where the times are none, across the wrap of the clock", () => {
    const { ts } = analyse({ clock: "none" });
    // One PCR each 10 packets, which take 10 ms.
    const packets = Array.from({ length: 201 }, (_, i) =>
      i % 10 === 0
        ? tsPacket({ cc: i & 15, pcr: (PCR_MODULUS - 900_000 + i * 27_000) % PCR_MODULUS })
        : tsPacket({ cc: i & 15 }),
    );
    const file = joined(...packets);
    ts.chunk(file, 0, file.length, Number.NaN);
    ts.end();
    expect(ts.report().bitrateSource).toBe("pcr");
    expect(ts.report().pids[0]?.bitrate).toBeCloseTo(1504 * 1000, 6);
    expect(ts.report().pids[0]?.pcrs).toBe(21);
  });

  test("a jump of the PCR that is signalled is no interval, one that is not is none either", () => {
    const { ts } = analyse({ clock: "pcr" });
    const at = (cc: number, ms: number, flags = 0) => tsPacket({ cc, pcr: ms * 27_000, flags });
    sendDatagrams(ts, [
      joined(at(0, 0), at(1, 1), at(2, 500, 0x80), at(3, 501), at(4, 90_000), at(5, 90_001)),
    ]);
    expect(ts.report().pids[0]?.bitrate).toBeCloseTo(1504 * 1000, 6);
  });
});

describe("report and findings", () => {
  test("one finding a rule, continuity one a PID, with times and counts", () => {
    const { ts } = analyse();
    sendDatagrams(ts, [
      joined(...tsPackets(4), tsPacket({ pid: 0x50, cc: 1 }), tsPacket({ pid: 0x50, cc: 4 })),
      joined(tsPacket({ cc: 9 }), tsPacket({ transportError: true }), tsPacket({ control: 0, cc: 9 })),
      joined(
        tsPacket({ control: 2, fieldLength: 1, cc: 9 }),
        tsPacket({ sync: 0, cc: 9 }),
        tsPacket({ cc: 10 }),
      ),
      joined(...tsPackets(3, { cc: 11, sync: 1 }), ...tsPackets(3, { cc: 14 })),
      Uint8Array.of(1, 2, 3),
    ]);
    const findings = ts.findings("s", NO_WALL_CLOCK);
    expect(findings.map(({ code, pid, count }) => [code, pid, count])).toEqual([
      ["ts-sync-loss", undefined, 1],
      ["ts-sync-byte", undefined, 4],
      ["ts-continuity", 0x50, 1],
      ["ts-continuity", 0x100, 2],
      ["ts-transport-error", undefined, 1],
      ["ts-adaptation-control", undefined, 1],
      ["ts-adaptation-length", undefined, 1],
      ["ts-stray-octets", undefined, 3],
    ]);
    expect(findings[3]).toMatchObject({ stream: "s", first: "+0.001000000s", last: "+0.003000000s" });
    expect(findings.every((finding) => !/[{|}]/.test(finding.text))).toBe(true);
  });

  test("a clean stream has none", () => {
    const { ts } = analyse();
    sendDatagrams(ts, [joined(...tsPackets(7))]);
    expect(ts.findings("s", NO_WALL_CLOCK)).toEqual([]);
  });

  test("all 8192 PIDs, scrambled, ascending", () => {
    const { ts } = analyse();
    for (let pid = 8191; pid >= 0; pid -= 1) {
      const packet = tsPacket({ pid, scrambling: pid & 3 });
      ts.datagram(packet, 0, 188, 8191 - pid);
      ts.bufferEnd();
    }
    const report = mpegtsSchema.parse(ts.report());
    expect(report.pids.map((pid) => pid.pid)).toEqual(Array.from({ length: 8192 }, (_, i) => i));
    expect(report.pids.reduce((sum, pid) => sum + pid.scrambled, 0)).toBe(8192 * 0.75);
  });
});

test("any packets: the report keeps to its schema and its counters add up", () => {
  const header = fc.uint8Array({ minLength: 6, maxLength: 12 });
  fc.assert(
    fc.property(
      fc.array(fc.array(header, { minLength: 1, maxLength: 8 }), { maxLength: 20 }),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom("arrival" as const, "pcr" as const, "none" as const),
      (datagrams, passIllegal, dropNull, clock) => {
        const { ts, output, errors } = analyse({ passIllegal, dropNull, clock });
        const parts = datagrams.map((headers) =>
          joined(
            ...headers.map((start) => {
              const packet = tsPacket();
              // Few PIDs, so that counters meet.
              packet.set(start, 0);
              packet[0] = 0x47;
              packet[1] = (packet[1] as number) & 0xe1;
              packet[2] = (packet[2] as number) & 0x81;
              return packet;
            }),
          ),
        );
        sendDatagrams(ts, parts);
        ts.end();
        const report = mpegtsSchema.parse(ts.report());
        const illegal = Object.values(report.illegal).reduce((sum, count) => sum + count, 0);
        expect(report.packets).toBe(parts.reduce((sum, part) => sum + part.length / 188, 0));
        expect(report.passed + report.nullDropped + (passIllegal ? 0 : illegal)).toBe(report.packets);
        expect(output.octets().length).toBe(report.passed * 188);
        expect(report.continuity.errors).toBe(errors.length);
        expect(report.continuity.missing).toBe(errors.reduce((sum, error) => sum + error[3], 0));
        const found = ts.findings("s", NO_WALL_CLOCK).filter((finding) => finding.code === "ts-continuity");
        expect(found.reduce((sum, finding) => sum + finding.count, 0)).toBe(errors.length);
      },
    ),
  );
});
