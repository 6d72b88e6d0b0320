import type { Rule } from "../../report/finding.ts";

/** The rules of ST 2110-30 and -31 that this room checks, by what they are about. */
export const AUDIO_RULES = {
  /** RTP header, CSRC list or extension longer than the packet. */
  header: {
    code: "st2110-30-rtp-header",
    clause: "RFC 3550 5.1",
    severity: "error",
    text: "{count} packet(s) end inside the RTP header, CSRC list or header extension.",
  },
  padding: {
    code: "st2110-30-padding",
    clause: "RFC 3550 5.1",
    severity: "error",
    text: "{count} packet(s) have the padding bit set and a padding count of 0 or more than the payload.",
  },
  payloadType: {
    code: "st2110-30-payload-type",
    clause: "RFC 3551 6",
    severity: "warning",
    text: "{count} packet(s) with a payload type outside the dynamic range of 96 to 127.",
  },
  marker: {
    code: "st2110-30-marker",
    clause: "RFC 3551 4.1",
    severity: "warning",
    text: "{count} packet(s) with the marker bit set: audio without silence suppression has it 0.",
  },
  ssrc: {
    code: "st2110-30-ssrc",
    clause: "RFC 3550 5.1",
    severity: "warning",
    text: "The SSRC changed {count} time(s): another sender, or one that started again.",
  },
  payloadLimit: {
    code: "st2110-30-payload-limit",
    clause: "ST 2110-30 6.2.1",
    severity: "error",
    text: "{count} packet(s) carry more than 1440 octets of payload, the standard UDP size limit.",
  },
  payloadSize: {
    code: "st2110-30-payload-size",
    clause: "ST 2110-30 6.2.1",
    severity: "error",
    text: "{count} packet(s) have another payload size than the stream: the packet time must not change.",
  },
  noEncoding: {
    code: "st2110-30-encoding",
    clause: "ST 2110-30 6.1",
    severity: "error",
    text: "The payload is no whole number of L16, L24 or AM824 samples.",
  },
  timestampStep: {
    code: "st2110-30-timestamp-step",
    clause: "RFC 3550 5.1",
    severity: "error",
    text: "{count} time(s) the timestamp did not go on by the number of samples sent.",
  },
  formatChange: {
    code: "st2110-30-format-change",
    clause: "ST 2110-30 6.2.1",
    severity: "warning",
    text: "The payload size or the samples per packet changed for good {count} time(s).",
  },
  rate: {
    code: "st2110-30-sampling-rate",
    clause: "ST 2110-30 6.1",
    severity: "error",
    text: "The timestamps go on at no sampling rate of audio.",
  },
  level: {
    code: "st2110-30-level",
    clause: "ST 2110-30 7",
    severity: "warning",
    text: "No conformance level covers this sampling rate, packet time and number of channels.",
  },
  am824Level: {
    code: "st2110-31-level",
    clause: "ST 2110-31 7",
    severity: "warning",
    text: "No conformance level covers this sampling rate, packet time and number of AES3 subframe sequences.",
  },
  tsDf: {
    code: "st2110-30-ts-df",
    clause: "EBU Tech 3337",
    severity: "warning",
    text: "In {count} window(s) of 200 ms the timestamped delay factor exceeded 17 packet times.",
  },
  am824Odd: {
    code: "st2110-31-channels",
    clause: "ST 2110-31 6.1",
    severity: "error",
    text: "The number of AES3 subframe sequences is odd.",
  },
  am824Reserved: {
    code: "st2110-31-reserved",
    clause: "ST 2110-31 5.4",
    severity: "error",
    text: "{count} AM824 subframe(s) do not begin with two bits of 0.",
  },
  am824Frame: {
    code: "st2110-31-frame-start",
    clause: "ST 2110-31 5.4",
    severity: "error",
    text: "{count} AM824 subframe(s) with a wrong F bit: it is 1 in the first subframe of a frame and 0 in the second.",
  },
  am824Block: {
    code: "st2110-31-block-start",
    clause: "ST 2110-31 5.4",
    severity: "error",
    text: "{count} AM824 subframe(s) with the B bit in a second subframe.",
  },
  am824BlockLength: {
    code: "st2110-31-block-length",
    clause: "AES3 5.1",
    severity: "error",
    text: "{count} block(s) of an AES3 signal are not 192 frames long.",
  },
  am824Parity: {
    code: "st2110-31-parity",
    clause: "AES3 4.1",
    severity: "warning",
    text: "{count} AM824 subframe(s) have odd parity.",
  },
  channelStatusCrc: {
    code: "aes3-channel-status-crc",
    clause: "AES3 5.2",
    severity: "warning",
    text: "{count} channel status block(s) for professional use with a wrong CRCC.",
  },
  channelStatusRate: {
    code: "aes3-sampling-rate",
    clause: "AES3 5.2",
    severity: "warning",
    text: "{count} channel status block(s) name another sampling rate than the stream has.",
  },
} as const satisfies Record<string, Rule>;

/** Name of one of `AUDIO_RULES`. */
export type AudioRule = keyof typeof AUDIO_RULES;
