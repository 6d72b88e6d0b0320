import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type MadePtp, makeMetadata, makePtp } from "../../tests/helpers/ptp.ts";
import {
  ANNOUNCE,
  changed,
  codes,
  DELAY_REQ,
  DELAY_RESP,
  EPOCH,
  FOLLOW_UP,
  network,
  OPTIONS,
  PATH_NS,
  play,
  type Sent,
  SYNC,
} from "../../tests/helpers/ptp-network.ts";
import { ptpSchema } from "../report/ptp-schema.ts";
import { MAX_MASTERS, MAX_REQUESTERS } from "./domain.ts";
import { MAX_ALL_MASTERS, MAX_DOMAINS, PtpMonitor, type PtpMonitorOptions } from "./monitor.ts";

describe("a good network", () => {
  const monitor = play(network(10));
  const report = ptpSchema.parse(monitor.report(EPOCH));

  test("gives no finding", () => expect(codes(monitor)).toEqual([]));

  test("grandmaster, intervals and two-step", () => {
    const domain = report.domains[0];
    expect(domain).toMatchObject({
      domain: 127,
      grandmaster: "00-11-22-FF-FE-33-44-01",
      grandmasterChanges: [],
      delayMechanism: "end to end",
      messages: { announce: 40, sync: 80, followUp: 80, delayReq: 10, delayResp: 10, management: 1 },
    });
    expect(domain?.masters).toHaveLength(1);
    const master = domain?.masters[0];
    expect(master).toMatchObject({ twoStep: true, announceLogInterval: -2, syncLogInterval: -3, syncs: 80 });
    expect(master?.grandmaster).toMatchObject({ clockClass: 6, utcOffsetSeconds: 37, timeSource: 0x20 });
    expect(master?.announceIntervalMs).toMatchObject({ count: 39, min: 250, max: 250 });
    expect(master?.syncIntervalMs.mean).toBeCloseTo(125, 9);
  });

  test("offset and path delay, and the 37 s between UTC and TAI named", () => {
    const domain = report.domains[0];
    expect(domain?.requesters[0]).toMatchObject({ requests: 10, responses: 10 });
    expect(domain?.requesters[0]?.offsetNs).toBeCloseTo(-37e9, 3);
    expect(domain?.requesters[0]?.pathDelayNs).toBeCloseTo(PATH_NS, 3);
    expect(domain?.masters[0]?.arrivalOffsetNs).toBeCloseTo(-37e9 + PATH_NS, 3);
    expect(domain?.timescale).toBe("capture in UTC, PTP in TAI");
    expect(domain?.remainderNs).toBeCloseTo(0, 3);
  });

  test("ST 2059-2: the synchronization metadata", () => {
    expect(report.domains[0]?.synchronizationMetadata).toEqual({
      messages: 1,
      frameRate: "30000/1001",
      masterLockingStatus: 3,
      dropFrame: true,
    });
  });

  test("without a wall clock offsets are not told", () => {
    const domain = monitor.report({ ...EPOCH, wallClock: false }).domains[0];
    expect(domain).toMatchObject({ offsetNs: null, timescale: "unknown", remainderNs: null });
  });
});

