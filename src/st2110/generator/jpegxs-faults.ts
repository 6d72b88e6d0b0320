import type { JxsRule } from "../jpegxs/rules.ts";
import type { JpegXsFault, JpegXsPacket } from "./jpegxs.ts";

/** Rules of ST 2110-22 streams that can be broken here; `bandwidth` needs an SDP, and wrong padding is dropped as RTP. */
export type JpegXsFaultName = Exclude<JxsRule, "bandwidth" | "padding">;

/** A fault of the second packet of one picture. */
function once(strike: (packet: JpegXsPacket, all: JpegXsPacket[]) => void): JpegXsFault {
  return (packets, units) => {
    if (units === 0) strike(packets[1] as JpegXsPacket, packets);
    return undefined;
  };
}

/** A fault of the last packet of one picture. */
function onceLast(strike: (packet: JpegXsPacket) => void): JpegXsFault {
  return once((_, all) => strike(all.at(-1) as JpegXsPacket));
}

/** A fault of all packets from the struck picture on. */
function fromThere(strike: (packet: JpegXsPacket) => void): JpegXsFault {
  return (packets, units) => {
    if (units >= 0) for (const packet of packets) strike(packet);
    return undefined;
  };
}

/** A fault that the stream has from its first packet on. */
function always(strike: (packet: JpegXsPacket, units: number) => void): JpegXsFault {
  return (packets, units) => {
    for (const packet of packets) strike(packet, units);
    return undefined;
  };
}

/** Every fault by the rule that it breaks. */
export const JPEGXS_FAULTS: Readonly<Record<JpegXsFaultName, JpegXsFault>> = {
  header: once((packet) => {
    packet.cut = packet.data.length + 2;
  }),
  payloadType: once((packet) => {
    packet.payloadType = 33;
  }),
  ssrc: fromThere((packet) => {
    packet.ssrc ^= 1;
  }),
  transmission: fromThere((packet) => {
    packet.t = 0;
    packet.k = 1;
  }),
  packetization: once((packet) => {
    packet.k = 1;
  }),
  outOfOrder: always((packet) => {
    packet.t = 0;
  }),
  interlaceReserved: once((_, all) => {
    for (const packet of all) packet.i = 1;
  }),
  fieldOrder: always((packet) => {
    packet.i = 2;
  }),
  last: once((packet) => {
    packet.l = 1;
  }),
  withinPicture: once((packet) => {
    packet.f ^= 9;
  }),
  frameCounter: fromThere((packet) => {
    packet.f = (packet.f + 4) & 31;
  }),
  frameCounterFields: always((packet, units) => {
    packet.f = units & 31;
  }),
  packetCounter: once((packet) => {
    packet.p = 900;
  }),
  marker: onceLast((packet) => {
    packet.marker = false;
    packet.l = 0;
  }),
  timestampRepeated: fromThere((packet) => {
    packet.timestamp = packet.before;
  }),
  timestampStep: fromThere((packet) => {
    packet.timestamp = (packet.timestamp + 500) >>> 0;
  }),
  packets: (packets, units) => {
    // The octets of two packets in three.
    const [start, second, third, ...rest] = packets;
    if (units !== 0 || !start || !second || !third) return undefined;
    const octets = Math.floor((second.data.length + third.data.length) / 3);
    const between = { ...third, data: new Uint8Array(octets) };
    const end = second.data.length + third.data.length - 2 * octets;
    const all = [start, { ...second, data: new Uint8Array(octets) }, between];
    all.push({ ...third, data: new Uint8Array(end) }, ...rest);
    return all.map((packet, p) => ({ ...packet, p }));
  },
  octets: once((packet) => {
    packet.data = new Uint8Array(packet.data.length + 1);
  }),
  boxes: once((_, [start]) => {
    start?.data.fill(0);
  }),
  codestream: once((_, [start]) => {
    // Lcod of the picture header.
    if (start) new DataView(start.data.buffer).setUint32(30, 77);
  }),
};
