import type { ANC_RULES } from "../ancillary/rules.ts";
import { toNumber } from "../timing21/rational.ts";
import {
  type AncData,
  CDP_FLAGS,
  type CdpFields,
  captions,
  cea608,
  hasCaptions,
  isCaptions,
  op47,
  scte104,
  timeCode,
} from "./anc-data.ts";
import type { AncillaryFault, AncPacket } from "./ancillary.ts";

/** A fault of the first packet of one frame or field. */
function once(strike: (packet: AncPacket, all: AncPacket[]) => void): AncillaryFault {
  return {
    strike(packets, units) {
      if (units === 0) strike(packets[0] as AncPacket, packets);
      return undefined;
    },
  };
}

/** A fault of its ANC data packet. */
function onceAnc(change: Partial<AncData>): AncillaryFault {
  return once((packet) => {
    packet.anc = packet.anc.map((anc) => ({ ...anc, ...change }));
  });
}

/** A fault of every frame or field from one on. */
function fromThere(strike: (packets: AncPacket[], units: number) => AncPacket[] | undefined): AncillaryFault {
  return { strike };
}

/** One ANC data packet in place of that of its DID and SDID, or beside the others. */
function onceInstead(anc: AncData): AncillaryFault {
  return once((_, all) => {
    const last = all.at(-1) as AncPacket;
    const others = last.anc.filter(({ did, sdid }) => did !== anc.did || sdid !== anc.sdid);
    last.anc = [...others, anc];
  });
}

/** Another caption distribution packet in place of the right one: in one frame, or in all from one on. */
function caption(change: (number: number) => Partial<CdpFields>, forGood = false): AncillaryFault {
  return {
    lacks: ({ rate }) =>
      hasCaptions(toNumber(rate)) ? null : "a rate of ST 334-2, 23.98 to 60 frames a second",
    strike(packets, units) {
      if (units > 0 && !forGood) return undefined;
      for (const packet of packets) {
        const { perSecond, captionNumber } = packet;
        const other = captions(perSecond, captionNumber, change(captionNumber));
        if (other) packet.anc = packet.anc.map((anc) => (isCaptions(anc) ? other : anc));
      }
      return undefined;
    },
  };
}

/** The same with its last octet, the checksum, one too high. */
function wrongSum({ data, ...anc }: AncData): AncData {
  return { ...anc, data: data.with(-1, ((data.at(-1) as number) + 1) & 0xff) };
}

function flip(words: number[], at: number): void {
  words[at] = (words[at] as number) ^ 0x300;
}

/** Every fault by the rule that it breaks. */
export const ANCILLARY_FAULTS: Readonly<Record<keyof typeof ANC_RULES, AncillaryFault>> = {
  header: once((packet) => {
    packet.keep = 5;
  }),
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
  extendedSequence: fromThere((packets) => {
    for (const packet of packets) packet.extendedFault = 1;
    return undefined;
  }),
  markerMissing: once((_, [, end]) => {
    if (end) end.marker = false;
  }),
  markerEarly: once((packet) => {
    packet.marker = true;
  }),
  fieldChange: once((packet) => {
    packet.field ^= 1;
  }),
  fieldOrder: {
    lacks: ({ scan }) => (scan === "progressive" ? "fields: 1920x1080i…" : null),
    ...fromThere((packets) => {
      for (const packet of packets) packet.field ^= 1;
      return undefined;
    }),
  },
  fieldMissing: fromThere((_packets, units) => (units < 2 ? [] : undefined)),
  timestampStep: fromThere((packets) => {
    for (const packet of packets) packet.timestamp = (packet.timestamp + 300) % 2 ** 32;
    return undefined;
  }),
  headerParity: onceAnc({ words: (words) => flip(words, 1) }),
  userParity: onceAnc({ words: (words) => flip(words, 5) }),
  forbidden: onceAnc({ did: 0xc1, sdid: 1, data: [9], words: (words) => words.splice(3, 1, 2) }),
  checksum: onceAnc({ checksumFault: 0x301 }),
  afd: onceAnc({ data: [0x54] }),
  vpid: onceAnc({ did: 0x41, sdid: 1, data: [1, 2, 3] }),
  // A digit of 11 in the seconds.
  atc: onceInstead({ ...timeCode(0, 25), data: timeCode(0, 25).data.with(4, 0xb0) }),
  cea608: onceInstead({ ...cea608(), data: [0x80, 0x80] }),
  cea608Parity: onceInstead({ ...cea608(), data: [0x80, 0x80, 0] }),
  // The flags say that a time code is inside.
  cdp: caption(() => ({ flags: CDP_FLAGS | 0x80 })),
  cdpChecksum: {
    ...caption(() => ({})),
    ...once((_, all) => {
      for (const packet of all) packet.anc = packet.anc.map((anc) => (isCaptions(anc) ? wrongSum(anc) : anc));
    }),
  },
  cdpFooter: caption((number) => ({ footer: number + 1 })),
  cdpSequence: caption((number) => ({ sequence: number + 1 }), true),
  cdpCount: caption(() => ({ count: 3 })),
  cea708: caption((number) => ({ dtvcc: number + 1 }), true),
  // messageSize says more than there is.
  scte104: onceInstead({ ...scte104(0), data: scte104(0).data.with(4, 99) }),
  op47: onceInstead(wrongSum(op47(0))),
};
