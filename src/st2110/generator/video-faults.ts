import type { VideoRule } from "../video/rules.ts";
import type { PlannedPacket, Segment, StreamPlan } from "./video-plan.ts";

/** What a fault works on: the packets of one frame. */
interface Frame {
  readonly packets: PlannedPacket[];
  readonly plan: StreamPlan;
}

/** One fault of a video stream: the frame it strikes with that fault in it. */
export interface VideoFault {
  /** Changes packets in place, or gives those that are to be sent instead. */
  readonly strike: (frame: Frame) => PlannedPacket[] | undefined;
  /** What the stream must be for the fault to be possible. */
  readonly needs?: "interlaced" | "block";
}

/**
 * Rules that a generated fault can break: those of VIDEO_RULES that one frame of sound RTP can show, and ST 2110-21's
 * that hold without an SDP.
 */
export type VideoFaultName =
  | Exclude<VideoRule, "rtpHeader" | "headerShort" | "blockSize" | "udpSize" | "smallPacket" | "formatChange">
  | "cinst"
  | "underflow";

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
    needs: "interlaced",
    strike(frame) {
      first(middle(frame).segments).field = 1;
      return undefined;
    },
  },
  fieldOrder: {
    needs: "interlaced",
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
    needs: "block",
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
