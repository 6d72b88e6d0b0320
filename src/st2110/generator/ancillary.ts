import type { Rational } from "../timing21/rational.ts";
import { toNumber } from "../timing21/rational.ts";
import type { Scan } from "../timing21/schedule.ts";
import {
  type AncData,
  afd,
  captions,
  cea608,
  isCaptions,
  op47,
  scte104,
  timeCode,
  vpid,
} from "./anc-data.ts";
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

/** An ST 2110-40 stream to be made. */
export interface AncillaryPlan {
  readonly scan: Scan;
  /** Frames a second. */
  readonly rate: Rational;
}

/** An RTP packet of RFC 8331 before it is written; `…Fault` is added to what a field should be. */
export interface AncPacket {
  marker: boolean;
  timestamp: number;
  /** F: 0 progressive, 2 and 3 the fields. */
  field: number;
  anc: AncData[];
  timeNs: number;
  reserved: number;
  lengthFault: number;
  countFault: number;
  extendedFault: number;
  /** Octets of the payload that are sent; all of them unless said. */
  keep?: number;
  /** Frames a second, and the number that caption distribution packets have now. */
  readonly perSecond: number;
  readonly captionNumber: number;
}

/** One fault of an ST 2110-40 stream. */
export interface AncillaryFault extends Fault<AncillaryPlan> {
  /** Changes the packets of a frame or field, `units` after the first struck one. */
  readonly strike: (packets: AncPacket[], units: number) => AncPacket[] | undefined;
}

const PAYLOAD_TYPE = 100;
const SSRC = 0x4040;
const FIRST_SEQUENCE = 0xfff0;
/** From the start of a frame or field to its packets. */
const FIRST_NS = 400_000;
const BETWEEN_NS = 200_000;

/** Time code counts no more frames a second than this: above, one number is of several frames (ST 12-3). */
const MOST_CODE_FRAMES = 30;

/** ST 291-1: b8 even parity of b7 to b0, b9 the other. */
function withParity(octet: number): number {
  let ones = 0;
  for (let bit = 0; bit < 8; bit += 1) ones += (octet >> bit) & 1;
  const parity = ones & 1;
  return octet | (parity << 8) | ((parity ^ 1) << 9);
}

/** Octets of one ANC data packet with its head (RFC 8331 2.1). */
function ancOctets(anc: AncData): number[] {
  const words = [anc.did, anc.sdid, anc.data.length, ...anc.data].map(withParity);
  anc.words?.(words);
  const sum = words.reduce((total, word) => total + (word & 0x1ff), 0) & 0x1ff;
  words.push((sum | ((~sum & 0x100) << 1)) ^ (anc.checksumFault ?? 0));
  const octets = [anc.line >> 4, (anc.line << 4) & 0xff, 0, 0];
  let held = 0;
  let bits = 0;
  for (const word of words) {
    held = (held << 10) | word;
    bits += 10;
    for (; bits >= 8; bits -= 8) octets.push((held >>> (bits - 8)) & 0xff);
    held &= (1 << bits) - 1;
  }
  const fill = anc.dirtyAlign === true ? 0xff : 0;
  if (bits > 0) octets.push(((held << (8 - bits)) | (fill >> bits)) & 0xff);
  while (octets.length % 4 !== 0) octets.push(fill);
  return octets;
}

function payload(packet: AncPacket, sequence: number): number[] {
  const data = packet.anc.flatMap(ancOctets);
  const extended = ((sequence >>> 16) + packet.extendedFault) & 0xffff;
  const length = data.length + packet.lengthFault;
  const { field, reserved } = packet;
  const whole = [
    extended >> 8,
    extended & 0xff,
    length >> 8,
    length & 0xff,
    packet.anc.length + packet.countFault,
    field << 6,
    reserved >> 8,
    reserved & 0xff,
    ...data,
  ];
  return whole.slice(0, packet.keep ?? whole.length);
}

/**
 * Two packets with every frame or field: AFD in the first; payload identifier, time code, CEA-608 and subtitling in the
 * second, with captions (CEA-708) once a frame and a message of SCTE 104 once a second.
 */
export class AncillaryStream implements GeneratedStream {
  readonly #plan: AncillaryPlan;
  readonly #fault: AncillaryFault | null;
  readonly #grid: FrameGrid;
  readonly #ssrc: number;
  #unit = 0;
  #captions = 0;
  #sequence = FIRST_SEQUENCE;

  constructor(plan: AncillaryPlan, fault: AncillaryFault | null, start: GeneratorStart) {
    this.#plan = plan;
    this.#fault = fault;
    this.#grid = new FrameGrid(plan.rate, start);
    this.#ssrc = SSRC + start.place;
  }

  next(): GeneratedPacket[] {
    let packets = this.#unitPackets();
    // Both fields of frames before it are whole.
    const units = this.#unit - 2 * FAULT_UNIT;
    if (units >= 0) packets = this.#fault?.strike(packets, units) ?? packets;
    this.#unit += 1;
    if (packets.some(({ anc }) => anc.some(isCaptions))) this.#captions += 1;
    if (packets.length === 0) return this.next();
    return packets.map((packet) => {
      const sequence = this.#sequence++;
      const { marker, timestamp } = packet;
      const fields = { payloadType: PAYLOAD_TYPE, marker, sequence, timestamp, ssrc: this.#ssrc };
      return new WholePacket(rtpOctets(fields, payload(packet, sequence)), packet.timeNs);
    });
  }

  #unitPackets(): AncPacket[] {
    const { scan } = this.#plan;
    const fields = scan === "progressive" ? 1 : 2;
    const frame = Math.floor(this.#unit / fields);
    const field = this.#unit % fields;
    const moment = this.#grid.frameStart(frame, hasOwnTime(scan, field));
    const sent = this.#grid.frameStart(frame, field === 1);
    const timeNs = toNumber(this.#grid.sinceEpoch(sent));
    const perSecond = toNumber(this.#plan.rate);
    return this.#content(frame, field, perSecond).map((anc, index) => ({
      marker: index === 1,
      timestamp: videoTimestamp(moment),
      field: fields === 1 ? 0 : 2 + field,
      anc,
      timeNs: Math.round(timeNs + FIRST_NS + index * BETWEEN_NS),
      reserved: 0,
      lengthFault: 0,
      countFault: 0,
      extendedFault: 0,
      perSecond,
      captionNumber: this.#captions,
    }));
  }

  #content(frame: number, field: number, perSecond: number): AncData[][] {
    const framesEach = Math.ceil(Math.floor(perSecond) / MOST_CODE_FRAMES);
    const code = timeCode(Math.floor(frame / framesEach), Math.round(perSecond / framesEach));
    const first = field === 0;
    const message = first && frame % Math.round(perSecond) === 0 ? [scte104(frame)] : [];
    const cdp = first ? captions(perSecond, this.#captions) : null;
    return [[afd()], [code, vpid(), cea608(), ...(cdp === null ? [] : [cdp]), ...message, op47(this.#unit)]];
  }
}
