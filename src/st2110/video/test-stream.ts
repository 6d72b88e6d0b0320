import {
  type PlannedPacket,
  type StreamPlan,
  VideoFrames,
  videoPacketLength,
  writeVideoHeaders,
} from "../generator/video-plan.ts";
import { rational } from "../timing21/rational.ts";
import type { Schedule } from "../timing21/schedule.ts";

export type { PlannedPacket, Segment, StreamPlan } from "../generator/video-plan.ts";

/** What the packets' times count from: 2024-01-01 in TAI. */
export const PLAN_EPOCH = { seconds: 1_704_067_200, nanoseconds: 0, wallClock: true } as const;

/** A small raster that takes few packets, all rules alike: two a row, 80 a frame of 20 ms. */
export const SMALL_PLAN: StreamPlan = {
  width: 800,
  height: 40,
  scan: "progressive",
  rate: rational(50),
  pgroup: [5, 2],
  packetOctets: 1000,
};

/** Packets of `frames` frames, each a little before its read time. */
export function planStream(
  plan: StreamPlan,
  frames: number,
): { packets: PlannedPacket[]; schedule: Schedule } {
  const source = new VideoFrames(plan, { taiSeconds: PLAN_EPOCH.seconds, startNs: 0, place: 0 });
  const packets = Array.from({ length: frames }, () => source.next()).flat();
  return { packets, schedule: source.schedule };
}

/** The octets of a packet, its samples zero and cut to `captured` octets of them. */
export function writePacket(
  packet: PlannedPacket,
  captured = packet.octets,
): { octets: Uint8Array; wireLength: number } {
  const wireLength = videoPacketLength(packet);
  const octets = new Uint8Array(wireLength - packet.octets + Math.min(captured, packet.octets));
  writeVideoHeaders(packet, octets, 0);
  return { octets, wireLength };
}
