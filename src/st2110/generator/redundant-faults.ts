import type { REDUNDANCY_RULES } from "../redundancy/rules.ts";
import type { LegIndex, PairFault, PairPlan } from "./redundant.ts";
import type { WholePacket } from "./stream.ts";

const NS_PER_MS = 1e6;
/** Packet that faults strike; by then it is clear that the legs are a pair, or their first packets are still kept. */
const FAULT_PACKET = 100;
/** Later than copies are waited for, 500 ms. */
const LATE_NS = 600 * NS_PER_MS;
/** Later than class A bears, 10 ms. */
const SKEW_NS = 20 * NS_PER_MS;
/** As long as the merged stream waits for a packet, or less. */
const LONG_NS = 40 * NS_PER_MS;
/** Later than LONG_NS at the rates that fill the window. */
const OVERFLOW_PACKET = 40_000;
/** More than LONG_NS of these fills what may wait for one packet: 16,384. */
const HIGH_RATE = 420_000;
/** Above, LONG_NS is more than half of all sequence numbers. */
const MOST_RATE = 800_000;
/** A jump that is no loss, whatever the timestamps say: nearly half of all sequence numbers. */
const JUMP = 32_000;

/** One packet of one leg, or of both. */
function lost(...legs: LegIndex[]): PairFault {
  return {
    strike: (_packet, leg, index) => (index === FAULT_PACKET && legs.includes(leg) ? "lost" : undefined),
  };
}

/** One packet of the second leg is another. */
function onceOnSecond(strike: (octets: Uint8Array) => void): PairFault {
  return {
    strike({ octets }, leg, index) {
      if (leg === 1 && index === FAULT_PACKET) strike(octets);
      return undefined;
    },
  };
}

/** Its payload numbers its packets beside RTP, so that another RTP number is a fault of its own. */
function lacksPlainNumbers({ kind }: PairPlan): string | null {
  return /^st2110-(20|40)$/.test(kind)
    ? "a stream without extended sequence numbers: st2110-30:L24/48000/2"
    : null;
}

function jump({ octets }: WholePacket): void {
  const view = new DataView(octets.buffer, octets.byteOffset);
  view.setUint16(2, (view.getUint16(2) + JUMP) & 0xffff);
}

/** Every fault by the rule that it breaks. */
export const PAIR_FAULTS: Readonly<Record<keyof typeof REDUNDANCY_RULES, PairFault>> = {
  lostInBoth: lost(0, 1),
  lostOnFirst: lost(0),
  lostOnSecond: lost(1),
  silent: { strike: (_packet, leg, index) => (leg === 1 && index >= FAULT_PACKET ? "over" : undefined) },
  payloadDiffers: {
    lacks: ({ kind }) =>
      /^st2110-(20|30)$/.test(kind) ? null : "samples that may have any value: st2110-20 or -30",
    ...onceOnSecond((octets) => {
      octets[octets.length - 1] = (octets[octets.length - 1] as number) ^ 1;
    }),
  },
  // Another payload type, dynamic too.
  headerDiffers: onceOnSecond((octets) => {
    octets[1] = (octets[1] as number) ^ 1;
  }),
  skew: { skewNs: SKEW_NS },
  late: { skewNs: LATE_NS },
  unrelated: {
    lacks: lacksPlainNumbers,
    strike(packet, leg) {
      if (leg === 1) jump(packet);
      return undefined;
    },
  },
  restart: {
    lacks: lacksPlainNumbers,
    strike(packet, _leg, index) {
      if (index >= FAULT_PACKET) jump(packet);
      return undefined;
    },
  },
  overflow: {
    lacks: ({ packetsPerSecond }) =>
      packetsPerSecond !== null && packetsPerSecond >= HIGH_RATE && packetsPerSecond <= MOST_RATE
        ? null
        : "420,000 to 800,000 packets a second: st2110-20:1920x1080p100",
    skewNs: LONG_NS,
    // The second leg has come by then, so the legs are known as a pair.
    strike: (_packet, leg, index) => (leg === 0 && index === OVERFLOW_PACKET ? "lost" : undefined),
  },
};
