import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { st2110AncillarySchema } from "../../report/st2110-ancillary-schema.ts";
import type { Epoch } from "../../report/time.ts";
import { AncillaryAnalyser } from "./analyser.ts";
import { ANC_RULES } from "./rules.ts";
import { ancRtp, type TestAnc, type TestRtp } from "./test-packets.ts";

const EPOCH: Epoch = { seconds: 1_700_000_000, nanoseconds: 0, wallClock: true };
const QUALITY = { kind: "savefile", resolutionNs: 1000 } as const;
/** An 8-bit payload of an unknown kind, so that nothing but the words is judged. */
const PLAIN: TestAnc = { did: 0x70, sdid: 0x01, data: [1, 2, 3, 4, 5] };
const FIELD_TICKS = 1800;

/** `frames` frames or fields of two packets each: data, then an empty one with the marker. */
function clean(frames: number, interlaced = false, anc: readonly TestAnc[] = [PLAIN]): TestRtp[] {
  return Array.from({ length: frames * 2 }, (_, index) => {
    const unit = index >>> 1;
    const last = index % 2 === 1;
    return {
      sequence: 65530 + index,
      timestamp: (4294967000 + unit * FIELD_TICKS) % 2 ** 32,
      marker: last,
      field: interlaced ? 2 + (unit % 2) : 0,
      anc: last ? [] : anc,
    };
  });
}

interface Options {
  /** Packets that never arrive. */
  readonly drop?: readonly number[];
  readonly snap?: number;
}

function run(packets: readonly TestRtp[], { drop = [], snap = Number.POSITIVE_INFINITY }: Options = {}) {
  const analyser = new AncillaryAnalyser(QUALITY);
  let lost = 0;
  packets.forEach((it, index) => {
    if (drop.includes(index)) {
      lost += 1;
      return;
    }
    const octets = ancRtp(it);
    analyser.packet(octets, 0, Math.min(snap, octets.length), octets.length, lost, index * 1e6);
    lost = 0;
  });
  return result(analyser);
}

function result(analyser: AncillaryAnalyser) {
  return {
    report: st2110AncillarySchema.parse(analyser.report(0, EPOCH, true)),
    findings: Object.fromEntries(analyser.findings("a", EPOCH).map((it) => [it.code, it.count])),
  };
}

/** The clean stream with packet `index` changed. */
function changed(index: number, change: Partial<TestRtp>, interlaced = false): TestRtp[] {
  return clean(8, interlaced).map((it, at) => (at === index ? { ...it, ...change } : it));
}

describe("clean streams give no finding", () => {
  test("progressive, across the wraps of sequence number and timestamp", () => {
    const { report, findings } = run(clean(8));
    expect(findings).toEqual({});
    expect(report).toMatchObject({
      packets: 16,
      keepAlives: 8,
      ancPackets: 8,
      scan: "progressive or unspecified",
      unitRate: "50",
      ticksPerUnit: 1800,
    });
    expect(report.subStreams).toHaveLength(1);
    expect(report.subStreams[0]).toMatchObject({ did: 0x70, sdid: 1, packets: 8, lastWords: "0102030405" });
  });

  test("interlaced", () => {
    const { report, findings } = run(clean(8, true));
    expect(findings).toEqual({});
    expect(report.scan).toBe("interlaced or PsF");
  });

  test("PsF: both segments share a timestamp", () => {
    const packets = clean(8, true).map((it, index) => ({ ...it, timestamp: (index >>> 2) * 3600 }));
    const { report, findings } = run(packets);
    expect(findings).toEqual({});
    expect(report.unitRate).toBe("25");
  });

  test("a capture that begins in the middle of a field", () => {
    expect(run(clean(8, true).slice(1)).findings).toEqual({});
  });

  test("ST 299-1, ST 272: words of 9 bits, b9 the inverse of b8; a packet marked for deletion", () => {
    for (const did of [0xe0, 0xe3, 0xa0, 0xa3, 0xec, 0xef, 0x80]) {
      for (let frame = 0; frame < 0x200; frame += 1) {
        const word = frame | ((~frame & 0x100) << 1);
        const control: TestAnc = { did, sdid: 1, data: [0, 0], words: (words) => words.splice(3, 1, word) };
        expect([did, frame, run(clean(1, false, [control])).findings]).toEqual([did, frame, {}]);
      }
    }
  });

  test("any data count, so any fill up to 32 bits", () => {
    for (let length = 0; length < 255; length += 1) {
      const data = Array.from({ length }, (_, index) => (index * 7 + length) & 0xff);
      expect(run(clean(1, false, [{ ...PLAIN, data }, PLAIN])).findings).toEqual({});
    }
  });
});

