/**
 * Multicast membership (RFC 3678): switches pass a group on only to who asked for it, so each source is
 * joined on the capture device for as long as the probe lives. Nothing is ever read from these sockets.
 */
import {
  AF_INET,
  AF_INET6,
  ERRNO,
  IPPROTO_IP,
  IPPROTO_IPV6,
  MCAST_JOIN_GROUP,
  MCAST_JOIN_SOURCE_GROUP,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
} from "../../ffi/libc/constants.ts";
import { errno, errorText, interfaceName, libc, setSocketOption } from "../../ffi/libc/libc.ts";
import { isMulticast, parseAddress } from "../net/addresses.ts";
import { environmentError, type RscapError, usageError } from "../report/error.ts";

/** One membership to hold. */
export interface MembershipOptions {
  /** Destination of the stream; anything but a multicast group needs no membership. */
  readonly group: string;
  /** Sender, for a source-specific membership (IGMPv3, MLDv2). */
  readonly source?: string;
  /** Interface index of the capture device; 0 lets the kernel choose by its routes. */
  readonly interfaceIndex: number;
}

/** A membership that is held until it is closed. */
export interface Membership {
  /** False where none was needed: unicast and broadcast. */
  readonly joined: boolean;
  close(): void;
}

/** struct sockaddr_storage, and where it stands in group_req and group_source_req after u32 + padding. */
const SOCKADDR_STORAGE_BYTES = 128;
const GROUP_OFFSET = 8;

const NO_MEMBERSHIP: Membership = { joined: false, close: () => {} };

/**
 * Joins the group. Each membership has a socket of its own, since a socket holds no more than 20 of them
 * (net.ipv4.igmp_max_memberships). Throws a usage error for addresses that make no sense, an environment
 * error when the kernel refuses.
 */
export function joinGroup(options: MembershipOptions): Membership {
  const group = addressOrThrow(options.group);
  if (!isMulticast(group, 0, group.length === 4 ? 4 : 6)) return NO_MEMBERSHIP;
  const source = options.source === undefined ? null : addressOrThrow(options.source);
  if (source !== null && source.length !== group.length) {
    throw usageError(
      "membership.family",
      `The sender ${options.source} and the group ${options.group} are of different IP versions. Correct the source.`,
    );
  }
  const ipv4 = group.length === 4;
  const fd = libc().socket(ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw refused(options, errno());
  const status = setSocketOption(
    fd,
    ipv4 ? IPPROTO_IP : IPPROTO_IPV6,
    source === null ? MCAST_JOIN_GROUP : MCAST_JOIN_SOURCE_GROUP,
    groupRequest(options.interfaceIndex, group, source),
  );
  if (status !== 0) {
    const code = errno();
    libc().close(fd);
    throw refused(options, code);
  }
  let open = true;
  return {
    joined: true,
    close: () => {
      if (open) libc().close(fd);
      open = false;
    },
  };
}

function addressOrThrow(text: string): Uint8Array {
  const address = parseAddress(text);
  if (address !== null) return address;
  throw usageError(
    "membership.address",
    `"${text}" is no IPv4 or IPv6 address. Give one, e.g. 239.1.1.1 (--source).`,
  );
}

/** struct group_req, or group_source_req when there is a sender (linux/in.h). */
export function groupRequest(
  interfaceIndex: number,
  group: Uint8Array,
  source: Uint8Array | null,
): Uint8Array {
  const request = new Uint8Array(GROUP_OFFSET + SOCKADDR_STORAGE_BYTES * (source === null ? 1 : 2));
  const view = new DataView(request.buffer);
  view.setUint32(0, interfaceIndex, true);
  writeSocketAddress(view, GROUP_OFFSET, group);
  if (source !== null) writeSocketAddress(view, GROUP_OFFSET + SOCKADDR_STORAGE_BYTES, source);
  return request;
}

/** struct sockaddr_in (address at 4) or sockaddr_in6 (address at 8); port and scope 0. */
function writeSocketAddress(view: DataView, at: number, address: Uint8Array): void {
  const ipv4 = address.length === 4;
  view.setUint16(at, ipv4 ? AF_INET : AF_INET6, true);
  address.forEach((octet, i) => {
    view.setUint8(at + (ipv4 ? 4 : 8) + i, octet);
  });
}

/** The error for a membership that the kernel refuses, by its errno. */
export function refused({ group, source, interfaceIndex }: MembershipOptions, code: number): RscapError {
  const what = source === undefined ? `group ${group}` : `group ${group} from sender ${source}`;
  const why = `${errorText(code)}${advice(code)}`;
  const device = interfaceName(interfaceIndex) || `interface ${interfaceIndex}`;
  return environmentError("membership.refused", `The multicast ${what} can't be joined on ${device}: ${why}`);
}

function advice(code: number): string {
  switch (code) {
    case ERRNO.ENODEV:
      return ". The device has no address or is gone, or there is no route to the group: name the device (--source-device, SOURCE_DEVICE).";
    case ERRNO.EADDRNOTAVAIL:
      return ". The device is down or takes no part in multicast: check it with `ip link`.";
    case ERRNO.ENOBUFS:
    case ERRNO.ENOMEM:
      return ". Raise net.core.optmem_max (sysctl).";
    default:
      return ".";
  }
}
