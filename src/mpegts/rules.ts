import type { Rule } from "../report/finding.ts";

/** TR 101 290 1.1. */
export const TS_SYNC_LOSS: Rule = {
  code: "ts-sync-loss",
  clause: "TR 101 290 1.1",
  severity: "error",
  text: "Synchronisation lost {count} {time|times}: two or more sync bytes in a row were not 0x47.",
};

/** TR 101 290 1.2. */
export const TS_SYNC_BYTE: Rule = {
  code: "ts-sync-byte",
  clause: "TR 101 290 1.2",
  severity: "error",
  text: "{count} {packet does|packets do} not start with the sync byte 0x47.",
};

/** TR 101 290 1.4; one finding a PID. */
export const TS_CONTINUITY: Rule = {
  code: "ts-continuity",
  clause: "TR 101 290 1.4",
  severity: "error",
  text: "{count} continuity counter {error|errors}: packets lost, out of order, or sent more than twice.",
};

/** TR 101 290 2.1. */
export const TS_TRANSPORT_ERROR: Rule = {
  code: "ts-transport-error",
  clause: "TR 101 290 2.1",
  severity: "error",
  text: "{count} {packet has|packets have} the transport_error_indicator set: damaged before coming here.",
};

/** ISO/IEC 13818-1 Table 2-5; decoders shall discard such packets. */
export const TS_ADAPTATION_CONTROL: Rule = {
  code: "ts-adaptation-control",
  clause: "ISO/IEC 13818-1 2.4.3.3",
  severity: "error",
  text: "{count} {packet has|packets have} the reserved adaptation_field_control 00; decoders discard {it|them}.",
};

/** ISO/IEC 13818-1 2.4.3.5. */
export const TS_ADAPTATION_LENGTH: Rule = {
  code: "ts-adaptation-length",
  clause: "ISO/IEC 13818-1 2.4.3.5",
  severity: "error",
  text: "{count} {packet has|packets have} an adaptation_field_length out of bounds: 183 without payload, 0 to 182 with.",
};

/** Octets between or after packets; a warning, as files are often cut anywhere. */
export const TS_STRAY_OCTETS: Rule = {
  code: "ts-stray-octets",
  clause: "ISO/IEC 13818-1 2.4.3.1",
  severity: "warning",
  text: "{count} {octet belongs|octets belong} to no packet: a stray datagram, damage, or a packet cut off.",
};
