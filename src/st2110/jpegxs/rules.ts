import type { Rule } from "../../report/finding.ts";

/** The rules of ST 2110-22 with RFC 9134 that this room checks. */
export const JXS_RULES = {
  header: {
    code: "st2110-22-header",
    clause: "RFC 9134 4.3",
    severity: "error",
    text: "{count} packet(s) end before the end of the RTP or the JPEG XS payload header.",
  },
  padding: {
    code: "st2110-22-padding",
    clause: "RFC 3550 5.1",
    severity: "error",
    text: "{count} packet(s) have the padding bit set and a padding count of 0 or more than the payload.",
  },
  payloadType: {
    code: "st2110-22-payload-type",
    clause: "RFC 3551 6",
    severity: "warning",
    text: "{count} packet(s) with a payload type outside the dynamic range of 96 to 127.",
  },
  ssrc: {
    code: "st2110-22-ssrc",
    clause: "RFC 3550 5.1",
    severity: "warning",
    text: "The SSRC changed {count} time(s): another sender, or one that started again.",
  },
  transmission: {
    code: "st2110-22-transmission-mode",
    clause: "RFC 9134 4.3",
    severity: "error",
    text: "T changed {count} time(s): the transmission mode is the same in all packets of a stream.",
  },
  packetization: {
    code: "st2110-22-packetization-mode",
    clause: "RFC 9134 4.3",
    severity: "error",
    text: "K changed {count} time(s): the packetization mode is the same in all packets of a stream.",
  },
  outOfOrder: {
    code: "st2110-22-out-of-order",
    clause: "RFC 9134 4.3",
    severity: "error",
    text: "{count} packet(s) with T = 0 and K = 0: out-of-order transmission takes slice packetization.",
  },
  interlaceReserved: {
    code: "st2110-22-interlace-reserved",
    clause: "RFC 9134 4.3",
    severity: "error",
    text: "{count} packet(s) with I = 01, which is reserved.",
  },
  fieldOrder: {
    code: "st2110-22-field-order",
    clause: "RFC 9134 4.3",
    severity: "error",
    text: "{count} time(s) fields did not alternate between first (I = 10) and second (I = 11), or mixed with frames.",
  },
  last: {
    code: "st2110-22-last",
    clause: "RFC 9134 4.3",
    severity: "error",
    text: "{count} packet(s) whose L does not fit the marker: equal to M in codestream mode, 1 wherever M is 1.",
  },
  withinPicture: {
    code: "st2110-22-within-picture",
    clause: "RFC 9134 4.3",
    severity: "error",
    text: "{count} packet(s) have another I or F than the frame or field that they belong to.",
  },
  frameCounter: {
    code: "st2110-22-frame-counter",
    clause: "RFC 9134 4.3",
    severity: "error",
    text: "{count} time(s) F did not go on by one, modulo 32.",
  },
  frameCounterFields: {
    code: "st2110-22-frame-counter-fields",
    clause: "RFC 9134 4.3",
    severity: "info",
    text: "F goes on with each field: it is to number video frames, the same in both fields.",
  },
  packetCounter: {
    code: "st2110-22-packet-counter",
    clause: "RFC 9134 4.3",
    severity: "error",
    text: "{count} packet(s) whose SEP and P counters do not follow those of the packet before, or start at 0.",
  },
  marker: {
    code: "st2110-22-marker",
    clause: "RFC 9134 4.2",
    severity: "error",
    text: "{count} frame(s) or field(s) ended without the marker bit.",
  },
  timestampRepeated: {
    code: "st2110-22-timestamp-repeated",
    clause: "RFC 9134 4.2",
    severity: "error",
    text: "{count} time(s) the timestamp did not change after the marker bit.",
  },
  timestampStep: {
    code: "st2110-22-timestamp-step",
    clause: "ST 2110-10 7.4",
    severity: "error",
    text: "{count} time(s) the timestamp did not go on by the period of a frame or field.",
  },
  packets: {
    code: "st2110-22-packets-per-frame",
    clause: "RFC 9134 4.1",
    severity: "error",
    text: "{count} frame(s) or field(s) have another number of packets than the first: it must be constant.",
  },
  octets: {
    code: "st2110-22-octets-per-frame",
    clause: "RFC 9134 4.1",
    severity: "error",
    text: "{count} frame(s) or field(s) have another number of octets than the first: it must be constant.",
  },
  formatChange: {
    code: "st2110-22-format-change",
    clause: "RFC 9134 4.1",
    severity: "warning",
    text: "The rate, or the packets or octets of a frame or field, changed for good {count} time(s).",
  },
  boxes: {
    code: "st2110-22-picture-segment",
    clause: "RFC 9134 3.4",
    severity: "error",
    text: "{count} frame(s) or field(s) do not begin with a video support box.",
  },
  codestream: {
    code: "st2110-22-codestream-length",
    clause: "ISO/IEC 21122-1 A.4",
    severity: "error",
    text: "{count} frame(s) or field(s) are not as long as their boxes and the Lcod of their picture header say.",
  },
  bandwidth: {
    code: "st2110-22-bandwidth",
    clause: "RFC 4566 5.8",
    severity: "warning",
    text: "The stream takes more than the bandwidth that b=AS of its SDP allows, IP and UDP headers included.",
  },
} as const satisfies Record<string, Rule>;

/** Name of one of `JXS_RULES`. */
export type JxsRule = keyof typeof JXS_RULES;
