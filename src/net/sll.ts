import { u16 } from "../bits/read.ts";
import type { Datagram } from "./datagram.ts";
import { walkEtherType } from "./ethernet.ts";
import type { Status } from "./status.ts";

/** LINKTYPE_LINUX_SLL: packet type 2, ARPHRD_ 2, address length 2, address 8, protocol 2. */
const SLL_HEADER = 16;
/** LINKTYPE_LINUX_SLL2: protocol 2, reserved 2, interface index 4, ARPHRD_ 2, packet type 1, address length 1, address 8. */
const SLL2_HEADER = 20;

/**
 * A Linux cooked frame, version 1. The protocol is an EtherType; libpcap puts a stripped VLAN tag back just
 * before it, which reads like the tag of an Ethernet frame. The kernel's own types (1: 802.3, 4: LLC) are not IP.
 */
export function walkSll(buf: Uint8Array, off: number, out: Datagram): Status {
  const missing = out.missing(off + SLL_HEADER);
  if (missing !== 0) return missing;
  return walkEtherType(buf, u16(buf, off + 14), off + SLL_HEADER, out);
}

/** A Linux cooked frame, version 2. The protocol stands first; tags, where there are any, follow the header. */
export function walkSll2(buf: Uint8Array, off: number, out: Datagram): Status {
  const missing = out.missing(off + SLL2_HEADER);
  if (missing !== 0) return missing;
  return walkEtherType(buf, u16(buf, off), off + SLL2_HEADER, out);
}
