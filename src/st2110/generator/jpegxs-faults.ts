import { setPictureOctets } from "../jpegxs/picture-start.ts";
import type { JxsRule } from "../jpegxs/rules.ts";
import type { JpegXsFault, JpegXsPacket, JpegXsPlan } from "./jpegxs.ts";
import { breakPadding } from "./rtp-faults.ts";

/** Every rule of ST 2110-22 streams: those of the payload, and the network model of ST 2110-21. */
export type JpegXsFaultName = JxsRule | "cinst";

/** Packets at once that fill the bucket over CMAX of all types. */
const BURST = 40;

/** Index of a packet in the middle that is not the first of its packetization unit, where there is one. */
function within(packets: readonly JpegXsPacket[]): number {
  const found = packets.findIndex(({ p }, index) => index > 0 && p > 0);
  return found < 0 ? 1 : found;
}

/** A fault of one packet of one picture. */
function once(strike: (packet: JpegXsPacket, all: JpegXsPacket[]) => void): JpegXsFault {
  return {
    strike(packets, units) {
      if (units === 0) strike(packets[within(packets)] as JpegXsPacket, packets);
      return undefined;
    },
  };
}

/** A fault of the last packet of one picture. */
function onceLast(strike: (packet: JpegXsPacket) => void): JpegXsFault {
  return once((_, all) => strike(all.at(-1) as JpegXsPacket));
}

/** A fault of all packets from the struck picture on. */
function fromThere(strike: (packet: JpegXsPacket) => void): JpegXsFault {
  return {
    strike(packets, units) {
      if (units >= 0) for (const packet of packets) strike(packet);
      return undefined;
    },
  };
}

/** A fault that the stream has from its first packet on. */
function always(strike: (packet: JpegXsPacket, units: number) => void): JpegXsFault {
  return {
    strike(packets, units) {
      for (const packet of packets) strike(packet, units);
      return undefined;
    },
  };
}

/** Makes a packet of a picture an octet longer, and has the picture say so. */
function lengthen(packet: JpegXsPacket, all: readonly JpegXsPacket[]): void {
  packet.data = new Uint8Array(packet.data.length + 1);
  const octets = all.reduce((sum, { data }) => sum + data.length, 0);
  setPictureOctets((all[0] as JpegXsPacket).data, octets);
}

function lacksCodestream({ slices }: JpegXsPlan): string | null {
  return slices ? "mode=codestream" : null;
}

function lacksFields({ scan }: JpegXsPlan): string | null {
  return scan === "progressive" ? "fields: 1920x1080i…" : null;
}

/** Every fault by the rule that it breaks. */
export const JPEGXS_FAULTS: Readonly<Record<JpegXsFaultName, JpegXsFault>> = {
  header: once((packet) => {
    packet.cut = packet.data.length + 2;
  }),
  padding: once((packet) => {
    packet.octets = breakPadding;
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
    packet.k ^= 1;
  }),
  outOfOrder: {
    lacks: lacksCodestream,
    ...always((packet) => {
      packet.t = 0;
    }),
  },
  interlaceReserved: {
    lacks: ({ scan }) => (scan === "progressive" ? null : "whole frames: 1920x1080p…"),
    ...once((_, all) => {
      for (const packet of all) packet.i = 1;
    }),
  },
  fieldOrder: {
    lacks: ({ scan }) => (scan === "progressive" ? null : "whole frames: 1920x1080p…"),
    ...always((packet) => {
      packet.i = 2;
    }),
  },
  last: once((packet, all) => {
    if (packet.k === 0) packet.l = 1;
    else (all.at(-1) as JpegXsPacket).l = 0;
  }),
  withinPicture: once((packet) => {
    packet.f ^= 9;
  }),
  frameCounter: fromThere((packet) => {
    packet.f = (packet.f + 4) & 31;
  }),
  frameCounterFields: {
    lacks: lacksFields,
    ...always((packet, units) => {
      packet.f = units & 31;
    }),
  },
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
  packets: {
    strike(packets, units) {
      if (units !== 0) return undefined;
      // One packet's octets in two; those behind it in the same unit are numbered on.
      const at = within(packets);
      const whole = packets[at] as JpegXsPacket;
      const half = whole.data.length >> 1;
      const halves = [
        { ...whole, data: whole.data.subarray(0, half), l: 0, marker: false },
        { ...whole, data: whole.data.subarray(half), p: whole.p + 1 },
      ];
      const behind = packets
        .slice(at + 1)
        .map((packet) => (packet.sep === whole.sep ? { ...packet, p: packet.p + 1 } : packet));
      return [...packets.slice(0, at), ...halves, ...behind];
    },
  },
  octets: once(lengthen),
  formatChange: {
    strike(packets, units) {
      if (units >= 0) lengthen(packets[within(packets)] as JpegXsPacket, packets);
      return undefined;
    },
  },
  boxes: once((_, [start]) => {
    start?.data.fill(0);
  }),
  codestream: once((_, [start]) => {
    if (start) setPictureOctets(start.data, 97);
  }),
  // Twice what b=AS says where that is made for the bit rate which was asked for.
  bandwidth: { plan: (plan) => ({ ...plan, pictureOctets: plan.pictureOctets * 2 }) },
  cinst: {
    lacks: ({ pictureOctets }) =>
      pictureOctets < BURST * 1200 ? `mbps= for ${BURST} packets a picture` : null,
    ...once((_, all) => {
      const from = all[all.length - BURST] as JpegXsPacket;
      for (const packet of all.slice(-BURST)) packet.timeNs = from.timeNs;
    }),
  },
};
