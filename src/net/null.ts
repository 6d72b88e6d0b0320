import { u32, u32le } from "../bits/read.ts";
import type { Datagram } from "./datagram.ts";
import { walkIpv4 } from "./ipv4.ts";
import { walkIpv6 } from "./ipv6.ts";
import { STATUS, type Status } from "./status.ts";

/** Octets of the address family that a BSD loopback frame begins with. */
const FAMILY = 4;
const AF_INET = 2;

/** AF_INET6 differs by system. */
function isInet6(family: number): boolean {
  switch (family) {
    case 10: // Linux
    case 23: // Windows
    case 24: // NetBSD, OpenBSD
    case 28: // FreeBSD
    case 30: // Darwin
      return true;
    default:
      return false;
  }
}

/**
 * LINKTYPE_NULL and LINKTYPE_LOOP: an address family of four octets, then IP. NULL has it in the byte order of
 * the machine that captured, LOOP in network order; the values are small, so the zero octets tell the order.
 */
export function walkNull(buf: Uint8Array, off: number, out: Datagram): Status {
  const missing = out.missing(off + FAMILY);
  if (missing !== 0) return missing;
  const big = u32(buf, off);
  const family = big < 0x10000 ? big : u32le(buf, off);
  if (family === AF_INET) return walkIpv4(buf, off + FAMILY, out);
  return isInet6(family) ? walkIpv6(buf, off + FAMILY, out) : STATUS.notIp;
}
