import { parseAddress } from "../net/addresses.ts";
import type { StreamInfo } from "../report/output.ts";
import { type Epoch, NS_PER_SECOND } from "../report/time.ts";
import type { RtpWriter } from "./rtp-file.ts";

/** pcap with times in nanoseconds, little-endian. */
const MAGIC_NS = 0xa1b23c4d;
const SNAP_LENGTH = 262_144;
const LINKTYPE_ETHERNET = 1;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET_HEADER = 14;
const UDP_HEADER = 8;
const PROTOCOL_UDP = 17;
/** The sender's TTL is not known here. */
const TTL = 64;

/** Takes octets one after the other. */
export interface ByteTaker {
  write(buf: Uint8Array, off: number, len: number): void;
}

/** Writes the packets of a flow as a pcap file; Ethernet, IP and UDP headers are built from the flow's addresses. */
export class PcapWriter implements RtpWriter {
  readonly #out: ByteTaker;
  readonly #epoch: () => Epoch;
  /** Record header, Ethernet, IP and UDP of each packet; only lengths, times and checksums change. */
  readonly #head: Uint8Array;
  readonly #view: DataView;
  readonly #v6: boolean;
  readonly #ipOff = RECORD_HEADER + ETHERNET_HEADER;
  readonly #udpOff: number;
  #untimed = 0;

  constructor(out: ByteTaker, info: StreamInfo, epoch: () => Epoch) {
    this.#out = out;
    this.#epoch = epoch;
    const destination = parseAddress(info.destinationAddress) ?? new Uint8Array(4);
    const v6 = destination.length === 16;
    const source = sameVersion(parseAddress(info.sourceAddress), destination);
    this.#v6 = v6;
    this.#udpOff = this.#ipOff + (v6 ? 40 : 20);
    this.#head = new Uint8Array(this.#udpOff + UDP_HEADER);
    this.#view = new DataView(this.#head.buffer);
    this.#fillHead(source, destination, info);
    const file = new DataView(new ArrayBuffer(FILE_HEADER));
    file.setUint32(0, MAGIC_NS, true);
    file.setUint16(4, 2, true);
    file.setUint16(6, 4, true);
    file.setUint32(16, SNAP_LENGTH, true);
    file.setUint32(20, LINKTYPE_ETHERNET, true);
    out.write(new Uint8Array(file.buffer), 0, FILE_HEADER);
  }

  packet(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    const view = this.#view;
    const head = this.#head;
    const epoch = this.#epoch();
    const known = !Number.isNaN(timeNs);
    if (!known) this.#untimed++;
    const sinceNs = epoch.nanoseconds + (known ? timeNs : 0);
    const wholeSeconds = Math.floor(sinceNs / NS_PER_SECOND);
    view.setUint32(0, (epoch.seconds + wholeSeconds) >>> 0, true);
    view.setUint32(4, Math.floor(sinceNs - wholeSeconds * NS_PER_SECOND), true);
    const frame = head.length - RECORD_HEADER + len;
    view.setUint32(8, frame, true);
    view.setUint32(12, frame, true);
    const udp = UDP_HEADER + len;
    view.setUint16(this.#udpOff + 4, udp);
    if (this.#v6) {
      view.setUint16(this.#ipOff + 4, udp);
      view.setUint16(this.#udpOff + 6, 0);
      view.setUint16(this.#udpOff + 6, this.#checksumV6(buf, off, len, udp));
    } else {
      view.setUint16(this.#ipOff + 2, 20 + udp);
      view.setUint16(this.#ipOff + 10, 0);
      view.setUint16(this.#ipOff + 10, fold(sum(head, this.#ipOff, 20, 0)));
    }
    this.#out.write(head, 0, head.length);
    this.#out.write(buf, off, len);
  }

  finish(): void {}

  notes(): string[] {
    return this.#untimed === 0 ? [] : [`${this.#untimed} packets without a time of their own`];
  }

  #fillHead(source: Uint8Array, destination: Uint8Array, info: StreamInfo): void {
    const head = this.#head;
    const view = this.#view;
    head.set(macOf(destination), RECORD_HEADER);
    head.set(macOf(source), RECORD_HEADER + 6);
    view.setUint16(RECORD_HEADER + 12, this.#v6 ? 0x86dd : 0x0800);
    const ip = this.#ipOff;
    if (this.#v6) {
      head[ip] = 0x60;
      head[ip + 6] = PROTOCOL_UDP;
      head[ip + 7] = TTL;
      head.set(source, ip + 8);
      head.set(destination, ip + 24);
    } else {
      head[ip] = 0x45;
      head[ip + 6] = 0x40; // Don't fragment: the identification may stay 0 (RFC 6864).
      head[ip + 8] = TTL;
      head[ip + 9] = PROTOCOL_UDP;
      head.set(source, ip + 12);
      head.set(destination, ip + 16);
    }
    view.setUint16(this.#udpOff, info.sourcePort);
    view.setUint16(this.#udpOff + 2, info.destinationPort);
  }

  /** UDP over IPv6 has to have a checksum (RFC 8200 8.1); over IPv4, 0 stands for none. */
  #checksumV6(buf: Uint8Array, off: number, len: number, udp: number): number {
    let total = sum(this.#head, this.#ipOff + 8, 32, PROTOCOL_UDP + udp);
    total = sum(this.#head, this.#udpOff, UDP_HEADER, total);
    return fold(sum(buf, off, len, total)) || 0xffff;
  }
}

/** The group's Ethernet address (RFC 1112 6.4, RFC 2464 7); for a host one of local administration. */
function macOf(address: Uint8Array): Uint8Array {
  const mac = new Uint8Array(6);
  const last = address.subarray(-4);
  if (address.length === 16 && address[0] === 0xff) {
    mac.set([0x33, 0x33]);
    mac.set(last, 2);
  } else if (address.length === 4 && (address[0] as number) >> 4 === 14) {
    mac.set([0x01, 0x00, 0x5e, (last[1] as number) & 0x7f, last[2] as number, last[3] as number]);
  } else {
    mac.set([0x02, 0x00]);
    mac.set(last, 2);
  }
  return mac;
}

function sameVersion(address: Uint8Array | null, other: Uint8Array): Uint8Array {
  return address !== null && address.length === other.length ? address : new Uint8Array(other.length);
}

/** Sum of 16-bit words for the checksum of RFC 1071, an odd octet filled up with 0. */
function sum(buf: Uint8Array, off: number, len: number, start: number): number {
  let total = start;
  const even = off + (len & ~1);
  for (let at = off; at < even; at += 2) total += ((buf[at] as number) << 8) | (buf[at + 1] as number);
  return (len & 1) === 0 ? total : total + ((buf[even] as number) << 8);
}

function fold(total: number): number {
  let rest = total;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
  return ~rest & 0xffff;
}
