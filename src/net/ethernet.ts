import { u16 } from "../bits/read.ts";
import type { Datagram } from "./datagram.ts";
import { walkIpv4 } from "./ipv4.ts";
import { walkIpv6 } from "./ipv6.ts";
import { STATUS, type Status } from "./status.ts";

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
/** 802.1Q C-tag. */
const TPID_CUSTOMER = 0x8100;
/** 802.1ad S-tag (QinQ). */
const TPID_SERVICE = 0x88a8;
/** QinQ as it was before 802.1ad. */
const TPID_OLD_QINQ = 0x9100;

/** Octets of the two MAC addresses, before the EtherType. */
const MAC_ADDRESSES = 12;

/** More VLAN tags than this on one frame are not followed. */
const MAX_VLAN_TAGS = 4;

/** An Ethernet frame at `off`, as LINKTYPE_ETHERNET has it: no preamble, with or without the FCS. */
export function walkEthernet(buf: Uint8Array, off: number, out: Datagram): Status {
  const missing = out.missing(off + MAC_ADDRESSES + 2);
  if (missing !== 0) return missing;
  return walkEtherType(buf, u16(buf, off + MAC_ADDRESSES), off + MAC_ADDRESSES + 2, out);
}

/**
 * What follows an EtherType: VLAN tags, then IP at `off`. Types below 0x0600 are 802.3 lengths (LLC, SNAP):
 * not IP for us. The link layer's padding stays outside, as IP says itself where it ends.
 */
export function walkEtherType(buf: Uint8Array, etherType: number, off: number, out: Datagram): Status {
  let type = etherType;
  let at = off;
  while (type === TPID_CUSTOMER || type === TPID_SERVICE || type === TPID_OLD_QINQ) {
    if (out.vlanCount >= MAX_VLAN_TAGS) return STATUS.notIp;
    const missing = out.missing(at + 4);
    if (missing !== 0) return missing;
    out.addVlan(u16(buf, at), type);
    type = u16(buf, at + 2);
    at += 4;
  }
  if (type === ETHERTYPE_IPV4) return walkIpv4(buf, at, out);
  return type === ETHERTYPE_IPV6 ? walkIpv6(buf, at, out) : STATUS.notIp;
}
