/** Which device the kernel would send to a destination by: the one a multicast stream is expected on. */

import { AF_INET, AF_INET6 } from "../../ffi/libc/constants.ts";
import {
  type NetlinkMessage,
  netlinkAttribute,
  netlinkAttributes,
  netlinkRequest,
  RTM_GETROUTE,
  RTM_NEWROUTE,
} from "../../ffi/libc/netlink.ts";
import { parseAddress } from "../net/addresses.ts";

const RTA_DST = 1;
const RTA_OIF = 4;
const RTMSG_BYTES = 12;

/** Index of the device that routes to `destination`, or 0 when there is no route or it is no address. */
export function routeTo(destination: string): number {
  const address = parseAddress(destination);
  if (address === null) return 0;
  // struct rtmsg: u8 family, dst_len, src_len, tos, table, protocol, scope, type, u32 flags.
  const header = new Uint8Array(RTMSG_BYTES);
  header[0] = address.length === 4 ? AF_INET : AF_INET6;
  header[1] = address.length * 8;
  const attribute = netlinkAttribute(RTA_DST, address);
  const { messages } = netlinkRequest(RTM_GETROUTE, new Uint8Array([...header, ...attribute]), false);
  return messages[0] === undefined ? 0 : outgoingInterface(messages[0]);
}

/** RTA_OIF of an RTM_NEWROUTE, or 0. */
export function outgoingInterface({ type, body }: NetlinkMessage): number {
  if (type !== RTM_NEWROUTE || body.length < RTMSG_BYTES) return 0;
  const index = netlinkAttributes(body, RTMSG_BYTES).get(RTA_OIF);
  if (index === undefined || index.length < 4) return 0;
  return new DataView(index.buffer, index.byteOffset).getUint32(0, true);
}
