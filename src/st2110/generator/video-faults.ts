import { type Rational, toNumber } from "../timing21/rational.ts";
import type { Timing21Rule } from "../timing21/rules.ts";
import { type Schedule, scheduleOf } from "../timing21/schedule.ts";
import type { VideoRule } from "../video/rules.ts";
import type { Fault } from "./stream.ts";
import {
  BLOCK_OCTETS,
  type PlannedPacket,
  packetsPerFrame,
  type Segment,
  type StreamPlan,
} from "./video-plan.ts";

/** What a fault works on: the packets of one frame. */
interface Frame {
  readonly packets: PlannedPacket[];
  readonly plan: StreamPlan;
  readonly schedule: Schedule;
}

/** One fault of a video stream. */
export interface VideoFault extends Fault<StreamPlan> {
  /** The stream that has the fault all along. */
  readonly plan?: (plan: StreamPlan) => StreamPlan;
  /** The stream that it becomes. */
  readonly becomes?: (plan: StreamPlan) => StreamPlan;
  /** Changes the packets of one frame in place, or gives those that are to be sent instead. */
  readonly strike?: (frame: Frame) => PlannedPacket[] | undefined;
}

/** Every rule of ST 2110-20 streams, and those of their timing. */
export type VideoFaultName = VideoRule | Timing21Rule;

/** Octets of a header extension that makes a datagram of any payload longer than the standard UDP size limit. */
const OVER_STANDARD = 400;
/** The same for the extended limit, with the octets of samples. */
const OVER_EXTENDED = 9000;
/** Streams whose frames are large enough to overflow all buffers. */
const OVERFLOWS = "a stream such as 1920x1080p25,sampling=4:4:4,depth=12 or 3840x2160p59.94";
/** Samples of packets that general packing mode should not have, octets. */
const SMALL_OCTETS = 600;

/** Packet in the middle of the frame that begins no row. */
function middle({ packets }: Frame): PlannedPacket {
  const from = Math.floor(packets.length / 4);
  return (packets.slice(from).find(({ segments }) => first(segments).offset > 0 && segments.length === 1) ??
    packets[from]) as PlannedPacket;
}

function first(segments: Segment[]): Segment {
  return segments[0] as Segment;
}

/** The packet after this one. */
function after(frame: Frame, packet: PlannedPacket): PlannedPacket {
  return frame.packets[frame.packets.indexOf(packet) + 1] as PlannedPacket;
}

function last({ packets }: Frame): PlannedPacket {
  return packets.at(-1) as PlannedPacket;
}

function without(frame: Frame, gone: (packet: PlannedPacket) => boolean): PlannedPacket[] {
  return frame.packets.filter((packet) => !gone(packet));
}