/** One fault each, in an else clean stream, and the one finding that it gives. */
const FAULTS: [name: keyof typeof ANC_RULES, packets: TestRtp[], count?: number][] = [
  ["length", changed(4, { lengthFault: 4 })],
  ["length", changed(4, { lengthFault: -4 })],
  ["count", changed(4, { countFault: 1 })],
  ["count", changed(4, { countFault: -1 })],
  ["overrun", changed(4, { anc: [{ ...PLAIN, words: (words) => words.splice(4) }] })],
  ["fieldInvalid", changed(4, { field: 1 }, true)],
  ["reserved", changed(4, { reserved: 1 })],
  ["align", changed(4, { anc: [{ ...PLAIN, dirtyAlign: true }] })],
  ["extendedSequence", clean(8).map((it, at) => (at >= 8 ? { ...it, extendedFault: 1 } : it))],
  ["markerMissing", changed(5, { marker: false })],
  ["markerEarly", changed(4, { marker: true })],
  ["fieldChange", changed(4, { field: 3 }, true)],
  ["fieldOrder", clean(8, true).map((it, at) => ({ ...it, field: at < 8 ? it.field : 5 - (it.field ?? 0) }))],
  ["fieldMissing", renumbered(clean(8, true).filter((_, at) => at < 8 || at > 11)), 2],
  ["timestampStep", clean(8).map((it, at) => ({ ...it, timestamp: it.timestamp + (at < 8 ? 0 : 300) }))],
  ["headerParity", changed(4, { anc: [{ ...PLAIN, words: (words) => flip(words, 1, 0x300) }] })],
  ["userParity", changed(4, { anc: [{ ...PLAIN, words: (words) => flip(words, 5, 0x300) }] })],
  [
    "forbidden",
    changed(4, { anc: [{ did: 0xc1, sdid: 1, data: [9], words: (words) => words.splice(3, 1, 2) }] }),
  ],
  [
    "forbidden",
    changed(4, { anc: [{ did: 0xe3, sdid: 1, data: [9], words: (words) => words.splice(3, 1, 0x3ff) }] }),
  ],
  ["checksum", changed(4, { anc: [{ ...PLAIN, checksumFault: 0x301 }] })],
];

function flip(words: number[], index: number, bits: number): void {
  words[index] = (words[index] as number) ^ bits;
}

/** The same packets with a sequence without gaps: the sender left some out, the network lost none. */
function renumbered(packets: TestRtp[]): TestRtp[] {
  return packets.map((it, index) => ({ ...it, sequence: 70_000 + index }));
}

describe("RFC 8331 and ST 291-1: one fault, one finding", () => {
  for (const [name, packets, count] of FAULTS) {
    test(name, () => {
      const timed = packets.map((it) => ({ ...it, timestamp: it.timestamp % 2 ** 32 }));
      expect(run(timed).findings).toEqual({ [ANC_RULES[name].code]: count ?? 1 });
    });
  }

  test("header: a packet without room for the payload header", () => {
    const analyser = new AncillaryAnalyser(QUALITY);
    const octets = ancRtp(clean(1)[0] as TestRtp);
    analyser.packet(octets, 0, 19, 19, 0, 0);
    expect(result(analyser).findings).toEqual({ "anc-header": 1 });
  });

  test("each has a clause, a severity and a text with its count", () => {
    for (const { code, clause, text } of Object.values(ANC_RULES)) {
      expect(clause.length).toBeGreaterThan(3);
      expect(text).toContain("{count}");
      expect(code).toMatch(/^[a-z0-9-]+$/);
    }
  });
});

