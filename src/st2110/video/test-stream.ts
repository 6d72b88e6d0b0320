import { floor, plus, type Rational, rational, times, toNumber } from "../timing21/rational.ts";
import { type Scan, type Schedule, scheduleOf } from "../timing21/schedule.ts";

/** A stream to be made, on the exact schedule. */
export interface StreamPlan {
  readonly width: number;
  readonly height: number;
  readonly scan: Scan;
  /** Frames a second. */
  readonly rate: Rational;
  /** Octets and pixels of a pgroup; of a pair of rows in 4:2:0. */
  readonly pgroup: readonly [octets: number, pixels: number];
  readonly rowStep?: 1 | 2;
  /** Octets of samples in a packet: of one row each (general), or 1260 over rows (block). */
  readonly packetOctets: number;
  readonly block?: boolean;
  readonly linear?: boolean;
}

/** One segment of a packet. */
export interface Segment {
  length: number;
  row: number;
  field: number;
  offset: number;
}

/** One packet before it is written: tests change what they want wrong. */
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
  /** Frame, field and index in the frame, for tests to find it. */
  readonly frame: number;
  readonly j: number;
}

/** What the packets' times count from: 2024-01-01 in TAI. */
export const PLAN_EPOCH = { seconds: 1_704_067_200, nanoseconds: 0, wallClock: true } as const;
/** Packets come this many read steps before they are due. */
const AHEAD_STEPS = 3;
const CLOCK = 90_000n;
const NS = 1_000_000_000n;

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
      if (room > 0 && plan.block === true) continue;
      packets.push(current);
      current = [];
      room = plan.packetOctets;
    }
  }
  if (current.length > 0) packets.push(current);
  return packets;
}

/** Packets of `frames` frames, each a little before its read time. */
export function planStream(
  plan: StreamPlan,
  frames: number,
): { packets: PlannedPacket[]; schedule: Schedule } {
  const fields = plan.scan === "progressive" ? [0] : [0, 1];
  const bodies = fields.map((field) => fieldSegments(plan, field));
  const total = bodies.reduce((sum, { length }) => sum + length, 0);
  const schedule = scheduleOf({ height: plan.height, scan: plan.scan, rate: plan.rate, packets: total });
  const { period, offset, gappedStep, linearStep, secondField } = schedule;
  const epochNs = rational(BigInt(PLAN_EPOCH.seconds) * NS);
  const firstN = floor(rational(epochNs.num * period.den, period.num)) + 1n;
  const step = plan.linear === true ? linearStep : gappedStep;
  const packets: PlannedPacket[] = [];
  let sequence = 0xff_fff0;
  for (let frame = 0; frame < frames; frame += 1) {
    const n = firstN + BigInt(frame);
    let j = 0;
    for (const [index, body] of bodies.entries()) {
      const half = plan.scan === "interlaced" && index === 1 ? times(period, 1, 2) : rational(0);
      const start = plus(times(period, n), half);
      const timestamp = Number(floor(rational(start.num * CLOCK, start.den * NS)) % 2n ** 32n);
      // The read times of a field start anew when gapped, and go on when linear.
      const datum = plus(
        plus(times(period, n), offset),
        index === 1 && secondField !== null && plan.linear !== true ? secondField : rational(0),
      );
      for (const [i, segments] of body.entries()) {
        const k = plan.linear === true ? j : i;
        const due = plus(plus(datum, times(step, k - AHEAD_STEPS)), times(epochNs, -1));
        packets.push({
          timeNs: Math.floor(toNumber(due)),
          marker: i === body.length - 1,
          sequence: sequence & 0xffff,
          esn: sequence >>> 16,
          timestamp,
          ssrc: 0x1234,
          segments: segments.map((segment) => ({ ...segment })),
          octets: segments.reduce((sum, { length }) => sum + length, 0),
          frame,
          j,
        });
        sequence += 1;
        j += 1;
      }
    }
  }
  return { packets, schedule };
}

/** The octets of a packet, its samples zero and cut to `captured` octets of them. */
export function writePacket(
  packet: PlannedPacket,
  captured = packet.octets,
): { octets: Uint8Array; wireLength: number } {
  const header = 12 + 2 + packet.segments.length * 6;
  const octets = new Uint8Array(header + Math.min(captured, packet.octets));
  const view = new DataView(octets.buffer);
  view.setUint8(0, 0x80);
  view.setUint8(1, 96 | (packet.marker ? 0x80 : 0));
  view.setUint16(2, packet.sequence);
  view.setUint32(4, packet.timestamp);
  view.setUint32(8, packet.ssrc);
  view.setUint16(12, packet.esn);
  for (const [i, { length, row, field, offset }] of packet.segments.entries()) {
    const more = i < packet.segments.length - 1 ? 0x8000 : 0;
    view.setUint16(14 + i * 6, length);
    view.setUint16(16 + i * 6, (field << 15) | row);
    view.setUint16(18 + i * 6, more | offset);
  }
  return { octets, wireLength: header + packet.octets };
}
