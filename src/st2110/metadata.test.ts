import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { st2110MetadataSchema } from "../report/st2110-metadata-schema.ts";
import { NO_WALL_CLOCK } from "../report/time.ts";
import { rtpHeader } from "./ancillary/test-packets.ts";
import { holdsDataItems, METADATA_RULES, MetadataAnalyser } from "./metadata.ts";

const TIMESTAMPS = { kind: "savefile", resolutionNs: 1 } as const;

/** A Data Item: type, K, and words of contents. */
function item(type: number, words: number, k = 0, length = words): number[] {
  const head = ((type << 10) | (k << 9) | length) >>> 0;
  const contents = Array.from({ length: words * 4 }, (_, index) => (type + index) & 255);
  return [head >>> 24, (head >>> 16) & 255, (head >>> 8) & 255, head & 255, ...contents];
}

interface Packet {
  readonly items: number[];
  readonly marker?: boolean;
  readonly timeMs?: number;
  readonly ssrc?: number;
  readonly lost?: number;
}

function run(packets: readonly Packet[], snap = 1 << 16) {
  const analyser = new MetadataAnalyser(TIMESTAMPS);
  packets.forEach((it, index) => {
    const octets = Uint8Array.from([...rtpHeader(index, index, it.marker ?? false, it.ssrc), ...it.items]);
    const len = Math.min(snap, octets.length);
    analyser.packet(octets, 0, len, octets.length, it.lost ?? 0, (it.timeMs ?? index) * 1e6);
  });
  return result(analyser);
}

function result(analyser: MetadataAnalyser) {
  return {
    report: st2110MetadataSchema.parse(analyser.report(0, NO_WALL_CLOCK, true)),
    findings: Object.fromEntries(analyser.findings("m", NO_WALL_CLOCK).map((it) => [it.code, it.count])),
  };
}

describe("ST 2110-41", () => {
  test("Data Items by type, several in a packet", () => {
    const { report, findings } = run([
      { items: [...item(0x3fffff, 2, 1), ...item(7, 0)] },
      { items: item(0x3fffff, 511) },
      { items: item(7, 1) },
    ]);
    expect(findings).toEqual({});
    expect(report).toMatchObject({
      packets: 3,
      items: [
        {
          type: 7,
          items: 2,
          kBit: 0,
          octets: { min: 0, max: 4 },
          first: "+0.000000000s",
          lastData: "0708090a",
        },
        { type: 0x3fffff, items: 2, kBit: 1, octets: { min: 8, max: 2044 } },
      ],
    });
  });

  const faults: [name: keyof typeof METADATA_RULES, packets: Packet[]][] = [
    ["header", [{ items: [1, 2] }]],
    ["length", [{ items: item(7, 1, 0, 2) }]],
    ["length", [{ items: [...item(7, 1), 1, 2] }]],
    ["marker", [{ items: item(7, 1), marker: true }]],
    [
      "pause",
      [{ items: item(7, 1) }, { items: item(7, 1), timeMs: 501 }, { items: item(7, 1), timeMs: 1001 }],
    ],
  ];
  for (const [name, packets] of faults) {
    test(`one fault: ${name}`, () =>
      expect(run(packets).findings).toEqual({ [METADATA_RULES[name].code]: 1 }));
  }

  test("a pause with loss, of another sender, or where the input starts again is nobody's fault", () => {
    const items = item(7, 1);
    expect(run([{ items }, { items, timeMs: 900, lost: 1 }]).findings).toEqual({});
    const { report, findings } = run([{ items }, { items, timeMs: 900, ssrc: 2 }]);
    expect(findings).toEqual({});
    expect(report.ssrcChanges).toBe(1);
    const analyser = new MetadataAnalyser(TIMESTAMPS);
    const octets = Uint8Array.from([...rtpHeader(0, 0, false), ...items]);
    analyser.packet(octets, 0, octets.length, octets.length, 0, 0);
    analyser.gap();
    analyser.packet(octets, 0, octets.length, octets.length, 0, 9e9);
    expect(result(analyser)).toMatchObject({ findings: {}, report: { ssrcChanges: 0 } });
  });

  test("what the snap length cut is counted, and no finding", () => {
    const packets = [{ items: [...item(7, 2), ...item(8, 2)] }];
    expect(run(packets, 30)).toMatchObject({ findings: {}, report: { cutItems: 1, items: [{ type: 7 }] } });
    expect(run(packets, 26)).toMatchObject({ findings: {}, report: { cutItems: 1 } });
    expect(run(packets, 13)).toMatchObject({ findings: {}, report: { cutItems: 1, items: [] } });
  });

  test("memory is bounded: types beyond 64 are counted as unlisted", () => {
    const { report } = run(Array.from({ length: 100 }, (_, type) => ({ items: item(type, 1) })));
    expect(report.items).toHaveLength(64);
    expect(report.unlistedItems).toBe(36);
  });

  test("any bytes: no exception, and no read past the captured length", () => {
    const input = fc.record({ octets: fc.uint8Array({ minLength: 12, maxLength: 80 }), cut: fc.nat(40) });
    fc.assert(
      fc.property(fc.array(input, { maxLength: 20 }), (inputs) => {
        const analyser = new MetadataAnalyser(TIMESTAMPS);
        for (const { octets, cut } of inputs) {
          octets[0] = 0x80 | ((octets[0] as number) & 0x3f);
          const len = Math.max(12, octets.length - cut);
          analyser.packet(octets.slice(0, len), 0, len, octets.length, 0, 0);
        }
        expect(result(analyser).report.packets).toBe(inputs.length);
      }),
    );
  });
});

describe("a payload of nothing but Data Items", () => {
  const item = (words: number): number[] => [0, 1, words >> 8, words & 0xff, ...new Array(words * 4).fill(9)];

  test("is told by lengths that add up, and only when all of it is there", () => {
    const payload = Uint8Array.from([...item(2), ...item(0), ...item(5)]);
    expect(holdsDataItems(payload, 0, payload.length, payload.length)).toBe(true);
    expect(holdsDataItems(payload, 0, payload.length - 1, payload.length)).toBe(false);
    expect(holdsDataItems(payload, 0, payload.length - 4, payload.length - 4)).toBe(false);
    expect(holdsDataItems(payload, 0, 0, 0)).toBe(false);
  });
});
