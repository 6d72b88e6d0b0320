/** Packets of a program between two PCRs at most: 100 ms of 240 Mbit/s. */
const MOST_WAITING = 16_384;
const FIRST_WAITING = 256;
/** Bits of the stream in `owner`, below its epoch: more than MOST_STREAMS. */
const STREAM_BITS = 9;
const STREAM_MASK = (1 << STREAM_BITS) - 1;

/** Stands for a stream where a packet is for the system buffers. */
export const SYSTEM_STREAM = STREAM_MASK;

/**
 * Packets of a program that wait for the PCR after them, which says when they arrived (ISO/IEC 13818-1 2.4.2.2).
 * 22 octets for each, 360 kB at most. The arrays are for reading by what passes the packets on; they may be others
 * after each `push`.
 */
export class PacketQueue {
  length = 0;
  /** Number of the packet in the transport stream, and its capture time. */
  packet = new Float64Array(FIRST_WAITING);
  timeNs = new Float64Array(FIRST_WAITING);
  /** Stream and its epoch as `ownerOf` joins them. */
  owner = new Int32Array(FIRST_WAITING);
  /** Counted octets: of the PES header above the low 8 bits, of payload (or sections) in them. */
  octets = new Uint16Array(FIRST_WAITING);

  /** False, and nothing done, when there is no more room. */
  push(owner: number, header: number, data: number, packet: number, timeNs: number): boolean {
    const at = this.length;
    if (at === this.packet.length && !this.#grow()) return false;
    this.packet[at] = packet;
    this.timeNs[at] = timeNs;
    this.owner[at] = owner;
    this.octets[at] = (header << 8) | data;
    this.length = at + 1;
    return true;
  }

  #grow(): boolean {
    const size = this.packet.length * 2;
    if (size > MOST_WAITING) return false;
    this.packet = grown(this.packet, new Float64Array(size));
    this.timeNs = grown(this.timeNs, new Float64Array(size));
    this.owner = grown(this.owner, new Int32Array(size));
    this.octets = grown(this.octets, new Uint16Array(size));
    return true;
  }
}

/** Number of a stream in its program, or SYSTEM_STREAM, and its epoch of 16 bits in one. */
export function ownerOf(stream: number, epoch: number): number {
  return (epoch << STREAM_BITS) | stream;
}

/** Number of the stream, or SYSTEM_STREAM. */
export function ownerStream(owner: number): number {
  return owner & STREAM_MASK;
}

/** Epoch of the stream when the packet was parsed. */
export function ownerEpoch(owner: number): number {
  return owner >> STREAM_BITS;
}

function grown<T extends Float64Array | Int32Array | Uint16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
