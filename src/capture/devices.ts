/** The network devices of this machine, as the kernel has them, and the choice of one. */
import { driverName, hasHardwareTimestamps, isWireless, linkSpeedMbps } from "../../ffi/libc/ethtool.ts";
import { errorText } from "../../ffi/libc/libc.ts";
import {
  type NetlinkMessage,
  netlinkAttributes,
  netlinkRequest,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
} from "../../ffi/libc/netlink.ts";
import { formatAddress, parseAddress } from "../net/addresses.ts";
import { environmentError, type RscapError } from "../report/error.ts";
import { routeTo } from "./route.ts";

/** The name that captures on all devices at once. */
export const ANY_DEVICE = "any";

/** ARPHRD_ values (linux/if_arp.h) whose frames begin with an Ethernet header. */
export const ARPHRD_ETHER = 1;
export const ARPHRD_LOOPBACK = 772;

const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_RUNNING = 0x40;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_STATS64 = 23;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
/** Octets of struct rtnl_link_stats64 up to and with rx_missed_errors. */
const STATS64_BYTES = 128;
const STATS64_RX_DROPPED = 48;
const STATS64_RX_MISSED_ERRORS = 120;

/** One network device. */
export interface Device {
  readonly name: string;
  readonly index: number;
  /** For a person: what it is, e.g. `Ethernet, ixgbe, 10 Gb/s`. */
  readonly description: string;
  /** IPv4 and IPv6 addresses, as text. */
  readonly addresses: readonly string[];
  /** Switched on. */
  readonly up: boolean;
  /** Has a link: packets can come. */
  readonly running: boolean;
  readonly loopback: boolean;
  readonly wireless: boolean;
  /** Octets; the longest IP packet. */
  readonly mtu: number;
  /** Megabits per second, where the driver tells. */
  readonly speedMbps?: number;
  readonly driver?: string;
  /** Can stamp every received packet with its own clock. */
  readonly hardwareTimestamps: boolean;
  /** ARPHRD_ value: what its frames begin with. */
  readonly hardwareType: number;
}

/** What `chooseDevice` goes by. */
export interface ChooseOptions {
  /** Group or host that the stream goes to, IPv4 or IPv6. */
  readonly destination?: string;
  /** Allow a wireless device. */
  readonly useWireless: boolean;
}

/** All devices, by index. Throws an environment error when the kernel does not answer. */
export function listDevices(): Device[] {
  const links = netlinkRequest(RTM_GETLINK, new Uint8Array(16), true);
  if (links.errno !== 0) {
    const message = `The list of network devices can't be read: ${errorText(links.errno)}.`;
    throw environmentError("device.list", `${message} Check that the sandbox allows AF_NETLINK sockets.`);
  }
  const addresses = addressesByIndex(netlinkRequest(RTM_GETADDR, new Uint8Array(8), true).messages);
  return links.messages
    .map(parseLink)
    .filter((link) => link !== null)
    .map((link) => describe(link, addresses.get(link.index) ?? []))
    .sort((one, other) => one.index - other.index);
}

/** What one RTM_NEWLINK says. */
export interface Link {
  readonly name: string;
  readonly index: number;
  readonly hardwareType: number;
  readonly flags: number;
  readonly mtu: number;
  /** Frames lost before they reached us: rx_dropped + rx_missed_errors; since the device was made. */
  readonly receiveDrops: number;
}

/** Reads one RTM_NEWLINK; null for anything else. */
export function parseLink({ type, body }: NetlinkMessage): Link | null {
  // struct ifinfomsg: u8 family, pad, u16 type, i32 index, u32 flags, u32 change.
  if (type !== RTM_NEWLINK || body.length < 16) return null;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const attributes = netlinkAttributes(body, 16);
  const name = attributes.get(IFLA_IFNAME);
  if (name === undefined) return null;
  const end = name.indexOf(0);
  const mtu = attributes.get(IFLA_MTU);
  return {
    name: new TextDecoder().decode(end < 0 ? name : name.subarray(0, end)),
    index: view.getInt32(4, true),
    hardwareType: view.getUint16(2, true),
    flags: view.getUint32(8, true),
    mtu:
      mtu === undefined || mtu.length < 4 ? 0 : new DataView(mtu.buffer, mtu.byteOffset).getUint32(0, true),
    receiveDrops: receiveDrops(attributes.get(IFLA_STATS64)),
  };
}

function receiveDrops(stats: Uint8Array | undefined): number {
  if (stats === undefined || stats.length < STATS64_BYTES) return 0;
  const view = new DataView(stats.buffer, stats.byteOffset, stats.length);
  return Number(
    view.getBigUint64(STATS64_RX_DROPPED, true) + view.getBigUint64(STATS64_RX_MISSED_ERRORS, true),
  );
}

