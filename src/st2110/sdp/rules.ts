import type { Rule } from "../../report/finding.ts";

/** A rule of session descriptions; `text` ends without a full stop, the place and what stands there follow. */
function rule(code: string, clause: string, severity: Rule["severity"], text: string): Rule {
  return { code: `sdp-${code}`, clause, severity, text };
}

/** What a session description is held to. */
export const SDP_RULES = {
  syntax: rule(
    "syntax",
    "RFC 8866 5",
    "error",
    "a line is no `<letter>=<value>`: a receiver stops or skips it",
  ),
  tooLong: rule(
    "too-long",
    "rscap sdp",
    "error",
    "the description is longer than is read; what follows was not looked at",
  ),
  order: rule("order", "RFC 8866 5", "error", "the description must start with v=0, o=, s= and have t="),
  noMedia: rule("no-media", "RFC 8866 5.14", "error", "there is no media description, so nothing to receive"),
  media: rule("media", "RFC 8866 5.14", "error", "m= must be `<media> <port> RTP/AVP <payload type>`"),
  port: rule("port", "RFC 8866 5.14", "error", "the port must be 1 to 65535"),
  protocol: rule("protocol", "ST 2110-10 6.2", "error", "ST 2110 goes by RTP/AVP over UDP, nothing else"),
  payloadType: rule(
    "payload-type",
    "ST 2110-10 6.2",
    "error",
    "the payload type must be dynamic, 96 to 127, unless one is assigned to the format",
  ),
  connection: rule("connection", "RFC 8866 5.7", "error", "c= must be `IN IP4` or `IN IP6` and an address"),
  ttl: rule("ttl", "RFC 8866 5.7", "error", "a multicast IPv4 address must have a TTL of 0 to 255, `/64`"),
  noConnection: rule(
    "no-connection",
    "RFC 8866 5.7",
    "error",
    "neither the media nor the session has a c= line",
  ),
  rtpmap: rule(
    "rtpmap",
    "RFC 8866 6.6",
    "error",
    "a=rtpmap must be `<payload type> <encoding>/<clock rate>` for the payload type of m=",
  ),
  noRtpmap: rule("no-rtpmap", "RFC 8866 6.6", "error", "a dynamic payload type has no a=rtpmap"),
  clockRate: rule("clock-rate", "ST 2110-10 7", "error", "the clock rate is not the one of this encoding"),
  fmtp: rule(
    "fmtp",
    "RFC 8866 6.15",
    "error",
    "a=fmtp must be `<payload type> name=value; …` for the payload type of m=",
  ),
  fmtpDuplicate: rule("fmtp-duplicate", "ST 2110-20 7.1", "error", "a format parameter stands twice"),
  mediaclkMissing: rule("mediaclk-missing", "ST 2110-10 8.1", "error", "the media has no a=mediaclk"),
  mediaclk: rule(
    "mediaclk",
    "ST 2110-10 8.1",
    "warning",
    "a=mediaclk should be `direct=<offset>` or `sender`",
  ),
  mediaclkOffset: rule(
    "mediaclk-offset",
    "ST 2110-10 7.4",
    "error",
    "with PTP the offset of mediaclk:direct must be 0",
  ),
  refclkMissing: rule("ts-refclk-missing", "ST 2110-10 8.2", "error", "the media has no a=ts-refclk"),
  refclk: rule(
    "ts-refclk",
    "ST 2110-10 8.2",
    "error",
    "a=ts-refclk must be `ptp=IEEE1588-2008:<clock>:<domain>`, `ptp=IEEE1588-2008:traceable` or `localmac=<address>`",
  ),
  refclkDomain: rule(
    "ts-refclk-domain",
    "ST 2110-10 8.2",
    "error",
    "a PTP clock must be named with its domain, 0 to 127",
  ),
  sourceFilter: rule(
    "source-filter",
    "RFC 4570 3",
    "error",
    "a=source-filter must be `incl IN IP4 <destination> <source>…` with a destination of c=",
  ),
  sourceFilterMissing: rule(
    "source-filter-missing",
    "RFC 4607 1",
    "error",
    "a source-specific multicast address (232/8, ff3x::/32) can't be joined without a=source-filter",
  ),
  group: rule("group", "RFC 5888 8.1", "error", "a=group:DUP must name the a=mid of media that exist"),
  mid: rule("mid", "RFC 5888 4", "error", "a=mid must be one word, each but once"),
  groupLegs: rule(
    "group-legs",
    "RFC 7104 4.2",
    "error",
    "the legs of a=group:DUP must describe the same stream, two or more of them, on different addresses",
  ),
  groupMoreLegs: rule(
    "group-more-legs",
    "rscap sdp",
    "info",
    "of the legs of a=group:DUP the first two are compared, the others are judged by themselves",
  ),
  required: rule("parameter-missing", "ST 2110-20 7.2", "error", "a required format parameter is missing"),
  value: rule(
    "parameter-value",
    "ST 2110-20 7.2",
    "error",
    "a format parameter has a value that is not allowed",
  ),
  frameRate: rule(
    "exactframerate",
    "ST 2110-20 7.2",
    "error",
    "exactframerate must be an integer or a reduced fraction of two",
  ),
  segmented: rule("segmented", "ST 2110-20 7.3", "error", "segmented needs interlace"),
  flagValue: rule(
    "flag-value",
    "ST 2110-20 7.3",
    "error",
    "interlace and segmented are flags and have no value",
  ),
  unknownParameter: rule(
    "parameter-unknown",
    "ST 2110-20 7",
    "warning",
    "a format parameter that no part of ST 2110 defines, and receivers ignore",
  ),
  trafficProfile: rule("traffic-profile", "ST 2110-21 8", "error", "TP must be 2110TPN, 2110TPNL or 2110TPW"),
  trafficProfileMissing: rule(
    "traffic-profile-missing",
    "ST 2110-21 8",
    "warning",
    "TP is missing: a receiver can't know whether it bears the sender's timing",
  ),
  timing: rule(
    "timing-parameter",
    "ST 2110-21 8",
    "error",
    "TROFF (microseconds) and CMAX (packets) must be whole numbers",
  ),
  maxUdp: rule(
    "max-udp",
    "ST 2110-10 6",
    "error",
    "MAXUDP must be a whole number up to 8960, and block packing has none",
  ),
  bandwidth: rule("bandwidth", "ST 2110-22 7", "error", "compressed video must have b=AS:<kbit/s>"),
  packetTime: rule(
    "packet-time",
    "ST 2110-30 6.2.1",
    "error",
    "a=ptime must be there, that of a level (1 or 0.125 ms, with AM824 0.083 too) as rounded, and not above a=maxptime",
  ),
  channels: rule(
    "channels",
    "ST 2110-30 6.2.1",
    "error",
    "the number of channels must be 1 to 64, for AM824 even and up to 80, and at least what channel-order names",
  ),
  channelOrder: rule(
    "channel-order",
    "ST 2110-30 6.2.2",
    "error",
    "channel-order must be SMPTE2110.(…) of the groups M, DM, ST, LtRt, 51, 71, 222, SGRP, U01 to U64 and, for AM824, AES3",
  ),
  channelConvention: rule(
    "channel-order-convention",
    "ST 2110-30 6.2.2",
    "info",
    "the convention of channel-order should be SMPTE2110; receivers may not know another one",
  ),
  sampleRate: rule("sample-rate", "ST 2110-30 6.1", "error", "audio is sampled at 48 or 96 kHz, or 44.1"),
  did: rule(
    "did-sdid",
    "RFC 8331 3.1",
    "error",
    "DID_SDID must be `{0x61,0x02}`, VPID_Code a whole number of 1 to 255",
  ),
} as const satisfies Record<string, Rule>;

/** Name of one of SDP_RULES. */
export type SdpRuleName = keyof typeof SDP_RULES;

/** What is seen differs from what the description says. */
export const SDP_MISMATCH: Rule = {
  code: "sdp-mismatch",
  clause: "ST 2110-10 8",
  severity: "error",
  text: "the stream is not what its description says",
};
