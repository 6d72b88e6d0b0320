import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ruleCounters } from "../../report/finding.ts";
import { ancDecodedSchema } from "../../report/st2110-ancillary-schema.ts";
import { NO_WALL_CLOCK } from "../../report/time.ts";
import { AfdContent } from "./afd.ts";
import { AtcContent } from "./atc.ts";
import { CdpContent } from "./cdp.ts";
import { Cea608Content } from "./cea608.ts";
import type { AncContent } from "./content.ts";
import { Op47Content } from "./op47.ts";
import { ANC_RULES, type AncCounters } from "./rules.ts";
import { Scte104Content } from "./scte104.ts";
import { VpidContent } from "./vpid.ts";

type Maker = (counters: AncCounters) => AncContent;

/** What a decoder makes of `packets`, at `places` (all at one without), and the counts by rule. */
function decode(make: Maker, packets: readonly (readonly number[])[], places: readonly number[] = []) {
  const counters = ruleCounters(ANC_RULES);
  const content = make(counters);
  packets.forEach((packet, index) => {
    content.packet(Uint8Array.from(packet), packet.length, 0, places[index] ?? 0);
  });
  const findings = Object.entries(counters).flatMap(([name, { count }]) =>
    count > 0 ? [[name, count]] : [],
  );
  return {
    decoded: ancDecodedSchema.parse(content.report(NO_WALL_CLOCK)),
    findings: Object.fromEntries(findings),
  };
}

/** Sets the octet at `at` so that all of them add up to 0. */
function summed(packet: number[], at = packet.length - 1): number[] {
  packet[at] = 0;
  packet[at] = -packet.reduce((sum, octet) => sum + octet, 0) & 0xff;
  return packet;
}

describe("ST 12-2 time code", () => {
  const make: Maker = (counters) => new AtcContent(counters);

  /** Time code words; `dbb1` 0 is LTC. */
  function atc(time: string, dbb1 = 0, dropFrame = false, dbb2 = 0): number[] {
    const [h, m, s, f] = time.split(":").map(Number) as [number, number, number, number];
    const nibbles = [
      f % 10,
      0,
      Math.floor(f / 10) | (dropFrame ? 4 : 0),
      0,
      s % 10,
      0,
      Math.floor(s / 10),
      0,
    ];
    nibbles.push(m % 10, 0, Math.floor(m / 10), 0, h % 10, 0, Math.floor(h / 10), 0xa);
    return nibbles.map((nibble, index) => {
      const bit = index < 8 ? (dbb1 >> index) & 1 : (dbb2 >> (index - 8)) & 1;
      return (nibble << 4) | (bit << 3);
    });
  }

  test("LTC, VITC1 and VITC2 apart, with user bits, line and drop-frame", () => {
    const { decoded, findings } = decode(make, [
      atc("10:11:12:13"),
      atc("10:11:12:13", 1, true, 0x12),
      atc("10:11:12:13", 2, true, 0x45),
      atc("01:02:03:04", 0x40),
    ]);
    expect(findings).toEqual({});
    expect(decoded).toMatchObject({
      timecodes: [
        {
          type: "LTC",
          last: "10:11:12:13",
          dropFrame: false,
          userBits: "a0000000",
          vitcLine: null,
          valid: true,
        },
        { type: "VITC1", last: "10:11:12;13", vitcLine: 0x12, valid: true },
        { type: "VITC2", last: "10:11:12;13", vitcLine: 5, valid: false },
        { type: "DBB1 0x40" },
      ],
    });
  });

  test("goes on by frames, over seconds, drop-frame minutes and midnight; anything else is a jump", () => {
    const jumps = (...times: string[]) => {
      const { decoded } = decode(
        make,
        times.map((time) => atc(time, 0, true)),
      );
      return decoded.kind === "timecode" ? decoded.timecodes[0]?.jumps : null;
    };
    expect(jumps("10:00:00:05", "10:00:00:05", "10:00:00:06")).toBe(0);
    expect(jumps("10:00:00:29", "10:00:01:00")).toBe(0);
    expect(jumps("10:00:59:29", "10:01:00:02")).toBe(0);
    expect(jumps("23:59:59:29", "00:00:00:00")).toBe(0);
    expect(jumps("10:00:00:05", "10:00:00:07")).toBe(1);
    expect(jumps("10:00:00:05", "10:00:01:00")).toBe(1);
    expect(jumps("10:00:01:00", "10:00:00:29")).toBe(1);
  });

  test("words of another number, and digits that are no time", () => {
    expect(decode(make, [atc("10:00:00:00").slice(1)]).findings).toEqual({ atc: 1 });
    const wrong = atc("10:00:00:00");
    wrong[4] = 0xb0;
    expect(decode(make, [wrong, atc("25:00:00:00"), atc("10:70:00:00")]).findings).toEqual({ atc: 3 });
  });
});