describe("what the network or the capture did is not the sender's fault", () => {
  test("loss of a marker, of a field, of data", () => {
    for (const drop of [[5], [4, 5], [4], [3, 4, 5, 6]]) {
      expect(run(clean(8, true), { drop }).findings).toEqual({});
    }
  });

  test("a new sender", () => {
    const packets = clean(8).map((it, at) =>
      at < 7 ? it : { ...it, ssrc: 2, sequence: at, timestamp: it.timestamp ^ 1 },
    );
    const { report, findings } = run(packets);
    expect(findings).toEqual({});
    expect(report.ssrcChanges).toBe(1);
  });

  test("another rate, of a new sender or not: the rate is that of now", () => {
    const frames = (
      count: number,
      ticks: number,
      from: Partial<TestRtp> & { first: number; start: number },
    ) =>
      Array.from({ length: count }, (_, frame) => ({
        sequence: from.first + frame,
        timestamp: from.start + Math.floor(frame * ticks),
        marker: true,
        anc: [PLAIN],
        ssrc: from.ssrc ?? 1,
      }));
    const fast = frames(50, 1800, { first: 0, start: 0 });
    const same = run([...fast, ...frames(51, 1501.5, { first: 50, start: 90_000 })]);
    expect(same.report).toMatchObject({ unitRate: "60000/1001", ticksPerUnit: expect.closeTo(1501.5, 1) });
    expect(Object.keys(same.findings)).toEqual(["anc-timestamp-step"]);
    const other = run([...fast, ...frames(51, 1501.5, { first: 900, start: 7, ssrc: 2 })]);
    expect(other).toMatchObject({ findings: {}, report: { unitRate: "60000/1001" } });
  });

  test("the input starts again", () => {
    const analyser = new AncillaryAnalyser(QUALITY);
    for (const it of clean(3)) feed(analyser, it);
    analyser.gap();
    for (const it of clean(3)) feed(analyser, it);
    expect(result(analyser)).toMatchObject({ findings: {}, report: { ssrcChanges: 0, packets: 12 } });
  });

  test("a snap length: headers are judged, the rest is counted as cut", () => {
    for (const [snap, cut] of [
      [12, 16],
      [20, 8],
      [26, 8],
      [28, 8],
      [32, 8],
    ] as const) {
      const { report, findings } = run(clean(8), { snap });
      expect(findings).toEqual({});
      expect(report.cutPackets).toBe(cut);
      expect(report.subStreams.length).toBe(snap < 28 ? 0 : 1);
    }
  });

  test("a Length that is wrong is seen in a capture of the headers alone", () => {
    expect(run(changed(4, { lengthFault: 4 }), { snap: 28 }).findings).toEqual({ "anc-length": 1 });
  });
});

function feed(analyser: AncillaryAnalyser, it: TestRtp): void {
  const octets = ancRtp(it);
  analyser.packet(octets, 0, octets.length, octets.length, 0, 0);
}

test("sub-streams by DID, SDID and stream number, places by line and channel", () => {
  const { report } = run(
    clean(2, false, [
      PLAIN,
      { ...PLAIN, line: 0x7ff, offset: 0xfff },
      { ...PLAIN, c: 1 },
      { ...PLAIN, stream: 0x85 },
      { did: 0xff, sdid: 7, data: [1] },
      { did: 0xff, sdid: 8, data: [1] },
    ]),
  );
  expect(
    report.subStreams.map(({ did, sdid, streamNumber, packets }) => [did, sdid, streamNumber, packets]),
  ).toEqual([
    [0x70, 1, null, 6],
    [0x70, 1, 5, 2],
    [0xff, null, null, 4],
  ]);
  expect(
    report.subStreams[0]?.locations.map((it) => [
      it.line,
      it.colorDifference,
      it.lineMeaning,
      it.offsetMeaning,
    ]),
  ).toEqual([
    [9, false, null, null],
    [9, true, null, null],
    [2047, false, "any line", "anywhere on the line"],
  ]);
});

