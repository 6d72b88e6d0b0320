/** Opens an AF_PACKET socket with a TPACKET_V3 ring, in an order that lets no unfiltered packet in. */

import {
  AF_PACKET,
  ERRNO,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
  SO_ERROR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_SOCKET,
} from "../../ffi/libc/constants.ts";
import { enableHardwareTimestamps, hasHardwareTimestamps } from "../../ffi/libc/ethtool.ts";
import {
  attachFilter,
  errno,
  errorText,
  getSocketOption,
  libc,
  setSocketOption,
  setSocketOptionInt,
} from "../../ffi/libc/libc.ts";
import { addressOf, alloc, viewAt } from "../../ffi/memory.ts";
import { environmentError, type RscapError } from "../report/error.ts";
import { ANY_DEVICE, ARPHRD_ETHER, ARPHRD_LOOPBACK, findDevice } from "./devices.ts";
import { compileForCooked, compileForEthernet, deviceDown } from "./filter-live.ts";
import { type LiveOptions, notPermitted } from "./live-options.ts";

const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_RX_RING = 5;
const PACKET_STATISTICS = 6;
const PACKET_VERSION = 10;
const PACKET_RESERVE = 12;
const PACKET_TIMESTAMP = 17;
const PACKET_IGNORE_OUTGOING = 23;
const PACKET_MR_PROMISC = 1;
const TPACKET_V3 = 2;
const SOF_TIMESTAMPING_RAW_HARDWARE = 64;
const ETH_P_ALL = 0x0003;

/** A jumbo frame fits the smallest block. */
const MIN_BLOCK_BYTES = 1 << 16;
const MAX_BLOCK_BYTES = 1 << 26;
const MIN_BLOCKS = 4;
/** Ring offsets are unsigned 32 bits. */
const MAX_RING_BYTES = 2 ** 32 - 1;
/** Only a unit for the kernel's check of the request: blocks of version 3 hold frames of any length. */
const NOMINAL_FRAME_BYTES = 2048;
/** Room for the SLL header before each packet of a cooked socket. */
const COOKED_RESERVE_BYTES = 16;

/** Blocks of the ring: `count` of `bytes` each. */
export interface RingShape {
  readonly bytes: number;
  readonly count: number;
}

/** The ring that comes closest to what was asked for: block size a power of two, at least four blocks. */
export function ringShape(ringBytes: number, blockBytes: number): RingShape {
  const ring = Math.min(Math.max(ringBytes, MIN_BLOCKS * MIN_BLOCK_BYTES), MAX_RING_BYTES);
  let bytes = MIN_BLOCK_BYTES;
  while (bytes < blockBytes && bytes < MAX_BLOCK_BYTES && bytes * 2 * MIN_BLOCKS <= ring) bytes *= 2;
  return { bytes, count: Math.floor(ring / bytes) };
}

/** An open socket with its ring in memory. */
export interface OpenRing {
  readonly fd: number;
  readonly address: number;
  readonly memory: Uint8Array;
  readonly shape: RingShape;
  /** 0 for `any`. */
  readonly interfaceIndex: number;
  readonly cooked: boolean;
  /** True when the device's own clock was asked for and switched on. */
  readonly hardwareTimestamps: boolean;
}

/** Frames handed over, dropped, and times the ring was frozen, since the last call: the kernel resets them. */
export function readPacketStatistics(
  fd: number,
  value: Uint8Array,
): { packets: number; drops: number; freezes: number } {
  if (getSocketOption(fd, SOL_PACKET, PACKET_STATISTICS, value) < 0)
    return { packets: 0, drops: 0, freezes: 0 };
  const view = new DataView(value.buffer);
  return {
    packets: view.getUint32(0, true),
    drops: view.getUint32(4, true),
    freezes: view.getUint32(8, true),
  };
}

/** Opens the ring; throws an environment error, or a usage error for the filter. */
export function setUpRing(options: LiveOptions): OpenRing {
  const device = options.device === ANY_DEVICE ? null : findDevice(options.device);
  if (device !== null && !device.up) throw deviceDown(device.name);
  // Without an Ethernet header (tun, ppp, tunnels) and on `any`, the kernel removes what link header there is.
  const cooked =
    device === null || (device.hardwareType !== ARPHRD_ETHER && device.hardwareType !== ARPHRD_LOOPBACK);
  // Protocol 0: nothing comes in before bind.
  const fd = libc().socket(AF_PACKET, (cooked ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC, 0);
  if (fd < 0) throw socketError(options.device, errno());
  let mapped = { address: 0, bytes: 0 };
  try {
    const program = cooked ? compileForCooked(options) : compileForEthernet(options);
    if (attachFilter(fd, program) !== 0) throw filterRefused(program, errno());
    const shape = ringShape(options.ringBytes, options.blockBytes);
    requestRing(fd, shape, options, cooked);
    const hardwareTimestamps =
      options.hardwareTimestamps && device !== null && stampByDevice(fd, device.name);
    const bytes = shape.bytes * shape.count;
    mapped = { address: libc().mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), bytes };
    if (mapped.address === -1) throw ringError(options, errno());
    // Each packet passes loopback twice, out and in; an older kernel refuses, and the walk skips it too.
    if (device?.loopback) setSocketOptionInt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
    if (options.promiscuous && device !== null) joinPromiscuous(fd, device.index);
    bindTo(fd, options.device, device?.index ?? 0);
    return {
      fd,
      address: mapped.address,
      memory: viewAt(mapped.address, bytes),
      shape,
      interfaceIndex: device?.index ?? 0,
      cooked,
      hardwareTimestamps,
    };
  } catch (error) {
    if (mapped.address > 0) libc().munmap(mapped.address, mapped.bytes);
    libc().close(fd);
    throw error;
  }
}

