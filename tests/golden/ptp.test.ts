import { describe, expect } from "bun:test";
import { isPtpPort, PtpMonitor } from "../../src/ptp/monitor.ts";
import { playUdp } from "../helpers/play-udp.ts";
import { needsShared, testWith } from "../helpers/skip.ts";
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