/** Addresses as text by interface index, from RTM_NEWADDR messages. */
export function addressesByIndex(messages: readonly NetlinkMessage[]): Map<number, string[]> {
  const byIndex = new Map<number, string[]>();
  for (const { type, body } of messages) {
    // struct ifaddrmsg: u8 family, prefixlen, flags, scope, u32 index.
    if (type !== RTM_NEWADDR || body.length < 8) continue;
    const attributes = netlinkAttributes(body, 8);
    // On a point-to-point link IFA_ADDRESS is the peer's.
    const octets = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
    if (octets === undefined || (octets.length !== 4 && octets.length !== 16)) continue;
    const index = new DataView(body.buffer, body.byteOffset).getUint32(4, true);
    const texts = byIndex.get(index) ?? [];
    texts.push(formatAddress(octets, 0, octets.length === 4 ? 4 : 6));
    byIndex.set(index, texts);
  }
  return byIndex;
}

function describe(link: Link, addresses: readonly string[]): Device {
  const loopback = (link.flags & IFF_LOOPBACK) !== 0;
  const wireless = isWireless(link.name);
  const driver = driverName(link.name);
  const speedMbps = linkSpeedMbps(link.name);
  const kind = loopback ? "loopback" : wireless ? "wireless" : kindOf(link.hardwareType);
  const parts = [kind];
  if (driver !== null) parts.push(driver);
  if (speedMbps !== null) parts.push(speedMbps >= 1000 ? `${speedMbps / 1000} Gb/s` : `${speedMbps} Mb/s`);
  return {
    name: link.name,
    index: link.index,
    description: parts.join(", "),
    addresses,
    up: (link.flags & IFF_UP) !== 0,
    running: (link.flags & IFF_RUNNING) !== 0,
    loopback,
    wireless,
    mtu: link.mtu,
    ...(speedMbps === null ? {} : { speedMbps }),
    ...(driver === null ? {} : { driver }),
    hardwareTimestamps: hasHardwareTimestamps(link.name),
    hardwareType: link.hardwareType,
  };
}

function kindOf(hardwareType: number): string {
  return hardwareType === ARPHRD_ETHER ? "Ethernet" : "IP without Ethernet header";
}

/** The device `name`; throws an environment error that lists those there are. */
export function findDevice(name: string): Device {
  const devices = listDevices();
  const device = devices.find((one) => one.name === name);
  if (device === undefined) throw noSuchDevice(name, devices);
  return device;
}

/** The error for a device that is not there. */
function noSuchDevice(name: string, devices: readonly Device[]): RscapError {
  const names = [...devices.map((device) => device.name), ANY_DEVICE].join(", ");
  return environmentError(
    "device.missing",
    `There is no network device "${name}". Those that exist: ${names}. Name one of them (--source-device, SOURCE_DEVICE).`,
  );
}

/**
 * The device to capture on: the one that routes to the destination, else the first that is up, running
 * and not loopback. Throws an environment error that says what there is.
 */
export function chooseDevice(options: ChooseOptions): Device {
  return chooseFrom(listDevices(), options, routeTo);
}

/** `chooseDevice` over given devices and routes; `route` gives the index of the device, or 0 for none. */
export function chooseFrom(
  devices: readonly Device[],
  { destination, useWireless }: ChooseOptions,
  route: (destination: string) => number,
): Device {
  const usable = (device: Device): boolean =>
    device.up && device.running && (useWireless || !device.wireless);
  if (destination !== undefined) {
    // Packets to an address of ours come in by the device that has it; a route would say loopback.
    const address = parseAddress(destination);
    const text = address === null ? "" : formatAddress(address, 0, address.length === 4 ? 4 : 6);
    const owner = devices.find((device) => device.addresses.includes(text));
    const index = owner?.index ?? route(destination);
    const routed = devices.find((device) => device.index === index);
    if (routed !== undefined && usable(routed)) return routed;
  }
  const first = devices.find((device) => usable(device) && !device.loopback);
  if (first !== undefined) return first;
  const found = devices.map((device) => `${device.name} (${state(device)})`).join(", ");
  const advice = "Name a device (--source-device, SOURCE_DEVICE)";
  const wireless = devices.some((device) => device.wireless && device.up && device.running && !useWireless);
  throw environmentError(
    "device.none",
    `No network device is up, running and not loopback. Found: ${found || "none"}. ${advice}${
      wireless ? ", or allow the wireless one (--use-wireless, USE_WIRELESS)" : ""
    }.`,
  );
}

function state(device: Device): string {
  if (device.loopback) return "loopback";
  if (!device.up) return "down";
  if (!device.running) return "no link";
  return device.wireless ? "wireless" : "up";
}

/**
 * Frames that the device at `index` has lost before they reached us, since it was made; 0 where nobody
 * tells. Index 0 stands for every device and has none of its own.
 */
export function receiveDropsOf(index: number): number {
  if (index === 0) return 0;
  const request = new Uint8Array(16);
  new DataView(request.buffer).setInt32(4, index, true);
  const { messages } = netlinkRequest(RTM_GETLINK, request, false);
  const link = messages[0] === undefined ? null : parseLink(messages[0]);
  return link?.receiveDrops ?? 0;
}
