/** JPEG XS packets for tests. */
import { pictureStart } from "./picture-start.ts";

/** Fields of a packet, RTP's and those of RFC 9134 4.3; what is left out is that of a sound stream. */
export interface JxsFields {
  sequence: number;
  timestamp: number;
  marker: number;
  t: number;
  k: number;
  l: number;
  i: number;
  f: number;
  sep: number;
  p: number;
  data: Uint8Array;
  timeNs: number;
  lost: number;
}

/** One RTP packet of these fields, payload type 100. */
export function jxsPacketOf(fields: JxsFields): Uint8Array {
  const octets = new Uint8Array(16 + fields.data.length);
  const view = new DataView(octets.buffer);
  view.setUint8(0, 0x80);
  view.setUint8(1, (fields.marker << 7) | 100);
  view.setUint16(2, fields.sequence & 0xffff);
  view.setUint32(4, fields.timestamp >>> 0);
  view.setUint32(8, 9);
  const { t, k, l, i, f, sep, p } = fields;
  view.setUint32(12, ((t << 31) | (k << 30) | (l << 29) | (i << 27) | (f << 22) | (sep << 11) | p) >>> 0);
  octets.set(fields.data, 16);
  return octets;
}

/** What a segment of `octets` in all begins with, 1920 x 1080, filled up to 100 octets. */
export function segmentStart(octets: number): Uint8Array {
  const start = new Uint8Array(100);
  start.set(pictureStart(octets, 1920, 1080));
  return start;
}

/** `pictures` of five packets each, four of 100 octets and one of 30, at 50 a second; fields where `interlaced`. */
export function jxsStream(pictures: number, interlaced = false): JxsFields[] {
  const packets: JxsFields[] = [];
  for (let picture = 0; picture < pictures; picture += 1) {
    for (let packet = 0; packet < 5; packet += 1) {
      const last = packet === 4 ? 1 : 0;
      packets.push({
        sequence: packets.length,
        timestamp: picture * 1800,
        marker: last,
        t: 1,
        k: 0,
        l: last,
        i: interlaced ? 2 + (picture % 2) : 0,
        f: (interlaced ? picture >> 1 : picture) & 31,
        sep: 0,
        p: packet,
        data: packet === 0 ? segmentStart(430) : new Uint8Array(last ? 30 : 100),
        timeNs: picture * 20e6 + packet * 4e6,
        lost: 0,
      });
    }
  }
  return packets;
}

/** The same in slice packetization: the header segment in one packet, then two slices of two packets. */
export function jxsSlices(pictures: number): JxsFields[] {
  const packets = jxsStream(pictures);
  const units = [
    { sep: 0x7ff, p: 0, l: 1 },
    { sep: 0, p: 0, l: 0 },
    { sep: 0, p: 1, l: 1 },
    { sep: 1, p: 0, l: 0 },
    { sep: 1, p: 1, l: 1 },
  ];
  return packets.map((packet, index) => ({ ...packet, k: 1, ...units[index % 5] }));
}
