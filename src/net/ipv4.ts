import { u8, u16 } from "../bits/read.ts";
import type { Datagram } from "./datagram.ts";
import { STATUS, type Status } from "./status.ts";
import { PROTOCOL_UDP, walkUdp } from "./udp.ts";

/** Octets of the header without options (RFC 791 3.1). */
const MIN_HEADER = 20;
/** MF and the fragment offset, in the 16 bits that also hold DF. */
const FRAGMENT_BITS = 0x3fff;

/** The IPv4 packet at `off` (RFC 791 3.1), options passed over. Checksums are not looked at: see `walkUdp`. */
export function walkIpv4(buf: Uint8Array, off: number, out: Datagram): Status {
  const missing = out.missing(off + MIN_HEADER);
  if (missing !== 0) return missing;
  const versionAndLength = u8(buf, off);
  if (versionAndLength >>> 4 !== 4) return STATUS.malformed;
  const headerLength = (versionAndLength & 0x0f) * 4;
  const totalLength = u16(buf, off + 2);
  // A segment on its way to the card's segmentation offload has no total length yet: the frame tells.
  if (totalLength !== 0) {
    const end = off + totalLength;
    // More than the frame had: every receiver drops it (RFC 1812 5.2.2).
    if (totalLength < headerLength || end > out.wireEnd) return STATUS.malformed;
    out.wireEnd = end;
  }
  if (headerLength < MIN_HEADER) return STATUS.malformed;
  const optionsMissing = out.missing(off + headerLength);
  if (optionsMissing !== 0) return optionsMissing;
  out.ipVersion = 4;
  out.sourceOff = off + 12;
  out.destinationOff = off + 16;
  out.dscp = u8(buf, off + 1) >>> 2;
  out.ttl = u8(buf, off + 8);
  if ((u16(buf, off + 6) & FRAGMENT_BITS) !== 0) return STATUS.fragment;
  if (u8(buf, off + 9) !== PROTOCOL_UDP) return STATUS.notUdp;
  return walkUdp(buf, off + headerLength, out);
}
