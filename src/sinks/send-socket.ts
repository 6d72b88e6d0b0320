import {
  AF_INET,
  AF_INET6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  SO_SNDBUF,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOL_SOCKET,
} from "../../ffi/libc/constants.ts";
import {
  errno,
  errorText,
  interfaceIndex,
  libc,
  setSocketOption,
  setSocketOptionInt,
} from "../../ffi/libc/libc.ts";
import { addressOf, alloc } from "../../ffi/memory.ts";
import { environmentError } from "../report/error.ts";
import { formatSendTarget, type SendTarget } from "./send-target.ts";

/** Numbers of linux/in.h, linux/in6.h and asm-generic/socket.h, under their C names. */
const SO_BROADCAST = 6;
const SO_BINDTODEVICE = 25;
const IP_TTL = 2;
const IP_MULTICAST_IF = 32;
const IP_MULTICAST_TTL = 33;
const IP_MULTICAST_LOOP = 34;
const IPV6_UNICAST_HOPS = 16;
const IPV6_MULTICAST_IF = 17;
const IPV6_MULTICAST_HOPS = 18;
const IPV6_MULTICAST_LOOP = 19;

/** Room for the datagrams of a few milliseconds at several Gb/s. */
const SEND_BUFFER_OCTETS = 4 * 1024 * 1024;

/**
 * A UDP socket connected to `target`: device, TTL or hop limit and the loop to this machine's own receivers set.
 * With `connect` false it is left open to any destination of that IP version, and groups and hosts are treated alike.
 * Returns its descriptor; throws an RscapError of exit 4 that says what the system refused.
 */
export function openSendSocket(target: SendTarget, connect = true): number {
  const index = target.iface === "" ? 0 : interfaceIndex(target.iface);
  if (target.iface !== "" && index === 0) {
    throw environmentError(
      "send-device",
      `${target.setting}: there is no device "${target.iface}" (see rscap devices).`,
    );
  }
  const fd = libc().socket(target.ipVersion === 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw failure(target, "open a socket");
  const set = (level: number, option: number, value: number, what: string): void => {
    if (setSocketOptionInt(fd, level, option, value) !== 0) throw closing(fd, target, what);
  };
  // Less than asked for (net.core.wmem_max) is no fault: the socket then waits sooner.
  setSocketOptionInt(fd, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_OCTETS);
  if (target.ipVersion === 4) {
    set(SOL_SOCKET, SO_BROADCAST, 1, "allow broadcast");
    if (target.multicast || !connect) set(IPPROTO_IP, IP_MULTICAST_LOOP, 1, "loop multicast back");
    if (target.ttl !== null) {
      if (target.multicast || !connect) set(IPPROTO_IP, IP_MULTICAST_TTL, target.ttl, "set the TTL");
      if (!target.multicast || !connect) set(IPPROTO_IP, IP_TTL, target.ttl, "set the TTL");
    }
  } else {
    if (target.multicast || !connect) set(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1, "loop multicast back");
    if (target.ttl !== null) {
      const { ttl } = target;
      if (target.multicast || !connect) set(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, ttl, "set the hop limit");
      if (!target.multicast || !connect) set(IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl, "set the hop limit");
    }
  }
  if (index !== 0) chooseDevice(fd, target, index);
  if (!connect) {
    if (index !== 0) chooseDevice(fd, { ...target, multicast: !target.multicast }, index);
    return fd;
  }
  const address = socketAddress(target);
  if (libc().connect(fd, addressOf(address), address.length) !== 0) throw closing(fd, target, "reach it");
  return fd;
}

function chooseDevice(fd: number, target: SendTarget, index: number): void {
  let result: number;
  if (!target.multicast) {
    result = setSocketOption(fd, SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode(`${target.iface}\0`));
  } else if (target.ipVersion === 4) {
    // struct ip_mreqn: group, local address, interface index; the index alone counts here.
    const request = new Uint8Array(12);
    new DataView(request.buffer).setInt32(8, index, true);
    result = setSocketOption(fd, IPPROTO_IP, IP_MULTICAST_IF, request);
  } else {
    result = setSocketOptionInt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, index);
  }
  if (result !== 0) throw closing(fd, target, `use the device ${target.iface}`);
}

/** struct sockaddr_in or sockaddr_in6 in memory that stays; link-local destinations carry the device as their scope. */
export function socketAddress(target: SendTarget): Uint8Array {
  const octets = alloc(target.ipVersion === 4 ? 16 : 28);
  const view = new DataView(octets.buffer);
  view.setUint16(0, target.ipVersion === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, target.port);
  octets.set(target.address, target.ipVersion === 4 ? 4 : 8);
  if (target.ipVersion === 6)
    view.setUint32(24, target.iface === "" ? 0 : interfaceIndex(target.iface), true);
  return octets;
}

function closing(fd: number, target: SendTarget, what: string): Error {
  const error = failure(target, what);
  libc().close(fd);
  return error;
}

function failure(target: SendTarget, what: string): Error {
  const why = errorText(errno());
  return environmentError(
    "send-socket",
    `${target.setting} to ${formatSendTarget(target)}: the system would not ${what}: ${why}. ` +
      "Check the route (ip route get), the device and its address.",
  );
}
