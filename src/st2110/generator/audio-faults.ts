import type { AudioRule } from "../audio/rules.ts";
import { type AudioFault, type AudioPlan, FAULT_PACKET, SAMPLE_OCTETS } from "./audio.ts";
import { breakHeader, breakPadding } from "./rtp-faults.ts";
import type { WholePacket } from "./stream.ts";

/** Octets of a sample of all channels that neither 2, 3 nor 4 divide. */
const NO_SAMPLE_OCTETS = 5;
/** A clock that no audio has, and its samples in a packet of 1 ms. */
const ODD_RATE_HZ = 40_000;
const ODD_SAMPLES = 40;
/** Channel status as of 44.1 kHz, otherwise that of the sound stream. */
const STATUS_44100 = [0x41, 0x02, 0x2c];

const HEADER = 12;

/** A fault of one packet. */
function once(strike: (octets: Uint8Array, packet: WholePacket) => void): AudioFault {
  return {
    strike(packet, index) {
      if (index === FAULT_PACKET) strike(packet.octets, packet);
    },
  };
}

/** A fault of AES3 in AM824. */
function aes3(fault: AudioFault): AudioFault {
  return {
    lacks: ({ encoding }) => (encoding === "AM824" ? null : "AES3: st2110-31:AM824/48000/4"),
    ...fault,
  };
}

/** A fault of PCM. */
function pcm(fault: AudioFault): AudioFault {
  return { lacks: ({ encoding }) => (encoding === "AM824" ? "PCM: st2110-30:L24/48000/2" : null), ...fault };
}

/** As many channels as fit in packets of the same time, but not as many as before. */
function otherChannels(plan: AudioPlan): AudioPlan {
  const step = plan.encoding === "AM824" ? 2 : 1;
  return { ...plan, channels: plan.channels > step ? plan.channels - step : plan.channels + step };
}

function flip(octets: Uint8Array, at: number, bits: number): void {
  octets[at] = (octets[at] as number) ^ bits;
}

/** Every fault by the rule that it breaks. */
export const AUDIO_FAULTS: Readonly<Record<AudioRule, AudioFault>> = {
  header: once(breakHeader),
  padding: once(breakPadding),
  payloadType: once((octets) => {
    octets[1] = 11;
  }),
  marker: once((octets) => flip(octets, 1, 0x80)),
  ssrc: {
    strike({ octets }, index) {
      if (index >= FAULT_PACKET) flip(octets, 11, 1);
    },
  },
  // 1458 octets, which is no level either.
  payloadLimit: pcm({ plan: (plan) => ({ ...plan, encoding: "L16", channels: 9, samples: 81 }) }),
  payloadSize: once((octets, packet) => {
    packet.octets = octets.slice(0, -24);
  }),
  noEncoding: pcm({
    strike(packet, _index, { samples }) {
      const octets = new Uint8Array(HEADER + samples * NO_SAMPLE_OCTETS);
      octets.set(packet.octets.subarray(0, octets.length));
      packet.octets = octets;
    },
  }),
  formatChange: { becomes: otherChannels },
  rate: {
    lacks: ({ channels, encoding }) =>
      channels * SAMPLE_OCTETS[encoding] * ODD_SAMPLES > 1440 ? "fewer channels" : null,
    plan: (plan) => ({ ...plan, rateHz: ODD_RATE_HZ, samples: ODD_SAMPLES }),
  },
  timestampStep: once((octets) => flip(octets, 11 - 4, 1)),
  level: pcm({ plan: (plan) => ({ ...plan, channels: 2, samples: 16 }) }),
  am824Level: aes3({ plan: (plan) => ({ ...plan, channels: 2, samples: 16 }) }),
  am824Odd: aes3({ plan: (plan) => ({ ...plan, channels: 3 }), frameBitsGoOn: true }),
  tsDf: {
    // One packet waits for 18 packet times, and those behind it queue up.
    strike(packet, index, { samples, rateHz }) {
      const behind = index - FAULT_PACKET;
      if (behind >= 0) packet.timeNs += (Math.max(0, 18 - behind) * samples * 1e9) / rateHz;
    },
  },
  am824Reserved: aes3(once((octets) => flip(octets, HEADER, 0x80))),
  am824Frame: aes3(once((octets) => flip(octets, HEADER, 0x10))),
  am824Block: aes3(once((octets) => flip(octets, HEADER + 4, 0x20))),
  am824BlockLength: aes3(once((octets) => flip(octets, HEADER + 8 * 4, 0x20))),
  am824Parity: aes3(once((octets) => flip(octets, HEADER + 3, 1))),
  // Not in the first frame, whose bit says that this is professional use.
  channelStatusCrc: aes3(once((octets) => flip(octets, HEADER + 8 * 16, 0x0c))),
  channelStatusRate: aes3({
    lacks: ({ encoding, rateHz }) =>
      encoding === "AM824" && rateHz === 48_000 ? null : "AES3 of 48 kHz: st2110-31:AM824/48000/4",
    status: STATUS_44100,
  }),
};
