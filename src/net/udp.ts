import { u16 } from "../bits/read.ts";
import type { Datagram } from "./datagram.ts";
import { STATUS, type Status } from "./status.ts";

/** IP protocol number of UDP. */
export const PROTOCOL_UDP = 17;

/** Octets of the UDP header (RFC 768). */
const UDP_HEADER = 8;

/** The largest length that the 16-bit field can hold. */
const MAX_UDP_LENGTH = 0xffff;

/**
 * The UDP datagram at `off`, with `out.wireEnd` at the end of the IP packet. The UDP length decides: octets of
 * the IP packet after it are not payload (RFC 768). The checksum is not looked at: with checksum offload a
 * machine's own packets are captured before it is filled in.
 */
export function walkUdp(buf: Uint8Array, off: number, out: Datagram): Status {
  const missing = out.missing(off + UDP_HEADER);
  if (missing !== 0) return missing;
  const available = out.wireEnd - off;
  let length = u16(buf, off + 4);
  // RFC 2675 4: zero when the length does not fit its field, and only then.
  if (length === 0 && available > MAX_UDP_LENGTH) length = available;
  if (length < UDP_HEADER || length > available) return STATUS.malformed;
  out.sourcePort = u16(buf, off);
  out.destinationPort = u16(buf, off + 2);
  const payloadOff = off + UDP_HEADER;
  const payloadLength = length - UDP_HEADER;
  out.payloadOff = payloadOff;
  out.payloadLength = payloadLength;
  out.capturedPayloadLength = Math.min(payloadLength, out.capturedEnd - payloadOff);
  return STATUS.udp;
}