test("memory is bounded: identifiers and places without end are counted as unlisted", () => {
  const analyser = new AncillaryAnalyser(QUALITY);
  for (let index = 0; index < 300; index += 1) {
    feed(analyser, {
      sequence: index,
      timestamp: 0,
      marker: false,
      anc: [{ did: 0x70, sdid: 1, line: index }],
    });
    feed(analyser, {
      sequence: index,
      timestamp: 0,
      marker: false,
      anc: [{ did: 0x71, sdid: index & 0xff }],
    });
  }
  const { report } = result(analyser);
  expect(report.subStreams.length).toBe(64);
  expect(report.subStreams[0]?.locations.length).toBe(32);
  const listed = report.subStreams.reduce(
    (sum, it) => sum + it.locations.reduce((packets, at) => packets + at.packets, 0),
    0,
  );
  expect(listed + report.unlistedPackets).toBe(600);
});

test("latency against RTP time, TAI recognised 37 s from UTC", () => {
  for (const [offsetSeconds, clock] of [
    [37, "tai"],
    [0, "same"],
    [1000, "free-running"],
  ] as const) {
    const analyser = new AncillaryAnalyser(QUALITY);
    for (let unit = 0; unit < 6; unit += 1) {
      const ticks = BigInt(EPOCH.seconds + offsetSeconds) * 90_000n + BigInt(unit * FIELD_TICKS);
      const octets = ancRtp({
        sequence: unit,
        timestamp: Number(ticks % 2n ** 32n),
        marker: true,
        anc: [PLAIN],
      });
      const latencyNs = 500_000 + unit * 1000;
      analyser.packet(octets, 0, octets.length, octets.length, 0, unit * 20e6 + latencyNs);
    }
    const { report } = result(analyser);
    expect(report.clock).toBe(clock);
    if (clock === "free-running") expect(report.latencyNs).toBeNull();
    // The first unit is left out: its beginning was not seen.
    else expect(report.latencyNs).toEqual({ min: 501_000, mean: 503_000, max: 505_000 });
  }
});

test("any bytes: no exception, no read past the captured length, counters add up", () => {
  const mutated = fc.record({
    base: fc.nat(15),
    faults: fc.array(fc.record({ at: fc.nat(60), value: fc.nat(255) }), { maxLength: 4 }),
    captured: fc.nat(80),
    lost: fc.nat(2),
  });
  const kinds: TestAnc[] = [0x4101, 0x4105, 0x4107, 0x4302, 0x6060, 0x6101, 0x6102, 0xf801].map((id) => ({
    did: id >> 8,
    sdid: id & 255,
    data: [0x96, 0x69, 11, 0x43, 0, 0, 1, 0x74, 0, 1, 0x5e],
  }));
  fc.assert(
    fc.property(
      fc.array(fc.oneof(mutated, fc.uint8Array({ maxLength: 80 })), { maxLength: 30 }),
      fc.nat(kinds.length - 1),
      (inputs, kind) => {
        const analyser = new AncillaryAnalyser(QUALITY);
        const packets = clean(8, true, [kinds[kind] as TestAnc]);
        for (const input of inputs) {
          let octets: Uint8Array;
          let lost = 0;
          if (input instanceof Uint8Array) {
            octets = Uint8Array.from([0x80 | ((input[0] ?? 0) & 0x3f), ...input, ...new Uint8Array(11)]);
          } else {
            octets = ancRtp(packets[input.base] as TestRtp);
            for (const { at, value } of input.faults) if (at > 0 && at < octets.length) octets[at] = value;
            lost = input.lost;
          }
          const captured =
            input instanceof Uint8Array
              ? octets.length
              : Math.max(12, Math.min(octets.length, input.captured));
          // Behind the captured octets there are none: a read past them gives undefined, and shows in the report.
          const exact = octets.slice(0, captured);
          analyser.packet(exact, 0, captured, octets.length, lost, 0);
        }
        const { report } = result(analyser);
        const listed = report.subStreams.reduce((sum, it) => sum + it.packets, 0);
        expect(report.packets).toBe(inputs.length);
        expect(listed).toBeLessThanOrEqual(report.ancPackets);
      },
    ),
    { numRuns: 300 },
  );
});
