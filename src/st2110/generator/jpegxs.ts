import { pictureStart } from "../jpegxs/picture-start.ts";
import { type Rational, toNumber } from "../timing21/rational.ts";
import type { Scan } from "../timing21/schedule.ts";
import { FrameGrid, hasOwnTime, videoTimestamp } from "./frame-grid.ts";
import {
  FAULT_UNIT,
  type Fault,
  type GeneratedPacket,
  type GeneratedStream,
  type GeneratorStart,
  rtpOctets,
  WholePacket,
} from "./stream.ts";

/** An ST 2110-22 stream of JPEG XS to be made. */
export interface JpegXsPlan {
  readonly width: number;
  readonly height: number;
  readonly scan: Scan;
  /** Frames a second. */
  readonly rate: Rational;
  /** Octets of a frame, field or segment, boxes included. */
  readonly pictureOctets: number;
  /** Slice packetization (K = 1) in place of that of the whole codestream. */
  readonly slices: boolean;
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
  /** Changes the whole packet at last. */
  octets?: (octets: Uint8Array) => void;
}

/** One fault of an ST 2110-22 stream. */
export interface JpegXsFault extends Fault<JpegXsPlan> {
  /** The stream that has the fault all along. */
  readonly plan?: (plan: JpegXsPlan) => JpegXsPlan;
  /** Changes the packets of a frame or field, `units` after the one to strike; below 0 before it. */
  readonly strike?: (packets: JpegXsPacket[], units: number) => JpegXsPacket[] | undefined;
}

const PAYLOAD_TYPE = 112;
const SSRC = 0x2222;
const PACKET_OCTETS = 1200;
const DELAY_NS = 300_000;
/** Lines of a slice; the last may have fewer. */
const SLICE_LINES = 16;
/** SEP of the packets that carry boxes and headers before the first slice (RFC 9134 4.3). */
const HEADER_SEP = 0x7ff;

/** Where one packet stands in its picture. */
interface Place {
  readonly octets: number;
  readonly sep: number;
  readonly p: number;
  readonly l: number;
}

/** Packets of one packetization unit of `octets`; SEP goes on where P wraps, in codestream mode. */
function unitPlaces(octets: number, sep: number | null): Place[] {
  const count = Math.ceil(octets / PACKET_OCTETS);
  return Array.from({ length: count }, (_, index) => ({
    octets: Math.min(PACKET_OCTETS, octets - index * PACKET_OCTETS),
    sep: sep ?? index >> 11,
    p: index & 0x7ff,
    l: Number(index === count - 1),
  }));
}

/** Packets of one picture: its codestream in one, or its headers and then each slice by itself. */
function picturePlaces({ pictureOctets, slices }: JpegXsPlan, rows: number, headers: number): Place[] {
  if (!slices) return unitPlaces(pictureOctets, null);
  const count = Math.ceil(rows / SLICE_LINES);
  const places = unitPlaces(headers, HEADER_SEP);
  const rest = pictureOctets - headers;
  for (let slice = 0; slice < count; slice += 1) {
    const octets = Math.floor((rest * (slice + 1)) / count) - Math.floor((rest * slice) / count);
    places.push(...unitPlaces(octets, slice));
  }
  return places;
}

/** Pictures of equal size, their packets spread evenly over the frame or field. */
export class JpegXsStream implements GeneratedStream {
  readonly #plan: JpegXsPlan;
  readonly #fault: JpegXsFault | null;
  readonly #grid: FrameGrid;
  readonly #start: Uint8Array;
  readonly #places: readonly Place[];
  readonly #ssrc: number;
  #unit = 0;
  #sequence = 0xfff0;

  constructor(plan: JpegXsPlan, fault: JpegXsFault | null, start: GeneratorStart) {
    this.#plan = fault?.plan?.(plan) ?? plan;
    this.#fault = fault;
    this.#grid = new FrameGrid(plan.rate, start);
    this.#ssrc = SSRC + start.place;
    const rows = plan.scan === "progressive" ? plan.height : plan.height / 2;
    this.#start = pictureStart(this.#plan.pictureOctets, plan.width, rows);
    this.#places = picturePlaces(this.#plan, rows, this.#start.length);
  }

  next(): GeneratedPacket[] {
    let packets = this.#picture();
    const units = this.#unit - 2 * FAULT_UNIT;
    packets = this.#fault?.strike?.(packets, units) ?? packets;
    this.#unit += 1;
    return packets.map((packet) => {
      const { t, k, l, i, f, sep, p, data, marker, payloadType, timestamp, ssrc } = packet;
      const payload = new Uint8Array(4 + data.length);
      const head = ((t << 31) | (k << 30) | (l << 29) | (i << 27) | (f << 22) | (sep << 11) | p) >>> 0;
      new DataView(payload.buffer).setUint32(0, head);
      payload.set(data, 4);
      const sequence = this.#sequence++;
      const octets = rtpOctets({ payloadType, marker, sequence, timestamp, ssrc }, payload);
      packet.octets?.(octets);
      return new WholePacket(octets.subarray(0, octets.length - packet.cut), packet.timeNs);
    });
  }

  #picture(): JpegXsPacket[] {
    const { scan, slices } = this.#plan;
    const fields = scan === "progressive" ? 1 : 2;
    const frame = Math.floor(this.#unit / fields);
    const field = this.#unit % fields;
    const timestamp = videoTimestamp(this.#grid.frameStart(frame, hasOwnTime(scan, field)));
    const earlier = this.#grid.frameStart(field === 1 ? frame : frame - 1, hasOwnTime(scan, 1 - field));
    const before = videoTimestamp(fields === 1 ? this.#grid.frameStart(frame - 1) : earlier);
    const startNs = toNumber(this.#grid.sinceEpoch(this.#grid.frameStart(frame, field === 1))) + DELAY_NS;
    const count = this.#places.length;
    const stepNs = toNumber(this.#grid.period) / fields / count;
    return this.#places.map(({ octets, sep, p, l }, index) => {
      const data = new Uint8Array(octets);
      if (index === 0) data.set(this.#start.subarray(0, octets));
      return {
        timeNs: Math.round(startNs + index * stepNs),
        marker: index === count - 1,
        payloadType: PAYLOAD_TYPE,
        ssrc: this.#ssrc,
        timestamp,
        t: 1,
        k: Number(slices),
        l,
        i: fields === 1 ? 0 : 2 + field,
        f: frame & 31,
        sep,
        p,
        data,
        before,
        cut: 0,
      };
    });
  }
}
