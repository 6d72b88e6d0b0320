import { walkEthernet } from "./ethernet.ts";
import { walkIpv4 } from "./ipv4.ts";
import { walkIpv6 } from "./ipv6.ts";
import { LINKTYPE } from "./linktype.ts";
import { walkNull } from "./null.ts";
import { walkSll, walkSll2 } from "./sll.ts";
import { STATUS, type Status } from "./status.ts";

export { STATUS, type Status } from "./status.ts";

/**
 * What `parseFrame` found in one frame. One object is reused for all frames; it holds numbers only. `*Off` are
 * offsets into the buffer that was given. After a status other than `udp` the fields of the layers that were not
 * reached are 0.
 */
export class Datagram {
  /** What the last frame was. */
  status: Status = STATUS.udp;
  /** 4 or 6; 0 when no whole IP header was found. */
  ipVersion = 0;
  /** Offset of the IP source address, 4 or 16 octets by `ipVersion`. */
  sourceOff = 0;
  /** Offset of the IP destination address, 4 or 16 octets by `ipVersion`. */
  destinationOff = 0;
  sourcePort = 0;
  destinationPort = 0;
  /** VLAN tags, the one that the kernel stripped included. */
  vlanCount = 0;
  /** VLAN identifier (12 bits) of the outermost tag; 0 is a priority tag. Holds with `vlanCount` >= 1. */
  vlan0 = 0;
  /** VLAN identifier of the second tag. Holds with `vlanCount` >= 2. */
  vlan1 = 0;
  /** TPID of the outermost tag: 0x8100 (C-tag), 0x88a8 (S-tag), 0x9100; 0 without a tag. */
  outerTpid = 0;
  /** Offset of the first octet after the UDP header. */
  payloadOff = 0;
  /** Octets of UDP payload on the wire, by the UDP header. */
  payloadLength = 0;
  /** Octets of them in the buffer; fewer than `payloadLength` when the snap length cut the frame. */
  capturedPayloadLength = 0;
  /** Time to live (IPv4) or hop limit (IPv6). */
  ttl = 0;
  /** Differentiated services code point, 6 bits (RFC 2474). */
  dscp = 0;

  /** Offset at which the captured octets end. */
  capturedEnd = 0;
  /** Offset at which the current layer ends on the wire: the frame's, then, once it is known, the IP packet's. */
  wireEnd = 0;

  /**
   * Why the header octets up to `end` can't be read: `malformed` when the layer itself ends before, else
   * `snappedHeaders` when the capture does; 0 when they are there.
   */
  missing(end: number): 0 | typeof STATUS.malformed | typeof STATUS.snappedHeaders {
    if (end <= this.capturedEnd && end <= this.wireEnd) return 0;
    return end > this.wireEnd ? STATUS.malformed : STATUS.snappedHeaders;
  }

  /** Counts a VLAN tag, outer ones first; the identifier is the low 12 bits of `tci` (802.1Q 9.6). */
  addVlan(tci: number, tpid: number): void {
    if (this.vlanCount === 0) {
      this.vlan0 = tci & 0xfff;
      this.outerTpid = tpid;
    } else if (this.vlanCount === 1) {
      this.vlan1 = tci & 0xfff;
    }
    this.vlanCount++;
  }
}

/**
 * Walks link, VLAN, IP and UDP headers of the frame at `buf[off, off + capturedLength)` and fills `out`.
 * Returns its status. `wireLength` is what the frame had before the snap length; `linkType` a LINKTYPE_ value;
 * `vlanTci` the tag that the kernel stripped (negative: none) with its `vlanTpid`. Any octets are fine: nothing
 * throws, nothing is read past the captured octets, which the caller has checked to lie in `buf`.
 */
export function parseFrame(
  buf: Uint8Array,
  off: number,
  capturedLength: number,
  wireLength: number,
  linkType: number,
  vlanTci: number,
  vlanTpid: number,
  out: Datagram,
): Status {
  // Offsets come out of a Float64Array as doubles, and would stay doubles in every sum and load from here on. As
  // 32-bit integers, which they are in any buffer below 2 GiB, the walk takes 18 ns instead of 30.
  const at = off | 0;
  if (at !== off) return parseFar(buf, off, capturedLength, wireLength, linkType, vlanTci, vlanTpid, out);
  out.ipVersion = 0;
  out.sourceOff = 0;
  out.destinationOff = 0;
  out.sourcePort = 0;
  out.destinationPort = 0;
  out.vlanCount = 0;
  out.vlan0 = 0;
  out.vlan1 = 0;
  out.outerTpid = 0;
  out.payloadOff = 0;
  out.payloadLength = 0;
  out.capturedPayloadLength = 0;
  out.ttl = 0;
  out.dscp = 0;
  out.capturedEnd = at + capturedLength;
  // A damaged record can claim less on the wire than was captured.
  out.wireEnd = at + Math.max(wireLength, capturedLength);
  if (vlanTci >= 0) out.addVlan(vlanTci, vlanTpid);
  const status = walkLink(buf, at, linkType, out);
  out.status = status;
  return status;
}

/** The same beyond the first 2 GiB of a buffer: the frame alone, its offsets put right afterwards. */
function parseFar(
  buf: Uint8Array,
  off: number,
  capturedLength: number,
  wireLength: number,
  linkType: number,
  vlanTci: number,
  vlanTpid: number,
  out: Datagram,
): Status {
  const frame = buf.subarray(off, off + capturedLength);
  const status = parseFrame(frame, 0, capturedLength, wireLength, linkType, vlanTci, vlanTpid, out);
  if (out.ipVersion !== 0) {
    out.sourceOff += off;
    out.destinationOff += off;
  }
  if (status === STATUS.udp) out.payloadOff += off;
  out.capturedEnd += off;
  out.wireEnd += off;
  return status;
}

function walkLink(buf: Uint8Array, off: number, linkType: number, out: Datagram): Status {
  switch (linkType) {
    case LINKTYPE.ethernet:
      return walkEthernet(buf, off, out);
    case LINKTYPE.raw:
    case LINKTYPE.rawDlt12:
    case LINKTYPE.rawDlt14:
      return walkRaw(buf, off, out);
    case LINKTYPE.linuxSll:
      return walkSll(buf, off, out);
    case LINKTYPE.linuxSll2:
      return walkSll2(buf, off, out);
    case LINKTYPE.null:
    case LINKTYPE.loop:
      return walkNull(buf, off, out);
    case LINKTYPE.ipv4:
      return walkIpv4(buf, off, out);
    case LINKTYPE.ipv6:
      return walkIpv6(buf, off, out);
    default:
      return STATUS.unknownLinkType;
  }
}

/** LINKTYPE_RAW: the IP version's four bits tell which header it is. */
function walkRaw(buf: Uint8Array, off: number, out: Datagram): Status {
  const missing = out.missing(off + 1);
  if (missing !== 0) return missing;
  const version = (buf[off] as number) >>> 4;
  if (version === 4) return walkIpv4(buf, off, out);
  return version === 6 ? walkIpv6(buf, off, out) : STATUS.malformed;
}
