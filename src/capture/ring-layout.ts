/**
 * TPACKET_V3 as it lies in memory (linux/if_packet.h): octet offsets, and the walk over one block. Host order,
 * little-endian on all machines that Bun runs on.
 */
import { type FrameBatch, NO_VLAN } from "./batch.ts";

/** struct tpacket_block_desc with struct tpacket_hdr_v1. */
export const BLOCK_STATUS = 8;
const BLOCK_PACKETS = 12;
const BLOCK_FIRST_PACKET = 16;

/** struct tpacket3_hdr. */
const FRAME_SECONDS = 4;
const FRAME_NANOSECONDS = 8;
const FRAME_CAPTURED = 12;
const FRAME_WIRE = 16;
const FRAME_STATUS = 20;
const FRAME_MAC = 24;
const FRAME_VLAN_TCI = 32;
const FRAME_VLAN_TPID = 36;
/** struct sockaddr_ll, right after the header. */
const FRAME_SOCKADDR = 48;
const SOCKADDR_PROTOCOL = FRAME_SOCKADDR + 2;
const SOCKADDR_IFINDEX = FRAME_SOCKADDR + 4;
const SOCKADDR_HATYPE = FRAME_SOCKADDR + 8;
const SOCKADDR_PACKET_TYPE = FRAME_SOCKADDR + 10;
const SOCKADDR_ADDRESS_LENGTH = FRAME_SOCKADDR + 11;
const SOCKADDR_ADDRESS = FRAME_SOCKADDR + 12;

/** The block belongs to the kernel, or to us. */
export const STATUS_KERNEL = 0;
export const STATUS_USER = 1;

/** tp_status of a frame. */
const STATUS_VLAN_VALID = 1 << 4;
const STATUS_VLAN_TPID_VALID = 1 << 6;
/** Bit 31: the device's own clock. */
const STATUS_HARDWARE_TIME = 1 << 31;

const PACKET_OUTGOING = 4;
const VLAN_TAG_BYTES = 4;
const TPID_8021Q = 0x8100;
/** LINKTYPE_LINUX_SLL header: packet type, ARPHRD, address length, address (8), protocol. */
export const SLL_BYTES = 16;
const NS_PER_SECOND = 1e9;

/**
 * The walk over the ring: where it stands, and what it has seen. One object a capture, its fields numbers.
 */
export class RingCursor {
  readonly buf: Uint8Array;
  readonly #words: Uint32Array;
  readonly #halves: Uint16Array;
  readonly #epochSeconds: number;
  readonly #linkType: number;
  /** True when the socket is cooked: frames begin at the network header, and get an SLL header from us. */
  readonly #cooked: boolean;
  /** Outgoing frames of this interface are skipped: loopback shows each packet twice. */
  readonly #loopbackIndex: number;
  /** Octet offset of the frame to hand out next, and how many are left in the block. */
  frame = 0;
  left = 0;
  /** True when the last frame was stamped by the device's own clock. */
  hardwareTime = false;

  constructor(
    buf: Uint8Array,
    options: { epochSeconds: number; linkType: number; cooked: boolean; loopbackIndex: number },
  ) {
    this.buf = buf;
    this.#words = new Uint32Array(buf.buffer, buf.byteOffset, buf.length >>> 2);
    this.#halves = new Uint16Array(buf.buffer, buf.byteOffset, buf.length >>> 1);
    this.#epochSeconds = options.epochSeconds;
    this.#linkType = options.linkType;
    this.#cooked = options.cooked;
    this.#loopbackIndex = options.loopbackIndex;
  }

  /** Begins the block at `block`, which belongs to us now. */
  begin(block: number): void {
    this.left = this.#words[(block + BLOCK_PACKETS) >>> 2] as number;
    this.frame = block + (this.#words[(block + BLOCK_FIRST_PACKET) >>> 2] as number);
  }

  /** Fills `batch` from the block until either is used up; returns the octets they had on the wire. */
  fill(batch: FrameBatch): number {
    const words = this.#words;
    const halves = this.#halves;
    const { offset, capturedLength, wireLength, timeNs, linkType, vlanTci, vlanTpid, capacity } = batch;
    const epochSeconds = this.#epochSeconds;
    const type = this.#linkType;
    const cooked = this.#cooked;
    const loopbackIndex = this.#loopbackIndex;
    let frame = this.frame;
    let left = this.left;
    let count = 0;
    let bytes = 0;
    let status = 0;
    for (; left > 0 && count < capacity; left--) {
      const at = frame >>> 2;
      const next = words[at] as number;
      const outgoing = this.buf[frame + SOCKADDR_PACKET_TYPE] === PACKET_OUTGOING;
      if (outgoing && words[(frame + SOCKADDR_IFINDEX) >>> 2] === loopbackIndex) {
        frame += next;
        continue;
      }
      status = words[(frame + FRAME_STATUS) >>> 2] as number;
      let start = frame + (halves[(frame + FRAME_MAC) >>> 1] as number);
      let header = 0;
      if (cooked) {
        this.#writeSll(frame, start);
        start -= SLL_BYTES;
        header = SLL_BYTES;
      }
      const wire = (words[(frame + FRAME_WIRE) >>> 2] as number) + header;
      offset[count] = start;
      capturedLength[count] = (words[(frame + FRAME_CAPTURED) >>> 2] as number) + header;
      wireLength[count] = wire;
      timeNs[count] =
        ((words[(frame + FRAME_SECONDS) >>> 2] as number) - epochSeconds) * NS_PER_SECOND +
        (words[(frame + FRAME_NANOSECONDS) >>> 2] as number);
      linkType[count] = type;
      if ((status & STATUS_VLAN_VALID) === 0) {
        vlanTci[count] = NO_VLAN;
      } else {
        // The tag was on the wire too.
        bytes += VLAN_TAG_BYTES;
        vlanTci[count] = (words[(frame + FRAME_VLAN_TCI) >>> 2] as number) & 0xffff;
        vlanTpid[count] =
          (status & STATUS_VLAN_TPID_VALID) === 0
            ? TPID_8021Q
            : (halves[(frame + FRAME_VLAN_TPID) >>> 1] as number);
      }
      bytes += wire;
      count++;
      frame += next;
    }
    if (count > 0) this.hardwareTime = (status & STATUS_HARDWARE_TIME) !== 0;
    this.frame = frame;
    this.left = left;
    batch.buf = this.buf;
    batch.count = count;
    return bytes;
  }

  /**
   * Writes the header that libpcap would make (LINKTYPE_LINUX_SLL, big-endian) into the gap that the kernel leaves
   * between struct sockaddr_ll and the network header (at least 16 octets, by PACKET_RESERVE).
   */
  #writeSll(frame: number, network: number): void {
    const buf = this.buf;
    const at = network - SLL_BYTES;
    buf[at] = 0;
    buf[at + 1] = buf[frame + SOCKADDR_PACKET_TYPE] as number;
    buf[at + 2] = buf[frame + SOCKADDR_HATYPE + 1] as number;
    buf[at + 3] = buf[frame + SOCKADDR_HATYPE] as number;
    buf[at + 4] = 0;
    buf[at + 5] = buf[frame + SOCKADDR_ADDRESS_LENGTH] as number;
    for (let i = 0; i < 8; i++) buf[at + 6 + i] = buf[frame + SOCKADDR_ADDRESS + i] as number;
    // Already in network order.
    buf[at + 14] = buf[frame + SOCKADDR_PROTOCOL] as number;
    buf[at + 15] = buf[frame + SOCKADDR_PROTOCOL + 1] as number;
  }
}
