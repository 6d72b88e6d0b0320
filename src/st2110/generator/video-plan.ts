import { floor, plus, type Rational, rational, times, toNumber } from "../timing21/rational.ts";
import { type Scan, type Schedule, scheduleOf } from "../timing21/schedule.ts";
import { FrameGrid, hasOwnTime, videoTimestamp } from "./frame-grid.ts";
import type { GeneratorStart } from "./stream.ts";

/** An uncompressed video stream to be made, on the exact schedule. */
export interface StreamPlan {
  readonly width: number;
  readonly height: number;
  readonly scan: Scan;
  /** Frames a second. */
  readonly rate: Rational;
  /** Octets and pixels of a pgroup; of a pair of rows in 4:2:0. */
  readonly pgroup: readonly [octets: number, pixels: number];
  readonly rowStep?: 1 | 2;
  /** Octets of samples in a packet: of one row each, or over rows where `block`. */
  readonly packetOctets: number;
  /** Packets are filled over the ends of rows: all of 1260 octets in block packing mode. */
  readonly block?: boolean;
  readonly linear?: boolean;
  /** Packets that leave at once, when the first of them is due: more than 1 makes a wide sender. */
  readonly burst?: number;
}

/** One segment of a packet. */
export interface Segment {
  length: number;
  row: number;
  field: number;
  offset: number;
}

/** One packet before it is written: whoever wants a fault changes it. */
export interface PlannedPacket {
  timeNs: number;
  marker: boolean;
  sequence: number;
  esn: number;
  timestamp: number;
  ssrc: number;
  segments: Segment[];
  /** Octets of samples, which should be the sum of the Lengths. */
  octets: number;
  /** First octet of the RTP header: version, padding, extension, CSRC count. */
  flags: number;
  /** Octets of an RTP header extension, a multiple of 4; 0 for none. */
  extension: number;
  /** Octets at the end that are left out. */
  cut: number;
  /** Frame, and index of the packet in it. */
  readonly frame: number;
  readonly j: number;
}

/** Octets of samples of a block (ST 2110-20 6.3.3). */
export const BLOCK_OCTETS = 1260;

/** Packets come this many read steps before they are due. */
const AHEAD_STEPS = 3;
/** Most sample row data headers of a packet. */
const MOST_SEGMENTS = 3;
const RTP_HEADER = 12;
/** The RTP header and the extended sequence number. */
const HEADERS = RTP_HEADER + 2;
const VERSION_2 = 0x80;
/** X bit. */
const EXTENSION = 0x10;
const SEGMENT_HEADER = 6;
const SSRC = 0x1234;
const SEQUENCES_APART = 1000;
/** The first 32-bit sequence number: both parts wrap soon. */
const FIRST_SEQUENCE = 0xff_fff0;

/** Segments of each packet of one field, in order. */
function fieldSegments(plan: StreamPlan, field: number): Segment[][] {
  const step = plan.rowStep ?? 1;
  const rows = plan.scan === "progressive" ? plan.height : plan.height / 2;
  const [octets, pixels] = plan.pgroup;
  const rowOctets = (plan.width * octets) / pixels;
  const packets: Segment[][] = [];
  let current: Segment[] = [];
  let room = plan.packetOctets;
  for (let row = 0; row < rows; row += step) {
    for (let at = 0; at < rowOctets; ) {
      const length = Math.min(room, rowOctets - at);
      current.push({ length, row, field, offset: (at * pixels) / octets });
      at += length;
      room -= length;
      if (room > 0 && plan.block === true && current.length < MOST_SEGMENTS) continue;
      packets.push(current);
      current = [];
      room = plan.packetOctets;
    }
  }
  if (current.length > 0) packets.push(current);
  return packets;
}

/** Fields of a frame, or the one that a progressive frame is. */
function fieldsOf({ scan }: StreamPlan): readonly number[] {
  return scan === "progressive" ? [0] : [0, 1];
}

/** NP: packets of a frame. */
export function packetsPerFrame(plan: StreamPlan): number {
  return fieldsOf(plan).reduce((sum, field) => sum + fieldSegments(plan, field).length, 0);
}

/** The packets of a video stream, frame by frame, each a little before its read time. */
export class VideoFrames {
  readonly schedule: Schedule;
  readonly #plan: StreamPlan;
  readonly #bodies: Segment[][][];
  readonly #grid: FrameGrid;
  readonly #stepNs: number;
  #frame = 0;
  readonly #ssrc: number;
  #sequence: number;

