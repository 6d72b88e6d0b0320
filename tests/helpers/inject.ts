import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { AF_PACKET, SOCK_CLOEXEC, SOCK_RAW } from "../../ffi/libc/constants.ts";
import { errno, errorText, interfaceIndex, libc } from "../../ffi/libc/libc.ts";
import { addressOf, alloc, cString } from "../../ffi/memory.ts";
import type { Requirement } from "./skip.ts";

const O_RDWR = 2;
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;

/** Runs `ip` and throws its own words when it fails. */
export function ip(...args: string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
}

/** A veth pair of this process's own, in its network namespace; IPv6 off, so that nothing else is sent on it. */
export interface VethPair {
  /** Frames are sent on this end and captured on the other. */
  readonly near: string;
  readonly far: string;
  remove(): void;
}

let pairs = 0;

/** Makes a veth pair, both ends up; needs root. */
export function makeVethPair(): VethPair {
  const base = `rl${process.pid % 1_000_000}v${pairs++}`;
  const [near, far] = [`${base}a`, `${base}b`];
  ip("link", "add", near, "type", "veth", "peer", "name", far);
  for (const end of [near, far]) {
    spawnSync("sysctl", ["-qw", `net.ipv6.conf.${end}.disable_ipv6=1`]);
    ip("link", "set", end, "up");
  }
  return { near, far, remove: () => void spawnSync("ip", ["link", "del", near]) };
}

/** Sends whole frames on a device. */
export class FrameSender {
  readonly #fd: number;

  constructor(device: string) {
    this.#fd = libc().socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    // struct sockaddr_ll: u16 family, be16 protocol, int ifindex.
    const address = alloc(20);
    const view = new DataView(address.buffer);
    view.setUint16(0, AF_PACKET, true);
    view.setInt32(4, interfaceIndex(device), true);
    if (libc().bind(this.#fd, addressOf(address), 20) !== 0) throw new Error(errorText(errno()));
  }

  send(frame: Uint8Array): void {
    const copy = alloc(frame.length);
    copy.set(frame);
    if (libc().send(this.#fd, addressOf(copy), copy.length, 0) !== frame.length) {
      throw new Error(errorText(errno()));
    }
  }

  close(): void {
    libc().close(this.#fd);
  }
}

/** Root and the tun driver. */
export const needsTun: Requirement = {
  met: process.getuid?.() === 0 && existsSync("/dev/net/tun"),
  why: "no tun device (needs root and /dev/net/tun)",
};

/** A tun device, without an Ethernet header: what is written to it comes in on it. */
export class TunDevice {
  readonly name: string;
  readonly #fd: number;

  constructor(name: string) {
    this.name = name;
    const path = cString("/dev/net/tun");
    this.#fd = libc().open(addressOf(path), O_RDWR, 0);
    // struct ifreq: name, then u16 flags.
    const request = alloc(40);
    request.set(new TextEncoder().encode(name));
    new DataView(request.buffer).setUint16(16, IFF_TUN | IFF_NO_PI, true);
    if (libc().ioctl(this.#fd, TUNSETIFF, addressOf(request)) !== 0) throw new Error(errorText(errno()));
    spawnSync("sysctl", ["-qw", `net.ipv6.conf.${name}.disable_ipv6=1`]);
    ip("link", "set", name, "up");
  }

  /** Lets an IP packet come in. */
  receive(packet: Uint8Array): void {
    const copy = alloc(packet.length);
    copy.set(packet);
    if (libc().write(this.#fd, addressOf(copy), copy.length) !== packet.length) {
      throw new Error(errorText(errno()));
    }
  }

  /** Removes the device. */
  close(): void {
    libc().close(this.#fd);
  }
}

/** What a frame is made of. */
export interface FrameOptions {
  /** Octets before the EtherType: VLAN tags. */
  readonly tags?: readonly number[];
  readonly port?: number;
  /** Last octet of the group 239.77.0.x. */
  readonly group?: number;
  readonly payload?: Uint8Array;
}

/** An Ethernet frame with UDP to 239.77.0.`group`:`port` (1 and 5000 unless told). */
export function udpFrame({ tags = [], port = 5000, group = 1, payload }: FrameOptions = {}): Uint8Array {
  const data = payload ?? new Uint8Array(188).fill(0x47);
  const udpLength = 8 + data.length;
  const total = 20 + udpLength;
  const header = [1, 0, 0x5e, 77, 0, group, 2, 0, 0, 0, 0, 9, ...tags, 0x08, 0x00];
  const ipv4 = [0x45, 0, total >> 8, total & 255, 0, 1, 0, 0, 8, 17, 0, 0, 10, 77, 0, 9, 239, 77, 0, group];
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += ((ipv4[i] as number) << 8) | (ipv4[i + 1] as number);
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
  ipv4[10] = sum >> 8;
  ipv4[11] = sum & 255;
  const udp = [0x10, 0, port >> 8, port & 255, udpLength >> 8, udpLength & 255, 0, 0];
  return new Uint8Array([...header, ...ipv4, ...udp, ...data]);
}
