import { type Rational, toNumber } from "../timing21/rational.ts";
import type { Scan } from "../timing21/schedule.ts";
import { FrameGrid, hasOwnTime, videoTimestamp } from "./frame-grid.ts";
import {
  FAULT_UNIT,
  type GeneratedPacket,
  type GeneratedStream,
  type GeneratorStart,
  rtpOctets,
  WholePacket,
} from "./stream.ts";

/** An ST 2110-22 stream of JPEG XS to be made, in codestream packetization. */
export interface JpegXsPlan {
  readonly width: number;
  readonly height: number;
  readonly scan: Scan;
  /** Frames a second. */
  readonly rate: Rational;
  /** Octets of a frame or field, boxes included. */
  readonly pictureOctets: number;
}

/** One packet before it is written; the names of RFC 9134 4.3. */
export interface JpegXsPacket {
  timeNs: number;
  marker: boolean;
  payloadType: number;
  ssrc: number;
  timestamp: number;
  t: number;
  k: number;
  l: number;
  i: number;
  f: number;
  sep: number;
  p: number;
  data: Uint8Array;
  /** Timestamp of the picture before. */
  readonly before: number;
  /** Octets of the packet that are sent: an odd end is a fault. */
  cut: number;
}

/** One fault: changes the packets of a frame or field, `units` after the one to strike; below 0 before it. */
export type JpegXsFault = (packets: JpegXsPacket[], units: number) => JpegXsPacket[] | undefined;

const PAYLOAD_TYPE = 112;
const SSRC = 0x2222;
const PACKET_OCTETS = 1200;
const DELAY_NS = 300_000;

/** Boxes and picture header of a segment of `octets` in all (RFC 9134 3.4, ISO/IEC 21122-1 A.4). */
function segmentStart(octets: number, width: number, height: number): Uint8Array {
  const start = new Uint8Array(60);
  const view = new DataView(start.buffer);
  // A video support box of one box, the profile and level; then the codestream.
  view.setUint32(0, 20);
  view.setUint32(4, 0x6a707673);
  view.setUint32(8, 12);
  view.setUint32(12, 0x6a78706c);
  view.setUint32(16, 0x3a402408);
  view.setUint16(20, 0xff10);
  view.setUint32(22, 0xff500002);
  view.setUint32(26, 0xff12001a);
  view.setUint32(30, octets - 20);
  view.setUint16(38, width);
  view.setUint16(40, height);
  view.setUint8(46, 3);
  return start;
}

/** Pictures of equal size, their packets spread evenly over the frame or field. */
export class JpegXsStream implements GeneratedStream {
  readonly #plan: JpegXsPlan;
  readonly #fault: JpegXsFault | null;
  readonly #grid: FrameGrid;
  readonly #start: Uint8Array;
  readonly #ssrc: number;
  #unit = 0;
  #sequence = 0xfff0;

  constructor(plan: JpegXsPlan, fault: JpegXsFault | null, start: GeneratorStart) {
    this.#plan = plan;
    this.#fault = fault;
    this.#grid = new FrameGrid(plan.rate, start);
    this.#ssrc = SSRC + start.place;
    const rows = plan.scan === "progressive" ? plan.height : plan.height / 2;
    this.#start = segmentStart(plan.pictureOctets, plan.width, rows);
  }

  next(): GeneratedPacket[] {
    let packets = this.#picture();
    const units = this.#unit - 2 * FAULT_UNIT;
    if (this.#fault !== null) packets = this.#fault(packets, units) ?? packets;
    this.#unit += 1;
    return packets.map((packet) => {
      const { t, k, l, i, f, sep, p, data, marker, payloadType, timestamp, ssrc } = packet;
      const payload = new Uint8Array(4 + data.length);
      const head = ((t << 31) | (k << 30) | (l << 29) | (i << 27) | (f << 22) | (sep << 11) | p) >>> 0;
      new DataView(payload.buffer).setUint32(0, head);
      payload.set(data, 4);
      const sequence = this.#sequence++;
      const octets = rtpOctets({ payloadType, marker, sequence, timestamp, ssrc }, payload);
      return new WholePacket(octets.subarray(0, octets.length - packet.cut), packet.timeNs);
    });
  }

  #picture(): JpegXsPacket[] {
    const { scan, pictureOctets } = this.#plan;
    const fields = scan === "progressive" ? 1 : 2;
    const frame = Math.floor(this.#unit / fields);
    const field = this.#unit % fields;
    const timestamp = videoTimestamp(this.#grid.frameStart(frame, hasOwnTime(scan, field)));
    const earlier = this.#grid.frameStart(field === 1 ? frame : frame - 1, hasOwnTime(scan, 1 - field));
    const before = videoTimestamp(fields === 1 ? this.#grid.frameStart(frame - 1) : earlier);
    const startNs = toNumber(this.#grid.sinceEpoch(this.#grid.frameStart(frame, field === 1))) + DELAY_NS;
    const count = Math.ceil(pictureOctets / PACKET_OCTETS);
    const stepNs = toNumber(this.#grid.period) / fields / count;
    return Array.from({ length: count }, (_, index) => {
      const last = index === count - 1;
      const data = new Uint8Array(last ? pictureOctets - index * PACKET_OCTETS : PACKET_OCTETS);
      if (index === 0) data.set(this.#start.subarray(0, data.length));
      return {
        timeNs: Math.round(startNs + index * stepNs),
        marker: last,
        payloadType: PAYLOAD_TYPE,
        ssrc: this.#ssrc,
        timestamp,
        t: 1,
        k: 0,
        l: Number(last),
        i: fields === 1 ? 0 : 2 + field,
        f: frame & 31,
        sep: index >> 11,
        p: index & 0x7ff,
        data,
        before,
        cut: 0,
      };
    });
  }
}