describe("times", () => {
  const at = (seconds: number) =>
    play([{ type: SYNC, sequence: 1, seconds: EPOCH.seconds + seconds, nanoseconds: 250, atNs: 0 }]).report(
      EPOCH,
    ).domains[0];

  test("a capture in PTP time", () =>
    expect(at(0)).toMatchObject({ timescale: "capture in PTP time", offsetNs: 0 }));
  test("a time of its own", () =>
    expect(at(500)).toMatchObject({ timescale: "unrelated", remainderNs: null }));

  test("IEEE 1588-2008 13.3.2.7: corrections of Sync and Follow_Up are added to the origin", () => {
    const seconds = EPOCH.seconds;
    const domain = play([
      { type: SYNC, sequence: 1, twoStep: true, correctionNs: 100.5, atNs: 5000 },
      { type: FOLLOW_UP, sequence: 1, seconds, nanoseconds: 250, correctionNs: 200, atNs: 6000 },
    ]).report(EPOCH).domains[0];
    expect(domain?.offsetNs).toBe(5000 - 300.5);
  });

  test.each([SYNC, FOLLOW_UP, DELAY_REQ, DELAY_RESP])(
    "IEEE 1588-2008 13.3.2.7: a correction too big to be told makes no time, type %d",
    (type) => {
      const tooBig = changed(4, (sent) =>
        sent.type === type && sent.atNs > 1.2e9 ? { correctionNs: Infinity } : {},
      );
      const monitor = play(tooBig);
      expect(codes(monitor)).toEqual([]);
      const domain = ptpSchema.parse(monitor.report(EPOCH)).domains[0];
      expect(domain?.offsetNs).toBeCloseTo(-37e9, 3);
      expect(domain?.masters[0]?.arrivalOffsetNs).toBeCloseTo(-37e9 + PATH_NS, 3);
      expect(domain?.masters[0]?.arrivalVariationNs.max).toBeLessThan(1);
    },
  );

  test("a Follow_Up captured before its Sync counts", () => {
    const seconds = EPOCH.seconds;
    const monitor = play([
      { type: SYNC, sequence: 0, seconds, atNs: 0 },
      { type: FOLLOW_UP, sequence: 1, seconds, nanoseconds: 250, atNs: 4000 },
      { type: SYNC, sequence: 1, twoStep: true, atNs: 5000 },
      { type: SYNC, sequence: 2, seconds, nanoseconds: 250, atNs: 6000 },
    ]);
    expect(codes(monitor)).toEqual([]);
    expect(monitor.report(EPOCH).domains[0]?.masters[0]).toMatchObject({ followUpsMissing: 0 });
  });
});

describe("one fault, one finding", () => {
  const faults: [code: string, sent: Sent[], options?: Partial<PtpMonitorOptions>][] = [
    [
      "ptp-port",
      changed(2, ({ type, sequence }) => (type === SYNC && sequence === 3 ? { udpPort: 320 } : {})),
    ],
    [
      "ptp-version",
      changed(2, ({ type }) => (type === DELAY_REQ ? { version: 1 } : type === DELAY_RESP ? null : {})),
    ],
    ["ptp-domain", network(2, { domain: 0 }).filter(({ clock }) => clock !== 9), { domain: 127 }],
    ["ptp-domain-reserved", network(2, { domain: 200 }).filter(({ clock }) => clock !== 9)],
    [
      "ptp-announce-interval",
      network(20).flatMap((sent) =>
        sent.type !== ANNOUNCE
          ? [sent]
          : sent.sequence % 16
            ? []
            : [{ ...sent, sequence: sent.sequence / 16, log: 2 }],
      ),
    ],
    [
      "ptp-sync-interval",
      network(12).flatMap((sent) =>
        sent.type !== SYNC && sent.type !== FOLLOW_UP
          ? [sent]
          : sent.sequence % 8
            ? []
            : [{ ...sent, sequence: sent.sequence / 8, log: 0 }],
      ),
    ],
    ["ptp-announce-rate", network(10).map((sent) => (sent.type === ANNOUNCE ? { ...sent, log: -1 } : sent))],
    ["ptp-sync-rate", network(10).map((sent) => (sent.type === SYNC ? { ...sent, log: -2 } : sent))],
    ["ptp-lost", changed(2, ({ type, sequence }) => (type === ANNOUNCE && sequence === 5 ? null : {}))],
    [
      "ptp-follow-up-missing",
      changed(2, ({ type, sequence }) => (type === FOLLOW_UP && sequence === 5 ? null : {})),
    ],
    ["ptp-announce-timeout", changed(3, ({ type, atNs }) => (type === ANNOUNCE && atNs > 1e9 ? null : {}))],
    ["ptp-announce-missing", changed(8, ({ type }) => (type === ANNOUNCE ? null : {}))],
    [
      "ptp-sync-timeout",
      changed(4, ({ type, atNs }) => ((type === SYNC || type === FOLLOW_UP) && atNs > 1e9 ? null : {})),
    ],
    ["ptp-timescale", network(2, { timeFlags: 0x34 })],
    ["ptp-utc-offset", network(2, { utcOffset: 36 })],
    ["ptp-clock-class", network(2, { clockClass: 7 })],
    [
      "ptp-delay-resp-missing",
      changed(4, ({ type, sequence }) => (type === DELAY_RESP && sequence === 12 ? null : {})),
    ],
    ["ptp-reserved-type", [...network(2), { type: 5, sequence: 0, atNs: 2e9, udpPort: 319 }]],
  ];
  for (const [code, sent, options] of faults) {
    test(code, () => expect(codes(play(sent, options))).toEqual([code]));
  }

  test("ptp-malformed: cut short, or shorter than it says", () => {
    const monitor = new PtpMonitor(OPTIONS);
    const octets = makePtp({ type: ANNOUNCE, sequence: 0 });
    for (const len of [0, 33, 63]) monitor.datagram(octets, 0, len, len, 320, 0, EPOCH);
    octets[3] = 30;
    monitor.datagram(octets, 0, 64, 64, 320, 0, EPOCH);
    expect(monitor.findings("ptp", EPOCH)).toMatchObject([{ code: "ptp-malformed", count: 4 }]);
  });

  test("ptp-sm-tlv-missing", () =>
    expect(codes(play(network(8), {}, false))).toEqual(["ptp-sm-tlv-missing"]));

  test("a snap length that cuts only what is behind the message is no fault", () => {
    const monitor = new PtpMonitor(OPTIONS);
    const octets = makeMetadata(1);
    monitor.datagram(octets, 0, 60, octets.length, 320, 0, EPOCH);
    expect(codes(monitor)).toEqual([]);
  });
});

