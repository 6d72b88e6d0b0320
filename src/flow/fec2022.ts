import { u8, u16, u32 } from "../bits/read.ts";
import { RTP_FIXED_HEADER, RTP_VERSION, rtpPayloadType, rtpVersion } from "../net/rtp.ts";
import type { NetworkReport } from "../report/mpegts-schema.ts";

/** Octets of the FEC header after the RTP header (ST 2022-1, from RFC 2733). */
const FEC_HEADER = 16;

/** What a datagram can be. */
export const FEC = { none: 0, column: 1, row: 2 } as const;
/** One of `FEC`. */
export type Fec = (typeof FEC)[keyof typeof FEC];

const NAMES: Record<Fec, NetworkReport["fec"]> = {
  0: "none",
  1: "ST 2022-1 column",
  2: "ST 2022-1 row",
};

/** Dynamic payload types (RFC 3551 6); FEC packets of ST 2022-1 have 96. */
const FIRST_DYNAMIC = 96;

/** Datagrams in a row that must look like FEC, and alike, before the stream is called so. */
export const FEC_SURE = 4;

/**
 * Whether `buf[off, off + len)` can be a FEC packet of SMPTE ST 2022-1 (Pro-MPEG CoP #3), and of which kind: RTP
 * without CSRC list and extension, a dynamic payload type, then the FEC header: E 1, Mask 0, N 0, Type 0 (XOR),
 * index 0, Offset and NA not 0. These are 32 bits of fixed value, so that a stray match is one in 4 * 10^9. D tells
 * which kind: 0 for a column, 1 for a row.
 *
 * The streams stand on the media's port + 2 (columns) and + 4 (rows); a port is no proof, so it is not asked for.
 */
export function looksLikeFec2022(buf: Uint8Array, off: number, len: number): Fec {
  if (len <= RTP_FIXED_HEADER + FEC_HEADER || rtpVersion(buf, off) !== RTP_VERSION) return FEC.none;
  // P, X, CC and M are the XOR of the media's (RFC 2733 4.1): X and CC, and so the place of the header, are fixed.
  if ((u8(buf, off) & 0x1f) !== 0 || rtpPayloadType(buf, off) < FIRST_DYNAMIC) return FEC.none;
  const header = off + RTP_FIXED_HEADER;
  // E, PT recovery, Mask: the mask is not used, the type recovery may be anything.
  if ((u32(buf, header + 4) & 0x80ffffff) >>> 0 !== 0x80000000) return FEC.none;
  const kind = u8(buf, header + 12);
  if ((kind & 0xbf) !== 0 || u8(buf, header + 13) === 0 || u8(buf, header + 14) === 0) return FEC.none;
  return kind === 0 ? FEC.column : FEC.row;
}

/** Finds out whether the datagrams of a flow are FEC: FEC_SURE in a row, of one kind and one matrix. */
export class FecDetector {
  #kind: Fec = FEC.none;
  #matrix = -1;
  #alike = 0;
  #sure: Fec = FEC.none;

  /** One datagram, `buf[off, off + len)`; returns what the flow is, none until it is sure. */
  datagram(buf: Uint8Array, off: number, len: number): Fec {
    const kind = looksLikeFec2022(buf, off, len);
    // Offset and NA stay the same for as long as the matrix does.
    const matrix = kind === FEC.none ? -1 : u16(buf, off + RTP_FIXED_HEADER + 13);
    if (kind !== this.#kind || matrix !== this.#matrix) this.#alike = 0;
    this.#kind = kind;
    this.#matrix = matrix;
    this.#alike += 1;
    if (this.#alike >= FEC_SURE) this.#sure = kind;
    return this.#sure;
  }

  /** What the flow is, in the report's words. */
  get name(): NetworkReport["fec"] {
    return NAMES[this.#sure];
  }
}
