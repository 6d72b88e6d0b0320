import { describe, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { udpFrame } from "../../fixtures/lib/frames.ts";
import { pcapFile } from "../../fixtures/lib/savefile.ts";
import { isPtpPort, PtpMonitor } from "../../src/ptp/monitor.ts";
import { playUdp } from "../helpers/play-udp.ts";
import { makeMetadata, makePtp } from "../helpers/ptp.ts";
import { runOk } from "../helpers/run.ts";
import { needsShared, needsTshark, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";

const CLOCK = "st2110/list-ptp-clock.pcap";

describe("PTP as captured", () => {
  testWith(
    needsShared(CLOCK),
    "list-ptp-clock: two exchanges, the capture in UTC and PTP in TAI",
    async () => {
      const monitor = new PtpMonitor({ timestampSource: "savefile", timestampResolutionNs: 1 });
      const offsets: number[] = [];
      const { epoch } = await playUdp(sharedData(CLOCK) ?? "", (buf, datagram, timeNs, epoch) => {
        const { payloadOff, capturedPayloadLength, payloadLength, destinationPort } = datagram;
        expect(isPtpPort(destinationPort)).toBe(true);
        monitor.datagram(
          buf,
          payloadOff,
          capturedPayloadLength,
          payloadLength,
          destinationPort,
          timeNs,
          epoch,
        );
        const offsetNs = monitor.report(epoch).domains[0]?.requesters[0]?.offsetNs ?? null;
        if (offsetNs !== null && offsetNs !== offsets.at(-1)) offsets.push(offsetNs);
      });
      expect(offsets.map((offsetNs) => (offsetNs / 1e9).toFixed(9))).toEqual([
        "-37.204847867",
        "-37.204848444",
      ]);
      // Half a nanosecond each: ((t2-t1)-(t4-t3))/2 of whole ones.
      expect(offsets).toEqual([-37204847866.5, -37204848444]);
      expect(monitor.findings("ptp", epoch)).toEqual([]);
      const domain = monitor.report(epoch).domains[0];
      expect(domain).toMatchObject({
        domain: 0,
        messages: { sync: 2, followUp: 2, delayReq: 2, delayResp: 2 },
        timescale: "capture in UTC, PTP in TAI",
        remainderNs: -204848444,
        delayMechanism: "end to end",
      });
      expect(domain?.masters).toMatchObject([
        {
          identity: "28-99-3A-FF-FF-26-7E-2B",
          port: 20,
          twoStep: true,
          syncLogInterval: -3,
          grandmaster: null,
        },
      ]);
      expect(domain?.requesters).toMatchObject([
        { identity: "00-23-70-FF-FE-00-21-86", requests: 2, responses: 2 },
      ]);
    },
  );
});

describe("the messages that the unit tests make", () => {
  testWith(needsTshark, "tshark reads Announce and synchronization metadata as we do", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rscap-ptp-"));
    try {
      const announce = {
        type: 11,
        sequence: 7,
        priority1: 10,
        clockClass: 7,
        stepsRemoved: 2,
        grandmaster: 5,
      };
      const messages = [makePtp({ ...announce, log: -3, utcOffset: 36 }), makeMetadata(8)];
      const from = { address: "192.0.2.1", port: 320 };
      const to = { address: "224.0.1.129", port: 320 };
      const monitor = new PtpMonitor({ timestampSource: "savefile", timestampResolutionNs: 1 });
      const epoch = { seconds: 0, nanoseconds: 0, wallClock: true };
      for (const octets of messages) {
        monitor.datagram(octets, 0, octets.length, octets.length, 320, 0, epoch);
      }
      const path = join(folder, "ptp.pcap");
      writeFileSync(
        path,
        pcapFile(messages.map((octets) => ({ timeNs: 0, frame: udpFrame({ from, to }, octets) }))),
      );
      const text = await runOk(["tshark", "-r", path, "-V", "-O", "ptp"]);
      const domain = monitor.report(epoch).domains[0];
      const grandmaster = domain?.masters[0]?.grandmaster;
      const fields: [RegExp, number | string | undefined | null][] = [
        [/domainNumber: (\d+)/, domain?.domain],
        [/logMessagePeriod: (-?\d+)/, domain?.masters[0]?.announceLogInterval],
        [/originCurrentUTCOffset: (-?\d+)/, grandmaster?.utcOffsetSeconds],
        [/priority1: (\d+)/, grandmaster?.priority1],
        [/priority2: (\d+)/, grandmaster?.priority2],
        [/grandmasterClockClass: .*?(\d+)\)?\n/, grandmaster?.clockClass],
        [/grandmasterClockVariance: (\d+)/, grandmaster?.offsetScaledLogVariance],
        [/localStepsRemoved: (\d+)/, grandmaster?.stepsRemoved],
        [/masterLockingStatus: .*?(\d+)\)?\n/, domain?.synchronizationMetadata.masterLockingStatus],
      ];
      for (const [pattern, ours] of fields)
        expect([pattern.source, pattern.exec(text)?.[1]]).toEqual([pattern.source, String(ours)]);
      const rate = `${/Numerator: (\d+)/.exec(text)?.[1]}/${/Denominator: (\d+)/.exec(text)?.[1]}`;
      expect(rate).toBe(domain?.synchronizationMetadata.frameRate ?? "");
      const identity = /grandmasterClockIdentity: 0x([0-9a-f]{16})/.exec(text)?.[1]?.toUpperCase();
      expect(grandmaster?.identity.replaceAll("-", "")).toBe(identity ?? "");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
