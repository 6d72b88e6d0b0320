import { describe, expect, test } from "bun:test";
import { rtpPacket, udpFrame } from "../../fixtures/lib/frames.ts";
import { PIPELINE_EPOCH, pipelineOptions } from "../../tests/helpers/pipeline-options.ts";
import { makePtp } from "../../tests/helpers/ptp.ts";
import { emptyStats, FrameBatch } from "../capture/batch.ts";
import { LINKTYPE } from "../net/linktype.ts";
import { reportSchema } from "../report/schema.ts";
import { Pipeline } from "./pipeline.ts";

const MS = 1e6;
const FROM = { address: "10.0.0.1", port: 319 };

/** Codes of a second of L24 audio, `rtpSeconds` ahead of the capture's UTC, beside PTP that is `ptpSeconds` ahead. */
function codes(rtpSeconds: number, ptpSeconds: number): string[] {
  const pipeline = new Pipeline(
    pipelineOptions({
      inputName: "ptp",
    }),
  );
  const frame = (octets: Uint8Array, timeNs: number): void => {
    const batch = new FrameBatch(1);
    batch.buf = new Uint8Array(new ArrayBuffer(octets.length));
    batch.buf.set(octets);
    batch.count = 1;
    batch.capturedLength[0] = octets.length;
    batch.wireLength[0] = octets.length;
    batch.timeNs[0] = timeNs;
    batch.linkType[0] = LINKTYPE.ethernet;
    pipeline.batch(batch);
  };
  const ptp = { address: "224.0.1.129", port: 319 };
  for (let i = 0; i < 1000; i++) {
    const timestamp = Number(
      (BigInt(PIPELINE_EPOCH.seconds + rtpSeconds) * 48_000n + BigInt(i) * 48n) % 2n ** 32n,
    );
    const payload = rtpPacket({ payloadType: 97, sequence: i, timestamp }, new Uint8Array(288).fill(i));
    frame(udpFrame({ from: FROM, to: { address: "239.1.1.1", port: 5004 } }, payload), i * MS + 100_000);
    if (i % 125 !== 0) continue;
    const seconds = PIPELINE_EPOCH.seconds + ptpSeconds;
    const sync = makePtp({ type: 0, sequence: i / 125, seconds, nanoseconds: i * MS });
    frame(udpFrame({ from: FROM, to: ptp }, sync), i * MS + 200_000);
  }
  pipeline.end();
  const input = {
    kind: "pcap",
    name: "ptp",
    timestampSource: "test",
    epoch: PIPELINE_EPOCH,
    stats: emptyStats(),
  } as const;
  const report = reportSchema.parse(pipeline.report(input, pipeline.lastNs, true));
  return report.findings.map(({ code, stream }) => `${code} ${stream}`);
}

describe("RTP timestamps beside PTP", () => {
  const FOUND = "st2110-timestamps-not-ptp 239.1.1.1-5004";

  test("RTP of UTC where PTP is of TAI, and the reverse, are named", () => {
    expect(codes(0, 37)).toContain(FOUND);
    expect(codes(37, 0)).toContain(FOUND);
  });

  test("both in TAI, on a capture in UTC or in TAI, are as they should be", () => {
    expect(codes(37, 37)).not.toContain(FOUND);
    expect(codes(0, 0)).not.toContain(FOUND);
  });
});
