import { describe, expect } from "bun:test";
import { playRtp } from "../../../tests/helpers/play-rtp.ts";
import { needsShared, testWith } from "../../../tests/helpers/skip.ts";
import { sharedData } from "../../../tests/shared-data.ts";
import { type St2110AncillaryReport, st2110AncillarySchema } from "../../report/st2110-ancillary-schema.ts";
import { AncillaryAnalyser } from "./analyser.ts";

interface Answer {
  readonly packets: number;
  readonly keepAlives: number;
  /** Counts by rule; nothing else may be found. */
  readonly findings: Record<string, number>;
  /** DID/SDID, line, data count and packets. */
  readonly map: string[];
  readonly scan: St2110AncillaryReport["scan"];
}

const DAMAGED = [
  "41/5 line 9 DC 8: 12",
  "41/5 line 572 DC 8: 12",
  "41/7 line 575 DC 22: 1",
  "60/60 line 9 DC 16: 12",
  "60/60 line 10 DC 16: 12",
  "60/60 line 571 DC 16: 12",
  "61/1 line 9 DC 82: 13",
];

const ANSWERS: Record<string, Answer> = {
  "list-anc-5994i": {
    packets: 90,
    keepAlives: 30,
    findings: {},
    map: [
      "60/60 line 9 DC 16: 15",
      "60/60 line 10 DC 16: 15",
      "60/60 line 571 DC 16: 15",
      "61/1 line 9 DC 73: 15",
    ],
    scan: "interlaced or PsF",
  },
  "list-anc-timecode-cc-afd": {
    packets: 199,
    keepAlives: 50,
    findings: {},
    map: [
      "41/5 line 9 DC 8: 25",
      "41/5 line 572 DC 8: 24",
      "41/7 line 575 DC 22: 1",
      "60/60 line 9 DC 16: 25",
      "60/60 line 10 DC 16: 25",
      "60/60 line 571 DC 16: 24",
      "61/1 line 9 DC 82: 25",
    ],
    scan: "interlaced or PsF",
  },
  "list-anc-invalid-did": {
    packets: 100,
    keepAlives: 25,
    findings: { "anc-header-parity": 37, "anc-checksum": 20 },
    map: [
      "1/1 line 9 DC 16: 13",
      "1/1 line 10 DC 16: 12",
      "1/1 line 571 DC 16: 12",
      ...DAMAGED.filter((row) => !row.startsWith("60/60")),
    ],
    scan: "interlaced or PsF",
  },
  "list-anc-wrong-did-payload": {
    packets: 100,
    keepAlives: 25,
    findings: { "anc-header-parity": 1, "anc-checksum": 1, "anc-user-parity": 1 },
    map: ["1/1 line 9 DC 16: 1", ...DAMAGED],
    scan: "interlaced or PsF",
  },
  "zoo-anc-closed-captions": {
    packets: 3599,
    keepAlives: 1800,
    findings: {},
    map: ["61/1 line 10 DC 43: 1799"],
    scan: "progressive or unspecified",
  },
  "zoo-anc-ancillary": {
    packets: 1000,
    keepAlives: 250,
    findings: {},
    map: ["60/60 line 9 DC 16: 250", "60/60 line 10 DC 16: 250", "61/1 line 9 DC 43: 250"],
    scan: "progressive or unspecified",
  },
};

async function play(name: string) {
  const analyser = new AncillaryAnalyser({ kind: "savefile", resolutionNs: 1000 });
  const { packets, epoch, lastNs } = await playRtp(sharedData(`st2110/${name}.pcap`) ?? "", analyser);
  const report = st2110AncillarySchema.parse(analyser.report(lastNs, epoch, true));
  const findings = Object.fromEntries(analyser.findings("a", epoch).map((it) => [it.code, it.count]));
  return { packets, report, findings };
}

describe("ST 2110-40 known answers", () => {
  for (const [name, answer] of Object.entries(ANSWERS)) {
    testWith(needsShared(`st2110/${name}.pcap`), name, async () => {
      const { packets, report, findings } = await play(name);
      expect(packets).toBe(answer.packets);
      expect(findings).toEqual(answer.findings);
      expect(report.packets).toBe(answer.packets);
      expect(report.keepAlives).toBe(answer.keepAlives);
      expect(report.ancPackets).toBe(answer.packets - answer.keepAlives);
      const map = report.subStreams.flatMap(({ did, sdid, dataCount, locations }) =>
        locations.map(
          (it) =>
            `${did.toString(16)}/${(sdid ?? 0).toString(16)} line ${it.line} DC ${dataCount.max}: ${it.packets}`,
        ),
      );
      expect(map).toEqual(answer.map);
      expect(report.scan).toBe(answer.scan);
      expect(report.unitRate).toBe("60000/1001");
      // None of these senders follows TAI: that is said, and no latency is made up.
      expect(report.clock).toBe("free-running");
      expect(report.latencyNs).toBeNull();
    });
  }

  testWith(needsShared("st2110/list-anc-timecode-cc-afd.pcap"), "what the packets say", async () => {
    const { report } = await play("list-anc-timecode-cc-afd");
    const [afd, scte104, timecode, cdp] = report.subStreams.map(({ decoded }) => decoded);
    expect(afd).toMatchObject({
      kind: "afd",
      packets: 49,
      code: 8,
      format: "full frame",
      codedFrame: "16:9",
    });
    expect(scte104).toMatchObject({
      kind: "scte104",
      messages: 1,
      last: [{ type: "single", messageNumber: 0xf0, operations: [{ opId: 3, name: "alive_request_data" }] }],
    });
    expect(timecode).toMatchObject({
      kind: "timecode",
      timecodes: [
        { type: "LTC", packets: 25, last: "10:19:50;11", dropFrame: true, jumps: 0 },
        { type: "VITC1", packets: 25, last: "10:19:50;11", jumps: 0 },
        { type: "VITC2", packets: 24, last: "10:19:50;10", jumps: 0 },
      ],
    });
    expect(cdp).toMatchObject({
      kind: "cdp",
      packets: 25,
      frameRate: "30000/1001",
      ccCount: 20,
      sequenceErrors: 0,
      languages: [
        { service: 0, language: "eng" },
        { service: 1, language: "eng" },
      ],
      cea608: { pairs: [25, 25], channels: ["CC1"], parityErrors: 0 },
      cea708: { packets: 3, errors: 0, services: [{ service: 1, blocks: 3 }] },
    });
  });

  testWith(needsShared("st2110/zoo-anc-closed-captions.pcap"), "captions at 59.94 Hz", async () => {
    const { report } = await play("zoo-anc-closed-captions");
    expect(report.subStreams[0]?.decoded).toMatchObject({
      packets: 1799,
      frameRate: "60000/1001",
      ccCount: 10,
      cea608: { pairs: [899, 900], channels: ["CC1"] },
      cea708: { packets: 329, errors: 0, services: [{ service: 1, blocks: 329 }] },
    });
  });
});
