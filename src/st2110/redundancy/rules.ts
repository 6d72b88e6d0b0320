import type { Rule, RuleCounters } from "../../report/finding.ts";

/** Rules of one pair of ST 2022-7 legs. */
export const REDUNDANCY_RULES = {
  lostInBoth: {
    code: "st2022-7-lost-in-both",
    clause: "ST 2022-7 6",
    severity: "error",
    text: "{count} packets came on neither leg: the merged stream lacks them.",
  },
  lostOnFirst: {
    code: "st2022-7-lost-on-leg-1",
    clause: "ST 2022-7 6",
    severity: "warning",
    text: "{count} packets are missing on the first leg.",
  },
  lostOnSecond: {
    code: "st2022-7-lost-on-leg-2",
    clause: "ST 2022-7 6",
    severity: "warning",
    text: "{count} packets are missing on the second leg.",
  },
  silent: {
    code: "st2022-7-leg-silent",
    clause: "ST 2022-7 6",
    severity: "error",
    text: "{count} {time|times} a leg was silent for a second while the other went on: the stream is not protected.",
  },
  payloadDiffers: {
    code: "st2022-7-payload-differs",
    clause: "ST 2022-7 5",
    severity: "error",
    text: "{count} packets with the same sequence number have different payloads on the two legs.",
  },
  headerDiffers: {
    code: "st2022-7-header-differs",
    clause: "ST 2022-7 5",
    severity: "error",
    text: "{count} packets have different RTP headers on the two legs (marker, payload type, timestamp or SSRC): a receiver may refuse to merge them.",
  },
  skew: {
    code: "st2022-7-skew",
    clause: "ST 2022-7 7",
    severity: "error",
    text: "{count} packets came further apart on the two legs than the class allows for which the receiver is set.",
  },
  late: {
    code: "st2022-7-late",
    clause: "ST 2022-7 7",
    severity: "warning",
    text: "{count} packets came too late on a leg: the merged stream had gone on without them, or no class of receivers waits for so long.",
  },
  unrelated: {
    code: "st2022-7-unrelated",
    clause: "ST 2022-7 5",
    severity: "error",
    text: "{count} packets of a leg have sequence numbers far from those of the other: the two are not copies of one stream.",
  },
  restart: {
    code: "st2022-7-restart",
    clause: "RFC 3550 A.1",
    severity: "warning",
    text: "{count} {time|times} the sequence numbers or the SSRC began anew.",
  },
  overflow: {
    code: "st2022-7-window-full",
    clause: "rscap redundancy",
    severity: "warning",
    text: "{count} packets were judged or passed on early: the merging window or its memory was full.",
  },
} as const satisfies Record<string, Rule>;

/** One counter for each of REDUNDANCY_RULES. */
export type RedundancyCounters = RuleCounters<keyof typeof REDUNDANCY_RULES>;
