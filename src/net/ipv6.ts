import { u8, u16, u32 } from "../bits/read.ts";
import type { Datagram } from "./datagram.ts";
import { STATUS, type Status } from "./status.ts";
import { PROTOCOL_UDP, walkUdp } from "./udp.ts";

/** Octets of the fixed header (RFC 8200 3). */
const FIXED_HEADER = 40;
/** Longer chains than this are nothing that a sender makes; the bound keeps a hostile packet cheap. */
export const MAX_EXTENSION_HEADERS = 16;

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT_HEADER = 44;
const AUTHENTICATION = 51;
const DESTINATION = 60;
const MOBILITY = 135;
const HOST_IDENTITY = 139;
const SHIM6 = 140;

const OPTION_PAD1 = 0;
const OPTION_JUMBO = 0xc2;

/** The IPv6 packet at `off` (RFC 8200), extension headers passed over up to UDP. */
export function walkIpv6(buf: Uint8Array, off: number, out: Datagram): Status {
  const missing = out.missing(off + FIXED_HEADER);
  if (missing !== 0) return missing;
  if (u8(buf, off) >>> 4 !== 6) return STATUS.malformed;
  let payloadLength = u16(buf, off + 4);
  const nextHeader = u8(buf, off + 6);
  if (payloadLength === 0 && nextHeader === HOP_BY_HOP) {
    const hopByHop = off + FIXED_HEADER;
    const headMissing = out.missing(hopByHop + 8);
    if (headMissing !== 0) return headMissing;
    const hopByHopEnd = hopByHop + (u8(buf, hopByHop + 1) + 1) * 8;
    const optionsMissing = out.missing(hopByHopEnd);
    if (optionsMissing !== 0) return optionsMissing;
    payloadLength = jumboPayloadLength(buf, hopByHop + 2, hopByHopEnd);
  }
  const end = off + FIXED_HEADER + payloadLength;
  // More than the frame had: every receiver drops it.
  if (end > out.wireEnd) return STATUS.malformed;
  out.wireEnd = end;
  out.ipVersion = 6;
  out.sourceOff = off + 8;
  out.destinationOff = off + 24;
  out.dscp = (u16(buf, off) >>> 6) & 0x3f;
  out.ttl = u8(buf, off + 7);
  return walkChain(buf, off + FIXED_HEADER, nextHeader, out);
}

/** The chain of extension headers (RFC 8200 4), each with the next one's number in its first octet. */
function walkChain(buf: Uint8Array, off: number, first: number, out: Datagram): Status {
  let nextHeader = first;
  let at = off;
  for (let n = 0; n <= MAX_EXTENSION_HEADERS; n++) {
    if (nextHeader === PROTOCOL_UDP) return walkUdp(buf, at, out);
    let length: number;
    switch (nextHeader) {
      case HOP_BY_HOP:
      case ROUTING:
      case DESTINATION:
      case MOBILITY:
      case HOST_IDENTITY:
      case SHIM6:
      case FRAGMENT_HEADER:
      case AUTHENTICATION: {
        // Each is a multiple of 8 octets, AH of 4 with at least 12.
        const missing = out.missing(at + 8);
        if (missing !== 0) return missing;
        const units = u8(buf, at + 1);
        if (nextHeader === FRAGMENT_HEADER) {
          // RFC 6946: offset 0 and M 0 is a whole packet, an "atomic fragment".
          if ((u16(buf, at + 2) & 0xfff9) !== 0) return STATUS.fragment;
          length = 8;
        } else if (nextHeader === AUTHENTICATION) {
          length = (units + 2) * 4; // RFC 4302 2.2
        } else {
          length = (units + 1) * 8;
        }
        break;
      }
      default:
        // TCP, ICMPv6, ESP, no next header (59), or a number that we do not know.
        return STATUS.notUdp;
    }
    nextHeader = u8(buf, at);
    at += length;
    const missing = out.missing(at);
    if (missing !== 0) return missing;
  }
  return STATUS.malformed;
}

/**
 * Payload length out of the Jumbo Payload option (RFC 2675 2) among the hop-by-hop options `buf[off, end)`; 0
 * where there is none, or none that is legal.
 */
function jumboPayloadLength(buf: Uint8Array, off: number, end: number): number {
  let at = off;
  while (at + 1 < end) {
    const option = u8(buf, at);
    if (option === OPTION_PAD1) {
      at += 1;
      continue;
    }
    const dataLength = u8(buf, at + 1);
    if (option === OPTION_JUMBO) {
      if (dataLength !== 4 || at + 6 > end) return 0;
      const length = u32(buf, at + 2);
      return length > 0xffff ? length : 0;
    }
    at += 2 + dataLength;
  }
  return 0;
}