describe("ST 12-2 table 2: DBB1 tells what the words carry", () => {
  const make: Maker = (counters) => new AtcContent(counters);
  const words = (dbb1: number, octet: number) =>
    Array.from({ length: 16 }, (_, index) => octet | (index < 8 ? ((dbb1 >> index) & 1) << 3 : 0));

  test("LTC and VITC have decimal digits", () => {
    for (const dbb1 of [0, 1, 2]) expect(decode(make, [words(dbb1, 0xf0)]).findings).toEqual({ atc: 1 });
  });

  test("film, production and tape data are no time, and what users define need not be one", () => {
    for (const dbb1 of [3, 5, 6, 7, 0x40, 0x7d, 0x7e, 0x7f, 0x80, 0xff]) {
      const { decoded, findings } = decode(make, [words(dbb1, 0xf0)]);
      expect([dbb1, findings]).toEqual([dbb1, {}]);
      expect(decoded).toEqual({ kind: "timecode", timecodes: [] });
    }
    for (const dbb1 of [6, 7, 0x7d, 0x7e, 0x7f]) {
      // Digits that could be a time are none either, and follow nothing.
      const { decoded, findings } = decode(make, [words(dbb1, 0), words(dbb1, 0x10)]);
      expect([findings, decoded]).toEqual([{}, { kind: "timecode", timecodes: [] }]);
    }
  });
});

describe("ST 2016-3 AFD and bar data", () => {
  const make: Maker = (counters) => new AfdContent(counters);

  test("code, coded frame and bars", () => {
    const { decoded, findings } = decode(make, [
      [0x44, 0, 0, 0, 0, 0, 0, 0],
      [0x4c, 0, 0, 0xc0, 0x00, 0x14, 0x02, 0x00],
    ]);
    expect(findings).toEqual({});
    expect(decoded).toEqual({
      kind: "afd",
      packets: 2,
      code: 9,
      format: "4:3, full or pillarbox",
      codedFrame: "16:9",
      bars: { top: 20, bottom: 512, left: null, right: null },
      changes: 1,
    });
  });

  test("words of another number, reserved bits, letterbox with pillarbox", () => {
    const { findings } = decode(make, [[0x44], [0xc4, 0, 0, 0, 0, 0, 0, 0], [0x44, 0, 0, 0xa0, 0, 0, 0, 0]]);
    expect(findings).toEqual({ afd: 3 });
  });
});

describe("ST 352 payload identifier", () => {
  test("1080p59.94 on 3 Gb/s level A", () => {
    const { decoded, findings } = decode(
      (counters) => new VpidContent(counters),
      [
        [0x89, 0xca, 0x00, 0x01],
        [0x89, 0xca, 0x00, 0x01],
        [0x85, 0x06, 0x00, 0x01],
        [0x89, 0xca, 0x00],
      ],
    );
    expect(findings).toEqual({ vpid: 1 });
    expect(decoded).toMatchObject({
      packets: 3,
      interface: "1080-line, 1.5 Gb/s",
      picture: "interlaced",
      changes: 1,
    });
    expect(decoded).toMatchObject({ pictureRate: "30000/1001", sampling: "YCbCr-4:2:2", depthBits: 10 });
  });
});

describe("ST 334-1 CEA-608 packets", () => {
  test("channels, null pairs, extended data and parity", () => {
    const make: Maker = (counters) => new Cea608Content(counters);
    const { decoded, findings } = decode(make, [
      [0x80, 0x94, 0x2c],
      [0x80, 0x80, 0x80],
      [0x00, 0x9d, 0x2c],
      [0x00, 0x01, 0x83],
      [0x80, 0x14, 0x2c],
      [0x80],
    ]);
    expect(findings).toEqual({ cea608Parity: 1, cea608: 1 });
    expect(decoded).toEqual({
      kind: "cea608",
      packets: 5,
      cea608: {
        pairs: [3, 2],
        nullPairs: [1, 0],
        parityErrors: 1,
        channels: ["CC1", "CC4"],
        extendedData: 1,
      },
    });
  });
});

