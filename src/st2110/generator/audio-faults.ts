import type { AudioRule } from "../audio/rules.ts";
import { type AudioFault, FAULT_PACKET } from "./audio.ts";
import type { WholePacket } from "./stream.ts";

/** Rules of audio streams that can be broken here; RTP headers that do not fit are dropped before any of them. */
export type AudioFaultName = Exclude<
  AudioRule,
  "header" | "padding" | "formatChange" | "noEncoding" | "am824Odd" | "channelStatusRate" | "rate"
>;

const HEADER = 12;

/** A fault of one packet. */
function once(strike: (octets: Uint8Array, packet: WholePacket) => void): AudioFault {
  return {
    strike(packet, index) {
      if (index === FAULT_PACKET) strike(packet.octets, packet);
    },
  };
}

function flip(octets: Uint8Array, at: number, bits: number): void {
  octets[at] = (octets[at] as number) ^ bits;
}

/** Every fault by the rule that it breaks. */
export const AUDIO_FAULTS: Readonly<Record<AudioFaultName, AudioFault>> = {
  payloadType: once((octets) => {
    octets[1] = 11;
  }),
  marker: once((octets) => flip(octets, 1, 0x80)),
  ssrc: {
    strike({ octets }, index) {
      if (index >= FAULT_PACKET) flip(octets, 11, 1);
    },
  },
  payloadLimit: {
    // 1458 octets, which is no level either.
    plan: (plan) => ({ ...plan, encoding: "L16", channels: 9, samples: 81 }),
  },
  payloadSize: once((octets, packet) => {
    packet.octets = octets.slice(0, -24);
  }),
  timestampStep: once((octets) => flip(octets, 11 - 4, 1)),
  level: { plan: (plan) => ({ ...plan, channels: 2, samples: 16 }) },
  am824Level: { plan: (plan) => ({ ...plan, channels: 2, samples: 16 }) },
  tsDf: {
    // One packet waits for 18 packet times, and those behind it queue up.
    strike(packet, index, { samples, rateHz }) {
      const behind = index - FAULT_PACKET;
      if (behind >= 0) packet.timeNs += (Math.max(0, 18 - behind) * samples * 1e9) / rateHz;
    },
  },
  am824Reserved: once((octets) => flip(octets, HEADER, 0x80)),
  am824Frame: once((octets) => flip(octets, HEADER, 0x10)),
  am824Block: once((octets) => flip(octets, HEADER + 4, 0x20)),
  am824BlockLength: once((octets) => flip(octets, HEADER + 8 * 4, 0x20)),
  am824Parity: once((octets) => flip(octets, HEADER + 3, 1)),
  // Not in the first frame, whose bit says that this is professional use.
  channelStatusCrc: once((octets) => flip(octets, HEADER + 8 * 16, 0x0c)),
};
