import type { Rule, RuleCounters } from "../../report/finding.ts";
import type { Severity } from "../../report/severity.ts";

function rule(code: string, clause: string, severity: Severity, text: string): Rule {
  return { code, clause, severity, text };
}

/** Every rule of ST 2110-40 streams and of what they carry, by a short name. */
export const ANC_RULES = {
  header: rule(
    "anc-header",
    "RFC 8331 2.1",
    "error",
    "{count} packet(s) are too short for the RTP header, its padding, or the 8 octets of the payload header.",
  ),
  length: rule(
    "anc-length",
    "RFC 8331 2.1",
    "error",
    "{count} packet(s) have a Length that is not the number of octets after the payload header.",
  ),
  count: rule(
    "anc-count",
    "RFC 8331 2.1",
    "error",
    "{count} packet(s) have an ANC_Count that is not the number of ANC data packets they carry.",
  ),
  overrun: rule(
    "anc-overrun",
    "RFC 8331 2.1",
    "error",
    "{count} ANC data packet(s) have a Data_Count that reaches past the end of the RTP packet.",
  ),
  fieldInvalid: rule(
    "anc-field-invalid",
    "RFC 8331 2.1",
    "error",
    "{count} packet(s) have the F field 01, which is not valid; receivers ignore their ANC data.",
  ),
  reserved: rule(
    "anc-reserved",
    "RFC 8331 2.1",
    "warning",
    "{count} packet(s) have reserved bits of the payload header that are not 0.",
  ),
  align: rule(
    "anc-word-align",
    "RFC 8331 2.1",
    "warning",
    "{count} ANC data packet(s) are filled up to 32 bits with bits that are not 0.",
  ),
  extendedSequence: rule(
    "anc-extended-sequence",
    "RFC 8331 2.1",
    "warning",
    "{count} time(s) the extended sequence number did not go on with the RTP sequence number.",
  ),
  markerMissing: rule(
    "anc-marker-missing",
    "RFC 8331 2",
    "error",
    "{count} frame(s) or field(s) ended without the marker bit on their last packet.",
  ),
  markerEarly: rule(
    "anc-marker-early",
    "RFC 8331 2",
    "error",
    "{count} time(s) packets of a frame or field came after the one with its marker bit.",
  ),
  fieldChange: rule(
    "anc-field-change",
    "RFC 8331 2.1",
    "error",
    "{count} packet(s) have another F field than those before with the same timestamp and no marker between.",
  ),
  fieldOrder: rule(
    "anc-field-order",
    "ST 2110-40",
    "warning",
    "{count} time(s) the fields did not alternate, or F changed between progressive and interlaced.",
  ),
  fieldMissing: rule(
    "anc-field-missing",
    "ST 2110-40 5.5",
    "warning",
    "{count} frame(s) or field(s) have no packet at all; an empty one with the marker is expected.",
  ),
  timestampStep: rule(
    "anc-timestamp-step",
    "ST 2110-40 5.4",
    "warning",
    "{count} time(s) the RTP timestamp moved by no whole number of frames or fields.",
  ),
  headerParity: rule(
    "anc-header-parity",
    "ST 291-1",
    "error",
    "{count} ANC data packet(s) have a DID, SDID or data count word with wrong parity bits.",
  ),
  userParity: rule(
    "anc-user-parity",
    "ST 291-1",
    "error",
    "{count} ANC data packet(s) have user data words of 8 bits with wrong parity bits.",
  ),
  forbidden: rule(
    "anc-forbidden-value",
    "ST 291-1",
    "error",
    "{count} ANC data packet(s) have user data words of 9 or 10 bits with a value of 000-003 or 3FC-3FF.",
  ),
  checksum: rule(
    "anc-checksum",
    "ST 291-1",
    "error",
    "{count} ANC data packet(s) have a checksum word that does not agree with their words.",
  ),
  atc: rule(
    "atc-structure",
    "ST 12-2",
    "error",
    "{count} ancillary time code packet(s) have not 16 words, or digits that are no time.",
  ),
  afd: rule(
    "afd-structure",
    "ST 2016-3",
    "error",
    "{count} AFD and bar data packet(s) have not 8 words, reserved bits set, or both kinds of bars.",
  ),
  vpid: rule("vpid-structure", "ST 352", "error", "{count} payload identifier packet(s) have not 4 words."),
  cea608: rule(
    "cea608-structure",
    "ST 334-1",
    "error",
    "{count} CEA-608 caption packet(s) have not 3 words.",
  ),
  cea608Parity: rule(
    "cea608-parity",
    "CTA-608-E",
    "warning",
    "{count} CEA-608 byte pair(s) marked valid have wrong (not odd) parity.",
  ),
  cdp: rule(
    "cdp-structure",
    "ST 334-2",
    "error",
    "{count} caption distribution packet(s) have a wrong identifier, length, flags or sections.",
  ),
  cdpChecksum: rule(
    "cdp-checksum",
    "ST 334-2",
    "error",
    "{count} caption distribution packet(s) do not add up to 0: their checksum is wrong.",
  ),
  cdpFooter: rule(
    "cdp-footer-sequence",
    "ST 334-2",
    "error",
    "{count} caption distribution packet(s) have different sequence counters in header and footer.",
  ),
  cdpSequence: rule(
    "cdp-sequence",
    "ST 334-2",
    "warning",
    "{count} time(s) the sequence counter of caption distribution packets did not go up by one.",
  ),
  cdpCount: rule(
    "cdp-cc-count",
    "ST 334-2",
    "warning",
    "{count} caption distribution packet(s) have a cc_count that is not that of their frame rate.",
  ),
  cea708: rule(
    "cea708-packet",
    "CTA-708-E",
    "warning",
    "{count} DTVCC caption packet(s) were cut short, had too much data, or skipped a sequence number.",
  ),
  scte104: rule(
    "scte104-structure",
    "ST 2010",
    "error",
    "{count} SCTE 104 packet(s) have a wrong descriptor, size, or operations that do not fill the message.",
  ),
  op47: rule(
    "op47-structure",
    "OP-47",
    "error",
    "{count} OP-47 subtitling packet(s) have a wrong identifier, length, format, footer or checksum.",
  ),
} as const satisfies Record<string, Rule>;

/** Counters of all rules for one flow: shared by the decoders, so that each rule gives one finding a flow. */
export type AncCounters = RuleCounters<keyof typeof ANC_RULES>;