describe("ST 334-2 caption distribution packets", () => {
  const make: Maker = (counters) => new CdpContent(counters);
  const PADDING = [0xfa, 0, 0];

  interface Cdp {
    readonly sequence: number;
    readonly triplets?: readonly (readonly number[])[];
    readonly count?: number;
    readonly flags?: number;
    readonly before?: readonly number[];
    readonly footer?: number;
  }

  /** At 59.94 Hz, so 10 triplets. */
  function cdp({
    sequence,
    triplets = [],
    count = 10,
    flags = 0x43,
    before = [],
    footer = sequence,
  }: Cdp): number[] {
    const cc = [...triplets, ...new Array(count - triplets.length).fill(PADDING)].flat() as number[];
    const packet = [0x96, 0x69, 0, 0x7f, flags, sequence >> 8, sequence & 0xff, ...before];
    packet.push(0x72, 0xe0 | count, ...cc, 0x74, footer >> 8, footer & 0xff, 0);
    packet[2] = packet.length;
    return summed(packet);
  }

  test("sections: time code, captions, services, and one of the future", () => {
    const before = [
      0x71, 0xd0, 0x91, 0x82, 0x87, 0x73, 0xd1, 0xe1, 0x65, 0x6e, 0x67, 0xc1, 0x3f, 0xff, 0x80, 2, 9, 9,
    ];
    const { decoded, findings } = decode(make, [
      cdp({ sequence: 65535, flags: 0xf7, before }),
      cdp({ sequence: 0 }),
    ]);
    expect(findings).toEqual({});
    expect(decoded).toMatchObject({
      packets: 2,
      frameRate: "60000/1001",
      ccCount: 10,
      captionServiceActive: true,
      timeCode: "10:11:02:07",
      sequenceErrors: 0,
      languages: [{ service: 1, language: "eng" }],
    });
  });

  test("DTVCC packets across CDPs: services, sequence, length", () => {
    const start = (sequence: number, service: number) => [0xff, (sequence << 6) | 2, (service << 5) | 2];
    const { decoded, findings } = decode(make, [
      cdp({ sequence: 1, triplets: [start(0, 1)] }),
      cdp({ sequence: 2, triplets: [[0xfe, 0x41, 0x42], start(1, 2), [0xfe, 1, 2]] }),
    ]);
    expect(findings).toEqual({});
    expect(decoded).toMatchObject({
      cea708: {
        packets: 2,
        errors: 0,
        services: [
          { service: 1, blocks: 1 },
          { service: 2, blocks: 1 },
        ],
      },
    });
    expect(decode(make, [cdp({ sequence: 1, triplets: [start(0, 1), start(1, 1)] })]).findings).toEqual({
      cea708: 1,
    });
    const skipped = [start(0, 1), [0xfe, 1, 2], start(2, 1), [0xfe, 1, 2]];
    expect(decode(make, [cdp({ sequence: 1, triplets: skipped })]).findings).toEqual({ cea708: 1 });
    const tooMuch = [start(0, 1), [0xfe, 1, 2], [0xfe, 3, 4]];
    expect(decode(make, [cdp({ sequence: 1, triplets: tooMuch })]).findings).toEqual({ cea708: 1 });
  });

  test("an extended service has its number in a second octet (CTA-708-E 6.2.2)", () => {
    const { decoded } = decode(make, [
      cdp({
        sequence: 1,
        triplets: [
          [0xff, 2, 0xe1],
          [0xfe, 9, 0x41],
        ],
      }),
    ]);
    expect(decoded).toMatchObject({ cea708: { packets: 1, services: [{ service: 9, blocks: 1 }] } });
  });

  test("RFC 8331 2.1: services on lines or channels of their own have numbers and DTVCC packets of their own", () => {
    const start = (service: number) => [0xff, 2, (service << 5) | 2];
    const end = [0xfe, 0x41, 0x42];
    const { decoded, findings } = decode(
      make,
      [
        cdp({ sequence: 1, triplets: [start(1)] }),
        cdp({ sequence: 500, triplets: [start(2)] }),
        cdp({ sequence: 2, triplets: [end] }),
        cdp({ sequence: 501, triplets: [end] }),
      ],
      [18, 20, 18, 20],
    );
    expect(findings).toEqual({});
    expect(decoded).toMatchObject({
      packets: 4,
      sequenceErrors: 0,
      cea708: {
        packets: 2,
        errors: 0,
        services: [
          { service: 1, blocks: 1 },
          { service: 2, blocks: 1 },
        ],
      },
    });
    const skipped = [
      cdp({ sequence: 1 }),
      cdp({ sequence: 500 }),
      cdp({ sequence: 3 }),
      cdp({ sequence: 501 }),
    ];
    expect(decode(make, skipped, [18, 20, 18, 20]).findings).toEqual({ cdpSequence: 1 });
  });

  const faults: [rule: keyof AncCounters, packets: number[][]][] = [
    ["cdp", [cdp({ sequence: 1 }).slice(1)]],
    ["cdp", [cdp({ sequence: 1, flags: 0xc3 })]],
    ["cdp", [cdp({ sequence: 1, before: [0x73, 0xdf] })]],
    ["cdp", [cdp({ sequence: 1, before: [0x20] })]],
    ["cdpChecksum", [cdp({ sequence: 1 }).with(8, 0x55)]],
    ["cdpFooter", [cdp({ sequence: 1, footer: 2 })]],
    ["cdpSequence", [cdp({ sequence: 1 }), cdp({ sequence: 3 }), cdp({ sequence: 4 })]],
    ["cdpCount", [cdp({ sequence: 1, count: 20 })]],
  ];
  for (const [rule, packets] of faults) {
    test(`one fault: ${rule}`, () => expect(decode(make, packets).findings).toEqual({ [rule]: 1 }));
  }
});