function requestRing(fd: number, shape: RingShape, options: LiveOptions, cooked: boolean): void {
  setSocketOptionInt(fd, SOL_PACKET, PACKET_VERSION, TPACKET_V3);
  if (cooked) setSocketOptionInt(fd, SOL_PACKET, PACKET_RESERVE, COOKED_RESERVE_BYTES);
  // struct tpacket_req3: block size, blocks, frame size, frames, retire timeout (ms), private octets, features.
  const request = new Uint8Array(28);
  const view = new DataView(request.buffer);
  view.setUint32(0, shape.bytes, true);
  view.setUint32(4, shape.count, true);
  view.setUint32(8, NOMINAL_FRAME_BYTES, true);
  view.setUint32(12, (shape.bytes / NOMINAL_FRAME_BYTES) * shape.count, true);
  view.setUint32(16, Math.max(1, options.blockTimeoutMs), true);
  if (setSocketOption(fd, SOL_PACKET, PACKET_RX_RING, request) !== 0) throw ringError(options, errno());
}

function stampByDevice(fd: number, device: string): boolean {
  if (!hasHardwareTimestamps(device) || !enableHardwareTimestamps(device)) return false;
  return setSocketOptionInt(fd, SOL_PACKET, PACKET_TIMESTAMP, SOF_TIMESTAMPING_RAW_HARDWARE) === 0;
}

function joinPromiscuous(fd: number, index: number): void {
  // struct packet_mreq: int ifindex, u16 type, u16 alen, u8 address[8].
  const request = new Uint8Array(16);
  const view = new DataView(request.buffer);
  view.setInt32(0, index, true);
  view.setUint16(4, PACKET_MR_PROMISC, true);
  if (setSocketOption(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, request) === 0) return;
  throw environmentError(
    "capture.promiscuous",
    `Promiscuous mode was refused: ${errorText(errno())}. Leave it off (--promiscuous, PROMISCUOUS).`,
  );
}

function bindTo(fd: number, device: string, index: number): void {
  // struct sockaddr_ll: u16 family, be16 protocol, int ifindex, then 12 octets that bind does not look at.
  const address = alloc(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ETH_P_ALL, false);
  view.setInt32(4, index, true);
  if (libc().bind(fd, addressOf(address), address.length) !== 0) throw socketError(device, errno());
  if (takeSocketError(fd) === ERRNO.ENETDOWN) throw deviceDown(device);
}

/** The pending error of the socket, which this clears; 0 for none. */
export function takeSocketError(fd: number): number {
  const value = alloc(4);
  return getSocketOption(fd, SOL_SOCKET, SO_ERROR, value) < 0
    ? 0
    : new DataView(value.buffer).getInt32(0, true);
}

/** The error for a socket that can't be opened or bound, by errno. */
export function socketError(device: string, code: number): RscapError {
  if (code === ERRNO.EPERM || code === ERRNO.EACCES) return notPermitted(device, errorText(code));
  return environmentError(
    "capture.socket",
    `Capturing on "${device}" can't be started: ${errorText(code)}. Check the device with \`ip link\`, or use --capture-backend libpcap.`,
  );
}

/** The error for a filter that the kernel refuses, by its errno. */
export function filterRefused(program: Uint8Array, code: number): RscapError {
  return environmentError(
    "capture.filter",
    `The kernel refuses the filter of ${program.length / 8} instructions: ${errorText(code)}. Use a shorter filter or fewer sources, or raise net.core.optmem_max (sysctl).`,
  );
}

/** The error for a ring that the kernel refuses, by its errno. */
export function ringError(options: LiveOptions, code: number): RscapError {
  const advice =
    code === ERRNO.ENOMEM
      ? "There is not enough free memory in one piece: ask for less (--ring-size, RING_SIZE)"
      : "Ask for another size (--ring-size, RING_SIZE; --block-size, BLOCK_SIZE), or use --capture-backend libpcap";
  return environmentError(
    "capture.ring",
    `A capture ring of ${options.ringBytes} octets can't be made: ${errorText(code)}. ${advice}.`,
  );
}
