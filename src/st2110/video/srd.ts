import { u16 } from "../../bits/read.ts";

/** Octets of the extended sequence number, before the headers of the segments. */
export const ESN_OCTETS = 2;
/** Octets of one sample row data header. */
export const SRD_OCTETS = 6;
/** Most of them in one packet, ST 2110-20 6.1.4. */
export const MOST_SRDS = 3;

/** Why headers can't be used. */
export const SRD_STATUS = { ok: 0, short: 1, cut: 2, tooMany: 3 } as const;

/** The sample row data headers of one packet, RFC 4175 4; one object is reused. */
export class SrdHeaders {
  count = 0;
  /** Octets of the payload's headers. */
  headerOctets = 0;
  /** Sum of the Lengths. */
  octets = 0;
  readonly length = new Int32Array(MOST_SRDS);
  readonly row = new Int32Array(MOST_SRDS);
  readonly field = new Int32Array(MOST_SRDS);
  readonly offset = new Int32Array(MOST_SRDS);

  /**
   * Reads the headers of the payload `buf[off, off + len)`, of which `wireLength` octets were on the wire. Returns one of
   * SRD_STATUS: `cut` when the capture ends within them, `short` when the packet itself does.
   */
  read(buf: Uint8Array, off: number, len: number, wireLength: number): number {
    this.count = 0;
    this.octets = 0;
    let at = ESN_OCTETS;
    let more = true;
    while (more) {
      if (this.count === MOST_SRDS) return SRD_STATUS.tooMany;
      if (at + SRD_OCTETS > len) return at + SRD_OCTETS > wireLength ? SRD_STATUS.short : SRD_STATUS.cut;
      const i = this.count;
      const length = u16(buf, off + at);
      const row = u16(buf, off + at + 2);
      const offset = u16(buf, off + at + 4);
      this.length[i] = length;
      this.field[i] = row >>> 15;
      this.row[i] = row & 0x7fff;
      this.offset[i] = offset & 0x7fff;
      this.octets += length;
      this.count = i + 1;
      at += SRD_OCTETS;
      more = offset >>> 15 === 1;
    }
    this.headerOctets = at;
    return SRD_STATUS.ok;
  }
}