  constructor(plan: StreamPlan, start: GeneratorStart) {
    this.#plan = plan;
    this.#bodies = fieldsOf(plan).map((field) => fieldSegments(plan, field));
    const packets = this.#bodies.reduce((sum, { length }) => sum + length, 0);
    this.schedule = scheduleOf({ height: plan.height, scan: plan.scan, rate: plan.rate, packets });
    this.#grid = new FrameGrid(plan.rate, start);
    this.#ssrc = SSRC + start.place;
    this.#sequence = FIRST_SEQUENCE + start.place * SEQUENCES_APART;
    this.#stepNs = toNumber(plan.linear === true ? this.schedule.linearStep : this.schedule.gappedStep);
  }

  /** The next frame's packets, numbered on from the last one's. */
  next(): PlannedPacket[] {
    const plan = this.#plan;
    const { offset, secondField } = this.schedule;
    const linear = plan.linear === true;
    const burst = plan.burst ?? 1;
    const packets: PlannedPacket[] = [];
    const frameStart = this.#grid.frameStart(this.#frame);
    let j = 0;
    for (const [field, body] of this.#bodies.entries()) {
      const timestamp = videoTimestamp(this.#grid.frameStart(this.#frame, hasOwnTime(plan.scan, field)));
      // The read times of a field start anew when gapped, and go on when linear.
      const shift = field === 1 && secondField !== null && !linear ? secondField : rational(0);
      const datum = this.#grid.sinceEpoch(plus(plus(frameStart, offset), shift));
      // Nanoseconds of one frame fit a double exactly enough; those since the epoch are kept whole beside it.
      const wholeNs = floor(datum);
      const restNs = toNumber(plus(datum, times(rational(wholeNs), -1)));
      for (const [i, segments] of body.entries()) {
        const k = linear ? j : i;
        const due = (k - (k % burst) - AHEAD_STEPS) * this.#stepNs;
        packets.push({
          timeNs: Number(wholeNs) + Math.floor(restNs + due),
          marker: i === body.length - 1,
          sequence: 0,
          esn: 0,
          timestamp,
          ssrc: this.#ssrc,
          segments: segments.map((segment) => ({ ...segment })),
          octets: segments.reduce((sum, { length }) => sum + length, 0),
          flags: VERSION_2,
          extension: 0,
          cut: 0,
          frame: this.#frame,
          j,
        });
        j += 1;
      }
    }
    this.#frame += 1;
    this.#number(packets);
    return packets;
  }

  /** Numbers a frame's packets again that came out of `next` last, after some were added or taken out. */
  renumber(packets: readonly PlannedPacket[], before: number): void {
    this.#sequence -= before;
    this.#number(packets);
  }

  #number(packets: readonly PlannedPacket[]): void {
    for (const packet of packets) {
      packet.sequence = this.#sequence & 0xffff;
      packet.esn = (this.#sequence >>> 16) & 0xffff;
      this.#sequence += 1;
    }
  }
}

/** Octets of a packet on the wire, RTP header included. */
export function videoPacketLength({ extension, segments, octets, cut }: PlannedPacket): number {
  const extra = extension === 0 ? 0 : 4 + extension;
  return HEADERS + extra + segments.length * SEGMENT_HEADER + octets - cut;
}

/** Writes the RTP and payload headers of a packet at `buf[off]`; returns their length. */
export function writeVideoHeaders(packet: PlannedPacket, buf: Uint8Array, off: number): number {
  const view = new DataView(buf.buffer, buf.byteOffset + off);
  const { extension, segments } = packet;
  let at = RTP_HEADER;
  view.setUint8(0, packet.flags | (extension > 0 ? EXTENSION : 0));
  view.setUint8(1, 96 | (packet.marker ? 0x80 : 0));
  view.setUint16(2, packet.sequence);
  view.setUint32(4, packet.timestamp);
  view.setUint32(8, packet.ssrc);
  if (extension > 0) {
    view.setUint32(at, extension / 4);
    at += 4;
    buf.fill(0, off + at, off + at + extension);
    at += extension;
  }
  view.setUint16(at, packet.esn);
  at += 2;
  for (let i = 0; i < segments.length; i += 1) {
    const { length, row, field, offset } = segments[i] as Segment;
    const more = i < segments.length - 1 ? 0x8000 : 0;
    view.setUint16(at, length);
    view.setUint16(at + 2, (field << 15) | row);
    view.setUint16(at + 4, more | offset);
    at += SEGMENT_HEADER;
  }
  return at;
}
