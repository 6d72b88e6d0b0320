/** PES packets for the tests of this room. */
import { tsPacket } from "../test-packets.ts";

/** What a header holds; without `pts` there are no time stamps. */
export interface PesFields {
  streamId?: number;
  pts?: number;
  dts?: number;
  packetLength?: number;
}

/** A time stamp of 5 octets. */
function stampField(prefix: number, value: number): number[] {
  const low = value % 2 ** 30;
  return [
    (prefix << 4) | (Math.floor(value / 2 ** 30) << 1) | 1,
    (low >> 22) & 0xff,
    ((low >> 14) & 0xfe) | 1,
    (low >> 7) & 0xff,
    ((low << 1) & 0xfe) | 1,
  ];
}

/** The octets of a PES header (ISO/IEC 13818-1 2.4.3.6). */
export function pesHeader(fields: PesFields = {}): Uint8Array {
  const { streamId = 0xe0, pts, dts, packetLength = 0 } = fields;
  const flags = pts === undefined ? 0 : dts === undefined ? 2 : 3;
  const stamps: number[] = [];
  if (pts !== undefined) stamps.push(...stampField(flags, pts));
  if (dts !== undefined) stamps.push(...stampField(1, dts));
  return Uint8Array.of(
    0,
    0,
    1,
    streamId,
    packetLength >> 8,
    packetLength & 0xff,
    0x80,
    flags << 6,
    stamps.length,
    ...stamps,
  );
}

/** A packet whose payload starts with `header`, of which `room` octets fit; an adaptation field fills the rest. */
export function pesPacket(header: Uint8Array, room = 184, start = true): Uint8Array {
  const packet =
    room === 184 ? tsPacket() : tsPacket({ control: 3, fieldLength: 183 - room, flags: 0, fill: 0xff });
  if (start) packet[1] = (packet[1] as number) | 0x40;
  packet.set(header.subarray(0, room), 188 - room);
  return packet;
}
