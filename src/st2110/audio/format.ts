/** How samples are coded; `L16` and `L24` of ST 2110-30, `AM824` of ST 2110-31. */
export type AudioEncoding = "L16" | "L24" | "AM824";

/**
 * How the encoding is known: `given` (by an SDP), `size` (no other divides the payload), `structure` (the frame bits of
 * AM824), `content` (a guess: read this way it looks like audio, the other way like noise),
 * `default` (a guess: nothing tells L16 from L24).
 */
export type EncodingBasis = "given" | "size" | "structure" | "content" | "default";

/** What an audio stream carries, as far as the wire shows it. */
export interface AudioFormat {
  /** Null when no encoding fits the payload. */
  readonly encoding: AudioEncoding | null;
  readonly basis: EncodingBasis | null;
  /** Null when the timestamps fit no sampling rate of audio. */
  readonly sampleRateHz: number | null;
  /** Timestamp steps from packet to packet; 0 when none was seen. */
  readonly samplesPerPacket: number;
  /** Octets of one sample of all channels; 0 when the payload is no whole number of samples. */
  readonly sampleOctets: number;
  /** 0 without an encoding. For AM824 the number of AES3 subframe sequences. */
  readonly channels: number;
}

/** Octets that one sample of one channel takes. */
export const ENCODED_OCTETS: Record<AudioEncoding, number> = { L16: 2, L24: 3, AM824: 4 };

/** Sampling rates: those of ST 2110-30 and -31 first, then others that AES67 devices send. */
export const SAMPLE_RATES_HZ = [48_000, 96_000, 44_100, 88_200, 192_000, 32_000] as const;

/** One row of a table of levels: up to `channels` at this rate and these samples per packet. */
interface LevelRow {
  readonly level: string;
  readonly rateHz: number;
  readonly samples: number;
  readonly channels: number;
}

/** ST 2110-30 table 2, the row that asks least of a receiver first. */
const PCM_LEVELS: readonly LevelRow[] = [
  { level: "A", rateHz: 48_000, samples: 48, channels: 8 },
  { level: "B", rateHz: 48_000, samples: 6, channels: 8 },
  { level: "C", rateHz: 48_000, samples: 6, channels: 64 },
  { level: "AX", rateHz: 96_000, samples: 96, channels: 4 },
  { level: "BX", rateHz: 96_000, samples: 12, channels: 8 },
  { level: "CX", rateHz: 96_000, samples: 12, channels: 32 },
];

/** ST 2110-31 table 3; channels are AES3 subframe sequences. */
const AM824_LEVELS: readonly LevelRow[] = [
  { level: "A", rateHz: 48_000, samples: 48, channels: 6 },
  { level: "B", rateHz: 48_000, samples: 6, channels: 8 },
  { level: "C", rateHz: 48_000, samples: 6, channels: 60 },
  { level: "D", rateHz: 48_000, samples: 4, channels: 80 },
  { level: "AX", rateHz: 44_100, samples: 48, channels: 6 },
  { level: "AX", rateHz: 96_000, samples: 96, channels: 2 },
  { level: "BX", rateHz: 44_100, samples: 6, channels: 8 },
  { level: "BX", rateHz: 96_000, samples: 12, channels: 4 },
  { level: "CX", rateHz: 44_100, samples: 6, channels: 60 },
  { level: "CX", rateHz: 96_000, samples: 12, channels: 30 },
  { level: "DX", rateHz: 44_100, samples: 4, channels: 80 },
  { level: "DX", rateHz: 96_000, samples: 8, channels: 40 },
];

/** The lowest conformance level whose receivers take `format`, or null when none does. */
export function conformanceLevel(format: AudioFormat): string | null {
  const { encoding, sampleRateHz, samplesPerPacket, channels } = format;
  if (encoding === null) return null;
  const rows = encoding === "AM824" ? AM824_LEVELS : PCM_LEVELS;
  for (const row of rows) {
    if (row.rateHz === sampleRateHz && row.samples === samplesPerPacket && channels <= row.channels) {
      return row.level;
    }
  }
  return null;
}

/** Nanoseconds of audio in one packet (not rounded), or null when rate or samples are not known. */
export function packetTimeNs(format: AudioFormat): number | null {
  const { sampleRateHz, samplesPerPacket } = format;
  return sampleRateHz === null || samplesPerPacket === 0 ? null : (samplesPerPacket * 1e9) / sampleRateHz;
}
