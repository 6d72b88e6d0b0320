import type { AncData, AncillaryFault, AncPacket } from "./ancillary.ts";

/** Rules of ST 2110-40 streams that can be broken here, by their names in ANC_RULES. */
export const ANCILLARY_FAULT_NAMES = [
  "length",
  "count",
  "overrun",
  "fieldInvalid",
  "reserved",
  "align",
  "extendedSequence",
  "markerMissing",
  "markerEarly",
  "fieldChange",
  "fieldOrder",
  "fieldMissing",
  "timestampStep",
  "headerParity",
  "userParity",
  "forbidden",
  "checksum",
  "afd",
  "vpid",
] as const;

/** See `ANCILLARY_FAULT_NAMES`. */
export type AncillaryFaultName = (typeof ANCILLARY_FAULT_NAMES)[number];

/** A fault of the first packet of one frame or field. */
function once(strike: (packet: AncPacket, all: AncPacket[]) => void): AncillaryFault {
  return (packets, units) => {
    if (units === 0) strike(packets[0] as AncPacket, packets);
    return undefined;
  };
}

/** A fault of its ANC data packet. */
function onceAnc(change: Partial<AncData>): AncillaryFault {
  return once((packet) => {
    packet.anc = packet.anc.map((anc) => ({ ...anc, ...change }));
  });
}

function flip(words: number[], at: number): void {
  words[at] = (words[at] as number) ^ 0x300;
}

/** Every fault by the rule that it breaks. */
export const ANCILLARY_FAULTS: Readonly<Record<AncillaryFaultName, AncillaryFault>> = {
  length: once((packet) => {
    packet.lengthFault = 4;
  }),
  count: once((packet) => {
    packet.countFault = 1;
  }),
  overrun: onceAnc({ did: 0x70, words: (words) => words.splice(4) }),
  fieldInvalid: once((packet) => {
    packet.field = 1;
  }),
  reserved: once((packet) => {
    packet.reserved = 1;
  }),
  align: onceAnc({ dirtyAlign: true, did: 0x70, data: [1, 2, 3, 4, 5] }),
  extendedSequence: (packets, units) => {
    if (units >= 0) for (const packet of packets) packet.extendedFault = 1;
    return undefined;
  },
  markerMissing: once((_, [, end]) => {
    if (end) end.marker = false;
  }),
  markerEarly: once((packet) => {
    packet.marker = true;
  }),
  fieldChange: once((packet) => {
    packet.field ^= 1;
  }),
  fieldOrder: (packets) => {
    for (const packet of packets) packet.field ^= 1;
    return undefined;
  },
  fieldMissing: (_packets, units) => (units < 2 ? [] : undefined),
  timestampStep: (packets) => {
    for (const packet of packets) packet.timestamp = (packet.timestamp + 300) % 2 ** 32;
    return undefined;
  },
  headerParity: onceAnc({ words: (words) => flip(words, 1) }),
  userParity: onceAnc({ words: (words) => flip(words, 5) }),
  forbidden: onceAnc({ did: 0xc1, sdid: 1, data: [9], words: (words) => words.splice(3, 1, 2) }),
  checksum: onceAnc({ checksumFault: 0x301 }),
  afd: onceAnc({ data: [0x54] }),
  vpid: onceAnc({ did: 0x41, sdid: 1, data: [1, 2, 3] }),
};
