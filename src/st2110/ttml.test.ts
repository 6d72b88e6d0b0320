import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { playRtp } from "../../tests/helpers/play-rtp.ts";
import { needsShared, testWith } from "../../tests/helpers/skip.ts";
import { sharedData } from "../../tests/shared-data.ts";
import { st2110TtmlSchema } from "../report/st2110-ttml-schema.ts";
import type { Epoch } from "../report/time.ts";
import { rtpHeader } from "./ancillary/test-packets.ts";
import { TTML_RULES, TtmlAnalyser } from "./ttml.ts";

const TIMESTAMPS = { kind: "savefile", resolutionNs: 1 } as const;

const EPOCH: Epoch = { seconds: 0, nanoseconds: 0, wallClock: true };
const DOCUMENT = `<?xml version="1.0"?><!-- - --><tt:tt xml:lang="de" xmlns:tt="http://www.w3.org/ns/ttml"><tt:body/></tt:tt>\n`;

interface Fragment {
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly data: Uint8Array;
  readonly ssrc?: number;
  readonly reserved?: number;
  readonly lengthFault?: number;
}

/** `count` documents a second apart, each in three packets. */
function documents(count: number, text: string | Uint8Array = DOCUMENT): Fragment[] {
  const octets = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const third = Math.ceil(octets.length / 3);
  return Array.from({ length: count * 3 }, (_, index) => {
    const part = index % 3;
    return {
      sequence: 65534 + index,
      timestamp: Math.floor(index / 3) * 1000,
      marker: part === 2,
      data: octets.subarray(part * third, (part + 1) * third),
    };
  });
}

function octetsOf(it: Fragment): Uint8Array {
  const length = it.data.length + (it.lengthFault ?? 0);
  const header = rtpHeader(it.sequence, it.timestamp, it.marker, it.ssrc);
  return Uint8Array.from([...header, 0, it.reserved ?? 0, length >> 8, length & 255, ...it.data]);
}

function run(fragments: readonly Fragment[], drop: readonly number[] = [], snap = 1 << 16) {
  const analyser = new TtmlAnalyser(TIMESTAMPS);
  let lost = 0;
  fragments.forEach((it, index) => {
    if (drop.includes(index)) {
      lost += 1;
      return;
    }
    const octets = octetsOf(it);
    analyser.packet(octets, 0, Math.min(snap, octets.length), octets.length, lost, it.timestamp * 1e6);
    lost = 0;
  });
  return result(analyser);
}

function result(analyser: TtmlAnalyser) {
  return {
    report: st2110TtmlSchema.parse(analyser.report(0, EPOCH, true)),
    findings: Object.fromEntries(analyser.findings("t", EPOCH).map((it) => [it.code, it.count])),
  };
}

function changed(index: number, change: Partial<Fragment>): Fragment[] {
  return documents(4).map((it, at) => (at === index ? { ...it, ...change } : it));
}

