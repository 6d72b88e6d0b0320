import { u8, u16 } from "../bits/read.ts";
import type { Datagram } from "./datagram.ts";

const PROTOCOL_TCP = 6;
/** Octets of an IPv6 header, and of the two ports of TCP. */
const IPV6_OCTETS = 40;
const PORTS_OCTETS = 4;
/** Ports of RTSP: RFC 7826 19.1, and the alternate one that servers use without privileges. */
const RTSP_PORTS = new Set([554, 8554]);

/**
 * True when the frame that `parseFrame` gave `notUdp` for is TCP from or to a port of RTSP: media may be
 * interleaved in it (RFC 7826 14). `found` is what `parseFrame` filled; extension headers are not walked.
 */
export function isRtspTcp(buf: Uint8Array, found: Datagram): boolean {
  const { ipVersion, sourceOff, capturedEnd } = found;
  if (ipVersion === 0) return false;
  // The source address stands 12 octets into an IPv4 header, 8 into an IPv6 one; both are captured.
  const header = sourceOff - (ipVersion === 4 ? 12 : 8);
  const protocol = u8(buf, ipVersion === 4 ? header + 9 : header + 6);
  const ports = header + (ipVersion === 4 ? (u8(buf, header) & 0x0f) * 4 : IPV6_OCTETS);
  if (protocol !== PROTOCOL_TCP || ports + PORTS_OCTETS > capturedEnd) return false;
  return RTSP_PORTS.has(u16(buf, ports)) || RTSP_PORTS.has(u16(buf, ports + 2));
}
