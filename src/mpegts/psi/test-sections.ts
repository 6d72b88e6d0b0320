/** Sections and their packets for the tests of PSI. */
import { crc32Mpeg2 } from "../../bits/crc32.ts";
import { joined, tsPacket } from "../test-packets.ts";

/** Fields of the long form; all optional. */
export interface SectionFields {
  version?: number;
  current?: number;
  number?: number;
  last?: number;
}

/** Writes CRC_32 into the last four octets of `octets`, and returns it. */
export function withCrc(octets: Uint8Array): Uint8Array {
  const body = octets.length - 4;
  new DataView(octets.buffer, octets.byteOffset).setUint32(body, crc32Mpeg2(octets, 0, body));
  return octets;
}

/** A section in the long form with a right CRC_32. */
export function longSection(
  table: number,
  extension: number,
  content: ArrayLike<number>,
  { version = 0, current = 1, number = 0, last = 0 }: SectionFields = {},
): Uint8Array {
  const length = content.length + 9;
  const octets = new Uint8Array(3 + length);
  octets.set([table, 0xb0 | (length >> 8), length & 0xff, extension >> 8, extension & 0xff]);
  octets.set([0xc0 | (version << 1) | current, number, last], 5);
  octets.set(content, 8);
  return withCrc(octets);
}

/** A section in the short form: no CRC_32. */
export function shortSection(table: number, content: ArrayLike<number>): Uint8Array {
  const header = Uint8Array.of(table, 0x70 | (content.length >> 8), content.length & 0xff);
  return joined(header, Uint8Array.from(content));
}

/** 16 bits as two octets. */
export const be16 = (value: number): [number, number] => [(value >> 8) & 0xff, value & 0xff];

/** A loop with 12 bits of length before it, the four bits above set. */
export function loop12(...octets: number[]): number[] {
  return [0xf0 | (octets.length >> 8), octets.length & 0xff, ...octets];
}

/** One descriptor. */
export function descriptor(tag: number, ...content: number[]): number[] {
  return [tag, content.length, ...content];
}

/** Letters as octets. */
export const ascii = (text: string): number[] => [...new TextEncoder().encode(text)];

/** A PAT with these programs: program_number (0 for the NIT) and PID. */
export function patSection(
  programs: readonly (readonly [program: number, pid: number])[],
  fields: SectionFields & { transportStreamId?: number } = {},
): Uint8Array {
  const content = programs.flatMap(([program, pid]) => [...be16(program), ...be16(0xe000 | pid)]);
  return longSection(0x00, fields.transportStreamId ?? 1, content, fields);
}

/** A PMT: streams as stream_type, PID and descriptors. */
export function pmtSection(
  program: number,
  pcrPid: number,
  streams: readonly (readonly [streamType: number, pid: number, descriptors?: number[]])[],
  fields: SectionFields & { descriptors?: number[] } = {},
): Uint8Array {
  const content = [...be16(0xe000 | pcrPid), ...loop12(...(fields.descriptors ?? []))];
  for (const [streamType, pid, descriptors = []] of streams) {
    content.push(streamType, ...be16(0xe000 | pid), ...loop12(...descriptors));
  }
  return longSection(0x02, program, content, fields);
}

/** One packet whose payload starts with `payload`, filled with stuffing. */
export function sectionPacket(payload: ArrayLike<number>, start: boolean, pid = 0x100, cc = 0): Uint8Array {
  const packet = tsPacket({ fill: 0xff, pid, cc });
  packet[1] = (packet[1] as number) | (start ? 0x40 : 0);
  packet.set(payload, 4);
  return packet;
}

/** Sections back to back, in as few packets as hold them: pointer_field where one starts. */
export function packed(sections: readonly Uint8Array[], pid = 0x100): Uint8Array[] {
  const stream = joined(...sections);
  const starts: number[] = [];
  let sum = 0;
  for (const { length } of sections) {
    starts.push(sum);
    sum += length;
  }
  const packets: Uint8Array[] = [];
  for (let at = 0; at < stream.length; ) {
    const cc = packets.length & 0x0f;
    // With a pointer_field there is room for 183 octets: does a section start among them?
    const next = starts.find((start) => start >= at && start < at + 183);
    if (next === undefined) {
      // A section that would start in the last octet would need a pointer_field: one octet of stuffing instead.
      const length = starts.includes(at + 183) ? 183 : 184;
      packets.push(sectionPacket(stream.subarray(at, at + length), false, pid, cc));
      at += length;
    } else {
      const payload = joined(Uint8Array.of(next - at), stream.subarray(at, at + 183));
      packets.push(sectionPacket(payload, true, pid, cc));
      at += 183;
    }
  }
  return packets;
}
