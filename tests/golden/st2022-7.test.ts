import { describe, expect } from "bun:test";
import { rtpSequence } from "../../src/net/rtp.ts";
import { Redundancy2022 } from "../../src/st2110/redundancy/redundancy.ts";
import { playUdp } from "../helpers/play-udp.ts";
import { needsShared, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";

const DROPPED = "st2110/list-2022-7-audio-dropped.pcap";
/** Last octet of the first leg's destination, 239.1.2.1. */
const FIRST_LEG = 1;

describe("ST 2022-7 as captured", () => {
  testWith(needsShared(DROPPED), "list-2022-7-audio-dropped: two legs, each with holes", async () => {
    const merged: number[] = [];
    let lost = 0;
    const redundancy = new Redundancy2022({
      timestamps: { kind: "savefile", resolutionNs: 1 },
      deliver: (buf, off, _len, _wireLength, missing) => {
        merged.push(rtpSequence(buf, off));
        lost += missing;
      },
    });
    const { epoch } = await playUdp(sharedData(DROPPED) ?? "", (buf, datagram, timeNs) => {
      const { destinationOff, payloadOff, payloadLength, capturedPayloadLength } = datagram;
      const leg = buf[destinationOff + 3] === FIRST_LEG ? 0 : 1;
      redundancy.packet(leg, buf, payloadOff, capturedPayloadLength, payloadLength, timeNs);
    });
    redundancy.close();
    const report = redundancy.report();
    expect(report.legs).toMatchObject([
      { packets: 189, only: 10, lost: 11 },
      { packets: 185, only: 6, lost: 5 },
    ]);
    expect(report).toMatchObject({
      both: 179,
      lostInBoth: 5,
      merged: 195,
      payloadDiffers: 1,
      headerDiffers: 0,
    });
    expect(report.skewNs).toMatchObject({ count: 179, min: -52, max: 39 });
    expect(report.skewClass).toBe("D");
    expect(lost).toBe(5);
    expect(merged).toEqual([...merged].sort((a, b) => a - b));
    expect(redundancy.findings("pair", epoch).map(({ code, count }) => [code, count])).toEqual([
      ["st2022-7-lost-in-both", 5],
      ["st2022-7-lost-on-leg-1", 11],
      ["st2022-7-lost-on-leg-2", 5],
      ["st2022-7-payload-differs", 1],
    ]);
  });
});
