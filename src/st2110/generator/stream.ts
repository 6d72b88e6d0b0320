/** One RTP packet of a generated stream. */
export interface GeneratedPacket {
  /** When it leaves, nanoseconds after the generator's epoch. */
  timeNs: number;
  /** Octets from the RTP header to the end of the payload. */
  length: number;
  /** Writes these octets at `buf[off]`; there is room for `length` of them. */
  write(buf: Uint8Array, off: number): void;
}

/** A generated stream: a frame, field or packet of audio at a time. */
export interface GeneratedStream {
  /** The packets of the next frame, field or audio packet, in the order in which they leave; empty when it is over. */
  next(): GeneratedPacket[];
}

/** When generated streams begin. */
export interface GeneratorStart {
  /** Whole seconds of TAI at the generator's epoch, from which RTP timestamps and the frame grid count. */
  readonly taiSeconds: number;
  /** First moment of the streams, nanoseconds after the epoch. */
  readonly startNs: number;
  /** Place in the list of streams, from 0: each has an SSRC and sequence numbers of its own. */
  readonly place: number;
}

/** What every fault of a stream made by a plan P may have. */
export interface Fault<P> {
  /** What the stream lacks for the fault to be possible, in words; null for nothing. */
  readonly lacks?: (plan: P) => string | null;
}

/** Frame, field or packet, counted from 0, that a fault is put into; later ones follow from it. */
export const FAULT_UNIT = 5;

const RTP_HEADER = 12;

/** Fields of the fixed RTP header (RFC 3550 5.1) that streams set. */
export interface RtpFields {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** An RTP packet around a payload. */
export function rtpOctets(fields: RtpFields, payload: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(RTP_HEADER + payload.length);
  const view = new DataView(octets.buffer);
  view.setUint8(0, 0x80);
  view.setUint8(1, fields.payloadType | (fields.marker ? 0x80 : 0));
  view.setUint16(2, fields.sequence & 0xffff);
  view.setUint32(4, fields.timestamp >>> 0);
  view.setUint32(8, fields.ssrc);
  octets.set(payload, RTP_HEADER);
  return octets;
}

/** A packet whose octets are there already; a fault may change them. */
export class WholePacket implements GeneratedPacket {
  timeNs: number;
  octets: Uint8Array;

  constructor(octets: Uint8Array, timeNs: number) {
    this.octets = octets;
    this.timeNs = timeNs;
  }

  get length(): number {
    return this.octets.length;
  }

  write(buf: Uint8Array, off: number): void {
    buf.set(this.octets, off);
  }
}