describe("ST 2010 SCTE 104 messages", () => {
  const make: Maker = (counters) => new Scte104Content(counters);
  const splice = [1, 1, 0, 14, 1, 0, 0, 0, 7, 0, 9, 0x0f, 0xa0, 0, 100, 1, 2, 1];
  const segmentation = [1, 0x0b, 0, 14, 0, 0, 0, 5, 0, 0, 30, 9, 2, 0xab, 0xcd, 0x34, 1, 2];
  const signal = [1, 4, 0, 2, 0x0f, 0xa0];
  const unknown = [0xc0, 1, 0, 1, 0x77];

  function multiple(time: number[], ...operations: number[][]): number[] {
    const message = [0xff, 0xff, 0, 0, 0, 0, 42, 0, 3, 0, ...time, operations.length, ...operations.flat()];
    message[3] = message.length;
    return message;
  }

  test("operations, splice points and single messages", () => {
    const { decoded, findings } = decode(make, [
      [0x08, ...multiple([0], splice, segmentation, signal, unknown)],
      [0x08, ...multiple([1, 0, 0, 1, 0, 0, 5], splice)],
      [0x08, ...multiple([2, 10, 11, 12, 13], signal)],
      [0x08, ...multiple([3, 4, 1], signal)],
      [0x09, ...multiple([0], splice)],
    ]);
    expect(findings).toEqual({});
    expect(decoded).toMatchObject({
      messages: 4,
      duplicates: 1,
      last: [
        {
          type: "multiple",
          messageNumber: 42,
          dpiPidIndex: 3,
          splicePoint: null,
          operations: [
            {
              name: "splice_request_data",
              fields: {
                spliceInsertType: "spliceStart_normal",
                spliceEventId: 7,
                uniqueProgramId: 9,
                preRollMs: 4000,
                breakDurationMs: 10_000,
                availNum: 1,
                availsExpected: 2,
                autoReturn: true,
              },
            },
            {
              name: "insert_segmentation_descriptor_request_data",
              fields: {
                segmentationEventId: 5,
                durationS: 30,
                upidType: 9,
                upid: "abcd",
                segmentationTypeId: 0x34,
                segmentNum: 1,
                segmentsExpected: 2,
              },
            },
            { name: "time_signal_request_data", fields: { preRollMs: 4000 } },
            { name: "user defined", fields: { data: "77" } },
          ],
        },
        { splicePoint: "UTC 256 s 5 us" },
        { splicePoint: "VITC 10:11:12:13" },
        { splicePoint: "GPI 4 closes" },
      ],
    });
  });

  test("a message in several packets; one whose beginning was not seen is left out", () => {
    const message = multiple([0], splice, segmentation);
    const parts = [
      [0x0c, ...message.slice(30)],
      [0x0a, ...message.slice(0, 10)],
      [0x0e, ...message.slice(10, 30)],
      [0x0c, ...message.slice(30)],
    ];
    const { decoded, findings } = decode(make, parts);
    expect(findings).toEqual({});
    expect(decoded).toMatchObject({
      messages: 1,
      last: [{ operations: [{ opId: 0x101 }, { opId: 0x10b }] }],
    });
  });

  test("only the latest 16 messages are kept, oldest first", () => {
    const packets = Array.from({ length: 20 }, (_, index) => [0x08, ...multiple([0], signal).with(6, index)]);
    const { decoded } = decode(make, packets);
    if (decoded.kind !== "scte104") throw new Error("no SCTE 104");
    expect(decoded.messages).toBe(20);
    expect(decoded.last.map(({ messageNumber }) => messageNumber)).toEqual(
      Array.from({ length: 16 }, (_, i) => i + 4),
    );
  });

  const faults: [why: string, packets: number[][]][] = [
    ["another version", [[0x10, ...multiple([0], signal)]]],
    ["empty", [[0x08]]],
    ["messageSize", [[0x08, ...multiple([0], signal).with(3, 99)]]],
    ["time_type", [[0x08, ...multiple([9], signal)]]],
    ["num_ops", [[0x08, ...multiple([0], signal).with(11, 2)]]],
    ["data_length", [[0x08, ...multiple([0], signal.with(3, 1))]]],
    [
      "a message begins before the last is complete",
      [
        [0x0a, 1, 2],
        [0x08, ...multiple([0], signal)],
      ],
    ],
  ];
  for (const [why, packets] of faults) {
    test(`wrong: ${why}`, () => expect(decode(make, packets).findings).toEqual({ scte104: 1 }));
  }

  test("a message longer than 2000 octets is refused", () => {
    const packets = [
      [0x0a, ...new Array(250).fill(1)],
      ...new Array(8).fill([0x0e, ...new Array(250).fill(1)]),
    ];
    expect(decode(make, packets).findings).toEqual({ scte104: 1 });
  });
});