/** Every fault by the rule that it breaks. */
export const VIDEO_FAULTS: Readonly<Record<VideoFaultName, VideoFault>> = {
  rtpHeader: {
    strike(frame) {
      // An extension whose length is what stands where none is: the Length of the samples, in words.
      middle(frame).flags = 0x90;
      return undefined;
    },
  },
  headerShort: {
    strike(frame) {
      const packet = middle(frame);
      packet.cut = packet.octets + 2;
      return undefined;
    },
  },
  headerCount: {
    strike(frame) {
      const packet = middle(frame);
      packet.segments = [0, 1, 2, 3].map(() => ({ ...first(packet.segments) }));
      return undefined;
    },
  },
  lengthZero: {
    strike(frame) {
      const packet = middle(frame);
      const { length, offset } = first(packet.segments);
      const [octets, pixels] = frame.plan.pgroup;
      packet.segments.push({
        ...first(packet.segments),
        offset: offset + (length * pixels) / octets,
        length: 0,
      });
      return undefined;
    },
  },
  lengthSum: {
    strike(frame) {
      middle(frame).octets += frame.plan.pgroup[0];
      return undefined;
    },
  },
  lengthPgroup: {
    strike(frame) {
      // The end of a row: nothing follows that would be missing.
      const end = rowEnd(frame);
      first(end.segments).length -= 1;
      end.octets -= 1;
      return undefined;
    },
  },
  offsetPgroup: {
    strike(frame) {
      first(rowEnd(frame).segments).offset += 1;
      return undefined;
    },
  },
  rowOrder: {
    strike(frame) {
      const packet = rowStart(frame);
      first(packet.segments).row -= 2 * (frame.plan.rowStep ?? 1);
      return undefined;
    },
  },
  offsetOrder: {
    strike(frame) {
      first(rowEnd(frame).segments).offset = 0;
      return undefined;
    },
  },
  samples: { strike: (frame) => without(frame, (packet) => packet === middle(frame)) },
  rowEnd: {
    strike(frame) {
      const packet = rowEnd(frame);
      const [octets] = frame.plan.pgroup;
      first(packet.segments).length += octets;
      packet.octets += octets;
      return undefined;
    },
  },
  missingLines: {
    strike(frame) {
      const { row, field } = first(middle(frame).segments);
      return without(frame, ({ segments }) => first(segments).row === row && first(segments).field === field);
    },
  },
  extraLines: {
    strike(frame) {
      const end = last(frame);
      end.marker = false;
      const segment = { ...first(end.segments), offset: 0 };
      segment.row += frame.plan.rowStep ?? 1;
      return [...frame.packets, { ...end, marker: true, segments: [segment] }];
    },
  },
  fieldMix: {
    lacks: lacksFields,
    strike(frame) {
      first(middle(frame).segments).field = 1;
      return undefined;
    },
  },
  fieldOrder: {
    lacks: lacksFields,
    strike: (frame) => without(frame, ({ segments }) => first(segments).field === 1),
  },
  markerMissing: {
    strike(frame) {
      last(frame).marker = false;
      return undefined;
    },
  },
  markerEarly: {
    strike(frame) {
      middle(frame).marker = true;
      return undefined;
    },
  },
  timestampWithin: {
    strike(frame) {
      middle(frame).timestamp += 1;
      return undefined;
    },
  },
  timestampStep: {
    strike(frame) {
      for (const packet of frame.packets) packet.timestamp += 2;
      return undefined;
    },
  },
  extendedSequence: {
    strike(frame) {
      middle(frame).esn ^= 1;
      return undefined;
    },
  },
  blockLength: {
    lacks: lacksBlocks,
    strike(frame) {
      // A pgroup or more of one packet goes to the next.
      const packet = middle(frame);
      const next = after(frame, packet);
      const [octets, pixels] = frame.plan.pgroup;
      const tail = packet.segments.at(-1) as Segment;
      tail.length -= octets;
      packet.octets -= octets;
      first(next.segments).length += octets;
      first(next.segments).offset -= pixels;
      next.octets += octets;
      return undefined;
    },
  },
  blockSize: {
    lacks: lacksBlocks,
    strike(frame) {
      middle(frame).extension = OVER_STANDARD;
      return undefined;
    },
  },
  udpSize: {
    lacks: ({ packetOctets }) => (packetOctets > 1400 ? "packets of the standard size" : null),
    strike(frame) {
      const packet = middle(frame);
      packet.extension = (OVER_EXTENDED - packet.octets) & ~3;
      return undefined;
    },
  },
  smallPacket: {
    lacks: ({ block }) => (block === true ? "a packet or more for each row, in general packing mode" : null),
    plan(plan) {
      const [octets] = plan.pgroup;
      return { ...plan, packetOctets: Math.floor(SMALL_OCTETS / octets) * octets };
    },
  },
  formatChange: {
    becomes: (plan) => ({ ...plan, height: Math.ceil((plan.height * 3) / 16) * 4 }),
  },
  packetCount: {
    strike(frame) {
      // A row in one datagram: fewer packets than in the other frames.
      const start = rowStart(frame);
      const at = frame.packets.indexOf(start);
      const { row, field } = first(start.segments);
      const rest = frame.packets.filter(
        ({ segments }) => first(segments).row === row && first(segments).field === field,
      );
      const segment = { ...first(start.segments), length: rest.reduce((sum, { octets }) => sum + octets, 0) };
      const whole = { ...start, segments: [segment], octets: segment.length };
      return [...frame.packets.slice(0, at), whole, ...frame.packets.slice(at + rest.length)];
    },
  },
  cinst: {
    strike(frame) {
      const from = Math.floor(frame.packets.length / 2);
      const at = frame.packets[from] as PlannedPacket;
      for (const packet of frame.packets.slice(from, from + 20)) packet.timeNs = at.timeNs;
      return undefined;
    },
  },
  underflow: {
    strike(frame) {
      // A quarter of a millisecond and more after each read time.
      for (const packet of frame.packets) packet.timeNs += 250_000;
      return undefined;
    },
  },
  overflow: {
    lacks: (plan) => (canOverflow(plan) ? null : OVERFLOWS),
    strike({ packets, schedule }) {
      // As fast as the network model bears: ahead of both read schedules by more than the largest buffer.
      const drainNs = toNumber(schedule.drain);
      const from = (packets[0] as PlannedPacket).timeNs;
      for (const packet of packets) packet.timeNs = from + Math.ceil(packet.j * drainNs);
      return undefined;
    },
  },
};

/** A packet of the middle that begins its row. */
function rowStart(frame: Frame): PlannedPacket {
  const { packets } = frame;
  const from = Math.floor(packets.length / 4);
  return (packets.slice(from).find(({ segments }) => first(segments).offset === 0) ??
    packets[from]) as PlannedPacket;
}

/** A packet of the middle that ends its row. */
function rowEnd(frame: Frame): PlannedPacket {
  return frame.packets[frame.packets.indexOf(rowStart(frame)) - 1] as PlannedPacket;
}

/** Whether sending at the drain's speed alone fills more than VRXFULL of every type within one frame. */
function canOverflow(plan: StreamPlan): boolean {
  const { height, scan, rate } = plan;
  if (scan !== "progressive") return false;
  const packets = packetsPerFrame(plan);
  const schedule = scheduleOf({ height, scan, rate, packets });
  const { narrow, wide, wideAllowed } = schedule;
  const ahead = (step: Rational): number => packets * (1 - toNumber(schedule.drain) / toNumber(step));
  const full = wideAllowed ? wide.vrxFull : narrow.vrxFull;
  return ahead(schedule.gappedStep) > narrow.vrxFull && ahead(schedule.linearStep) > full;
}

function lacksFields({ scan }: StreamPlan): string | null {
  return scan === "interlaced" ? null : "fields: 1920x1080i…";
}

function lacksBlocks({ block, packetOctets }: StreamPlan): string | null {
  return block === true && packetOctets === BLOCK_OCTETS ? null : "pm=BPM";
}