describe("bad input", () => {
  test("any octets: no exception, each message in one place, memory bounded", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            octets: fc.uint8Array({ maxLength: 120 }),
            header: fc.option(fc.tuple(fc.nat(15), fc.nat(255), fc.nat(64))),
            port: fc.constantFrom(319, 320),
          }),
          { maxLength: 60 },
        ),
        (datagrams) => {
          const monitor = new PtpMonitor(OPTIONS);
          datagrams.forEach(({ octets, header, port }, i) => {
            if (header && octets.length > 4) octets.set([header[0], 2, 0, header[2], header[1]]);
            monitor.datagram(octets, 0, octets.length, octets.length, port, i * 1e8, EPOCH);
          });
          const report = ptpSchema.parse(monitor.report(EPOCH));
          const judged = report.domains.flatMap(({ messages }) => Object.values(messages));
          const findings = monitor.findings("ptp", EPOCH);
          const refused = findings
            .filter(({ code }) => /malformed|version|reserved-type|table-full/.test(code))
            .map(({ count }) => count);
          expect([...judged, ...refused].reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(datagrams.length);
          expect(report.messages).toBe(datagrams.length);
        },
      ),
    );
  });

  test("more clocks and domains than are kept are counted", () => {
    const monitor = new PtpMonitor(OPTIONS);
    const give = (made: MadePtp) => {
      const octets = makePtp(made);
      monitor.datagram(octets, 0, octets.length, octets.length, made.type < 8 ? 319 : 320, 0, EPOCH);
    };
    for (let port = 0; port < MAX_REQUESTERS + 3; port++) give({ type: DELAY_REQ, sequence: 0, port });
    for (let port = 0; port < MAX_MASTERS + 2; port++)
      give({ type: ANNOUNCE, sequence: 0, port, grandmaster: 1 });
    for (let domain = 0; domain < MAX_DOMAINS; domain++) give({ type: SYNC, sequence: 0, domain });
    expect(monitor.findings("ptp", EPOCH)).toMatchObject([{ code: "ptp-table-full", count: 3 + 2 + 1 }]);
    expect(monitor.report(EPOCH).domains[0]?.requesters).toHaveLength(MAX_REQUESTERS);
  });

  test("all domains of all networks share room for 256 masters", () => {
    const monitor = new PtpMonitor(OPTIONS);
    for (let i = 0; i < MAX_ALL_MASTERS + 7; i++) {
      const octets = makePtp({ type: SYNC, sequence: 0, port: i % MAX_MASTERS, domain: 0 });
      const network = Math.floor(i / MAX_MASTERS);
      monitor.datagram(octets, 0, octets.length, octets.length, 319, 0, EPOCH, network);
    }
    expect(monitor.findings("ptp", EPOCH)).toMatchObject([{ code: "ptp-table-full", count: 7 }]);
    const { domains } = monitor.report(EPOCH);
    expect(domains.reduce((sum, { masters }) => sum + masters.length, 0)).toBe(MAX_ALL_MASTERS);
  });

  test("a gap in the input is no loss", () => {
    const monitor = new PtpMonitor(OPTIONS);
    for (const sequence of [10, 11, 500, 501]) {
      if (sequence === 500) monitor.gap();
      const octets = makePtp({ type: ANNOUNCE, sequence });
      monitor.datagram(octets, 0, 64, 64, 320, (sequence % 100) * 250e6, EPOCH);
    }
    expect(codes(monitor)).toEqual([]);
  });
});
