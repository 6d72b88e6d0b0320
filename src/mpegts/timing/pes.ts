/**
 * The header of a PES packet, ISO/IEC 13818-1 2.4.3.6 and 2.4.3.7, as far as its time stamps.
 */
import { payloadUnitStartIndicator } from "../packet.ts";

/** Octets of a PES packet that hold all that is read here: up to the end of DTS. */
export const PES_START_BYTES = 19;

/** What the first octets of a PES packet hold. */
export const PES = {
  /** A header, read as far as its flags say. */
  header: 0,
  /** More octets are needed. */
  short: 1,
  /** No packet_start_code_prefix. */
  none: 2,
  /** A stream_id whose packets have no header (Table 2-21: padding, private_stream_2, maps, ECM, EMM). */
  bare: 3,
  /** A header whose fixed bits, markers, flags or own length are wrong: no time stamp of it can be trusted. */
  broken: 4,
} as const;

/** One of the values of PES. */
export type PesResult = (typeof PES)[keyof typeof PES];

/** Where `readPesStart` puts what it read; used again and again. */
export interface PesStart {
  /** stream_id (Table 2-22). */
  streamId: number;
  /**
   * PES_packet_length in octets; 0 where it is not said, which only video may do. It is not held against the
   * header: there are multiplexers that write nonsense here, and sound time stamps after it.
   */
  packetLength: number;
  /** PES_scrambling_control; not 0 is scrambled. */
  scrambling: number;
  /** Octets of the header, of which the payload comes after. */
  headerBytes: number;
  /** PTS in ticks of 90 kHz, NaN where there is none. */
  pts: number;
  /** DTS in ticks of 90 kHz, NaN where there is none; then it is the same as PTS (2.7.5). */
  dts: number;
}

/** An empty PesStart. */
export function pesStart(): PesStart {
  return { streamId: 0, packetLength: 0, scrambling: 0, headerBytes: 0, pts: Number.NaN, dts: Number.NaN };
}

/** True where the packets of `streamId` have a header with flags (the first list of 2.4.3.7). */
export function hasPesHeader(streamId: number): boolean {
  switch (streamId) {
    case 0xbc: // program_stream_map
    case 0xbe: // padding_stream
    case 0xbf: // private_stream_2
    case 0xf0: // ECM
    case 0xf1: // EMM
    case 0xf2: // DSM-CC
    case 0xf8: // ITU-T H.222.1 type E
    case 0xff: // program_stream_directory
      return false;
    default:
      return streamId > 0xbc;
  }
}

/**
 * The start of the PES packet at `buf[off]`, of whose octets `len` are there. Reads no further than
 * PES_START_BYTES. Fields of `out` that the result does not speak of are 0 or NaN.
 */
export function readPesStart(buf: Uint8Array, off: number, len: number, out: PesStart): PesResult {
  out.streamId = 0;
  out.packetLength = 0;
  out.scrambling = 0;
  out.headerBytes = 0;
  out.pts = Number.NaN;
  out.dts = Number.NaN;
  const prefix = Math.min(len, 3);
  for (let i = 0; i < prefix; i += 1) if (buf[off + i] !== (i === 2 ? 1 : 0)) return PES.none;
  if (len < 6) return PES.short;
  out.streamId = buf[off + 3] as number;
  out.packetLength = ((buf[off + 4] as number) << 8) | (buf[off + 5] as number);
  if (!hasPesHeader(out.streamId)) {
    out.headerBytes = 6;
    return PES.bare;
  }
  if (len < 9) return PES.short;
  const control = buf[off + 6] as number;
  const flags = (buf[off + 7] as number) >> 6;
  const dataLength = buf[off + 8] as number;
  // '10' stands before the flags; PTS_DTS_flags of 01 are forbidden.
  if (control >> 6 !== 2 || flags === 1 || dataLength < stampBytes(flags)) return PES.broken;
  out.scrambling = (control >> 4) & 3;
  out.headerBytes = 9 + dataLength;
  if (len < 9 + stampBytes(flags)) return PES.short;
  return flags === 0 ? PES.header : stamps(buf, off + 9, flags, out);
}

/** Octets of the time stamps that PTS_DTS_flags tell of. */
function stampBytes(flags: number): number {
  return flags === 3 ? 10 : flags === 2 ? 5 : 0;
}

function stamps(buf: Uint8Array, off: number, flags: number, out: PesStart): PesResult {
  // '0010' before a PTS alone, '0011' and '0001' before PTS and DTS; then three marker bits.
  if (!stampSound(buf, off, flags)) return PES.broken;
  if (flags === 3 && !stampSound(buf, off + 5, 1)) return PES.broken;
  out.pts = stamp(buf, off);
  if (flags === 3) out.dts = stamp(buf, off + 5);
  return PES.header;
}

function stampSound(buf: Uint8Array, off: number, prefix: number): boolean {
  const first = buf[off] as number;
  const markers = first & (buf[off + 2] as number) & (buf[off + 4] as number) & 1;
  return first >> 4 === prefix && markers === 1;
}

/** A time stamp of 33 bits in 5 octets; by multiplication, as shifts work on 32 bits. */
function stamp(buf: Uint8Array, off: number): number {
  return (
    (((buf[off] as number) >> 1) & 7) * 2 ** 30 +
    (((buf[off + 1] as number) << 22) |
      (((buf[off + 2] as number) >> 1) << 15) |
      ((buf[off + 3] as number) << 7) |
      ((buf[off + 4] as number) >> 1))
  );
}

/** True where the packet at `buf[at]` may start a PES packet: payload_unit_start_indicator, and not scrambled. */
export function startsPes(buf: Uint8Array, at: number): boolean {
  return payloadUnitStartIndicator(buf, at) === 1 && (buf[at + 3] as number) >> 6 === 0;
}