describe("OP-47 subtitling distribution packets", () => {
  const make: Maker = (counters) => new Op47Content(counters);

  /** Page 888 and its magazine by EN 300 706 Hamming 8/4: 0x15 is 0, 0xd0 is 8. */
  function op47(sequence: number): number[] {
    const wst = [0x55, 0x55, 0x27, 0x15, 0x15, 0xd0, 0xd0, ...new Array(38).fill(0x15)];
    const packet = [0x51, 0x15, 0, 0x02, 0xe9, 0, 0, 0, 0, ...wst, 0x74, 0, sequence, 0];
    packet[2] = packet.length;
    return summed(packet);
  }

  test("pages, teletext packets and sequence", () => {
    const { decoded, findings } = decode(make, [op47(1), op47(2), op47(4)]);
    expect(findings).toEqual({});
    expect(decoded).toEqual({
      kind: "op47",
      packets: 3,
      teletextPackets: 3,
      sequenceErrors: 1,
      pages: [{ page: "888", headers: 3 }],
    });
  });

  test("identifier, length, format, footer, units and checksum", () => {
    const wrong = [
      op47(1).with(0, 0x50),
      op47(1).with(2, 9),
      summed(op47(1).with(3, 1)),
      summed(op47(1).with(54, 1)),
    ];
    wrong.push(summed(op47(1).with(5, 0xe9)), op47(1).with(20, 0), [0x51]);
    expect(decode(make, wrong).findings).toEqual({ op47: wrong.length });
  });
});

test("any octets: no exception, and a report that keeps the schema", () => {
  const makers: [Maker, number[]][] = [
    [(counters) => new AtcContent(counters), []],
    [(counters) => new AfdContent(counters), []],
    [(counters) => new VpidContent(counters), []],
    [(counters) => new Cea608Content(counters), []],
    [(counters) => new CdpContent(counters), [0x96, 0x69]],
    [(counters) => new Scte104Content(counters), [0x08, 0xff, 0xff, 0]],
    [(counters) => new Op47Content(counters), [0x51, 0x15]],
  ];
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 251 }), { maxLength: 8 }), fc.nat(6), (inputs, which) => {
      const [make, prefix] = makers[which] as [Maker, number[]];
      const packets = inputs.map((input) => {
        const packet = [...prefix, ...input];
        // Right lengths and sums lead further into the decoders.
        if (prefix.length > 0 && packet.length > 12) {
          packet[prefix[0] === 0x08 ? 4 : 2] = packet.length - (prefix[0] === 0x08 ? 1 : 0);
          if (prefix[0] !== 0x08) {
            packet[packet.length - 4] = 0x74;
            summed(packet);
          }
        }
        return packet;
      });
      decode(make, packets);
    }),
    { numRuns: 500 },
  );
});
