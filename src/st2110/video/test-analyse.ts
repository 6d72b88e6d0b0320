import { type VideoReport, videoSchema } from "../../report/st2110-video-schema.ts";
import { VideoAnalyser } from "./analyser.ts";
import { PLAN_EPOCH, type PlannedPacket, writePacket } from "./test-stream.ts";

/** What came of a stream without loss. */
export interface Analysed {
  readonly analyser: VideoAnalyser;
  readonly report: VideoReport;
  /** Codes of the findings with their counts. */
  readonly found: Record<string, number>;
}

/** Gives the packets to an analyser, with times that prove everything. */
export function analyse(packets: readonly PlannedPacket[]): Analysed {
  const timestamps = { kind: "hardware", resolutionNs: 1 } as const;
  const analyser = new VideoAnalyser({ epoch: PLAN_EPOCH, timestamps });
  for (const packet of packets) {
    const { octets, wireLength } = writePacket(packet);
    analyser.packet(octets, 0, octets.length, wireLength, 0, packet.timeNs);
  }
  const report = videoSchema.parse(analyser.report(0, PLAN_EPOCH, true));
  const findings = analyser.findings("s", PLAN_EPOCH).map(({ code, count }) => [code, count]);
  return { analyser, report, found: Object.fromEntries(findings) };
}

/** Numbers the packets again: what was taken out was never sent. */
export function renumber(packets: PlannedPacket[]): PlannedPacket[] {
  for (const [i, packet] of packets.entries()) {
    packet.sequence = i & 0xffff;
    packet.esn = i >>> 16;
  }
  return packets;
}