describe("RFC 8759", () => {
  test("documents are put together from their packets", () => {
    const { report, findings } = run(documents(4));
    expect(findings).toEqual({});
    expect(report).toMatchObject({
      packets: 12,
      documents: 4,
      skipped: 0,
      octets: { min: DOCUMENT.length, max: DOCUMENT.length },
      clockRateHz: 1000,
      language: "de",
      lastText: DOCUMENT,
    });
  });

  test("UTF-16 with its byte order mark, either way round", () => {
    const little = Uint8Array.from(Buffer.from(`\ufeff${DOCUMENT}`, "utf16le"));
    const big = Uint8Array.from(Buffer.from(little).swap16());
    for (const octets of [little, big]) {
      const { report, findings } = run(documents(2, octets));
      expect(findings).toEqual({});
      expect(report).toMatchObject({ documents: 2, language: "de" });
    }
  });

  test("XML 1.0 2.1 and 2.8: comments behind the root, a document type before it", () => {
    for (const text of [`${DOCUMENT}<!-- end -->`, `<!DOCTYPE tt>${DOCUMENT.replace(/^<[?].*[?]>/, "")}`]) {
      expect(run(documents(2, text))).toMatchObject({
        findings: {},
        report: { documents: 2, language: "de" },
      });
    }
  });

  const faults: [name: keyof typeof TTML_RULES, fragments: Fragment[], count?: number][] = [
    ["reserved", changed(4, { reserved: 1 })],
    ["length", changed(4, { lengthFault: 1 })],
    ["markerMissing", changed(5, { marker: false })],
    ["markerEarly", changed(4, { marker: true })],
    ["ssrcMoves", documents(4).map((it, at) => ({ ...it, ssrc: at < 5 ? 1 : 2 }))],
    ["document", documents(2, "<p>no tt here</p>")],
    ["document", documents(2, Uint8Array.of(0x3c, 0xff, 0xfe, 0x3e))],
  ];
  for (const [name, fragments, count] of faults) {
    test(`one fault: ${name}`, () => {
      expect(run(fragments).findings).toEqual({ [TTML_RULES[name].code]: count ?? 1 });
    });
  }

  test("one fault: header", () => {
    const analyser = new TtmlAnalyser(TIMESTAMPS);
    analyser.packet(Uint8Array.from(rtpHeader(1, 1, true)), 0, 12, 12, 0, 0);
    expect(result(analyser).findings).toEqual({ "ttml-header": 1 });
  });

  test("one fault: too long, and memory is bounded", () => {
    const analyser = new TtmlAnalyser(TIMESTAMPS);
    const data = new Uint8Array(60_000).fill(0x20);
    const octets = octetsOf({ sequence: 0, timestamp: 0, marker: false, data });
    for (let index = 0; index < 40; index += 1)
      analyser.packet(octets, 0, octets.length, octets.length, 0, 0);
    const last = octetsOf({ sequence: 1, timestamp: 0, marker: true, data });
    analyser.packet(last, 0, last.length, last.length, 0, 0);
    expect(result(analyser)).toMatchObject({ findings: { "ttml-too-long": 1 }, report: { skipped: 1 } });
  });

  test("a document that the capture's start or loss has cut is left out, and no finding", () => {
    expect(run(documents(3).slice(1))).toMatchObject({ findings: {}, report: { documents: 2, skipped: 1 } });
    expect(run(documents(3), [4])).toMatchObject({ findings: {}, report: { documents: 2, skipped: 1 } });
    expect(run(documents(3), [5])).toMatchObject({ findings: {}, report: { documents: 2 } });
    expect(run(documents(3), [], 30)).toMatchObject({ findings: {}, report: { documents: 0, skipped: 3 } });
  });

  test("another sender, and an input that starts again", () => {
    const analyser = new TtmlAnalyser(TIMESTAMPS);
    const all = [
      ...documents(1),
      ...documents(1).map((it) => ({ ...it, ssrc: 9, sequence: it.sequence + 500 })),
    ];
    for (const it of all) analyser.packet(octetsOf(it), 0, octetsOf(it).length, octetsOf(it).length, 0, 0);
    analyser.gap();
    for (const it of all) analyser.packet(octetsOf(it), 0, octetsOf(it).length, octetsOf(it).length, 0, 0);
    expect(result(analyser)).toMatchObject({ findings: {}, report: { documents: 4, ssrcChanges: 2 } });
  });
});

testWith(
  needsShared("st2110/list-ttml.pcap"),
  "list-ttml: three documents, an SSRC drawn anew for each packet",
  async () => {
    const analyser = new TtmlAnalyser(TIMESTAMPS);
    const { epoch, lastNs } = await playRtp(sharedData("st2110/list-ttml.pcap") ?? "", analyser);
    const report = st2110TtmlSchema.parse(analyser.report(lastNs, epoch, true));
    expect(report).toMatchObject({ packets: 12, documents: 3, skipped: 0, octets: { min: 3811, max: 3811 } });
    expect(report.lastText.startsWith("<tt:tt ")).toBe(true);
    expect(Math.abs((report.clockRateHz ?? 0) - 1000)).toBeLessThan(1);
    expect(analyser.findings("t", epoch).map(({ code, count }) => [code, count])).toEqual([
      ["ttml-ssrc", 11],
    ]);
  },
);

test("any bytes: no exception, and no read past the captured length", () => {
  const input = fc.record({ octets: fc.uint8Array({ minLength: 12, maxLength: 60 }), cut: fc.nat(40) });
  fc.assert(
    fc.property(fc.array(input, { maxLength: 20 }), (inputs) => {
      const analyser = new TtmlAnalyser(TIMESTAMPS);
      for (const { octets, cut } of inputs) {
        octets[0] = 0x80 | ((octets[0] as number) & 0x3f);
        const len = Math.max(12, octets.length - cut);
        analyser.packet(octets.slice(0, len), 0, len, octets.length, 0, 0);
      }
      const { report } = result(analyser);
      expect(report.packets).toBe(inputs.length);
      expect(report.lastText.includes("undefined")).toBe(false);
    }),
  );
});
